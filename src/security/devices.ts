/** Device nodes of the simulated host, and the rules of the device cgroup that says which ones a container may use. */

export interface DeviceNode {
  type: 'char' | 'block'
  major: number
  minor: number
  mode: number
}

const char = (major: number, minor: number, mode: number): DeviceNode => ({ type: 'char', major, minor, mode })
const loops = Array.from({ length: 8 }, (_, minor): [string, DeviceNode] => [
  `/dev/loop${minor}`,
  { type: 'block', major: 7, minor, mode: 0o600 },
])

/** What a small virtual machine has in /dev, without its terminals. */
export const hostDevices: ReadonlyMap<string, DeviceNode> = new Map<string, DeviceNode>([
  ['/dev/autofs', char(10, 235, 0o644)],
  ['/dev/full', char(1, 7, 0o666)],
  ['/dev/fuse', char(10, 229, 0o600)],
  ['/dev/hwrng', char(10, 183, 0o600)],
  ['/dev/kmsg', char(1, 11, 0o644)],
  ['/dev/kvm', char(10, 232, 0o600)],
  ['/dev/loop-control', char(10, 237, 0o600)],
  ...loops,
  ['/dev/net/tun', char(10, 200, 0o600)],
  ['/dev/null', char(1, 3, 0o666)],
  ['/dev/random', char(1, 8, 0o666)],
  ['/dev/tty', char(5, 0, 0o666)],
  ['/dev/tty0', char(4, 0, 0o600)],
  ['/dev/ttyS0', char(4, 64, 0o600)],
  ['/dev/urandom', char(1, 9, 0o666)],
  ['/dev/vda', { type: 'block', major: 254, minor: 0, mode: 0o600 }],
  ['/dev/zero', char(1, 5, 0o666)],
])

/** The nodes at a path of the host's: the device itself, or those of a folder by their paths below it. */
export function devicesAt(path: string): { below: string; node: DeviceNode }[] {
  const exact = hostDevices.get(path)
  if (exact) return [{ below: '', node: exact }]
  const folder = path.endsWith('/') ? path : `${path}/`
  return [...hostDevices].flatMap(([name, node]) =>
    name.startsWith(folder) ? [{ below: name.slice(folder.length - 1), node }] : [],
  )
}

/** A rule of the device cgroup: `c 10:* rwm`; undefined is any number. */
export interface DeviceRule {
  type: 'char' | 'block' | 'all'
  major: number | undefined
  minor: number | undefined
  /** Some of r, w and m. */
  access: string
}

/** Whether the simulated kernel has a driver for a node. */
export const hasDriver = (type: string, major: number, minor: number): boolean =>
  [...hostDevices.values()].some(node => node.type === type && node.major === major && node.minor === minor)

/** What every container may use (moby oci/defaults.go and runc's own list): making any node, using the harmless ones. */
export const defaultDeviceRules: readonly DeviceRule[] = [
  ...(['char', 'block'] as const).map(type => ({ type, major: undefined, minor: undefined, access: 'm' })),
  ...[
    [1, 3],
    [1, 5],
    [1, 7],
    [1, 8],
    [1, 9],
    [5, 0],
    [5, 1],
    [5, 2],
    [10, 200],
    [136, undefined],
  ].map(([major, minor]): DeviceRule => ({ type: 'char', major, minor, access: 'rwm' })),
]

export const everyDevice: DeviceRule = { type: 'all', major: undefined, minor: undefined, access: 'rwm' }

/** `c 1:3 rwm` of `--device-cgroup-rule`, whose form the client has checked. */
export function parseDeviceRule(text: string): DeviceRule | undefined {
  const match = /^([acb]) (\d+|\*):(\d+|\*) ([rwm]{1,3})$/.exec(text)
  if (!match) return undefined
  const [, type, major, minor, access = ''] = match
  const number = (word: string | undefined): number | undefined => (word === '*' ? undefined : Number(word))
  return {
    type: type === 'c' ? 'char' : type === 'b' ? 'block' : 'all',
    major: number(major),
    minor: number(minor),
    access,
  }
}

/** Whether the rules let a node be used in every way asked for (`r`, `rw`, ...). */
export function mayUse(
  rules: readonly DeviceRule[],
  type: string,
  major: number,
  minor: number,
  access: string,
): boolean {
  const fits = rules.filter(
    rule =>
      (rule.type === 'all' || rule.type === type) && (rule.major ?? major) === major && (rule.minor ?? minor) === minor,
  )
  return [...access].every(way => fits.some(rule => rule.access.includes(way)))
}
