/** /proc of one container (proc(5)), made from the kernel's own tables. */
import type { RootFs } from '../vfs/rootfs.ts'
import { fromName } from './bytes.ts'
import { describe } from './descriptors.ts'
import type { Kernel } from './kernel.ts'
import { machineFacts } from './machine-facts.ts'
import { netFiles } from './proc-net.ts'
import { kernelRelease, kernelVersion } from './proc-view.ts'
import { isAlive, type Process } from './process.ts'
import type { RlimitName } from './program.ts'
import type { Sandbox } from './sandbox.ts'
import { signalNumber } from './signals.ts'
import { SyntheticFs, type SyntheticNode } from './synthetic-fs.ts'

const clockTicks = 100
const pageSize = 4096

export function procFs(kernel: Kernel, sandboxId: string): SyntheticFs {
  return new SyntheticFs(
    'proc',
    path => lookup(kernel, sandboxId, path),
    () => kernel.time,
  )
}

const file = (text: () => string, mode?: number): SyntheticNode => ({
  type: 'file',
  text,
  ...(mode !== undefined && { mode }),
})
const dir = (names: () => string[]): SyntheticNode => ({ type: 'dir', names })

function lookup(kernel: Kernel, id: string, path: string): SyntheticNode | undefined {
  const sandbox = kernel.sandboxes.get(id)
  // The root is there before anything runs, so that it can be mounted.
  if (!sandbox) return path === '' ? dir(() => []) : undefined
  const [first = '', ...rest] = path.split('/')
  if (path === '')
    return dir(() => [
      ...[...sandbox.processes.keys()].map(String),
      ...Object.keys(systemFiles(kernel, sandbox)),
      'net',
      'self',
      'sys',
      'thread-self',
    ])
  if (first === 'self' || first === 'thread-self') {
    if (rest.length === 0) return { type: 'symlink', target: () => String(kernel.current?.pid ?? 1) }
    return undefined
  }
  if (/^\d+$/.test(first)) {
    const process = sandbox.processes.get(Number(first))
    return process && processNode(kernel, sandbox, process, rest)
  }
  if (first === 'sys') return sysNode(sandbox, rest)
  if (first === 'net') {
    const files = netFiles(kernel, sandbox)
    if (rest.length === 0) return dir(() => Object.keys(files))
    const text = Object.hasOwn(files, rest.join('/')) ? files[rest.join('/')] : undefined
    return text && file(text)
  }
  if (rest.length > 0) return undefined
  if (first === 'mounts') return { type: 'symlink', target: () => 'self/mounts' }
  const files = systemFiles(kernel, sandbox)
  const text = Object.hasOwn(files, first) ? files[first] : undefined
  return text && file(text)
}

function systemFiles(kernel: Kernel, sandbox: Sandbox): Record<string, () => string> {
  const uptime = (): number => (kernel.time - sandbox.bootTime) / 1000
  const busy = (): number =>
    [...sandbox.processes.values()].reduce((sum, process) => sum + process.cpuMs, sandbox.goneCpuMs) / 1000
  const kb = (bytes: number): string => `${String(Math.round(bytes / 1024)).padStart(8)} kB`
  const ticks = (seconds: number): number => Math.round(seconds * clockTicks)
  return {
    cpuinfo: () =>
      Array.from({ length: machineFacts.cpus }, (_, at) =>
        [
          `processor\t: ${at}`,
          'vendor_id\t: GenuineIntel',
          `model name\t: ${machineFacts.cpuModel}`,
          `cpu MHz\t\t: ${machineFacts.cpuMHz.toFixed(3)}`,
          'cache size\t: 16384 KB',
          `core id\t\t: ${at}`,
          `cpu cores\t: ${machineFacts.cpus}`,
          '',
          '',
        ].join('\n'),
      ).join(''),
    filesystems: () =>
      'nodev\tsysfs\nnodev\ttmpfs\nnodev\tproc\nnodev\tcgroup2\nnodev\tdevpts\nnodev\toverlay\n\text4\n',
    loadavg: () => {
      const running = [...sandbox.processes.values()].filter(process => process.state === 'ready').length
      return `0.00 0.01 0.00 ${Math.max(1, running)}/${sandbox.processes.size} ${sandbox.nextPid - 1}\n`
    },
    meminfo: () => {
      const used = kernel.memoryOf(sandbox)
      const rows: [string, number][] = [
        ['MemTotal', machineFacts.memory],
        ['MemFree', machineFacts.memory - used - 512 * 1024 * 1024],
        ['MemAvailable', machineFacts.memory - used - 256 * 1024 * 1024],
        ['Buffers', 32 * 1024 * 1024],
        ['Cached', 224 * 1024 * 1024],
        ['SwapCached', 0],
        ['SwapTotal', machineFacts.swap],
        ['SwapFree', machineFacts.swap],
        ['Shmem', 0],
      ]
      return rows.map(([name, bytes]) => `${`${name}:`.padEnd(16)}${kb(bytes)}\n`).join('')
    },
    mounts: () => '',
    stat: () => {
      const user = ticks(busy())
      const idle = Math.max(0, ticks(uptime() * machineFacts.cpus) - user)
      const line = (name: string, share: number): string =>
        `${name} ${Math.round(user / share)} 0 0 ${Math.round(idle / share)} 0 0 0 0 0 0\n`
      const cpus = Array.from({ length: machineFacts.cpus }, (_, at) => line(`cpu${at}`, machineFacts.cpus)).join('')
      return `${line('cpu ', 1)}${cpus}btime ${Math.floor(sandbox.bootTime / 1000)}\nprocesses ${sandbox.nextPid - 1}\nprocs_running 1\nprocs_blocked 0\n`
    },
    uptime: () => `${uptime().toFixed(2)} ${Math.max(0, uptime() * machineFacts.cpus - busy()).toFixed(2)}\n`,
    version: () => `Linux version ${kernelRelease} (minidock@simulator) ${kernelVersion}\n`,
  }
}

