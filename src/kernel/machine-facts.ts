/** The simulated machine: what /proc and the engine say of its hardware. */

const gibibyte = 1024 ** 3

export const machineFacts = {
  cpus: 2,
  memory: 8 * gibibyte,
  swap: 1 * gibibyte,
  cpuModel: 'minidock simulated CPU @ 2.40GHz',
  cpuMHz: 2400,
}
