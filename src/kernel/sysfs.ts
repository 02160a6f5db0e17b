/** /sys and /sys/fs/cgroup of one container, as far as programs look into them. */
import { groupFiles } from '../cgroup/files.ts'
import type { Kernel } from './kernel.ts'
import { machineFacts } from './machine-facts.ts'
import { hostNamespace, visible } from './pid-namespace.ts'
import type { Sandbox } from './sandbox.ts'
import { SyntheticFs, type SyntheticNode } from './synthetic-fs.ts'

/** /sys: network interfaces, processors, and the mount point of the cgroup tree. */
export function sysFs(kernel: Kernel, id: string): SyntheticFs {
  return new SyntheticFs(
    'sysfs',
    path => tree(path, sysFiles(kernel.sandboxes.get(id)), ['fs/cgroup', 'firmware', 'kernel', 'block']),
    () => kernel.time,
  )
}

/** /sys/fs/cgroup: the container's own group, of cgroup version 2. */
export function cgroupFs(kernel: Kernel, id: string): SyntheticFs {
  return new SyntheticFs(
    'cgroup2',
    path => tree(path, cgroupFiles(kernel, kernel.sandboxes.get(id)), []),
    () => kernel.time,
  )
}

/** Files by path, and the directories that their paths imply. */
function tree(
  path: string,
  files: Readonly<Record<string, () => string>>,
  folders: readonly string[],
): SyntheticNode | undefined {
  const text = Object.hasOwn(files, path) ? files[path] : undefined
  if (text) return { type: 'file', text }
  const prefix = path === '' ? '' : `${path}/`
  const below = [...Object.keys(files), ...folders].filter(name => name.startsWith(prefix) && name !== path)
  if (below.length === 0 && path !== '' && !folders.includes(path)) return undefined
  return {
    type: 'dir',
    names: () => [...new Set(below.map(name => name.slice(prefix.length).split('/', 1)[0] ?? ''))].sort(),
  }
}

function sysFiles(sandbox: Sandbox | undefined): Record<string, () => string> {
  const files: Record<string, () => string> = {
    'devices/system/cpu/online': () => `0-${machineFacts.cpus - 1}\n`,
    'devices/system/cpu/possible': () => `0-${machineFacts.cpus - 1}\n`,
    'class/net/lo/address': () => '00:00:00:00:00:00\n',
    'class/net/lo/mtu': () => '65536\n',
    'class/net/lo/ifindex': () => '1\n',
    'class/net/lo/iflink': () => '1\n',
    'class/net/lo/operstate': () => (sandbox?.loopbackDown ? 'down\n' : 'unknown\n'),
    'class/net/lo/flags': () => (sandbox?.loopbackDown ? '0x8\n' : '0x9\n'),
  }
  for (const each of sandbox?.interfaces ?? []) {
    const at = `class/net/${each.name}`
    files[`${at}/address`] = () => `${each.mac}\n`
    files[`${at}/mtu`] = () => `${each.mtu}\n`
    files[`${at}/ifindex`] = () => `${each.index}\n`
    files[`${at}/iflink`] = () => `${each.peerIndex}\n`
    files[`${at}/flags`] = () => (each.up === false ? '0x1002\n' : '0x1003\n')
    files[`${at}/operstate`] = () => (each.up === false ? 'down\n' : 'up\n')
    const { master } = each
    if (master !== undefined) files[`${at}/master`] = () => `${master}\n`
    files[`${at}/addresses`] = () => each.addresses.map(address => `${address}\n`).join('')
  }
  return files
}

function cgroupFiles(kernel: Kernel, sandbox: Sandbox | undefined): Record<string, () => string> {
  if (!sandbox) return {}
  // With the host's cgroup namespace, and on the host itself, the whole tree is there.
  const top = sandbox.namespaces?.cgroup === hostNamespace ? kernel.cgroups.root : sandbox.group
  const files: Record<string, () => string> = {}
  for (const group of kernel.cgroups.all(top)) {
    const prefix = group.path === top.path ? '' : `${group.path.slice(top.path === '/' ? 1 : top.path.length + 1)}/`
    const inside = [...kernel.sandboxes.values()].find(each => each.group === group)
    const about = {
      numbers: () =>
        visible(kernel, sandbox)
          .filter(({ process }) => kernel.sandbox(process.sandbox).group === group)
          .map(({ pid }) => pid),
      frozen: inside?.frozen ?? false,
      cpus: machineFacts.cpus,
      now: kernel.time,
    }
    for (const [name, text] of Object.entries(groupFiles(group, about))) files[prefix + name] = text
  }
  return files
}
