/** du: allocated space of files and trees. */
import { isErrno } from '../../vfs/errno.ts'
import type { Stat } from '../../vfs/filesystem.ts'
import type { Routine } from '../program.ts'
import { type Call, command } from './lib/command.ts'
import { Failure } from './lib/failure.ts'
import { fnmatch } from './lib/fnmatch.ts'
import { humanSizeBusybox, humanSizeGnu } from './lib/human.ts'
import { baseName, joinPath } from './lib/walk.ts'

export const options = {
  all: '-a --all  files too',
  total: '-c --total  a total at the end',
  depth: '-d --max-depth=N  only N levels deep',
  human: '-h --human-readable  sizes such as 1K 243M',
  kibibytes: '-k  in KiB (default)',
  mebibytes: '-m  in MiB',
  summarize: '-s --summarize  only a total for each operand',
  followAll: '-L --dereference  follow symbolic links',
  followOperands: '-H -D --dereference-args  follow links that are operands',
  countLinks: '-l --count-links  hard links each time they are met',
  oneFileSystem: '-x --one-file-system  stay on one file system',
  bytes: 'gnu: -b --bytes  apparent size in bytes',
  apparent: 'gnu: --apparent-size  size, not allocated space',
  blockSize: 'gnu: -B --block-size=SIZE  in units of SIZE',
  exclude: 'gnu: --exclude=PATTERN  leave out',
  separate: 'gnu: -S --separate-dirs  directories without their subdirectories',
  si: 'gnu: --si  like -h with powers of 1000',
  zero: 'gnu: -0 --null  NUL at line ends',
}

type DuCall = Call<typeof options>

export const program = command('du', options, function* (call) {
  const { out, options: given, args, gnu } = call
  const depthText = given.value('depth')
  if (depthText !== undefined && !/^\d+$/.test(depthText)) {
    throw new Failure(gnu ? `invalid maximum depth '${depthText}'` : `invalid number '${depthText}'`)
  }
  const state = {
    seen: new Set<string>(),
    failed: false,
    depth: given.has('summarize') ? 0 : Number(depthText ?? Number.POSITIVE_INFINITY),
    device: 0,
  }
  const end = given.has('zero') ? '\0' : '\n'
  let total = 0
  for (const path of args.length === 0 ? ['.'] : args) {
    const size = yield* measure(call, path, 0, state)
    if (size !== undefined) total += size
  }
  if (given.has('total')) yield* out.write(`${sizeText(call, total)}\ttotal${end}`)
  return state.failed ? 1 : 0
})

interface State {
  seen: Set<string>
  failed: boolean
  depth: number
  device: number
}

/** Bytes of a path and all below; prints as it goes. undefined when there is nothing to count. */
function* measure(call: DuCall, path: string, level: number, state: State): Routine<number | undefined> {
  const { p, out, options: given, gnu, error } = call
  let stat: Stat
  try {
    stat = given.has('followAll') || (level === 0 && given.has('followOperands')) ? p.stat(path) : p.lstat(path)
  } catch (thrown) {
    if (!isErrno(thrown)) throw thrown
    yield* error(gnu ? `cannot access '${path}': ${thrown.message}` : `${path}: ${thrown.message}`)
    state.failed = true
    return undefined
  }
  if (given.values('exclude').some(glob => fnmatch(glob, baseName(path)) || fnmatch(glob, path))) return undefined
  if (level === 0) state.device = p.device(path)
  else if (given.has('oneFileSystem') && p.device(path) !== state.device) return undefined
  const key = `${p.device(path)}:${stat.ino}`
  if (stat.type !== 'dir' || level === 0 || given.has('followAll')) {
    if ((stat.nlink > 1 || stat.type === 'dir') && !given.has('countLinks')) {
      if (state.seen.has(key)) return undefined
      state.seen.add(key)
    }
  }
  let size = sizeOf(call, stat)
  const own = size
  if (stat.type === 'dir') {
    let names: string[] = []
    try {
      names = p.readdir(path).map(entry => entry.name)
    } catch (thrown) {
      if (!isErrno(thrown)) throw thrown
      yield* error(
        gnu ? `cannot read directory '${path}': ${thrown.message}` : `can't open '${path}': ${thrown.message}`,
      )
      state.failed = true
    }
    for (const name of names) {
      const below = yield* measure(call, joinPath(path, name), level + 1, state)
      if (below !== undefined) size += below
    }
  }
  if (level <= state.depth && (level === 0 || stat.type === 'dir' || given.has('all'))) {
    const shown = given.has('separate') ? own : size
    yield* out.write(`${sizeText(call, shown)}\t${path}${given.has('zero') ? '\0' : '\n'}`)
  }
  return size
}

function sizeOf({ options: given }: DuCall, stat: Stat): number {
  if (given.has('bytes') || given.has('apparent')) return stat.size
  if (stat.type === 'dir') return 4096
  return stat.type === 'file' ? Math.ceil(stat.size / 4096) * 4096 : 0
}

function sizeText({ options: given, gnu }: DuCall, bytes: number): string {
  const unit = given.last('human', 'kibibytes', 'mebibytes', 'bytes', 'si', 'blockSize')
  if (unit === 'human') return gnu ? humanSizeGnu(bytes) : humanSizeBusybox(bytes)
  if (unit === 'si') return humanSizeGnu(bytes, 1000)
  if (unit === 'bytes') return String(bytes)
  if (unit === 'mebibytes') return gnu ? String(Math.ceil(bytes / 1024 ** 2)) : String(Math.ceil(bytes / 1024 ** 2))
  if (unit === 'blockSize') {
    const match = /^(\d*)([KMG]?)/.exec(given.value('blockSize') ?? '')
    const factor = Number(match?.[1] || 1) * 1024 ** ' KMG'.indexOf(match?.[2] || ' ')
    return String(Math.ceil(bytes / Math.max(1, factor)))
  }
  return String(Math.ceil(bytes / 1024))
}
