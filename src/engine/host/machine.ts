/** The simulated host as a place where a command of the userland runs: its own files, its own network namespace. */

import { findCommand } from '../../kernel/exec.ts'
import type { Kernel } from '../../kernel/kernel.ts'
import { hostNamespace } from '../../kernel/pid-namespace.ts'
import { procFs } from '../../kernel/procfs.ts'
import type { Env, ExitStatus } from '../../kernel/program.ts'
import type { SandboxSpec } from '../../kernel/sandbox.ts'
import { cgroupFs, sysFs } from '../../kernel/sysfs.ts'
import { resolvConf } from '../../runtime/etc-files.ts'
import { devFs } from '../../runtime/root-mounts.ts'
import { allCapabilities } from '../../security/capabilities.ts'
import { everyDevice } from '../../security/devices.ts'
import { RootFs } from '../../vfs/rootfs.ts'
import { TreeFs } from '../../vfs/tree-fs.ts'
import type { Live } from '../live.ts'
import { startDaemons } from './daemons.ts'
import { hostId } from './id.ts'
import { hostInterfaces } from './interfaces.ts'

const tools = [
  'ip',
  'curl',
  'wget',
  'nc',
  'ping',
  'telnet',
  'traceroute',
  'nslookup',
  'dig',
  'host',
  'arp',
  'route',
  'ifconfig',
  'netstat',
  'hostname',
  'cat',
  'ls',
  'getent',
  'dmesg',
]

export class HostMachine {
  readonly #kernel: Kernel
  readonly #live: Live
  readonly #out: Uint8Array[] = []
  readonly #err: Uint8Array[] = []
  #exit: ExitStatus | undefined

  constructor(kernel: Kernel, live: Live) {
    this.#kernel = kernel
    this.#live = live
  }

  printed(stream: 'stdout' | 'stderr', data: Uint8Array): void {
    ;(stream === 'stdout' ? this.#out : this.#err).push(data.slice())
  }

  exited(status: ExitStatus): void {
    this.#exit = status
  }

  /** false when there is no such command. */
  start(argv: readonly string[]): boolean {
    const name = argv[0] ?? ''
    if (!tools.includes(name)) return false
    const kernel = this.#kernel
    const rootfs = hostFiles(kernel, this.#live.time)
    const spec: SandboxSpec = {
      id: hostId,
      rootfs,
      hostname: 'minidock',
      domainname: '',
      machine: 'x86_64',
      cgroup: { path: '/user.slice', limits: {} },
      rlimits: new Map(),
      capabilities: allCapabilities,
      devices: [everyDevice],
      noNewPrivs: false,
      seccomp: false,
      sysctls: new Map(),
      oomScoreAdj: 0,
      interfaces: hostInterfaces(this.#live.tx),
      net: hostId,
      namespaces: { pid: hostNamespace, ipc: hostNamespace, uts: hostNamespace, cgroup: hostNamespace },
      hostPid: 40_000,
      cgroupPath: '/user.slice',
      bootTime: this.#live.time,
      init: false,
    }
    startDaemons(kernel, spec.hostname)
    kernel.add(spec)
    const cred = { uid: 0, gid: 0, groups: [], caps: allCapabilities }
    const env: Env = new Map([['PATH', '/usr/bin']])
    const words = argv.map(word => Buffer.from(word).toString('latin1'))
    const image = findCommand({ rootfs, cred, cwd: '/', programs: kernel.programs }, words, env)
    const caps = { permitted: allCapabilities, inheritable: 0n, bounding: allCapabilities, ambient: 0n }
    kernel.startMain(hostId, { argv: image.argv, env, cwd: '/', cred, caps, tty: false, stdin: false }, image)
    return true
  }

  /** undefined while it runs. */
  exitStatus(): number | undefined {
    const exit = this.#exit
    if (!exit) return undefined
    return 'code' in exit ? exit.code : 137
  }

  output(): { stdout: Uint8Array; stderr: Uint8Array } {
    return { stdout: Buffer.concat(this.#out), stderr: Buffer.concat(this.#err) }
  }

  /** When something happens next on the whole machine. */
  nextWake(): number {
    const times = [...this.#kernel.sandboxes.keys()].flatMap(id => this.#kernel.scheduler.nextWake(id) ?? [])
    return Math.min(...times, Number.POSITIVE_INFINITY)
  }

  close(): void {
    this.#kernel.remove(hostId)
  }
}

/** A root of a few files: the tools, /etc, /proc, /sys, /dev. */
function hostFiles(kernel: Kernel, now: number): RootFs {
  const rootfs = new RootFs(new TreeFs({ type: 'ext4', root: { now } }), () => kernel.time)
  for (const folder of ['/usr/bin', '/etc', '/proc', '/sys', '/dev', '/tmp', '/root']) rootfs.mkdirAll(folder)
  for (const name of tools)
    rootfs.writeFile(`/usr/bin/${name}`, Buffer.from(`\x7fELFminidock-program: ${name}\n`, 'latin1'), { mode: 0o755 })
  const resolver = resolvConf({ embedded: false, dns: [], search: [], options: [] })
  const files: [path: string, content: string][] = [
    ['/etc/hosts', '127.0.0.1\tlocalhost\n::1\tlocalhost\n127.0.1.1\tminidock\n'],
    ['/etc/hostname', 'minidock\n'],
    ['/etc/resolv.conf', resolver],
    ['/etc/passwd', 'root:x:0:0:root:/root:/bin/sh\n'],
    ['/etc/group', 'root:x:0:\n'],
  ]
  for (const [path, content] of files) rootfs.writeFile(path, Buffer.from(content), { mode: 0o644 })
  rootfs.mount('/proc', procFs(kernel, hostId), { source: 'proc' })
  rootfs.mount('/sys', sysFs(kernel, hostId), { source: 'sysfs', readonly: true })
  rootfs.mount('/sys/fs/cgroup', cgroupFs(kernel, hostId), { source: 'cgroup2' })
  rootfs.mount('/dev', devFs(now, false), { source: 'tmpfs' })
  return rootfs
}
