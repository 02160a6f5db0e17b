/** mount: lists what is mounted, and mounts: tmpfs, proc, sysfs, what is there in another place, other flags. */
import { isErrno } from '../../vfs/errno.ts'
import { toBytes } from './lib/bytes.ts'
import { command } from './lib/command.ts'
import { Failure } from './lib/failure.ts'
import { readFile } from './lib/input.ts'
import { textOf } from './lib/interfaces.ts'

export const options = {
  all: '-a --all  everything in /etc/fstab',
  type: '-t=TYPE --types=TYPE  kind of file system',
  options: '-o=OPT --options=OPT  options',
  readOnly: '-r --read-only  read-only',
  writable: '-w --rw  read and write',
  fake: '-f --fake  do nothing',
  verbose: '-v --verbose  accepted',
  noHelper: '-i --internal-only  no helper',
  noMtab: '-n --no-mtab  accepted',
  table: '-T=FILE --fstab=FILE  instead of /etc/fstab',
  only: '-O=OPT --test-opts=OPT  only with these options',
  bind: '-B --bind --rbind  bind',
  move: '--move  move',
}

export const program = command('mount', options, function* ({ p, out, options: given, args, gnu }) {
  const [source, target] = args
  const kind = given.value('type')
  if (source === undefined && !given.has('all')) {
    for (const line of (yield* readFile(p, '/proc/mounts')).split('\n')) {
      const [device = '', at = '', type = '', flags = ''] = line.split(' ').map(plain)
      if (at === '' || (kind !== undefined && !kind.split(',').includes(type))) continue
      yield* out.write(`${device} on ${at} type ${type} (${flags})\n`)
    }
    return 0
  }
  if (given.has('fake')) return 0
  if (target === undefined && !given.has('options')) {
    const table = given.value('table') ?? '/etc/fstab'
    if ((yield* textOf(p, table)) === '') {
      if (gnu)
        throw new Failure(given.has('all') ? '' : `${source}: can't find in ${table}.`, given.has('all') ? 0 : 32)
      throw new Failure(`can't read '${table}': No such file or directory`)
    }
  }
  const words = (given.value('options') ?? '').split(',').filter(Boolean)
  if (given.has('readOnly')) words.push('ro')
  const at = target ?? source ?? '/'
  if (!gnu && target === undefined && words.includes('remount')) {
    // Busybox looks for what it was given among the devices and the mount points.
    const mounted = (yield* readFile(p, '/proc/mounts')).split('\n').map(each => each.split(' ').map(plain))
    if (!mounted.some(([device, point]) => device === at || point === at))
      throw new Failure(`can't find ${at} in /proc/mounts`)
  }
  try {
    p.mount({
      kind: words.includes('remount')
        ? 'remount'
        : given.has('bind') || words.includes('bind') || words.includes('rbind')
          ? 'bind'
          : 'new',
      source: target === undefined ? '' : (source ?? ''),
      target: at,
      type: kind ?? '',
      options: words.filter(word => !['remount', 'bind', 'rbind'].includes(word)).join(','),
    })
    return 0
  } catch (error) {
    if (!isErrno(error)) throw error
    if (gnu) {
      const reason =
        error.code === 'EPERM'
          ? 'permission denied'
          : error.code === 'ENOENT'
            ? 'mount point does not exist'
            : error.code === 'ENODEV'
              ? `unknown filesystem type '${kind}'`
              : error.message
      const hint =
        error.code === 'ENOENT' ? '' : '       dmesg(1) may have more information after failed mount system call.\n'
      yield { op: 'write', fd: 2, data: toBytes(`mount: ${at}: ${reason}.\n${hint}`) }
      return 32
    }
    if (error.code === 'EPERM') throw new Failure('permission denied (are you root?)')
    throw new Failure(`mounting ${source} on ${at} failed: ${error.message}`, 255)
  }
})

/** /proc/mounts writes spaces and the like as octal. */
function plain(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))
}