function processNode(kernel: Kernel, sandbox: Sandbox, process: Process, rest: string[]): SyntheticNode | undefined {
  const [name = '', item] = rest
  const files = processFiles(kernel, sandbox, process)
  if (name === '') return dir(() => [...Object.keys(files), 'cwd', 'exe', 'fd', 'ns', 'root', 'task'])
  if (item === undefined) {
    switch (name) {
      case 'cwd':
        return { type: 'symlink', target: () => process.cwd }
      case 'root':
        return { type: 'symlink', target: () => process.root }
      case 'exe':
        return { type: 'symlink', target: () => process.exe }
      case 'fd':
        return { type: 'dir', mode: 0o500, names: () => [...process.fds.keys()].sort((a, b) => a - b).map(String) }
      case 'ns':
        return dir(() => namespaces)
      case 'task':
        return dir(() => [String(process.pid)])
    }
    const text = Object.hasOwn(files, name) ? files[name] : undefined
    return text && file(text, name === 'environ' ? 0o400 : undefined)
  }
  if (name === 'fd' && rest.length === 2) {
    const descriptor = process.fds.get(Number(item))
    return descriptor && { type: 'symlink', target: () => describe(descriptor.file).path }
  }
  if (name === 'ns' && rest.length === 2 && namespaces.includes(item))
    return { type: 'symlink', target: () => `${item.replace('_for_children', '')}:[${namespaceNumber(sandbox, item)}]` }
  if (name === 'task' && item === String(process.pid)) return processNode(kernel, sandbox, process, rest.slice(2))
  return undefined
}

const namespaces = [
  'cgroup',
  'ipc',
  'mnt',
  'net',
  'pid',
  'pid_for_children',
  'time',
  'time_for_children',
  'user',
  'uts',
]

/** Number of a namespace: its own for each container, the machine's for user and time. */
export function namespaceNumber(sandbox: Pick<Sandbox, 'id' | 'net'>, name: string): number {
  const kind = name.replace('_for_children', '')
  const order = ['user', 'time', 'mnt', 'uts', 'ipc', 'pid', 'cgroup', 'net'].indexOf(kind)
  if (kind === 'user') return 4026531837
  if (kind === 'time') return 4026531834
  const owner = kind === 'net' ? sandbox.net : sandbox.id
  return 4026532000 + (Number.parseInt(owner.slice(0, 8), 16) % 90_000) * 8 + order
}

