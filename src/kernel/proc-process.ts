/** Files of /proc/N: what one process is and may. */

import type { Kernel } from './kernel.ts'
import { clockTicks, machineFacts, pageSize } from './machine-facts.ts'
import type { Seen } from './pid-namespace.ts'
import { mountInfo, mountLines } from './proc-mounts.ts'
import { isAlive, type Process } from './process.ts'
import { limitsText } from './rlimits.ts'
import type { Sandbox } from './sandbox.ts'
import { signalNumber } from './signals.ts'
import { idMapText } from './user-namespaces.ts'

/** What memory a process has, as its status tells it. */
function memoryLines(kb: number): string[] {
  const rows: [string, number][] = [
    ['VmPeak', kb],
    ['VmSize', kb],
    ['VmLck', 0],
    ['VmPin', 0],
    ['VmHWM', kb],
    ['VmRSS', kb],
    ['RssAnon', kb],
    ['RssFile', 0],
    ['RssShmem', 0],
    ['VmData', kb],
    ['VmStk', 132],
    ['VmExe', 1552],
    ['VmLib', 8],
    ['VmPTE', 40],
    ['VmSwap', 0],
    ['HugetlbPages', 0],
  ]
  return rows.map(([name, value]) => `${name}:\t${String(value).padStart(8)} kB`)
}

function mapsText(process: Process): string {
  return `00400000-00580000 r-xp 00000000 00:40 1                                  ${process.exe}\n7ffc00000000-7ffc00021000 rw-p 00000000 00:00 0                          [stack]\n`
}

