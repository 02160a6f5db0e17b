/** /sys and /sys/fs/cgroup of one container, as far as programs look into them. */
import type { Kernel } from './kernel.ts'
import { machineFacts } from './machine-facts.ts'
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
    'class/net/lo/operstate': () => 'unknown\n',
  }
  for (const each of sandbox?.interfaces ?? []) {
    const at = `class/net/${each.name}`
    files[`${at}/address`] = () => `${each.mac}\n`
    files[`${at}/mtu`] = () => `${each.mtu}\n`
    files[`${at}/ifindex`] = () => `${each.index}\n`
    files[`${at}/iflink`] = () => `${each.peerIndex}\n`
    files[`${at}/operstate`] = () => (each.up === false ? 'down\n' : 'up\n')
    const { master } = each
    if (master !== undefined) files[`${at}/master`] = () => `${master}\n`
    files[`${at}/addresses`] = () => each.addresses.map(address => `${address}\n`).join('')
  }
  return files
}

function cgroupFiles(kernel: Kernel, sandbox: Sandbox | undefined): Record<string, () => string> {
  if (!sandbox) return {}
  const cpuUs = (): number =>
    Math.round([...sandbox.processes.values()].reduce((sum, process) => sum + process.cpuMs, sandbox.goneCpuMs) * 1000)
  const max = (limit: number | undefined): string => `${limit ?? 'max'}\n`
  return {
    'cgroup.controllers': () => 'cpuset cpu io memory hugetlb pids rdma\n',
    'cgroup.procs': () => [...sandbox.processes.keys()].map(pid => `${pid}\n`).join(''),
    'cgroup.type': () => 'domain\n',
    'cgroup.events': () => `populated ${sandbox.processes.size > 0 ? 1 : 0}\nfrozen ${sandbox.frozen ? 1 : 0}\n`,
    'cpu.max': () => `${sandbox.cpus >= machineFacts.cpus ? 'max' : Math.round(sandbox.cpus * 100_000)} 100000\n`,
    'cpu.stat': () =>
      `usage_usec ${cpuUs()}\nuser_usec ${cpuUs()}\nsystem_usec 0\nnr_periods 0\nnr_throttled 0\nthrottled_usec 0\n`,
    'cpu.weight': () => '100\n',
    'memory.current': () => `${kernel.memoryOf(sandbox)}\n`,
    'memory.events': () =>
      `low 0\nhigh 0\nmax ${sandbox.oomKills}\noom ${sandbox.oomKills}\noom_kill ${sandbox.oomKills}\noom_group_kill 0\n`,
    'memory.max': () => max(sandbox.memoryLimit),
    'memory.peak': () => `${Math.max(sandbox.memoryPeak, kernel.memoryOf(sandbox))}\n`,
    'memory.high': () => max(undefined),
    'pids.current': () => `${sandbox.processes.size}\n`,
    'pids.max': () => max(sandbox.pidsLimit),
  }
}
