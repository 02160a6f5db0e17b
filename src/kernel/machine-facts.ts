/** The simulated machine: what /proc and the engine say of its hardware. */

const gibibyte = 1024 ** 3

/** Its size is `MINIDOCK_CPUS` and `MINIDOCK_MEMORY` where they are given; it has no swap. */
export const machineFacts = {
  cpus: 2,
  memory: 8 * gibibyte,
  cpuModel: 'minidock simulated CPU @ 2.40GHz',
  cpuMHz: 2400,
}

/** Makes the machine another size: whole processors, bytes of memory. */
export function sizeMachine(size: { cpus?: number; memory?: number }): void {
  Object.assign(machineFacts, size)
}

/** Linux as `uname` shows it. */
export const kernelRelease = '6.8.0-minidock'
export const kernelVersion = '#1 SMP PREEMPT_DYNAMIC'

/** Units of time in /proc (USER_HZ) and of memory. */
export const clockTicks = 100
export const pageSize = 4096
