/** find: files in trees, by tests, for actions. */
import { isErrno } from '../../vfs/errno.ts'
import type { Stat } from '../../vfs/filesystem.ts'
import type { Routine } from '../program.ts'
import { type Call, command } from './lib/command.ts'
import { FindParser, type Test, type Walk } from './lib/find-expression.ts'
import { readAccounts } from './lib/users.ts'
import { baseName, joinPath } from './lib/walk.ts'

/** For the documentation: `find-expression.ts` reads them. */
export const options: Record<string, string> = {
  links: '-L -follow  follow symbolic links',
  onCommandLine: '-H  follow those of the command line',
  operators: '-a -and -o -or -not ! ( )  both, either, none of two tests',
  names: '-name -iname=PATTERN  the name is like this',
  paths: '-path -wholename -ipath -regex -iregex=PATTERN  the path is',
  type: '-type=LETTERS  f d l p s b c',
  sizes: '-size=[+-]N[cwbkMG] -empty -links=N -inum=N  how large, how many names, which inode',
  times: '-mtime -atime -ctime -mmin -amin -cmin=[+-]N  how long ago',
  newer: '-newer=FILE -newermt=DATE  changed later',
  owners: '-user -group -uid -gid=WHO -nouser -nogroup  whose',
  modes: '-perm=[-/]MODE -readable -writable -executable  what is allowed',
  depths: '-maxdepth -mindepth=N -depth -d -prune -quit  how far',
  mounts: '-xdev -mount  stay on the file system',
  actions: '-print -print0 -printf=FORMAT -ls -delete  what is done',
  commands: '-exec -execdir -ok COMMAND ; or +  runs COMMAND',
  ignored: '-noleaf -warn -nowarn -true -false  accepted; always, never',
}

export const program = command(
  'find',
  options,
  function* (call) {
    const { p, args } = call
    let at = 0
    let follow: 'never' | 'operands' | 'always' = 'never'
    while (/^-[HLP]$/.test(args[at] ?? '')) {
      follow = args[at] === '-L' ? 'always' : args[at] === '-H' ? 'operands' : 'never'
      at++
    }
    const first = at
    while (at < args.length && !/^[-(!)]/.test(args[at] ?? '')) at++
    const starts = args.slice(first, at)
    const words = args.slice(at)
    if (words.includes('-follow')) follow = 'always'
    const parser = new FindParser(call, words, yield* readAccounts(p))
    const test = parser.parse()
    const walk: Walk = { prune: false, quit: false }
    for (const start of starts.length === 0 ? ['.'] : starts) {
      let device = 0
      try {
        device = p.device(start)
      } catch {
        // visit says that it is not there.
      }
      yield* visit({ call, parser, test, walk, follow, device, start }, start, 0)
      if (walk.quit) break
    }
    yield* parser.actions.finish()
    return parser.actions.failed ? 1 : 0
  },
  { raw: true },
)

interface Search {
  call: Call<typeof options>
  parser: FindParser
  test: Test
  walk: Walk
  follow: 'never' | 'operands' | 'always'
  device: number
  start: string
}

function* visit(search: Search, path: string, depth: number): Routine<void> {
  const { call, parser, test, walk } = search
  const { p, gnu, error } = call
  const { settings } = parser
  let stat: Stat
  try {
    stat = statOf(search, path, depth)
  } catch (thrown) {
    if (!isErrno(thrown)) throw thrown
    yield* error(gnu ? `'${path}': ${thrown.message}` : `${path}: ${thrown.message}`)
    parser.actions.failed = true
    return
  }
  const found = {
    path,
    name: depth === 0 ? baseName(path) : path.slice(path.lastIndexOf('/') + 1),
    stat,
    depth,
    start: search.start,
  }
  walk.prune = false
  if (!settings.depthFirst && depth >= settings.minDepth) yield* test(found, walk)
  const pruned = walk.prune && !settings.depthFirst
  if (walk.quit) return
  if (
    stat.type === 'dir' &&
    !pruned &&
    depth < settings.maxDepth &&
    !(settings.oneFileSystem && p.device(path) !== search.device)
  ) {
    let names: string[] = []
    try {
      names = p.readdir(path).map(entry => entry.name)
    } catch (thrown) {
      if (!isErrno(thrown)) throw thrown
      yield* error(gnu ? `'${path}': ${thrown.message}` : `${path}: ${thrown.message}`)
      parser.actions.failed = true
    }
    for (const name of names) {
      yield* visit(search, joinPath(path, name), depth + 1)
      if (walk.quit) return
    }
  }
  if (settings.depthFirst && depth >= settings.minDepth) yield* test(found, walk)
}

function statOf({ call: { p }, follow }: Search, path: string, depth: number): Stat {
  if (follow === 'never' || (follow === 'operands' && depth > 0)) return p.lstat(path)
  try {
    return p.stat(path)
  } catch (error) {
    if (!isErrno(error)) throw error
    return p.lstat(path)
  }
}
