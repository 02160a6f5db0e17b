/** Pressure stall information of a group (Documentation/accounting/psi.rst): how long its tasks waited for a resource. */

export type Resource = 'cpu' | 'memory' | 'io'

/** One line of a pressure file; times in ms. */
interface Line {
  total: number
  /** `total` when the averages were made last. */
  averaged: number
  /** Percent over 10, 60 and 300 seconds. */
  averages: [number, number, number]
}

/** Stalls of one resource: of some of the tasks, and of all of them. */
export interface Pressure {
  some: Line
  full: Line
  averagedAt: number
}

const windowsMs = [10_000, 60_000, 300_000] as const
/** The kernel makes its averages every two seconds. */
const updateMs = 2000

const noLine = (): Line => ({ total: 0, averaged: 0, averages: [0, 0, 0] })

export const noPressure = (now: number): Pressure => ({ some: noLine(), full: noLine(), averagedAt: now })

/** Adds stalls that have gone by until `now`, in ms. */
export function addStall(pressure: Pressure, now: number, stalled: { some: number; full: number }): void {
  pressure.some.total += stalled.some
  pressure.full.total += stalled.full
  average(pressure, now)
}

/** Brings the averages up to `now`, once their time has come. */
function average(pressure: Pressure, now: number): void {
  const period = now - pressure.averagedAt
  if (period < updateMs) return
  for (const line of [pressure.some, pressure.full]) {
    const percent = Math.min(100, (100 * (line.total - line.averaged)) / period)
    line.averages = line.averages.map((before, at) => {
      const kept = Math.exp(-period / (windowsMs[at] ?? updateMs))
      return before * kept + percent * (1 - kept)
    }) as Line['averages']
    line.averaged = line.total
  }
  pressure.averagedAt = now
}

/** The text of `cpu.pressure`, `memory.pressure` or `io.pressure`. */
export function pressureText(pressure: Pressure | undefined, now: number): string {
  const shown = pressure ?? noPressure(now)
  average(shown, now)
  const line = (name: 'some' | 'full'): string => {
    const { averages, total } = shown[name]
    const [avg10, avg60, avg300] = averages.map(each => each.toFixed(2))
    return `${name} avg10=${avg10} avg60=${avg60} avg300=${avg300} total=${Math.round(total * 1000)}\n`
  }
  return line('some') + line('full')
}
