/**
 * Seccomp profiles in Docker's format (docker/profiles/seccomp): which system calls a container's processes may make.
 * Conditions look at those arguments that the model's calls have: numbers such as modes, signals and families.
 */
import { capabilitySet } from './capabilities.ts'

/** What becomes of a call that a filter does not let pass. */
export type Verdict = { errno: number } | 'kill'

/** Answers for a system call's name; undefined: it passes. */
export type SeccompFilter = (syscall: string, args?: Arguments) => Verdict | undefined

/** A call's arguments by name; what is not there (paths, pointers) meets no condition. */
export type Arguments = Readonly<Record<string, number>>

export interface Rule {
  name?: string
  names?: string[] | null
  action?: string
  errnoRet?: number | null
  args?: Condition[] | null
  includes?: Scope | null
  excludes?: Scope | null
}

export interface Condition {
  index?: number
  value?: number
  valueTwo?: number
  op?: string
}

export interface Scope {
  caps?: string[] | null
  arches?: string[] | null
  /** `4.8`: that kernel or a newer one. */
  minKernel?: string | null
}

export interface Profile {
  defaultAction?: string
  defaultErrnoRet?: number | null
  architectures?: string[] | null
  archMap?: unknown[] | null
  flags?: string[] | null
  syscalls?: Rule[] | null
}

const EPERM = 1
const ENOSYS = 38
const passing = ['SCMP_ACT_ALLOW', 'SCMP_ACT_LOG']
const killing = ['SCMP_ACT_KILL', 'SCMP_ACT_KILL_THREAD', 'SCMP_ACT_KILL_PROCESS', 'SCMP_ACT_TRAP']

/** What a profile may ask for. */
export const seccompActions: readonly string[] = [
  ...passing,
  ...killing,
  'SCMP_ACT_ERRNO',
  'SCMP_ACT_TRACE',
  'SCMP_ACT_NOTIFY',
]

/** The profile's JSON among a container's security options; undefined for Docker's own and for none. */
export function seccompProfile(options: readonly string[]): string | undefined {
  const text = options.findLast(option => /^seccomp[=:]/.test(option))?.slice('seccomp='.length)
  return text === undefined || ['', 'unconfined', 'builtin'].includes(text) ? undefined : text
}

/** A profile with neither an action nor rules switches seccomp off (moby daemon/seccomp_linux.go). */
export function isEmptyProfile(text: string): boolean {
  const { defaultAction, syscalls } = (JSON.parse(text) ?? {}) as Profile
  return !defaultAction && !syscalls?.length
}

/**
 * The filter of a profile's JSON for a container with these capabilities on this machine (`x86_64`, `aarch64`) and this
 * release of the kernel. The first rule for a call decides.
 */
export function seccompFilter(text: string, capabilities: bigint, machine: string, release: string): SeccompFilter {
  const profile = JSON.parse(text) as Profile
  const arch = machine === 'aarch64' ? 'arm64' : 'amd64'
  const fits = (scope: Scope | null | undefined, all: boolean): boolean => {
    const has = (cap: string): boolean => (capabilities & capabilitySet([cap.replace(/^CAP_/, '')])) !== 0n
    const tests = [
      ...(scope?.caps ?? []).map(has),
      ...(scope?.arches?.length ? [scope.arches.includes(arch)] : []),
      ...(scope?.minKernel ? [isAtLeast(release, scope.minKernel)] : []),
    ]
    return all ? tests.every(Boolean) : tests.some(Boolean)
  }
  const verdicts = new Map<string, Verdict | undefined>()
  const conditional = new Map<string, { args: readonly Condition[]; becomes: Verdict | undefined }[]>()
  for (const { name, names, action, errnoRet, args, includes, excludes } of profile.syscalls ?? []) {
    if (!fits(includes, true) || fits(excludes, false)) continue
    const becomes = verdict(action ?? '', errnoRet ?? EPERM)
    for (const call of name ? [name] : (names ?? []))
      if (args?.length) conditional.set(call, [...(conditional.get(call) ?? []), { args, becomes }])
      else if (!verdicts.has(call)) verdicts.set(call, becomes)
  }
  const otherwise = verdict(profile.defaultAction ?? '', profile.defaultErrnoRet ?? EPERM)
  return (syscall, args = {}) => {
    // A rule without conditions swallows those that have some (libseccomp).
    if (verdicts.has(syscall)) return verdicts.get(syscall)
    const met = conditional.get(syscall)?.find(rule => holds(rule.args, syscall, args))
    return met ? met.becomes : otherwise
  }
}

/** Whether a release such as `6.8.0-generic` is at least a version such as `4.8`. */
function isAtLeast(release: string, version: string): boolean {
  const [major = 0, minor = 0] = release.split('.').map(part => Number.parseInt(part, 10))
  const [wantedMajor = 0, wantedMinor = 0] = version.split('.').map(part => Number.parseInt(part, 10))
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)
}

/** Families and types of socket(2) by number. */
export const socketFamilies = { inet: 2, inet6: 10, netlink: 16 }
export const socketTypes = { stream: 1, dgram: 2, raw: 3 }

/** What socket(2) is called with for a connection. */
export const socketNumbers = (address: string, protocol: 'tcp' | 'udp'): Arguments => ({
  domain: address.includes(':') ? socketFamilies.inet6 : socketFamilies.inet,
  type: protocol === 'tcp' ? socketTypes.stream : socketTypes.dgram,
})

