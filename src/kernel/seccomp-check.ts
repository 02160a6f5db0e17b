/** Asks a container's seccomp filter before a call is made. */
import { type Arguments, type KernelCall, syscallOf } from '../security/seccomp.ts'
import { Errno, type ErrnoCode } from '../vfs/errno.ts'
import type { Kernel } from './kernel.ts'
import { exit } from './life.ts'
import type { Process } from './process.ts'

/** Numbers of errors (asm-generic/errno.h) that profiles use; any other is EPERM. */
const byNumber = new Map<number, ErrnoCode>([
  [1, 'EPERM'],
  [2, 'ENOENT'],
  [13, 'EACCES'],
  [16, 'EBUSY'],
  [22, 'EINVAL'],
  [28, 'ENOSPC'],
  [30, 'EROFS'],
  [38, 'ENOSYS'],
  [95, 'EOPNOTSUPP'],
])

/** Throws the error that the filter gives for a call; a process that it kills ends with SIGSYS. */
export function checkCall(kernel: Kernel, process: Process, call: KernelCall, args?: Arguments): void {
  const verdict = kernel.sandbox(process.sandbox).filter?.(syscallOf(call, process.flavour), args)
  if (!verdict) return
  if (verdict !== 'kill') throw new Errno(byNumber.get(verdict.errno) ?? 'EPERM')
  exit(kernel, process, { signal: 'SYS' })
  throw new Errno('ENOSYS')
}
