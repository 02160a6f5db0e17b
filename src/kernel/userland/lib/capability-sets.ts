/** The capability sets of /proc/PID/status, by name. */
import { isErrno } from '../../../vfs/errno.ts'
import type { Proc, Routine } from '../../program.ts'
import { Failure } from './failure.ts'
import { readFile } from './input.ts'

/** capabilities(7), by number. */
export const capabilityNames: readonly string[] =
  'chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable net_bind_service net_broadcast net_admin net_raw ipc_lock ipc_owner sys_module sys_rawio sys_chroot sys_ptrace sys_pacct sys_admin sys_boot sys_nice sys_resource sys_time sys_tty_config mknod lease audit_write audit_control setfcap mac_override mac_admin syslog wake_alarm block_suspend audit_read perfmon bpf checkpoint_restore'.split(
    ' ',
  )

export interface CapabilitySets {
  inheritable: bigint
  permitted: bigint
  effective: bigint
  bounding: bigint
  ambient: bigint
  noNewPrivs: boolean
}

export function* capabilitySets(p: Proc, pid: number | 'self' = 'self'): Routine<CapabilitySets> {
  let text: string
  try {
    text = yield* readFile(p, `/proc/${pid}/status`)
  } catch (error) {
    if (isErrno(error)) throw new Failure(`can't read capabilities of ${pid}: No such process`)
    throw error
  }
  const of = (name: string) => BigInt(`0x${new RegExp(`^${name}:\\s*([0-9a-f]+)`, 'm').exec(text)?.[1] ?? '0'}`)
  return {
    inheritable: of('CapInh'),
    permitted: of('CapPrm'),
    effective: of('CapEff'),
    bounding: of('CapBnd'),
    ambient: of('CapAmb'),
    noNewPrivs: /^NoNewPrivs:\s*1/m.test(text),
  }
}

/** Names of the bits of a set, lowest first. */
export function namesOf(set: bigint): string[] {
  return capabilityNames.filter((_, bit) => (set & (1n << BigInt(bit))) !== 0n)
}

/** `cap_chown,cap_kill=ep`, as cap_to_text(3). `=ep` alone is everything; `=` nothing. */
export function capText({
  permitted,
  effective,
  inheritable,
}: Pick<CapabilitySets, 'permitted' | 'effective' | 'inheritable'>): string {
  const groups = new Map<string, string[]>()
  for (const [bit, name] of capabilityNames.entries()) {
    const has = (set: bigint) => (set & (1n << BigInt(bit))) !== 0n
    const flags = (has(effective) ? 'e' : '') + (has(inheritable) ? 'i' : '') + (has(permitted) ? 'p' : '')
    if (flags !== '') groups.set(flags, [...(groups.get(flags) ?? []), `cap_${name}`])
  }
  if (groups.size === 0) return '='
  return [...groups]
    .map(([flags, names]) => (names.length === capabilityNames.length ? `=${flags}` : `${names.join(',')}=${flags}`))
    .join(' ')
}
