/** The calls that runc's own init makes under a container's seccomp filter, before it becomes the command. */
import type { SeccompFilter } from '../security/seccomp.ts'

/** In the order of libcontainer/init_linux.go finalizeNamespace, with what runc says when one is refused. */
const calls: readonly (readonly [call: string, message: string])[] = [
  ['openat', 'open /proc/sys/kernel/cap_last_cap: operation not permitted'],
  ['read', 'read /proc/sys/kernel/cap_last_cap: operation not permitted'],
  ['prctl', 'unable to apply bounding set: operation not permitted'],
  ['fstat', 'unable to setup user: fstat /dev/stdin: operation not permitted'],
  ['fstatfs', 'unable to setup user: fstatfs fsmount:fscontext:proc: operation not permitted'],
  [
    'statx',
    'unable to setup user: reopen fsmount:fscontext:proc/self/setgroups: check safety of /proc/thread-self/fd/8 magiclink: get root mount id: statx(STATX_MNT_ID_...) fsmount:fscontext:proc/: could not get mount id: operation not permitted',
  ],
  ['setgroups', 'unable to setup user: setgroups: operation not permitted'],
  ['chdir', 'chdir to cwd ("/") set in config.json failed: operation not permitted'],
  ['getcwd', 'failed to verify if current working directory is safe: operation not permitted'],
  ['capset', "unable to apply caps: can't apply capabilities: operation not permitted"],
]

const closingDescriptors =
  'error closing exec fds: get handle to /proc/thread-self/fd: fstatfs fsmount:fscontext:proc: operation not permitted'

/** Under no-new-privileges the filter comes last: only the way to start is left. */
const lastCalls: typeof calls = [
  [
    'fstat',
    'reopen exec fifo: get safe /proc/thread-self/fd handle: fstat fsmount:fscontext:proc: operation not permitted',
  ],
  [
    'fstatfs',
    'reopen exec fifo: get safe /proc/thread-self/fd handle: fstatfs fsmount:fscontext:proc: operation not permitted',
  ],
  ['openat', 'reopen exec fifo: reopen fd 7: operation not permitted'],
]

/** What runc ends with under a filter that refuses a call that it needs; undefined when all pass. */
export function refusedCall(filter: SeccompFilter, noNewPrivs: boolean): string | undefined {
  if (noNewPrivs) return lastCalls.find(([call]) => filter(call))?.[1]
  // Without openat2 the way to its own descriptors goes through fstatfs, right after the filter is on.
  if (filter('openat2') && filter('fstatfs')) return closingDescriptors
  return calls.find(([call]) => filter(call))?.[1]
}
