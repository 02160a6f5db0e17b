/**
 * Which users of the host the users of containers are: the same ones, or others where the daemon remaps them
 * (dockerd --userns-remap) or is rootless itself (user_namespaces(7)).
 */

export type Remapping = 'none' | 'remap' | 'rootless'

interface Range {
  inside: number
  outside: number
  count: number
}

/** The user that a rootless daemon belongs to, and the subordinate ids of /etc/subuid. */
const owner = 1000
const subordinate = { outside: 100_000, count: 65_536 }

const ranges: Readonly<Record<Remapping, readonly Range[]>> = {
  none: [{ inside: 0, outside: 0, count: 4_294_967_295 }],
  remap: [{ inside: 0, ...subordinate }],
  rootless: [
    { inside: 0, outside: owner, count: 1 },
    { inside: 1, ...subordinate },
  ],
}

/** How the machine's daemon is set up: `MINIDOCK_ROOTLESS`, `MINIDOCK_USERNS_REMAP`. */
export const userNamespaces: { remapping: Remapping } = { remapping: 'none' }

/** /proc/PID/uid_map and gid_map. */
export const idMapText = (remapping: Remapping): string =>
  ranges[remapping]
    .map(each => `${[each.inside, each.outside, each.count].map(one => String(one).padStart(10)).join(' ')}\n`)
    .join('')

/** The host's id for one inside; undefined when it has none. */
export function idOnHost(remapping: Remapping, id: number): number | undefined {
  const range = ranges[remapping].find(({ inside, count }) => id >= inside && id < inside + count)
  return range && range.outside + id - range.inside
}

/** The remapping of a container: `--userns=host` leaves that of the daemon, but a rootless one has no other to give. */
export const remappingOf = (usernsMode: string): Remapping =>
  userNamespaces.remapping === 'remap' && usernsMode === 'host' ? 'none' : userNamespaces.remapping

/** Ports below it are the superuser's, which a rootless daemon is not. */
export const firstFreePort = (): number => (userNamespaces.remapping === 'rootless' ? 1024 : 0)
