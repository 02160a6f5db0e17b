/** Whether a seccomp profile of the user's own can be used, in the words of the daemon or of runc. */
import { z } from 'zod'
import { type Profile, seccompActions, seccompOperators } from './seccomp.ts'

const none = <T extends z.ZodType>(schema: T) => schema.nullish()
const unsigned = z.number().int().nonnegative()
const scope = z.object({
  caps: none(z.array(z.string())),
  arches: none(z.array(z.string())),
  minKernel: none(z.string()),
})
const condition = z.object({
  index: none(unsigned),
  value: none(unsigned),
  valueTwo: none(unsigned),
  op: none(z.string()),
})
const rule = z.object({
  name: none(z.string()),
  names: none(z.array(z.string())),
  action: none(z.string()),
  errnoRet: none(unsigned),
  args: none(z.array(condition)),
  comment: none(z.string()),
  includes: none(scope),
  excludes: none(scope),
})
const profileSchema = z
  .object({
    defaultAction: none(z.string()),
    defaultErrnoRet: none(unsigned),
    architectures: none(z.array(z.string())),
    archMap: none(z.array(z.object({ architecture: none(z.string()), subArchitectures: none(z.array(z.string())) }))),
    flags: none(z.array(z.string())),
    listenerPath: none(z.string()),
    listenerMetadata: none(z.string()),
    syscalls: none(z.array(none(rule))),
  })
  .nullable()

/** Go's type of the value at a path; `N` stands for any index. */
const goTypes: Readonly<Record<string, string>> = {
  '': 'seccomp.Seccomp',
  defaultAction: 'specs.LinuxSeccompAction',
  defaultErrnoRet: 'uint',
  architectures: '[]specs.Arch',
  'architectures.N': 'specs.Arch',
  archMap: '[]seccomp.Architecture',
  'archMap.N': 'seccomp.Architecture',
  flags: '[]specs.LinuxSeccompFlag',
  'flags.N': 'specs.LinuxSeccompFlag',
  syscalls: '[]*seccomp.Syscall',
  'syscalls.N': 'seccomp.Syscall',
  'syscalls.N.action': 'specs.LinuxSeccompAction',
  'syscalls.N.names': '[]string',
  'syscalls.N.errnoRet': 'uint',
  'syscalls.N.args': '[]specs.LinuxSeccompArg',
  'syscalls.N.args.N': 'specs.LinuxSeccompArg',
  'syscalls.N.args.N.index': 'uint',
  'syscalls.N.args.N.value': 'uint64',
  'syscalls.N.args.N.valueTwo': 'uint64',
  'syscalls.N.args.N.op': 'specs.LinuxSeccompOperator',
  'syscalls.N.includes': 'seccomp.Filter',
  'syscalls.N.excludes': 'seccomp.Filter',
  'syscalls.N.includes.caps': '[]string',
  'syscalls.N.includes.arches': '[]string',
  'syscalls.N.excludes.caps': '[]string',
  'syscalls.N.excludes.arches': '[]string',
  'syscalls.N.includes.minKernel': 'seccomp.KernelVersion',
  'syscalls.N.excludes.minKernel': 'seccomp.KernelVersion',
}

const architectures = new Set(
  'X86 X86_64 X32 ARM AARCH64 MIPS MIPS64 MIPS64N32 MIPSEL MIPSEL64 MIPSEL64N32 PPC PPC64 PPC64LE S390 S390X RISCV64 LOONGARCH64'
    .split(' ')
    .map(name => `SCMP_ARCH_${name}`),
)
const flags = [
  'SECCOMP_FILTER_FLAG_TSYNC',
  'SECCOMP_FILTER_FLAG_LOG',
  'SECCOMP_FILTER_FLAG_SPEC_ALLOW',
  'SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV',
]
const mostArguments = 6
const inContainerInit = 'unable to start container process: error during container init: '

export interface ProfileFault {
  by: 'daemon' | 'runc'
  message: string
}

/** Why the JSON of a profile cannot be used; undefined when it can. */
export function profileFault(text: string): ProfileFault | undefined {
  const parsed: unknown = JSON.parse(text)
  const checked = profileSchema.safeParse(parsed)
  const issue = checked.error?.issues[0]
  if (issue) return { by: 'daemon', message: `Decoding seccomp profile failed: ${decodeError(parsed, issue.path)}` }
  return contradiction((parsed ?? {}) as Profile) ?? unknownToRunc((parsed ?? {}) as Profile)
}

/** encoding/json's words for a value of the wrong type. */
function decodeError(parsed: unknown, path: readonly PropertyKey[]): string {
  let value = parsed
  for (const key of path) value = (value as Record<PropertyKey, unknown>)[key]
  const type = goTypes[path.map(key => (typeof key === 'number' ? 'N' : String(key))).join('.')] ?? 'string'
  const where = path.length === 0 ? '' : `Seccomp.${path.map(String).join('.')}`
  const target = where === '' ? 'Go value' : typeof path.at(-1) === 'number' ? where : `Go struct field ${where}`
  // A number of the wrong kind is told itself.
  const number = typeof value === 'number' && type.startsWith('uint') ? ` ${value}` : ''
  return `json: cannot unmarshal ${kindOf(value)}${number} into ${target} of type ${type}`
}

/** Go's names of what JSON holds. */
const kindOf = (value: unknown): string =>
  Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value === 'boolean' ? 'bool' : typeof value

function contradiction({ architectures: arches, archMap, syscalls }: Profile): ProfileFault | undefined {
  const both = (one: string, other: string): ProfileFault => ({
    by: 'daemon',
    message: `both '${one}' and '${other}' are specified in the seccomp profile, use either '${one}' or '${other}'`,
  })
  if (arches?.length && archMap?.length) return both('architectures', 'archMap')
  return syscalls?.some(each => each?.name && each.names?.length) ? both('name', 'names') : undefined
}

function unknownToRunc(profile: Profile): ProfileFault | undefined {
  const { defaultAction, architectures: arches, flags: given, syscalls } = profile
  if (!defaultAction && !syscalls?.length) return undefined
  const refused = (message: string): ProfileFault => ({ by: 'runc', message })
  const flag = given?.find(each => !flags.includes(each))
  if (flag !== undefined) return refused(`seccomp flag ${flag} is not known to runc`)
  const arch = arches?.find(each => !architectures.has(each))
  if (arch !== undefined) return refused(`string ${arch} is not a valid arch for seccomp`)
  const rules = (syscalls ?? []).filter(each => each !== null)
  const actions = [defaultAction ?? '', ...rules.map(each => each.action ?? '')]
  const action = actions.find(each => !seccompActions.includes(each))
  if (action !== undefined) return refused(`string ${action} is not a valid action for seccomp`)
  const conditions = rules.flatMap(each => (each.args ?? []).map(arg => ({ call: each.name || each.names?.[0], arg })))
  const odd = conditions.find(({ arg }) => !Object.hasOwn(seccompOperators, arg.op ?? ''))
  if (odd) return refused(`string ${odd.arg.op ?? ''} is not a valid operator for seccomp`)
  if (actions.includes('SCMP_ACT_NOTIFY')) return refused(`${inContainerInit}seccomp listenerPath is not set`)
  const far = conditions.find(({ arg }) => (arg.index ?? 0) >= mostArguments)
  return (
    far &&
    refused(
      `${inContainerInit}error creating seccomp syscall condition for syscall ${far.call}: syscalls only have up to ${mostArguments} arguments (${far.arg.index} given)`,
    )
  )
}
