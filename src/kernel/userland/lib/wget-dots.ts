/** GNU wget's progress in dots: 1 KiB a dot, 50 dots a line. */
import type { Proc, Routine } from '../../program.ts'
import { toBytes } from './bytes.ts'

const dot = 1024
const perLine = 50 * dot

export class DotProgress {
  private readonly p: Proc
  private readonly fd: number
  private readonly total: number | undefined
  private done: number
  private readonly began: number
  private readonly begun: number
  private inLine = 0

  constructor(p: Proc, fd: number, total: number | undefined, begun: number) {
    this.p = p
    this.fd = fd
    this.total = total
    this.done = begun
    this.begun = begun
    this.began = p.now()
  }

  *start(): Routine<void> {
    yield* this.put(`\n${this.label()}`)
    this.inLine = 0
  }

  *advance(bytes: number): Routine<void> {
    let left = bytes
    let text = ''
    while (left > 0) {
      const room = perLine - this.inLine
      const part = Math.min(left, room)
      text += dots(this.inLine, this.inLine + part)
      this.inLine += part
      this.done += part
      left -= part
      if (this.inLine === perLine) {
        text += `${this.ending(false)}\n`
        this.inLine = 0
        text += this.label()
      }
    }
    yield* this.put(text)
  }

  *finish(): Routine<void> {
    const marks = Math.floor(this.inLine / dot)
    const missing = 50 - marks
    const gaps = 5 - Math.ceil(marks / 10)
    yield* this.put(`${' '.repeat(missing + gaps)}${this.ending(true)}\n\n`)
  }

  private label(): string {
    return `${`${Math.floor(this.done / dot)}K`.padStart(7)}`
  }

  private ending(last: boolean): string {
    const ms = Math.max(this.p.now() - this.began, 0.001)
    const percent =
      this.total === undefined
        ? '    '
        : `${String(this.total === 0 ? 100 : Math.floor((this.done * 100) / this.total)).padStart(3)}%`
    const speed = shortRate(this.done - this.begun, ms).padStart(5)
    if (last) return `${percent} ${speed}=${duration(ms)}`
    const left =
      this.total === undefined ? '' : ` ${Math.round((ms * (this.total - this.done)) / Math.max(1, this.done) / 1000)}s`
    return `${percent} ${speed}${left}`
  }

  private *put(text: string): Routine<void> {
    yield { op: 'write', fd: this.fd, data: toBytes(text) }
  }
}

/** The dots of a line's bytes from one position to another, with a space before every tenth. */
function dots(from: number, to: number): string {
  let text = ''
  for (let n = Math.ceil(from / dot) + (from % dot === 0 ? 1 : 0); n * dot <= to; n++)
    text += `${(n - 1) % 10 === 0 ? ' ' : ''}.`
  return text
}

function scaled(bytes: number, ms: number): [number, string] {
  let value = bytes / (Math.max(ms, 0.001) / 1000)
  let unit = 0
  while (value >= 1024 && unit < 3) {
    value /= 1024
    unit++
  }
  return [value, ' KMG'.charAt(unit)]
}

/** "2.35M", "263M", "217K". */
function shortRate(bytes: number, ms: number): string {
  const [value, unit] = scaled(bytes, ms)
  const digits = value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2
  return `${value.toFixed(digits)}${unit.trim()}`
}

/** "2.35 MB/s", "217 KB/s". */
export function rate(bytes: number, ms: number): string {
  const [value, unit] = scaled(bytes, ms)
  const digits = value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2
  return `${value.toFixed(digits)} ${unit === ' ' ? 'B' : `${unit}B`}/s`
}

function duration(ms: number): string {
  const seconds = ms / 1000
  if (seconds < 0.001) return '0s'
  if (seconds < 10) return `${Number(seconds.toPrecision(1))}s`
  if (seconds < 60) return `${Math.round(seconds)}s`
  return `${Math.floor(seconds / 60)}m${Math.round(seconds % 60)}s`
}
