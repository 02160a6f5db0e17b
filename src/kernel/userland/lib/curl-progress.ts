/** curl's table of progress on stderr. */
import type { Proc, Routine } from '../../program.ts'
import { toBytes } from './bytes.ts'

const title = `  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current
                                 Dload  Upload   Total   Spent    Left  Speed
`

/** What the table shows; sizes in bytes, undefined when not known. */
export interface Amounts {
  total: number | undefined
  received: number
  toSend: number
  sent: number
}

export class ProgressTable {
  private readonly p: Proc
  private readonly began: number
  private drawn: number

  constructor(p: Proc) {
    this.p = p
    this.began = p.now()
    this.drawn = this.began
  }

  *start(): Routine<void> {
    yield { op: 'write', fd: 2, data: toBytes(title) }
    yield* this.draw({ total: undefined, received: 0, toSend: 0, sent: 0 })
  }

  /** A line when the last is a second old. */
  *update(amounts: Amounts): Routine<void> {
    if (this.p.now() - this.drawn >= 1000) yield* this.draw(amounts)
  }

  /** The last line. */
  *finish(amounts: Amounts): Routine<void> {
    yield* this.draw(amounts)
    yield { op: 'write', fd: 2, data: toBytes('\n') }
  }

  private *draw({ total, received, toSend, sent }: Amounts): Routine<void> {
    this.drawn = this.p.now()
    const seconds = (this.drawn - this.began) / 1000
    const speed = (bytes: number) => Math.floor(bytes / Math.max(seconds, 0.001))
    const percent = (part: number, whole: number) => (whole > 0 ? Math.floor((part * 100) / whole) : 0)
    const [down, up] = [speed(received), speed(sent)]
    const whole = (total ?? received) + toSend
    const estimate = total !== undefined && down > 0 ? Math.floor(total / down) : 0
    const cells = [
      `${String(percent(received + sent, whole)).padStart(3)} ${size(whole)}`,
      ` ${String(percent(received, total ?? received)).padStart(3)} ${size(received)}`,
      ` ${String(percent(sent, toSend)).padStart(3)} ${size(sent)}`,
      ` ${size(down)}`,
      ` ${size(up)}`,
      clock(estimate),
      clock(Math.floor(seconds)),
      clock(estimate > seconds ? Math.floor(estimate - seconds) : 0),
      size(down + up),
    ]
    yield { op: 'write', fd: 2, data: toBytes(`\r${cells.join(' ')}`) }
  }
}

/** Five characters: 99999, 9765k, 95.3M. */
function size(bytes: number): string {
  if (bytes < 100_000) return String(bytes).padStart(5)
  if (bytes < 10_000 * 1024) return `${Math.floor(bytes / 1024)}k`.padStart(5)
  const mega = 1024 ** 2
  if (bytes < 100 * mega) return `${Math.floor(bytes / mega)}.${Math.floor(((bytes % mega) * 10) / mega)}M`.padStart(5)
  if (bytes < 10_000 * mega) return `${Math.floor(bytes / mega)}M`.padStart(5)
  return `${Math.floor(bytes / 1024 ** 3)}G`.padStart(5)
}

function clock(seconds: number): string {
  if (seconds <= 0) return '--:--:--'
  const two = (n: number) => String(Math.floor(n)).padStart(2, '0')
  return `${String(Math.floor(seconds / 3600)).padStart(2)}:${two((seconds / 60) % 60)}:${two(seconds % 60)}`
}