/** Names of the arguments of system calls, in order. */
const parameters: Readonly<Record<string, readonly string[]>> = {
  chmod: ['path', 'mode'],
  fchmodat: ['dirfd', 'path', 'mode'],
  chown: ['path', 'uid', 'gid'],
  lchown: ['path', 'uid', 'gid'],
  fchownat: ['dirfd', 'path', 'uid', 'gid', 'flags'],
  kill: ['pid', 'signal'],
  mkdir: ['path', 'mode'],
  mknod: ['path', 'mode', 'dev'],
  mknodat: ['dirfd', 'path', 'mode', 'dev'],
  openat: ['dirfd', 'path', 'flags', 'mode'],
  setgid: ['gid'],
  setuid: ['uid'],
  socket: ['domain', 'type', 'protocol'],
  umask: ['mask'],
}

export const seccompOperators: Readonly<Record<string, (given: bigint, value: bigint, two: bigint) => boolean>> = {
  SCMP_CMP_NE: (given, value) => given !== value,
  SCMP_CMP_LT: (given, value) => given < value,
  SCMP_CMP_LE: (given, value) => given <= value,
  SCMP_CMP_EQ: (given, value) => given === value,
  SCMP_CMP_GE: (given, value) => given >= value,
  SCMP_CMP_GT: (given, value) => given > value,
  SCMP_CMP_MASKED_EQ: (given, value, two) => (given & value) === two,
}

/** Whether all conditions of a rule hold; of several on one argument, one is enough (runc's seccomp_linux.go). */
function holds(conditions: readonly Condition[], syscall: string, args: Arguments): boolean {
  const one = ({ index = 0, value = 0, valueTwo = 0, op = '' }: Condition): boolean => {
    const name = parameters[syscall]?.[index]
    const given = name !== undefined && Object.hasOwn(args, name) ? args[name] : undefined
    return given !== undefined && (seccompOperators[op]?.(BigInt(given), BigInt(value), BigInt(valueTwo)) ?? false)
  }
  const twice = new Set(conditions.map(each => each.index)).size < conditions.length
  return twice ? conditions.some(one) : conditions.every(one)
}

function verdict(action: string, errno: number): Verdict | undefined {
  if (passing.includes(action)) return undefined
  if (killing.includes(action)) return 'kill'
  return { errno: action === 'SCMP_ACT_TRACE' ? ENOSYS : errno }
}

/**
 * System calls that Docker's own profile lets pass only to containers with a capability (docker/profiles/seccomp
 * default_linux.go), of those that the model's kernel makes.
 */
export const defaultProfile: Readonly<Record<string, string>> = {
  chroot: 'SYS_CHROOT',
  clock_settime: 'SYS_TIME',
  mount: 'SYS_ADMIN',
  sethostname: 'SYS_ADMIN',
  setns: 'SYS_ADMIN',
  syslog: 'SYSLOG',
  umount2: 'SYS_ADMIN',
  unshare: 'SYS_ADMIN',
}

/** Docker's own profile for a container with these capabilities. */
export const defaultFilter =
  (capabilities: bigint): SeccompFilter =>
  syscall => {
    const needed = Object.hasOwn(defaultProfile, syscall) ? defaultProfile[syscall] : undefined
    return needed === undefined || (capabilities & capabilitySet([needed])) !== 0n ? undefined : { errno: EPERM }
  }

/** The calls of the model's kernel as Linux system calls: what busybox makes, and coreutils (x86-64, glibc). */
const calls = {
  chdir: ['chdir', 'chdir'],
  chroot: ['chroot', 'chroot'],
  getcwd: ['getcwd', 'getcwd'],
  umask: ['umask', 'umask'],
  open: ['openat', 'openat'],
  pipe: ['pipe', 'pipe2'],
  readdir: ['getdents64', 'getdents64'],
  readlink: ['readlink', 'readlink'],
  stat: ['newfstatat', 'newfstatat'],
  access: ['access', 'faccessat2'],
  mkdir: ['mkdir', 'mkdir'],
  rmdir: ['rmdir', 'rmdir'],
  unlink: ['unlink', 'unlinkat'],
  rename: ['rename', 'renameat2'],
  link: ['link', 'linkat'],
  symlink: ['symlink', 'symlinkat'],
  mknod: ['mknod', 'mknodat'],
  chmod: ['chmod', 'fchmodat'],
  chown: ['chown', 'fchownat'],
  lchown: ['lchown', 'fchownat'],
  utimes: ['utimensat', 'utimensat'],
  truncate: ['truncate', 'truncate'],
  ftruncate: ['ftruncate', 'ftruncate'],
  statfs: ['statfs', 'statfs'],
  fork: ['clone', 'clone'],
  exec: ['execve', 'execve'],
  kill: ['kill', 'kill'],
  setpgid: ['setpgid', 'setpgid'],
  setsid: ['setsid', 'setsid'],
  setuid: ['setuid', 'setuid'],
  setgid: ['setgid', 'setgid'],
  setgroups: ['setgroups', 'setgroups'],
  prlimit: ['prlimit64', 'prlimit64'],
  setpriority: ['setpriority', 'setpriority'],
  uname: ['uname', 'uname'],
  sethostname: ['sethostname', 'sethostname'],
  socket: ['socket', 'socket'],
  bind: ['bind', 'bind'],
  listen: ['listen', 'listen'],
  connect: ['connect', 'connect'],
  mount: ['mount', 'mount'],
  umount: ['umount2', 'umount2'],
  sleep: ['nanosleep', 'clock_nanosleep'],
  syslog: ['syslog', 'syslog'],
  settime: ['clock_settime', 'clock_settime'],
  unshare: ['unshare', 'unshare'],
  setns: ['setns', 'setns'],
} as const satisfies Record<string, readonly [busybox: string, gnu: string]>

export type KernelCall = keyof typeof calls

/** The system call behind a call, as a program of a kind makes it. */
export const syscallOf = (call: KernelCall, flavour: 'busybox' | 'gnu'): string =>
  calls[call][flavour === 'gnu' ? 1 : 0]
