/** free: memory of the machine, from /proc/meminfo (busybox and procps). */
import { command } from './lib/command.ts'
import { Failure, UsageError } from './lib/failure.ts'
import { memoryInfo } from './lib/processes.ts'

export const options = {
  bytes: '-b --bytes  bytes',
  kibi: '-k --kibi  KiB (default)',
  mebi: '-m --mebi  MiB',
  gibi: '-g --gibi  GiB',
  human: '-h --human  with units',
  wide: 'gnu: -w --wide  buffers and cache apart',
  total: 'gnu: -t --total  a line of totals',
  seconds: 'gnu: -s=N --seconds=N  repeat every N seconds',
  count: 'gnu: -c=N --count=N  repeat N times',
  si: 'gnu: --si  powers of 1000',
}

export const program = command(
  'free',
  options,
  function* ({ p, out, options: given, gnu, saved }) {
    if (gnu && given.has('count') && Number(given.value('count')) < 1)
      throw new Failure(`failed to parse count argument: '${given.value('count')}'`)
    const every = given.value('seconds')
    const count = given.has('count') ? Number(given.value('count')) : every === undefined ? 1 : Number.POSITIVE_INFINITY
    if (every !== undefined && !/^\d*\.?\d+$/.test(every)) throw new UsageError(`seconds argument '${every}' failed`)
    for (let round = typeof saved === 'number' ? saved : 0; round < count; round++) {
      p.checkpoint(round)
      if (round > 0) {
        yield { op: 'sleep', ms: Number(every ?? 1) * 1000 }
        yield* out.write('\n')
      }
      yield* out.write(table(yield* memoryInfo(p)))
      yield* out.flush()
    }
    return 0

    function table(memory: ReadonlyMap<string, number>): string {
      const of = (name: string) => memory.get(name) ?? 0
      const [total, free, shared, buffers] = [of('MemTotal'), of('MemFree'), of('Shmem'), of('Buffers')]
      const cache = of('Cached') + of('SReclaimable')
      const available = of('MemAvailable')
      const used = gnu ? Math.max(0, total - available) : total - free - buffers - cache
      const swap = [of('SwapTotal'), of('SwapTotal') - of('SwapFree'), of('SwapFree')]
      const wide = given.has('wide')
      const cells = [total, used, free, shared, ...(wide ? [buffers, cache] : [buffers + cache]), available]
      const header = ['total', 'used', 'free', 'shared', ...(wide ? ['buffers', 'cache'] : ['buff/cache']), 'available']
      const label = gnu ? 8 : 7
      const head = `${' '.repeat(label)}${header.map(h => h.padStart(12)).join('')}\n`
      const rowOf = (name: string, values: number[]) =>
        `${name.padEnd(label)}${values.map(value => amount(value).padStart(12)).join('')}\n`
      let text = head + rowOf('Mem:', cells) + rowOf('Swap:', swap)
      if (given.has('total')) {
        text += rowOf('Total:', [total + (swap[0] ?? 0), used + (swap[1] ?? 0), free + (swap[2] ?? 0)])
      }
      return text
    }

    /** Busybox rounds, procps cuts. */
    function whole(value: number): string {
      return String(gnu ? Math.floor(value) : Math.round(value))
    }

    function amount(bytes: number): string {
      switch (given.last('bytes', 'kibi', 'mebi', 'gibi', 'human')) {
        case 'bytes':
          return String(bytes)
        case 'mebi':
          return whole(bytes / 1024 ** 2)
        case 'gibi':
          return whole(bytes / 1024 ** 3)
        case 'human':
          return gnu ? humanProcps(bytes, given.has('si')) : humanBusybox(bytes)
        default:
          return whole(bytes / 1024)
      }
    }
  },
  // Busybox answers a wrong option with its usage alone.
  {
    rewrite: (args, gnu) => (gnu || args.every(arg => /^-[bkmgh]+$/.test(arg) || !arg.startsWith('-')) ? args : fail()),
  },
)

function fail(): never {
  throw new UsageError('')
}

/** 23Gi, 8.7Mi: at most four characters of number (procps scale_size). */
function humanProcps(bytes: number, si: boolean): string {
  const base = si ? 1000 : 1024
  const end = si ? '' : 'i'
  if (bytes < base) return `${bytes}B`
  let value = bytes
  let unit = -1
  while (value >= base && unit < 4) {
    value /= base
    unit++
  }
  const number = value < 9.95 ? value.toFixed(1) : String(Math.floor(value))
  return `${number}${'KMGTP'.charAt(unit)}${end}`
}

/** 23.5G, 243.1M: one decimal, whatever the size. */
function humanBusybox(bytes: number): string {
  if (bytes < 1024) return String(bytes)
  let value = bytes
  let unit = -1
  while (value >= 1024 && unit < 4) {
    value /= 1024
    unit++
  }
  return `${value.toFixed(1)}${'KMGTP'.charAt(unit)}`
}