/** Their texts by name. */
export function processFiles(kernel: Kernel, sandbox: Sandbox, seen: Seen): Record<string, () => string> {
  const { process, number } = seen
  const hex = (caps: bigint): string => caps.toString(16).padStart(16, '0')
  const memoryKb = Math.round((isAlive(process) ? process.memory : 0) / 1024)
  const mask = (wanted: 'ignore' | 'catch'): string => {
    let bits = 0n
    for (const [signal, action] of process.dispositions)
      if (action === wanted) bits |= 1n << BigInt(signalNumber(signal) - 1)
    return bits.toString(16).padStart(16, '0')
  }
  /** A number as the viewer has it and, where that is another, as the process itself has it. */
  const both = (pid: number): string => (number(pid) === pid ? `${pid}` : `${number(pid)}\t${pid}`)
  const state = stateLetter(kernel, process)
  const words: Record<string, string> = { R: 'running', S: 'sleeping', T: 'stopped', Z: 'zombie' }
  return {
    cgroup: () => `0::${sandbox.cgroupPath}\n`,
    cmdline: () => (isAlive(process) ? process.argv.map(word => `${word}\0`).join('') : ''),
    comm: () => `${process.comm}\n`,
    environ: () => [...process.env].map(([key, value]) => `${key}=${value}\0`).join(''),
    autogroup: () => `/autogroup-1 nice 0\n`,
    coredump_filter: () => '00000033\n',
    cpuset: () => '/\n',
    gid_map: () => idMapText(sandbox.remapping ?? 'none'),
    io: () => 'rchar: 0\nwchar: 0\nsyscr: 0\nsyscw: 0\nread_bytes: 0\nwrite_bytes: 0\ncancelled_write_bytes: 0\n',
    limits: () => limitsText(process),
    loginuid: () => '4294967295',
    maps: () => (isAlive(process) ? mapsText(process) : ''),
    mountinfo: () => mountInfo(sandbox.rootfs),
    mounts: () => mountLines(sandbox.rootfs),
    oom_adj: () => '0\n',
    oom_score: () => `${oomScore(process.memory, process.oomScoreAdj ?? sandbox.oomScoreAdj)}\n`,
    oom_score_adj: () => `${process.oomScoreAdj ?? sandbox.oomScoreAdj}\n`,
    personality: () => '00000000\n',
    projid_map: () => idMapText('none'),
    schedstat: () => `${Math.round(process.cpuMs * 1e6)} 0 1\n`,
    sessionid: () => '4294967295',
    setgroups: () => 'allow\n',
    stat: () => {
      const ticks = Math.round((process.cpuMs * clockTicks) / 1000)
      const start = Math.round(((process.startedAt - sandbox.bootTime) * clockTicks) / 1000)
      const fields = [
        number(process.ppid),
        number(process.pgid),
        number(process.sid),
        ttyDevice(process),
        number(process.pgid),
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
      return `${seen.pid} (${process.comm}) ${state} ${fields.join(' ')} ${Array(28).fill(0).join(' ')}\n`
    },
    statm: () => `${Math.round(process.memory / pageSize)} ${Math.round(process.memory / pageSize)} 100 1 0 100 0\n`,
    status: () =>
      [
        `Name:\t${process.comm}`,
        `Umask:\t${process.umask.toString(8).padStart(4, '0')}`,
        `State:\t${state} (${words[state] ?? 'sleeping'})`,
        `Tgid:\t${seen.pid}`,
        'Ngid:\t0',
        `Pid:\t${seen.pid}`,
        `PPid:\t${number(process.ppid)}`,
        'TracerPid:\t0',
        `Uid:\t${[process.ruid ?? process.cred.uid, ...Array(3).fill(process.cred.uid)].join('\t')}`,
        `Gid:\t${[process.rgid ?? process.cred.gid, ...Array(3).fill(process.cred.gid)].join('\t')}`,
        'FDSize:\t64',
        `Groups:\t${process.cred.groups.map(group => `${group} `).join('')}`,
        `NStgid:\t${both(process.pid)}`,
        `NSpid:\t${both(process.pid)}`,
        `NSpgid:\t${both(process.pgid)}`,
        `NSsid:\t${both(process.sid)}`,
        'Kthread:\t0',
        ...(isAlive(process) ? memoryLines(memoryKb) : []),
        'CoreDumping:\t0',
        'THP_enabled:\t1',
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
        'Speculation_Store_Bypass:\tthread vulnerable',
        'SpeculationIndirectBranch:\tconditional enabled',
        `Cpus_allowed:\t${cpuMask(cpusetOf(sandbox))}`,
        `Cpus_allowed_list:\t${cpusetOf(sandbox)}`,
        'Mems_allowed:\t1',
        'Mems_allowed_list:\t0',
        'voluntary_ctxt_switches:\t1',
        'nonvoluntary_ctxt_switches:\t0',
        '',
      ].join('\n'),
    timens_offsets: () => 'monotonic           0         0\nboottime            0         0\n',
    timerslack_ns: () => '50000\n',
    uid_map: () => idMapText(sandbox.remapping ?? 'none'),
    wchan: () => '0',
  }
}

/** The processors that a container may run on, as a list. */
export const cpusetOf = (sandbox: Sandbox): string => sandbox.group.limits.cpuset ?? `0-${machineFacts.cpus - 1}`

/** `0,2-3` as the kernel's bit mask: d. */
function cpuMask(list: string): string {
  let mask = 0n
  for (const part of list.split(',')) {
    const [first = 0, last = first] = part.split('-').map(Number)
    for (let cpu = first; cpu <= last; cpu++) mask |= 1n << BigInt(cpu)
  }
  return mask.toString(16)
}

/** The device number of its terminal, 0 without one. */
export const ttyDevice = (process: Process): number => (process.tty === undefined ? 0 : 34816 + process.tty)

/** R, S, T or Z, as ps shows it. */
export function stateLetter(kernel: Kernel, process: Process): string {
  if (!isAlive(process)) return 'Z'
  if (process.stopped) return 'T'
  return process === kernel.current || process.state === 'ready' || process.block?.op === 'cpu' ? 'R' : 'S'
}

/** /proc/N/oom_score: badness in thousandths of the machine's memory, from 0 to 1333 (fs/proc/base.c). */
function oomScore(memory: number, adj: number): number {
  if (adj === -1000) return 0
  const thousandths = Math.trunc((memory * 1000) / machineFacts.memory) + adj
  return Math.max(0, Math.trunc(((1000 + thousandths) * 2) / 3))
}
