/** Files of /proc that tell of the machine: memory, processors, time, devices. */
import type { Kernel } from './kernel.ts'
import { clockTicks, kernelRelease, kernelVersion, machineFacts, pageSize } from './machine-facts.ts'
import type { Sandbox } from './sandbox.ts'

/** Their texts by name. */
export function systemFiles(kernel: Kernel, sandbox: Sandbox): Record<string, () => string> {
  const uptime = (): number => (kernel.time - sandbox.bootTime) / 1000
  const busy = (): number => kernel.cgroups.root.cpuMs() / 1000
  const kb = (bytes: number): string => `${String(Math.round(bytes / 1024)).padStart(8)} kB`
  const ticks = (seconds: number): number => Math.round(seconds * clockTicks)
  return {
    cpuinfo: () =>
      Array.from({ length: machineFacts.cpus }, (_, at) =>
        [
          `processor\t: ${at}`,
          'vendor_id\t: GenuineIntel',
          'cpu family\t: 6',
          'model\t\t: 85',
          `model name\t: ${machineFacts.cpuModel}`,
          `cpu MHz\t\t: ${machineFacts.cpuMHz.toFixed(3)}`,
          'cache size\t: 16384 KB',
          'physical id\t: 0',
          `siblings\t: ${machineFacts.cpus}`,
          `core id\t\t: ${at}`,
          `cpu cores\t: ${machineFacts.cpus}`,
          `apicid\t\t: ${at}`,
          'fpu\t\t: yes',
          'flags\t\t: fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca cmov pat clflush mmx fxsr sse sse2 ht syscall nx rdtscp lm sse4_1 sse4_2 avx avx2',
          `bogomips\t: ${(machineFacts.cpuMHz * 2).toFixed(2)}`,
          'address sizes\t: 46 bits physical, 48 bits virtual',
          '',
          '',
        ].join('\n'),
      ).join(''),
    buddyinfo: () =>
      'Node 0, zone   Normal     10      8      6      4      2      1      1      1      1      1    512 \n',
    cgroups: () =>
      `#subsys_name\thierarchy\tnum_cgroups\tenabled\n${['cpuset', 'cpu', 'cpuacct', 'blkio', 'memory', 'devices', 'freezer', 'net_cls', 'perf_event', 'net_prio', 'hugetlb', 'pids'].map(name => `${name}\t0\t64\t1\n`).join('')}`,
    cmdline: () => 'BOOT_IMAGE=/boot/vmlinuz root=/dev/sda1 ro quiet\n',
    consoles: () => 'tty0                 -WU (EC p  )    4:1\n',
    crypto: () =>
      'name         : sha256\ndriver       : sha256-generic\nmodule       : kernel\npriority     : 100\nrefcnt       : 1\nselftest     : passed\ninternal     : no\ntype         : shash\nblocksize    : 64\ndigestsize   : 32\n\n',
    devices: () =>
      'Character devices:\n  1 mem\n  4 tty\n  5 /dev/tty\n  5 /dev/console\n  5 /dev/ptmx\n 10 misc\n128 ptm\n136 pts\n\nBlock devices:\n  7 loop\n  8 sd\n',
    diskstats: () =>
      '   8       0 sda 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n   8       1 sda1 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n',
    execdomains: () => '0-0\tLinux           \t[kernel]\n',
    filesystems: () =>
      'nodev\tsysfs\nnodev\ttmpfs\nnodev\tproc\nnodev\tcgroup2\nnodev\tdevpts\nnodev\tmqueue\n\text4\nnodev\toverlay\n',
    loadavg: () => {
      const running = [...sandbox.processes.values()].filter(process => process.state === 'ready').length
      return `0.00 0.01 0.00 ${Math.max(1, running)}/${sandbox.processes.size} ${sandbox.pids.nextPid - 1}\n`
    },
    meminfo: () => {
      const { root } = kernel.cgroups
      const used = root.sum(members => members.anon() + members.shmem())
      const cached = root.sum(members => members.cache())
      const shared = root.sum(members => members.shmem())
      const rows: [string, number][] = [
        ['MemTotal', machineFacts.memory],
        ['MemFree', machineFacts.memory - used - cached - 512 * 1024 * 1024],
        ['MemAvailable', machineFacts.memory - used - 256 * 1024 * 1024],
        ['Buffers', 32 * 1024 * 1024],
        ['Cached', 224 * 1024 * 1024 + cached + shared],
        ['SwapCached', 0],
        ['Active', 128 * 1024 * 1024 + used],
        ['Inactive', 192 * 1024 * 1024],
        ['Unevictable', 0],
        ['Mlocked', 0],
        ['SwapTotal', 0],
        ['SwapFree', 0],
        ['Dirty', 0],
        ['Writeback', 0],
        ['AnonPages', used],
        ['Mapped', 64 * 1024 * 1024],
        ['Shmem', shared],
        ['Slab', 64 * 1024 * 1024],
        ['PageTables', 4 * 1024 * 1024],
        ['CommitLimit', machineFacts.memory / 2],
        ['Committed_AS', used],
        ['VmallocTotal', 34359738367 * 1024],
        ['VmallocUsed', 16 * 1024 * 1024],
        ['Hugepagesize', 2048 * 1024],
      ]
      return rows.map(([name, bytes]) => `${`${name}:`.padEnd(16)}${kb(bytes)}\n`).join('')
    },
    locks: () => '',
    misc: () => '183 hw_random\n',
    modules: () => '',
    mounts: () => '',
    partitions: () => 'major minor  #blocks  name\n\n   8        0   67108864 sda\n   8        1   67107840 sda1\n',
    stat: () => {
      const user = ticks(busy())
      const idle = Math.max(0, ticks(uptime() * machineFacts.cpus) - user)
      const line = (name: string, share: number): string =>
        `${name} ${Math.round(user / share)} 0 0 ${Math.round(idle / share)} 0 0 0 0 0 0\n`
      const cpus = Array.from({ length: machineFacts.cpus }, (_, at) => line(`cpu${at}`, machineFacts.cpus)).join('')
      return `${line('cpu ', 1)}${cpus}intr 0\nctxt ${sandbox.pids.nextPid * 10}\nbtime ${Math.floor(sandbox.bootTime / 1000)}\nprocesses ${sandbox.pids.nextPid - 1}\nprocs_running 1\nprocs_blocked 0\nsoftirq 0 0 0 0 0 0 0 0 0 0 0\n`
    },
    swaps: () => 'Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n',
    uptime: () => `${uptime().toFixed(2)} ${Math.max(0, uptime() * machineFacts.cpus - busy()).toFixed(2)}\n`,
    version: () => `Linux version ${kernelRelease} (minidock@simulator) ${kernelVersion}\n`,
    vmstat: () =>
      `nr_free_pages ${Math.round((machineFacts.memory - kernel.cgroups.root.memory()) / pageSize)}\nnr_mlock 0\npgpgin 0\npgpgout 0\npswpin 0\npswpout 0\noom_kill ${kernel.cgroups.root.counters.oomKill}\n`,
  }
}
