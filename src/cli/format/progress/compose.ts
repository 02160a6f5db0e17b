/**
 * Compose's progress: a plain line for each step, a list that is drawn again on a terminal, JSON, or nothing
 * (compose pkg/progress).
 */

import type { ProgressEvent } from '../../../compose/session.ts'
import type { Output } from '../../command.ts'
import { paint } from '../ansi.ts'

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

const MARKS = { working: '⠿', done: '✔', warning: '!', error: '✘' } as const
const COLORS = { working: '36', done: '32', warning: '33', error: '31' } as const

/** A line for each resource, drawn over the last drawing. */
class ListWriter implements ProgressWriter {
  readonly #out: Output
  readonly #options: ProgressOptions
  readonly #rows = new Map<string, Row>()
  #drawn = 0

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
    this.#draw()
  }

  end(): void {
    if (this.#rows.size > 0) this.#draw()
  }

  #draw(): void {
    const rows = [...this.#rows.values()]
    const done = rows.filter(row => row.state !== 'working').length
    const head = `[+] ${this.#options.title} ${done}/${rows.length}`
    const width = Math.max(...rows.map(({ id, text = '' }) => `${id} ${text}`.length))
    const lines = rows.slice(0, Math.max(1, this.#out.rows - 2)).map(row => this.#line(row, width))
    const up = this.#drawn > 0 ? `\x1b[${this.#drawn}A` : ''
    const all = [done === rows.length ? this.#color('34', head) : head, ...lines]
    this.#out.write(`${up}\r\x1b[?25l${all.map(line => `\x1b[2K${line}\n`).join('')}\x1b[?25h`)
    this.#drawn = all.length
  }

  #line(row: Row, width: number): string {
    const { id, text = '', status, state, started, ended } = row
    const seconds = `${(((ended ?? this.#options.now()) - started) / 1000).toFixed(1)}s `
    const prefix = this.#options.dryRun ? DRY_RUN : ''
    const left = ` ${MARKS[state]} ${prefix}${`${id} ${text}`.padEnd(width)} ${status}`
    const room = Math.max(1, this.#out.columns - left.length - seconds.length)
    const shown = ` ${this.#color(COLORS[state], MARKS[state])} ${prefix}${`${id} ${text}`.padEnd(width)} ${this.#color(COLORS[state], status)}`
    return `${shown}${' '.repeat(room)}${this.#color('34', seconds)}`
  }

  #color(code: string, text: string): string {
    return this.#out.colors && text !== '' ? paint(code, text) : text
  }
}
