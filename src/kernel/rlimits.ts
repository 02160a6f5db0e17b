/** Resource limits: those that Docker's containers have by default, and /proc/N/limits. */
import type { Ulimit } from '../api/container.ts'
import type { Process } from './process.ts'
import type { RlimitName } from './program.ts'

const rows: [name: RlimitName, label: string, unit: string, soft: number, hard: number][] = [
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

const unlimited = (value: number): number => (value < 0 ? Number.POSITIVE_INFINITY : value)

/** The limits that `--ulimit` sets. */
export const rlimitsOf = (ulimits: readonly Ulimit[]): Map<RlimitName, { soft: number; hard: number }> =>
  new Map(ulimits.map(({ Name, Soft, Hard }) => [Name as RlimitName, { soft: unlimited(Soft), hard: unlimited(Hard) }]))

/** The limit of a process that has set none of its own. */
export function defaultLimit(name: RlimitName): { soft: number; hard: number } {
  const [, , , soft = Number.POSITIVE_INFINITY, hard = Number.POSITIVE_INFINITY] =
    rows.find(([each]) => each === name) ?? []
  return { soft, hard }
}

/** The text of /proc/N/limits. */
export function limitsText(process: Process): string {
  const show = (value: number): string => (Number.isFinite(value) ? String(value) : 'unlimited')
  const lines = rows.map(([name, label, unit, soft, hard]) => {
    const limit = process.rlimits.get(name) ?? { soft, hard }
    return `${label.padEnd(26)}${show(limit.soft).padEnd(21)}${show(limit.hard).padEnd(21)}${unit === '' ? '' : unit.padEnd(10)}`
  })
  return `${['Limit'.padEnd(26), 'Soft Limit'.padEnd(21), 'Hard Limit'.padEnd(21), 'Units'.padEnd(10)].join('')}\n${lines.join('\n')}\n`
}
