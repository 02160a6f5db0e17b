/** umount: refused, as in a container without CAP_SYS_ADMIN. */
import { isErrno } from '../../vfs/errno.ts'
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
  for (const target of targets) {
    if (!gnu) yield* error(`can't unmount ${target}: Operation not permitted`)
    else if (!isThere(target)) yield* error(`${target}: no mount point specified.`)
    else
      yield* error(
        mounts.some(fields => fields[1] === target)
          ? `${target}: must be superuser to unmount.`
          : `${target}: not mounted.`,
      )
  }
  return targets.length === 0 ? 0 : gnu ? 32 : 1

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
