/** Busybox's progress meter (libbb/progress.c), drawn over itself with carriage returns on stderr. */
import type { Proc, Routine } from '../../program.ts'
import { toBytes } from './bytes.ts'
import { screenSize } from './screen.ts'

export interface ProgressBar {
  advance(bytes: number): Routine<void>
  finish(): Routine<void>
}

/** At most one line a second, and one at the end, as the alarm clock of the real one makes it. */
export function progressBar(p: Proc, file: string, total: number | undefined, begun: number): ProgressBar {
  const start = p.now()
  let done = begun
  let drawn = start
  const terminal = p.isatty(2)
  const width = () => (terminal ? screenSize(p, 2).cols : 80)
  function* draw(): Routine<void> {
    const text = line(file, done, total, (p.now() - start) / 1000, width())
    yield { op: 'write', fd: 2, data: toBytes(terminal ? `\r${text}` : `${text}\n`) }
  }
  return {
    *advance(bytes) {
      done += bytes
      if (p.now() - drawn < 1000) return
      drawn = p.now()
      yield* draw()
    },
    *finish() {
      yield* draw()
      if (terminal) yield { op: 'write', fd: 2, data: toBytes('\n') }
    },
  }
}

function line(file: string, done: number, total: number | undefined, seconds: number, width: number): string {
  let text = file.slice(0, 20).padEnd(20)
  if (total !== undefined && total > 0) {
    const ratio = Math.min(100, Math.floor((done * 100) / total))
    text += `${String(ratio).padStart(4)}%`
    const bar = Math.max(0, width - 48)
    const stars = Math.floor((bar * ratio) / 100)
    text += ` |${'*'.repeat(stars)}${' '.repeat(bar - stars)}|`
  } else if (total === 0) text += ` 100% |${'*'.repeat(Math.max(0, width - 48))}|`
  text += size(done)
  const left = total !== undefined && done > 0 ? Math.floor((seconds * (total - done)) / done) : undefined
  if (left !== undefined) return `${text} ${clock(left)} ETA`
  return `${text} ${clock(Math.floor(seconds))}`
}

/** Six characters: "    15", " 2929k". */
function size(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 100_000 && unit < 4) {
    value = Math.floor(value / 1024)
    unit++
  }
  return `${value}${unit === 0 ? '' : ' kMGT'.charAt(unit)}`.padStart(6)
}

function clock(seconds: number): string {
  const two = (n: number) => String(Math.floor(n)).padStart(2, '0')
  return `${String(Math.floor(seconds / 3600)).padStart(2)}:${two((seconds / 60) % 60)}:${two(seconds % 60)}`
}
