/** Asks a container's seccomp filter before a call is made. */
import { type Arguments, type KernelCall, syscallOf } from '../security/seccomp.ts'
import { Errno, errnoOf } from '../vfs/errno.ts'
import type { Kernel } from './kernel.ts'
import { exit } from './life.ts'
import type { Process } from './process.ts'

/**
 * Whether the call is to be made. Throws the error that the filter gives; a process that it kills ends with SIGSYS. With
 * the error 0 the call is said to have succeeded without being made (seccomp(2), SECCOMP_RET_ERRNO).
 */
export function checkCall(kernel: Kernel, process: Process, call: KernelCall, args?: Arguments): boolean {
  const verdict = kernel.sandbox(process.sandbox).filter?.(syscallOf(call, process.flavour), args)
  if (!verdict) return true
  if (verdict !== 'kill') {
    if (verdict.errno === 0 && silent.has(call)) return false
    throw new Errno(errnoOf(verdict.errno) ?? 'EPERM')
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
