/**
 * Compose's progress: a plain line for each step, a list that is drawn again on a terminal, JSON, or nothing
 * (compose pkg/progress).
 */

import type { ProgressEvent } from '../../../compose/session.ts'
import type { Output } from '../../command.ts'

export type ProgressMode = 'auto' | 'tty' | 'plain' | 'json' | 'quiet'

export interface ProgressWriter {
  event(event: ProgressEvent): void
  /** Draws the list a last time. */
  end(): void
}

export interface ProgressOptions {
  mode: ProgressMode
  /** What is being done, above the list: `Running`. */
  title: string
  dryRun: boolean
  now: () => number
  /** Lets real time pass (`Clock.idle`). */
  idle: (ms: number, signal: AbortSignal) => Promise<void>
}

const DRY_RUN = ' DRY-RUN MODE - '

/** What shows events on `out`. */
export function progressWriter(out: Output, options: ProgressOptions): ProgressWriter {
  const { mode, dryRun } = options
  if (mode === 'quiet') return { event: () => {}, end: () => {} }
  if (mode === 'json') return jsonWriter(out, dryRun)
  if (mode === 'tty' || (mode === 'auto' && out.isTTY)) return new ListWriter(out, options)
  const prefix = dryRun ? DRY_RUN : ''
  return {
    event: ({ id, text = '', status }) => out.write(`${prefix} ${id} ${text} ${status}\n`),
    end: () => {},
  }
}

function jsonWriter(out: Output, dryRun: boolean): ProgressWriter {
  return {
    event({ id, text, status }) {
      const shown = { ...(dryRun && { 'dry-run': true }), id, ...(text && { text }), ...(status && { status }) }
      out.write(`${JSON.stringify(shown)}\n`)
    },
    end: () => {},
  }
}

interface Row extends ProgressEvent {
  started: number
  ended?: number
}

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']
const MARKS = { done: '✔', warning: '!', error: '✘' } as const
const COLORS = { done: ['32'], warning: ['33', '1'], error: ['31', '1'] } as const
/** Milliseconds from one drawing to the next. */
const FRAME_TIME = 100

/** A line for each resource, drawn over the last drawing ten times a second and at the end (its ttyWriter). */
class ListWriter implements ProgressWriter {
  readonly #out: Output
  readonly #options: ProgressOptions
  readonly #rows = new Map<string, Row>()
  readonly #ended = new AbortController()
  /** Rows of the last drawing. */
  #drawn = 0
  #frame = -1

  constructor(out: Output, options: ProgressOptions) {
    this.#out = out
    this.#options = options
  }

  event(event: ProgressEvent): void {
    const now = this.#options.now()
    const known = this.#rows.get(event.id)
    const row: Row = { ...event, started: known?.started ?? now }
    if (event.state !== 'working') row.ended = now
    this.#rows.set(event.id, row)
    if (this.#rows.size === 1 && !known) void this.#tick()
  }

  end(): void {
    this.#ended.abort()
    if (this.#rows.size > 0) this.#draw()
  }

  async #tick(): Promise<void> {
    const { signal } = this.#ended
    for (;;) {
      await this.#options.idle(FRAME_TIME, signal)
      if (signal.aborted) return
      this.#draw()
    }
  }

  #draw(): void {
    const rows = [...this.#rows.values()]
    const done = rows.filter(row => row.state !== 'working').length
    const head = `[+] ${this.#options.title} ${done}/${rows.length}`
    const width = Math.max(...rows.map(({ id, text = '' }) => `${id} ${text}`.length))
    this.#frame = (this.#frame + 1) % FRAMES.length
    const lines = rows.slice(0, Math.max(1, this.#out.rows - 2)).map(row => this.#line(row, width))
    const up = this.#frame === 0 && this.#drawn === 0 ? '\x1b[1A\x1b[1B' : '\x1b[1A'.repeat(this.#drawn + 1)
    const all = [this.#drawn > 0 && done === this.#drawn ? this.#color(['34'], head) : head, ...lines]
    this.#out.write(`${up}\x1b[0G\x1b[?25l${all.map(line => `${line}\n`).join('')}\x1b[?25h`)
    this.#drawn = lines.length
  }

  #line(row: Row, width: number): string {
    const { id, text = '', status, state, started, ended } = row
    const seconds = `${(((ended ?? this.#options.now()) - started) / 1000).toFixed(1)}s `
    const codes = state === 'working' ? [] : COLORS[state]
    const mark = state === 'working' ? (FRAMES[this.#frame] ?? '') : MARKS[state]
    const prefix = this.#options.dryRun ? DRY_RUN : ''
    const name = `${id} ${text}`
    // An error may be of several lines, and longer than the terminal is wide.
    const most = this.#out.columns - name.length - width - 15
    const said = most > 0 && status.length > most ? `${status.slice(0, most)}...` : status
    const shown = (paint: (codes: readonly string[], text: string) => string): string =>
      ` ${paint(state === 'working' ? ['33'] : codes, mark)}${paint(['36'], prefix)} ${name.padEnd(width)} ${paint(codes, said)}`
    const room = Math.max(1, this.#out.columns - shown((_, plain) => plain).length - seconds.length)
    return `${shown((c, t) => this.#color(c, t))}${' '.repeat(room)}${this.#color(['34'], seconds)}`
  }

  #color(codes: readonly string[], text: string): string {
    if (!this.#out.colors || text === '' || codes.length === 0) return text
    return `${codes.map(code => `\x1b[${code}m`).join('')}${text}\x1b[0m`
  }
}
