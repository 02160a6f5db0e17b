/** Asks a container's seccomp filter before a call is made. */
import { type Arguments, type KernelCall, syscallOf } from '../security/seccomp.ts'
import { Errno, type ErrnoCode } from '../vfs/errno.ts'
import type { Kernel } from './kernel.ts'
import { exit } from './life.ts'
import type { Process } from './process.ts'

/** Numbers of errors (asm-generic/errno.h, errno-base.h) that the model knows; any other is EPERM. */
const numbers: Partial<Record<ErrnoCode, number>> = {
  EPERM: 1,
  ENOENT: 2,
  ESRCH: 3,
  EINTR: 4,
  EIO: 5,
  ENXIO: 6,
  E2BIG: 7,
  ENOEXEC: 8,
  EBADF: 9,
  ECHILD: 10,
  EAGAIN: 11,
  ENOMEM: 12,
  EACCES: 13,
  EBUSY: 16,
  EEXIST: 17,
  EXDEV: 18,
  ENODEV: 19,
  ENOTDIR: 20,
  EISDIR: 21,
  EINVAL: 22,
  EMFILE: 24,
  ENOTTY: 25,
  ETXTBSY: 26,
  EFBIG: 27,
  ENOSPC: 28,
  ESPIPE: 29,
  EROFS: 30,
  EMLINK: 31,
  EPIPE: 32,
  ERANGE: 34,
  ENAMETOOLONG: 36,
  ENOSYS: 38,
  ENOTEMPTY: 39,
  ELOOP: 40,
  EOPNOTSUPP: 95,
  EADDRINUSE: 98,
  EADDRNOTAVAIL: 99,
  ENETUNREACH: 101,
  ECONNRESET: 104,
  ENOTCONN: 107,
  ETIMEDOUT: 110,
  ECONNREFUSED: 111,
  EHOSTUNREACH: 113,
  EDQUOT: 122,
}
const byNumber = new Map(Object.entries(numbers).map(([code, number]) => [number, code as ErrnoCode]))

/**
 * Whether the call is to be made. Throws the error that the filter gives; a process that it kills ends with SIGSYS. With
 * the error 0 the call is said to have succeeded without being made (seccomp(2), SECCOMP_RET_ERRNO).
 */
export function checkCall(kernel: Kernel, process: Process, call: KernelCall, args?: Arguments): boolean {
  const verdict = kernel.sandbox(process.sandbox).filter?.(syscallOf(call, process.flavour), args)
  if (!verdict) return true
  if (verdict !== 'kill') {
    if (verdict.errno === 0 && silent.has(call)) return false
    throw new Errno(byNumber.get(verdict.errno) ?? 'EPERM')
  }
  exit(kernel, process, { signal: 'SYS' })
  throw new Errno('ENOSYS')
}

/** Calls that answer nothing: nobody misses an answer when they were not made. */
const silent: ReadonlySet<KernelCall> = new Set([
  'mkdir',
  'rmdir',
  'unlink',
  'rename',
  'link',
  'symlink',
  'mknod',
  'chmod',
  'chown',
  'lchown',
  'utimes',
  'truncate',
  'kill',
  'setpgid',
  'setuid',
  'setgid',
  'setgroups',
  'setpriority',
  'sethostname',
  'mount',
  'umount',
])
