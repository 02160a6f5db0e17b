/** Linux capabilities by number (linux/capability.h), and the set that Docker leaves a container. */

export const capabilityNames: readonly string[] = [
  'CHOWN',
  'DAC_OVERRIDE',
  'DAC_READ_SEARCH',
  'FOWNER',
  'FSETID',
  'KILL',
  'SETGID',
  'SETUID',
  'SETPCAP',
  'LINUX_IMMUTABLE',
  'NET_BIND_SERVICE',
  'NET_BROADCAST',
  'NET_ADMIN',
  'NET_RAW',
  'IPC_LOCK',
  'IPC_OWNER',
  'SYS_MODULE',
  'SYS_RAWIO',
  'SYS_CHROOT',
  'SYS_PTRACE',
  'SYS_PACCT',
  'SYS_ADMIN',
  'SYS_BOOT',
  'SYS_NICE',
  'SYS_RESOURCE',
  'SYS_TIME',
  'SYS_TTY_CONFIG',
  'MKNOD',
  'LEASE',
  'AUDIT_WRITE',
  'AUDIT_CONTROL',
  'SETFCAP',
  'MAC_OVERRIDE',
  'MAC_ADMIN',
  'SYSLOG',
  'WAKE_ALARM',
  'BLOCK_SUSPEND',
  'AUDIT_READ',
  'PERFMON',
  'BPF',
  'CHECKPOINT_RESTORE',
]

const byDefault = [
  'CHOWN',
  'DAC_OVERRIDE',
  'FSETID',
  'FOWNER',
  'MKNOD',
  'NET_RAW',
  'SETGID',
  'SETUID',
  'SETFCAP',
  'SETPCAP',
  'NET_BIND_SERVICE',
  'SYS_CHROOT',
  'KILL',
  'AUDIT_WRITE',
]

/** Every capability there is. */
export const allCapabilities: bigint = (1n << BigInt(capabilityNames.length)) - 1n

/** The bit set of names without CAP_; names that are none are left out. */
export function capabilitySet(names: Iterable<string>): bigint {
  let set = 0n
  for (const name of names) {
    const number = capabilityNames.indexOf(name)
    if (number >= 0) set |= 1n << BigInt(number)
  }
  return set
}

/** 00000000a80425fb. */
export const defaultCapabilities: bigint = capabilitySet(byDefault)

/**
 * What `--cap-add`, `--cap-drop` and `--privileged` come to (moby oci/caps TweakCapabilities). Names are as a
 * HostConfig has them: upper case with CAP_, or ALL.
 */
export function containerCapabilities(
  add: readonly string[] | null,
  drop: readonly string[] | null,
  privileged: boolean,
): bigint {
  if (privileged) return allCapabilities
  const bits = (names: readonly string[] | null): bigint =>
    capabilitySet((names ?? []).map(name => name.replace(/^CAP_/, '')))
  if (add?.includes('ALL')) return allCapabilities & ~bits(drop)
  // What is both dropped and added is there: moby adds last.
  return drop?.includes('ALL') ? bits(add) : (defaultCapabilities & ~bits(drop)) | bits(add)
}

/** Capabilities as a HostConfig keeps them: upper case with CAP_, each once, sorted; ALL stays (behaviours.md 22). */
export function canonicalCapabilities(given: readonly string[] | null | undefined): string[] | null {
  if (!given?.length) return null
  const names = given
    .map(name => name.toUpperCase())
    .map(name => (name === 'ALL' || name.startsWith('CAP_') ? name : `CAP_${name}`))
  return [...new Set(names)].sort()
}