function processFiles(kernel: Kernel, sandbox: Sandbox, process: Process): Record<string, () => string> {
  const hex = (caps: bigint): string => caps.toString(16).padStart(16, '0')
  const memoryKb = Math.round((isAlive(process) ? process.memory : 0) / 1024)
  const mask = (wanted: 'ignore' | 'catch'): string => {
    let bits = 0n
    for (const [signal, action] of process.dispositions)
      if (action === wanted) bits |= 1n << BigInt(signalNumber(signal) - 1)
    return bits.toString(16).padStart(16, '0')
  }
  const state = stateLetter(kernel, process)
  const words: Record<string, string> = { R: 'running', S: 'sleeping', T: 'stopped', Z: 'zombie' }
  return {
    cgroup: () => `0::${sandbox.cgroupPath}\n`,
    cmdline: () => (isAlive(process) ? process.argv.map(word => `${word}\0`).join('') : ''),
    comm: () => `${process.comm}\n`,
    environ: () => [...process.env].map(([key, value]) => `${key}=${value}\0`).join(''),
    limits: () => limitsText(process),
    mountinfo: () => mountInfo(sandbox.rootfs),
    mounts: () => mountLines(sandbox.rootfs),
    oom_score_adj: () => '0\n',
    stat: () => {
      const ticks = Math.round((process.cpuMs * clockTicks) / 1000)
      const start = Math.round(((process.startedAt - sandbox.bootTime) * clockTicks) / 1000)
      const tty = process.tty === undefined ? 0 : 34816 + process.tty
      const fields = [
        process.ppid,
        process.pgid,
        process.sid,
        tty,
        process.pgid,
        4194560,
        0,
        0,
        0,
        0,
        ticks,
        0,
        Math.round(process.childCpuMs / 10),
        0,
        20 + process.nice,
        process.nice,
        1,
        0,
        start,
        process.memory,
        Math.round(process.memory / pageSize),
      ]
      return `${process.pid} (${process.comm}) ${state} ${fields.join(' ')} ${Array(28).fill(0).join(' ')}\n`
    },
    statm: () => `${Math.round(process.memory / pageSize)} ${Math.round(process.memory / pageSize)} 100 1 0 100 0\n`,
    status: () =>
      [
        `Name:\t${process.comm}`,
        `Umask:\t${process.umask.toString(8).padStart(4, '0')}`,
        `State:\t${state} (${words[state] ?? 'sleeping'})`,
        `Tgid:\t${process.pid}`,
        'Ngid:\t0',
        `Pid:\t${process.pid}`,
        `PPid:\t${process.ppid}`,
        'TracerPid:\t0',
        `Uid:\t${Array(4).fill(process.cred.uid).join('\t')}`,
        `Gid:\t${Array(4).fill(process.cred.gid).join('\t')}`,
        'FDSize:\t64',
        `Groups:\t${process.cred.groups.map(group => `${group} `).join('')}`,
        `NStgid:\t${process.pid}`,
        `NSpid:\t${process.pid}`,
        `NSpgid:\t${process.pgid}`,
        `NSsid:\t${process.sid}`,
        ...(isAlive(process)
          ? [
              `VmPeak:\t${String(memoryKb).padStart(8)} kB`,
              `VmSize:\t${String(memoryKb).padStart(8)} kB`,
              `VmRSS:\t${String(memoryKb).padStart(8)} kB`,
            ]
          : []),
        'Threads:\t1',
        'SigQ:\t0/31475',
        `SigPnd:\t${'0'.repeat(16)}`,
        `ShdPnd:\t${'0'.repeat(16)}`,
        `SigBlk:\t${'0'.repeat(16)}`,
        `SigIgn:\t${mask('ignore')}`,
        `SigCgt:\t${mask('catch')}`,
        `CapInh:\t${hex(process.caps.inheritable)}`,
        `CapPrm:\t${hex(process.caps.permitted)}`,
        `CapEff:\t${hex(process.cred.caps)}`,
        `CapBnd:\t${hex(process.caps.bounding)}`,
        `CapAmb:\t${hex(process.caps.ambient)}`,
        `NoNewPrivs:\t${process.noNewPrivs ? 1 : 0}`,
        `Seccomp:\t${sandbox.seccomp ? 2 : 0}`,
        `Seccomp_filters:\t${sandbox.seccomp ? 1 : 0}`,
        'Cpus_allowed:\t3',
        'Cpus_allowed_list:\t0-1',
        'voluntary_ctxt_switches:\t1',
        'nonvoluntary_ctxt_switches:\t0',
        '',
      ].join('\n'),
  }
}

/** R, S, T or Z, as ps shows it. */
export function stateLetter(kernel: Kernel, process: Process): string {
  if (!isAlive(process)) return 'Z'
  if (process.stopped) return 'T'
  return process === kernel.current || process.state === 'ready' || process.block?.op === 'cpu' ? 'R' : 'S'
}

