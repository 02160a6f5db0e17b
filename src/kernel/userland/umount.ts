/** umount: undoes mounts. */
import { type Errno, isErrno } from '../../vfs/errno.ts'
import { command } from './lib/command.ts'
import { UsageError } from './lib/failure.ts'
import { readFile } from './lib/input.ts'

export const options = {
  all: '-a --all  everything',
  readOnly: '-r --read-only  remount read-only when busy',
  lazy: '-l --lazy  detach',
  force: '-f --force  force',
  loop: '-d --detach-loop  free the loop device',
  type: '-t=TYPE --types=TYPE  only this kind',
  noMtab: '-n --no-mtab  accepted',
  verbose: '-v --verbose  accepted',
  recursive: 'gnu: -R --recursive  what is below as well',
}

export const program = command('umount', options, function* ({ p, options: given, args, gnu, error }) {
  const mounts = (yield* readFile(p, '/proc/mounts'))
    .split('\n')
    .map(line => line.split(' '))
    .filter(fields => fields.length > 2)
  const all = given.has('all')
  if (args.length === 0 && !all) throw new UsageError(gnu ? 'bad usage' : '')
  const kind = given.value('type')
  const targets = all
    ? mounts
        .filter(fields => kind === undefined || fields[2] === kind)
        .map(fields => fields[1] ?? '')
        .reverse()
    : args
  let failed = false
  for (const target of targets) {
    const fault = undo(target)
    if (fault === undefined) continue
    failed = true
    if (!gnu) yield* error(`can't unmount ${target}: ${fault.message}`)
    else if (!isThere(target)) yield* error(`${target}: no mount point specified.`)
    else
      yield* error(
        mounts.some(fields => fields[1] === target)
          ? fault.code === 'EBUSY'
            ? `${target}: target is busy.`
            : `${target}: must be superuser to unmount.`
          : `${target}: not mounted.`,
      )
  }
  return failed ? (gnu ? 32 : 1) : 0

  function undo(target: string): Errno | undefined {
    try {
      p.umount(target)
      return undefined
    } catch (thrown) {
      if (isErrno(thrown)) return thrown
      throw thrown
    }
  }

  function isThere(path: string): boolean {
    try {
      p.stat(path)
      return true
    } catch (thrown) {
      if (isErrno(thrown)) return false
      throw thrown
    }
  }
})
