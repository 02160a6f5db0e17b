/** The processes of the simulated host itself, for containers that see the host's processes. */
import type { Kernel } from '../../kernel/kernel.ts'
import { hostNamespace } from '../../kernel/pid-namespace.ts'
import { allCapabilities } from '../../security/capabilities.ts'
import { everyDevice } from '../../security/devices.ts'
import { RootFs } from '../../vfs/rootfs.ts'
import { TreeFs } from '../../vfs/tree-fs.ts'

/** They always wait, and nothing of them is stored. */
export const daemons: readonly { pid: number; ppid: number; comm: string; argv: readonly string[] }[] = [
  { pid: 1, ppid: 0, comm: 'systemd', argv: ['/sbin/init'] },
  { pid: 780, ppid: 1, comm: 'containerd', argv: ['/usr/bin/containerd'] },
  {
    pid: 800,
    ppid: 1,
    comm: 'dockerd',
    argv: ['/usr/bin/dockerd', '-H', 'fd://', '--containerd=/run/containerd/containerd.sock'],
  },
]

const id = 'daemons'

/** Puts them into a kernel, once. */
export function startDaemons(kernel: Kernel, hostname: string): void {
  if (kernel.sandboxes.has(id)) return
  const now = kernel.time
  const sandbox = kernel.add({
    id,
    rootfs: new RootFs(new TreeFs({ type: 'ext4', root: { now } }), () => kernel.time),
    hostname,
    domainname: '',
    machine: 'x86_64',
    cgroup: { path: '/system.slice/docker.service', limits: {} },
    rlimits: new Map(),
    capabilities: allCapabilities,
    devices: [everyDevice],
    noNewPrivs: false,
    seccomp: false,
    sysctls: new Map(),
    oomScoreAdj: 0,
    interfaces: [],
    net: hostNamespace,
    namespaces: { pid: hostNamespace, ipc: hostNamespace, uts: hostNamespace, cgroup: hostNamespace },
    cgroupPath: '/system.slice/docker.service',
    bootTime: now,
    init: false,
  })
  for (const { pid, ppid, comm, argv } of daemons) {
    sandbox.pids.nextPid = pid
    const process = kernel.newProcess(sandbox, undefined)
    Object.assign(process, {
      ppid,
      comm,
      exe: argv[0] ?? '',
      argv: [...argv],
      cred: { uid: 0, gid: 0, groups: [], caps: allCapabilities },
      caps: { permitted: allCapabilities, inheritable: 0n, bounding: allCapabilities, ambient: 0n },
    })
  }
}