const limitRows: [name: RlimitName, label: string, unit: string, soft: number, hard: number][] = [
  ['cpu', 'Max cpu time', 'seconds', Infinity, Infinity],
  ['fsize', 'Max file size', 'bytes', Infinity, Infinity],
  ['data', 'Max data size', 'bytes', Infinity, Infinity],
  ['stack', 'Max stack size', 'bytes', 8388608, Infinity],
  ['core', 'Max core file size', 'bytes', Infinity, Infinity],
  ['rss', 'Max resident set', 'bytes', Infinity, Infinity],
  ['nproc', 'Max processes', 'processes', Infinity, Infinity],
  ['nofile', 'Max open files', 'files', 1048576, 1048576],
  ['memlock', 'Max locked memory', 'bytes', 8388608, 8388608],
  ['as', 'Max address space', 'bytes', Infinity, Infinity],
  ['locks', 'Max file locks', 'locks', Infinity, Infinity],
  ['sigpending', 'Max pending signals', 'signals', 31475, 31475],
  ['msgqueue', 'Max msgqueue size', 'bytes', 819200, 819200],
  ['nice', 'Max nice priority', '', 0, 0],
  ['rtprio', 'Max realtime priority', '', 0, 0],
  ['rttime', 'Max realtime timeout', 'us', Infinity, Infinity],
]

function limitsText(process: Process): string {
  const show = (value: number): string => (Number.isFinite(value) ? String(value) : 'unlimited')
  const rows = limitRows.map(([name, label, unit, soft, hard]) => {
    const limit = process.rlimits.get(name) ?? { soft, hard }
    return `${label.padEnd(26)}${show(limit.soft).padEnd(21)}${show(limit.hard).padEnd(21)}${unit.padEnd(10)}`
  })
  return `${['Limit'.padEnd(26), 'Soft Limit'.padEnd(21), 'Hard Limit'.padEnd(21), 'Units'.padEnd(10)].join('')}\n${rows.join('\n')}\n`
}

const mountOptions = (mount: ReturnType<RootFs['mounts']>[number]): string =>
  [mount.readonly ? 'ro' : 'rw', ...mount.flags].join(',')

function mountLines(rootfs: RootFs): string {
  return rootfs
    .mounts()
    .map(mount => `${mount.source} ${fromName(mount.path)} ${mount.fs.type} ${mountOptions(mount)} 0 0\n`)
    .join('')
}

function mountInfo(rootfs: RootFs): string {
  return rootfs
    .mounts()
    .map(
      mount =>
        `${500 + mount.id} ${mount.id === 1 ? 499 : 501} 0:${60 + mount.id} / ${fromName(mount.path)} ${mountOptions(mount)} - ${mount.fs.type} ${mount.source} ${mount.readonly ? 'ro' : 'rw'}\n`,
    )
    .join('')
}

function sysNode(sandbox: Sandbox, rest: string[]): SyntheticNode | undefined {
  const values: Record<string, string> = {
    'kernel/hostname': sandbox.hostname,
    'kernel/domainname': sandbox.domainname || '(none)',
    'kernel/ostype': 'Linux',
    'kernel/osrelease': kernelRelease,
    'kernel/version': kernelVersion,
    'kernel/pid_max': '4194304',
    'kernel/cap_last_cap': '40',
    'kernel/msgmax': '8192',
    'kernel/msgmnb': '16384',
    'kernel/msgmni': '32000',
    'kernel/sem': '32000\t1024000000\t500\t32000',
    'kernel/shmall': '18446744073692774399',
    'kernel/shmmax': '18446744073692774399',
    'kernel/shmmni': '4096',
    'kernel/threads-max': '65536',
    'kernel/random/boot_id': `${sandbox.id.slice(0, 8)}-${sandbox.id.slice(8, 12)}-4${sandbox.id.slice(13, 16)}-8${sandbox.id.slice(17, 20)}-${sandbox.id.slice(20, 32)}`,
    'net/ipv4/ip_forward': '1',
    'net/ipv4/ip_unprivileged_port_start': '0',
    'net/core/somaxconn': '4096',
    'net/ipv4/ip_default_ttl': '64',
    'net/ipv4/ip_local_port_range': '32768\t60999',
    'net/ipv4/ping_group_range': '0\t2147483647',
    'net/ipv4/tcp_keepalive_time': '7200',
    'net/ipv4/tcp_syncookies': '1',
    'fs/file-max': '9223372036854775807',
    'vm/overcommit_memory': '0',
    'vm/swappiness': '60',
    'vm/max_map_count': '65530',
    ...Object.fromEntries([...sandbox.sysctls].map(([key, value]) => [key.replaceAll('.', '/'), value])),
  }
  const path = rest.join('/')
  const value = Object.hasOwn(values, path) ? values[path] : undefined
  if (value !== undefined) return file(() => `${value}\n`, 0o644)
  const prefix = path === '' ? '' : `${path}/`
  const names = [
    ...new Set(
      Object.keys(values)
        .filter(key => key.startsWith(prefix))
        .map(key => key.slice(prefix.length).split('/', 1)[0] ?? ''),
    ),
  ]
  return names.length > 0 ? dir(() => names.sort()) : undefined
}
