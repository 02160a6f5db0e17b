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

interface Rule {
  name?: string
  names?: string[]
  action: string
  errnoRet?: number
  args?: Condition[] | null
  includes?: Scope
  excludes?: Scope
}

interface Condition {
  index: number
  value: number
  valueTwo?: number
  op: string
}

interface Scope {
  caps?: string[]
  arches?: string[]
}

interface Profile {
  defaultAction?: string
  defaultErrnoRet?: number
  syscalls?: Rule[] | null
}

const EPERM = 1
const ENOSYS = 38
const passing = ['SCMP_ACT_ALLOW', 'SCMP_ACT_LOG', 'SCMP_ACT_NOTIFY']
const killing = ['SCMP_ACT_KILL', 'SCMP_ACT_KILL_THREAD', 'SCMP_ACT_KILL_PROCESS', 'SCMP_ACT_TRAP']
const actions = [...passing, ...killing, 'SCMP_ACT_ERRNO', 'SCMP_ACT_TRACE']

/** The profile's JSON among a container's security options; undefined for Docker's own and for none. */
export const seccompProfile = (options: readonly string[]): string | undefined =>
  options.findLast(option => /^seccomp[=:]\s*[[{]/.test(option))?.slice('seccomp='.length)

/** Go's names of what JSON holds. */
const kindOf = (value: unknown): string =>
  Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value === 'boolean' ? 'bool' : typeof value

/** Why a profile cannot be used: in the daemon's words, or those of runc; undefined when it can. */
export function profileFault(text: string): { by: 'daemon' | 'runc'; message: string } | undefined {
  const parsed: unknown = JSON.parse(text)
  const wrong = (value: unknown, where: string): { by: 'daemon'; message: string } => ({
    by: 'daemon',
    message: `Decoding seccomp profile failed: json: cannot unmarshal ${kindOf(value)} into Go ${where}`,
  })
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    return wrong(parsed, 'value of type seccomp.Seccomp')
  const { defaultAction = '', syscalls } = parsed as { defaultAction?: unknown; syscalls?: unknown }
  if (typeof defaultAction !== 'string')
    return wrong(defaultAction, 'struct field Seccomp.defaultAction of type specs.LinuxSeccompAction')
  if (syscalls !== undefined && syscalls !== null && !Array.isArray(syscalls))
    return wrong(syscalls, 'struct field Seccomp.syscalls of type []*seccomp.Syscall')
  const rules = (syscalls ?? []) as unknown[]
  const odd = rules.find(rule => typeof rule !== 'object' || rule === null || Array.isArray(rule))
  if (odd !== undefined) return wrong(odd, 'struct field Seccomp.syscalls of type seccomp.Syscall')
  for (const { name, names, args } of rules as Rule[]) {
    if (names !== undefined && !Array.isArray(names))
      return wrong(names, 'struct field Syscall.syscalls.names of type []string')
    if (args !== undefined && args !== null && !Array.isArray(args))
      return wrong(args, 'struct field Syscall.syscalls.args of type []*specs.LinuxSeccompArg')
    if (name && names?.length)
      return {
        by: 'daemon',
        message: "both 'name' and 'names' are specified in the seccomp profile, use either 'name' or 'names'",
      }
  }
  for (const action of [defaultAction, ...(rules as Rule[]).map(rule => rule.action)])
    if (!actions.includes(action)) return { by: 'runc', message: `string ${action} is not a valid action for seccomp` }
  for (const { op } of (rules as Rule[]).flatMap(rule => rule.args ?? []))
    if (!Object.hasOwn(compare, op)) return { by: 'runc', message: `string ${op} is not a valid operator for seccomp` }
  return undefined
}

/**
 * The filter of a profile's JSON for a container with these capabilities on this machine (`x86_64`, `aarch64`). The first
 * rule for a call decides.
 */
export function seccompFilter(text: string, capabilities: bigint, machine: string): SeccompFilter {
  const profile = JSON.parse(text) as Profile
  const arch = machine === 'aarch64' ? 'arm64' : 'amd64'
  const fits = (scope: Scope | undefined, all: boolean): boolean => {
    const has = (cap: string): boolean => (capabilities & capabilitySet([cap.replace(/^CAP_/, '')])) !== 0n
    const tests = [...(scope?.caps ?? []).map(has), ...(scope?.arches?.length ? [scope.arches.includes(arch)] : [])]
    return all ? tests.every(Boolean) : tests.some(Boolean)
  }
  const verdicts = new Map<string, Verdict | undefined>()
  const conditional = new Map<string, { args: readonly Condition[]; becomes: Verdict | undefined }[]>()
  for (const { name, names = [], action, errnoRet, args, includes, excludes } of profile.syscalls ?? []) {
    if (!fits(includes, true) || fits(excludes, false)) continue
    const becomes = verdict(action, errnoRet ?? EPERM)
    for (const call of name === undefined ? names : [name])
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

const compare: Readonly<Record<string, (given: bigint, value: bigint, two: bigint) => boolean>> = {
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
  const one = ({ index, value, valueTwo = 0, op }: Condition): boolean => {
    const name = parameters[syscall]?.[index]
    const given = name !== undefined && Object.hasOwn(args, name) ? args[name] : undefined
    return given !== undefined && (compare[op]?.(BigInt(given), BigInt(value), BigInt(valueTwo)) ?? false)
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
  mount: 'SYS_ADMIN',
  sethostname: 'SYS_ADMIN',
  syslog: 'SYSLOG',
  umount2: 'SYS_ADMIN',
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
} as const satisfies Record<string, readonly [busybox: string, gnu: string]>

export type KernelCall = keyof typeof calls

/** The system call behind a call, as a program of a kind makes it. */
export const syscallOf = (call: KernelCall, flavour: 'busybox' | 'gnu'): string =>
  calls[call][flavour === 'gnu' ? 1 : 0]
