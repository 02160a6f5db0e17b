/** The lines that both servers log. */
import type { Proc, Routine } from '../../../kernel/program.ts'
import { isErrno } from '../../../vfs/errno.ts'
import type { Flavour } from './types.ts'

export const say = (fd: number, text: string) => ({ op: 'write' as const, fd, data: Buffer.from(text, 'utf8') })

export function remove(p: Proc, path: string): void {
  try {
    p.unlink(path)
  } catch (error) {
    if (!isErrno(error)) throw error
  }
}

/** A line of MySQL's log. */
export function* log(p: Proc, level: string, code: string, text: string, part = 'Server', thread = 0): Routine<void> {
  const time = new Date(p.now()).toISOString().replace('Z', '')
  yield say(2, `${time}${String(p.pid % 1000).padStart(3, '0')}Z ${thread} [${level}] [${code}] [${part}] ${text}\n`)
}

/** A line of MariaDB's log. */
export function* note(p: Proc, text: string, level = 'Note', thread = 0): Routine<void> {
  const time = new Date(p.now()).toISOString().slice(0, 19).replace('T', ' ')
  yield say(2, `${time} ${thread} [${level}] ${text}\n`)
}

/** `261130 20:34:40`. */
export const compact = (p: Proc): string =>
  new Date(p.now())
    .toISOString()
    .slice(2, 19)
    .replaceAll('-', '')
    .replace('T', ' ')
    .replace(/ 0(\d:)/, '  $1')

export const revision = (version: string): string =>
  Buffer.from(`mariadb ${version} source`).toString('hex').padEnd(40, '0').slice(0, 40)

/** What MariaDB's InnoDB says as it starts. */
export const innodb = (version: string): string[] => [
  'Compressed tables use zlib 1.3',
  'Number of transaction pools: 1',
  'Using crc32 + pclmulqdq instructions',
  ...(Number(version.split('.')[0]) >= 11
    ? ['Using io_uring', 'innodb_buffer_pool_size_max=128m, innodb_buffer_pool_size=128m']
    : ['Using liburing', 'Initializing buffer pool, total size = 128.000MiB, chunk size = 2.000MiB']),
  'Completed initialization of buffer pool',
  'File system buffers for log disabled (block size=512 bytes)',
  'End of log at LSN=47763',
  '128 rollback segments in 3 undo tablespaces are active.',
  "Setting file './ibtmp1' size to 12.000MiB. Physically writing the file full; Please wait ...",
  "File './ibtmp1' size is now 12.000MiB.",
]

/** What a server says that ends. `user`: whose command it was. */
export function* shutdownLines(p: Proc, flavour: Flavour, data: string, user: string | undefined): Routine<void> {
  if (flavour.maria) {
    yield* note(
      p,
      `mariadbd (initiated by: ${user === undefined ? 'unknown' : `${user}[${user}] @ localhost []`}): Normal shutdown`,
    )
    yield* note(p, 'InnoDB: FTS optimize thread exiting.')
    yield* note(p, 'InnoDB: Starting shutdown...')
    yield* note(p, `InnoDB: Dumping buffer pool(s) to ${data}/ib_buffer_pool`)
    yield* note(p, `InnoDB: Buffer pool(s) dump completed at ${compact(p)}`)
    yield { op: 'cpu', ms: 60 }
    yield* note(p, 'InnoDB: Removed temporary tablespace data file: "./ibtmp1"')
    yield* note(p, 'InnoDB: Shutdown completed; log sequence number 47763; transaction id 15')
    yield* note(p, 'mariadbd: Shutdown complete')
  } else {
    yield* log(
      p,
      'System',
      'MY-013172',
      `Received SHUTDOWN from user ${user ?? '<via user signal>'}. Shutting down mysqld (Version: ${flavour.version}).`,
    )
    yield { op: 'cpu', ms: 80 }
    yield* log(
      p,
      'System',
      'MY-010910',
      `${p.exe}: Shutdown complete (mysqld ${flavour.version})  MySQL Community Server - GPL.`,
    )
    yield* log(p, 'System', 'MY-015016', 'MySQL Server - end.')
  }
  remove(p, `${data}/ibtmp1`)
}
