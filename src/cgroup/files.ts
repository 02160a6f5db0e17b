/** The files of a group in /sys/fs/cgroup, in the kernel's formats. */
import { diskNumber } from './limits.ts'
import { pressureText } from './pressure.ts'
import { defaultPeriodUs } from './share.ts'
import { type Cgroup, type IoMax, wholePeriods } from './tree.ts'

const controllers = 'cpuset cpu io memory hugetlb pids rdma'

/** Texts by name. The root has no limits, and so not their files. `numbers` are the processes in the reader's view. */
export function groupFiles(
  group: Cgroup,
  about: { numbers: () => readonly number[]; frozen: boolean; cpus: number; now: number },
): Record<string, () => string> {
  const { counters, limits } = group
  const root = group.parent === undefined
  const max = (limit: number | undefined): string => `${limit ?? 'max'}\n`
  const us = (ms: number): number => Math.round(ms * 1000)
  const anon = (): number => group.sum(members => members.anon())
  const shmem = (): number => group.sum(members => members.shmem())
  const cache = (): number => group.sum(members => members.cache())
  const every: Record<string, () => string> = {
    'cgroup.controllers': () => `${controllers}\n`,
    'cgroup.procs': () =>
      about
        .numbers()
        .map(pid => `${pid}\n`)
        .join(''),
    'cgroup.subtree_control': () => (group.children.size > 0 ? `${controllers}\n` : '\n'),
    'cpu.stat': () =>
      `usage_usec ${us(group.cpuMs())}\nuser_usec ${us(group.cpuMs())}\nsystem_usec 0\n${root ? '' : `nr_periods ${wholePeriods(counters.periods)}\nnr_throttled ${wholePeriods(counters.throttled)}\nthrottled_usec ${us(counters.throttledMs)}\nnr_bursts 0\nburst_usec 0\n`}`,
    'io.stat': () => {
      const io = (of: 'readBytes' | 'writtenBytes' | 'reads' | 'writes'): number => group.sum(each => each.io()[of])
      if (io('reads') + io('writes') === 0) return ''
      return `${diskNumber} rbytes=${io('readBytes')} wbytes=${io('writtenBytes')} rios=${io('reads')} wios=${io('writes')} dbytes=0 dios=0\n`
    },
    'memory.stat': () =>
      `anon ${anon()}\nfile ${cache() + shmem()}\nkernel 0\nshmem ${shmem()}\nfile_mapped 0\nfile_dirty 0\nfile_writeback 0\ninactive_anon ${anon()}\nactive_anon 0\ninactive_file ${cache()}\nactive_file 0\nunevictable 0\npgfault 0\npgmajfault 0\n`,
    'cpuset.cpus.effective': () => `${limits.cpuset ?? `0-${about.cpus - 1}`}\n`,
    'cpuset.mems.effective': () => '0\n',
  }
  if (root) return every
  return {
    ...every,
    'cgroup.type': () => 'domain\n',
    'cpu.pressure': () => pressureText(counters.pressure?.cpu, about.now),
    'io.pressure': () => pressureText(counters.pressure?.io, about.now),
    'memory.pressure': () => pressureText(counters.pressure?.memory, about.now),
    'cgroup.events': () => `populated ${group.pids() > 0 ? 1 : 0}\nfrozen ${about.frozen ? 1 : 0}\n`,
    'cgroup.freeze': () => `${about.frozen ? 1 : 0}\n`,
    'cpu.max': () => `${limits.quotaUs ?? 'max'} ${limits.periodUs ?? defaultPeriodUs}\n`,
    'cpu.weight': () => `${limits.weight ?? 100}\n`,
    'cpuset.cpus': () => `${limits.cpuset ?? ''}\n`,
    'cpuset.mems': () => '\n',
    'io.max': () => ioMaxText(limits.io),
    'io.weight': () => `default ${limits.ioWeight ?? 100}\n`,
    'memory.current': () => `${group.memory()}\n`,
    'memory.events': () =>
      `low 0\nhigh ${counters.reachedHigh}\nmax ${counters.reachedMax}\noom ${counters.oom}\noom_kill ${counters.oomKill}\noom_group_kill 0\n`,
    'memory.high': () => max(limits.memoryHigh),
    'memory.low': () => `${limits.memoryLow ?? 0}\n`,
    'memory.max': () => max(limits.memory),
    'memory.min': () => '0\n',
    'memory.oom.group': () => '0\n',
    'memory.peak': () => `${Math.max(counters.memoryPeak, group.memory())}\n`,
    'memory.swap.current': () => '0\n',
    'memory.swap.max': () => max(limits.swap),
    'pids.current': () => `${group.pids()}\n`,
    'pids.events': () => `max ${counters.pidsMax}\n`,
    'pids.max': () => max(limits.pids),
    'pids.peak': () => `${Math.max(counters.pidsPeak, group.pids())}\n`,
  }
}

function ioMaxText(io: IoMax | undefined): string {
  if (!io) return ''
  const one = (name: keyof IoMax): string => `${name}=${io[name] ?? 'max'}`
  return `${diskNumber} ${one('rbps')} ${one('wbps')} ${one('riops')} ${one('wiops')}\n`
}
