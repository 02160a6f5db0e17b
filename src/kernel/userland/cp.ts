/** cp: copies files and trees. */
import type { Routine } from '../program.ts'
import { type Call, command } from './lib/command.ts'
import { type CopyOptions, copyTree, statOf } from './lib/copy.ts'
import { Failure, UsageError } from './lib/failure.ts'
import { baseName, joinPath } from './lib/walk.ts'
import { makeParents } from './mkdir.ts'

export const options = {
  archive: '-a --archive  like -dpR',
  recursive: '-r -R --recursive  directories and all in them',
  noDereference: '-P --no-dereference  copy symbolic links as such',
  links: '-d  copy symbolic links as such',
  dereference: '-L --dereference  follow symbolic links',
  commandLine: '-H  follow symbolic links that are operands',
  preserve: '-p  keep mode, owner and times',
  preserveList: 'gnu: --preserve[=LIST]  keep these attributes',
  noPreserve: 'gnu: --no-preserve=LIST  do not keep these',
  force: '-f --force  remove a target that cannot be opened',
  interactive: '-i --interactive  ask before overwriting',
  noClobber: '-n --no-clobber  never overwrite',
  link: '-l --link  make hard links',
  symbolic: '-s --symbolic-link  make symbolic links',
  noTarget: '-T --no-target-directory  DEST is never a directory to copy into',
  target: '-t --target-directory=DIR  copy into DIR',
  update: '-u --update  only newer files',
  verbose: '-v --verbose  say what is copied',
  parents: '--parents  keep the path of the source below DEST',
  removeDestination: 'gnu: --remove-destination  remove the target first',
  reflink: '--reflink[=WHEN]  ignored',
  sparse: 'gnu: --sparse=WHEN  ignored',
  backup: 'gnu: -b --backup[=CONTROL]  keep what is overwritten as NAME~',
  oneFileSystem: 'gnu: -x --one-file-system  ignored',
}

export const program = command('cp', options, function* (call) {
  const { p, out, options: given, gnu, error } = call
  const { sources, target, into } = operands(call)
  const copy: CopyOptions = {
    recursive: given.has('recursive') || given.has('archive'),
    follow: followOf(call),
    preserve: preserved(call),
    existing: existing(call),
    link: given.has('link') ? 'hard' : given.has('symbolic') ? 'symbolic' : 'none',
    gnu,
  }
  if (given.has('verbose')) {
    copy.onCopy = function* (from, to): Routine<void> {
      yield* out.write(`'${from}' -> '${to}'\n`)
    }
  }
  let fine = true
  for (const source of sources) {
    if (given.has('parents')) {
      const path = joinPath(target, source.replace(/^\/+/, ''))
      makeParents(p, path.replace(/\/[^/]*\/*$/, ''))
      fine = (yield* copyTree(call, source, path, copy)) && fine
      continue
    }
    const to = into ? joinPath(target, baseName(source)) : target
    if (given.has('backup') || given.has('removeDestination')) {
      if (statOf(p, to)?.type === 'file') given.has('backup') ? p.rename(to, `${to}~`) : p.unlink(to)
    }
    fine = (yield* copyTree({ p, error }, source, to, copy)) && fine
  }
  return fine ? 0 : 1
})

/** Sources and where they go; `into`: the target is a directory that gets them. */
function operands({ p, options: given, args, gnu }: Call<typeof options>): {
  sources: string[]
  target: string
  into: boolean
} {
  const named = given.value('target')
  if (named !== undefined) {
    if (args.length === 0) throw new UsageError(gnu ? 'missing file operand' : '')
    if (statOf(p, named)?.type !== 'dir')
      throw new Failure(
        gnu ? `target directory '${named}': No such file or directory` : `can't create directory '${named}'`,
      )
    return { sources: args, target: named, into: true }
  }
  const target = args.at(-1) ?? ''
  const sources = args.slice(0, -1)
  if (args.length === 0) throw new UsageError(gnu ? 'missing file operand' : '')
  if (args.length === 1) throw new UsageError(gnu ? `missing destination file operand after '${target}'` : '')
  const isDir = !given.has('noTarget') && statOf(p, target)?.type === 'dir'
  if (given.has('noTarget') && sources.length > 1) throw new UsageError(gnu ? `extra operand '${args[2] ?? ''}'` : '')
  if (sources.length > 1 && !isDir) {
    // Busybox only finds out with each file.
    const reason = statOf(p, target) ? 'Not a directory' : 'No such file or directory'
    if (gnu) throw new Failure(`target '${target}': ${reason}`)
    return { sources, target, into: true }
  }
  return { sources, target, into: isDir || (given.has('parents') && isDir) }
}

function followOf({ options: given }: Call<typeof options>): CopyOptions['follow'] {
  const last = given.last('noDereference', 'links', 'archive', 'dereference', 'commandLine')
  if (last === 'dereference') return 'always'
  if (last === 'commandLine') return 'operands'
  if (last !== undefined) return 'never'
  return given.has('recursive') ? 'never' : 'always'
}

function preserved({ options: given }: Call<typeof options>): CopyOptions['preserve'] {
  const all = given.has('archive') || given.has('preserve') || given.has('preserveList')
  const list = given.value('preserveList') ?? ''
  const without = given.value('noPreserve') ?? ''
  const has = (name: string, word: string) =>
    all &&
    !without.includes(word) &&
    (given.has('archive') || given.has('preserve') || list === '' || list === 'all' || list.includes(name))
  return { mode: has('mode', 'mode'), owner: has('ownership', 'ownership'), times: has('timestamps', 'timestamps') }
}

function existing({ options: given }: Call<typeof options>): CopyOptions['existing'] {
  if (given.has('update')) return 'update'
  const last = given.last('interactive', 'noClobber', 'force')
  if (last === 'interactive') return 'ask'
  return last === 'noClobber' ? 'keep' : last === 'force' ? 'force' : 'overwrite'
}
