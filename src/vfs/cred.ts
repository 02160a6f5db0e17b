/** Who acts: user, groups and effective capabilities, as the permission checks see them. */
export interface Cred {
  readonly uid: number
  readonly gid: number
  readonly groups: readonly number[]
  /** Effective capabilities as a bit set: bit n is capability n of linux/capability.h. */
  readonly caps: bigint
}

/** Numbers of the capabilities that file access asks for (capabilities(7)). */
export const CAP_CHOWN = 0
export const CAP_DAC_OVERRIDE = 1
export const CAP_DAC_READ_SEARCH = 2
export const CAP_FOWNER = 3
export const CAP_FSETID = 4
export const CAP_MKNOD = 27

export function hasCap(cred: Cred, cap: number): boolean {
  return (cred.caps & (1n << BigInt(cap))) !== 0n
}

/** Root with every capability: the engine itself, and tools that act for it (cp, build, export). */
export const engineCred: Cred = { uid: 0, gid: 0, groups: [0], caps: (1n << 41n) - 1n }
