/** The simulated machine: what /proc and the engine say of its hardware. */

const gibibyte = 1024 ** 3

export const machineFacts = {
  cpus: 2,
  memory: 8 * gibibyte,
  swap: 1 * gibibyte,
  cpuModel: 'minidock simulated CPU @ 2.40GHz',
  cpuMHz: 2400,
}

/** Linux as `uname` shows it. */
export const kernelRelease = '6.8.0-minidock'
export const kernelVersion = '#1 SMP PREEMPT_DYNAMIC'

/** Units of time in /proc (USER_HZ) and of memory. */
export const clockTicks = 100
export const pageSize = 4096
