/** mv: renames files, moves them into directories and between file systems. */
import { isErrno } from '../../vfs/errno.ts'
import type { Routine } from '../program.ts'
import { type Call, command } from './lib/command.ts'
import { copyTree, statOf } from './lib/copy.ts'
import { Failure, UsageError } from './lib/failure.ts'
import { confirm } from './lib/prompt.ts'
import { removeTree } from './lib/remove.ts'
import { baseName, joinPath } from './lib/walk.ts'

export const options = {
  force: '-f --force  do not ask',
  interactive: '-i --interactive  ask before overwriting',
  noClobber: '-n --no-clobber  never overwrite',
  noTarget: '-T --no-target-directory  DEST is never a directory to move into',
  target: '-t --target-directory=DIR  move into DIR',
  update: 'gnu: -u --update  only newer files',
  verbose: '-v --verbose  say what is moved',
  backup: 'gnu: -b --backup[=CONTROL]  keep what is overwritten as NAME~',
}

type MvCall = Call<typeof options>

export const program = command('mv', options, function* (call) {
  const { p, options: given, args, gnu } = call
  const named = given.value('target')
  const target = named ?? args.at(-1) ?? ''
  const sources = named === undefined ? args.slice(0, -1) : args
  if (sources.length === 0) {
    if (!gnu) throw new UsageError('')
    throw new UsageError(
      args.length === 0 ? 'missing file operand' : `missing destination file operand after '${target}'`,
    )
  }
  const isDir = !given.has('noTarget') && statOf(p, target)?.type === 'dir'
  if (!isDir && (sources.length > 1 || named !== undefined)) {
    const reason = statOf(p, target) ? 'Not a directory' : 'No such file or directory'
    if (gnu) throw new Failure(`target '${target}': ${reason}`)
  }
  let fine = true
  for (const source of sources) {
    fine =
      (yield* moved(call, source, isDir || sources.length > 1 ? joinPath(target, baseName(source)) : target)) && fine
  }
  return fine ? 0 : 1
})

/** Moves one, and tells so: busybox also where it has failed. */
function* moved(call: MvCall, from: string, to: string): Routine<boolean> {
  const { out, options: given, gnu } = call
  const fine = yield* move(call, from, to)
  if (!gnu && given.has('verbose')) yield* out.write(`'${from}' -> '${to}'\n`)
  return fine
}

function* move(call: MvCall, from: string, to: string): Routine<boolean> {
  const { p, out, options: given, gnu, error } = call
  const there = statOf(p, to)
  try {
    const source = p.lstat(from)
    if (there) {
      const last = given.last('force', 'interactive', 'noClobber')
      if (last === 'noClobber') return true
      if (gnu && given.has('update') && there.mtime >= source.mtime) return true
      if (last === 'interactive' && !(yield* confirm(`${p.name}: overwrite '${to}'? `))) return true
      if (gnu && there.ino === source.ino && p.device(to) === p.device(from)) {
        yield* error(`'${from}' and '${to}' are the same file`)
        return false
      }
      if (gnu && there.type === 'dir' && source.type !== 'dir') {
        yield* error(`cannot overwrite directory '${to}' with non-directory`)
        return false
      }
      if (gnu && there.type !== 'dir' && source.type === 'dir') {
        yield* error(`cannot overwrite non-directory '${to}' with directory '${from}'`)
        return false
      }
      if (gnu && given.has('backup')) p.rename(to, `${to}~`)
    }
  } catch (thrown) {
    if (!isErrno(thrown)) throw thrown
    yield* error(gnu ? `cannot stat '${from}': ${thrown.message}` : `can't rename '${from}': ${thrown.message}`)
    return false
  }
  try {
    p.rename(from, to)
  } catch (thrown) {
    if (!isErrno(thrown)) throw thrown
    if (thrown.code === 'EXDEV') return yield* moveAcross(call, from, to)
    if (!gnu && thrown.code === 'EISDIR') yield* error(`'${to}' is a directory`)
    else if (gnu && thrown.code === 'EINVAL') yield* error(`cannot move '${from}' to a subdirectory of itself, '${to}'`)
    else
      yield* error(
        gnu ? `cannot move '${from}' to '${to}': ${thrown.message}` : `can't rename '${from}': ${thrown.message}`,
      )
    return false
  }
  if (gnu && given.has('verbose')) yield* out.write(`renamed '${from}' -> '${to}'\n`)
  return true
}

/** To another file system: a copy with all attributes, then the source goes. */
function* moveAcross(call: MvCall, from: string, to: string): Routine<boolean> {
  const { p, gnu, error } = call
  const copied = yield* copyTree(call, from, to, {
    recursive: true,
    follow: 'never',
    preserve: { mode: true, owner: true, times: true },
    existing: 'force',
    link: 'none',
    gnu,
  })
  if (!copied) return false
  try {
    removeTree(p, from)
    return true
  } catch (thrown) {
    if (!isErrno(thrown)) throw thrown
    yield* error(gnu ? `cannot remove '${from}': ${thrown.message}` : `can't remove '${from}': ${thrown.message}`)
    return false
  }
}
