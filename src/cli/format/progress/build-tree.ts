/** A build on a terminal: its steps with their timers, drawn over the last drawing (buildkit util/progress/progressui ttyDisplay). */
import type { BuildEvent } from '../../../build/events.ts'
import type { Output } from '../../command.ts'

interface Row {
  name: string
  started: number
  ended?: number
  state: 'running' | 'done' | 'cached' | 'error' | 'canceled'
  statuses: { text: string; at: number }[]
  /** Its last lines of output. */
  logs: string[]
  rest: string
}

export interface TreeOptions {
  now: () => number
  /** Lets real time pass (`Clock.idle`). */
  idle: (ms: number, signal: AbortSignal) => Promise<void>
}

/** Milliseconds from one drawing to the next. */
const FRAME_TIME = 150
/** Lines of output that a running step shows. */
const LOGS = 6
const BLUE = '34'
const RED = '31'
const FAINT = '2'
const marks = { running: '', done: '', cached: 'CACHED ', error: 'ERROR ', canceled: 'CANCELED ' } as const

export class BuildTree {
  readonly #out: Output
  readonly #options: TreeOptions
  readonly #rows = new Map<number, Row>()
  readonly #ended = new AbortController()
  #start: number | undefined
  /** Lines of the last drawing below its head. */
  #drawn = 0
  #begun = false

  constructor(out: Output, options: TreeOptions) {
    this.#out = out
    this.#options = options
  }

  show(event: BuildEvent): void {
    if (event.type === 'start') {
      this.#rows.set(event.id, {
        name: event.name,
        started: event.time,
        state: 'running',
        statuses: [],
        logs: [],
        rest: '',
      })
      if (this.#start === undefined) {
        this.#start = event.time
        void this.#tick()
      }
      return
    }
    const row = 'id' in event && typeof event.id === 'number' ? this.#rows.get(event.id) : undefined
    if (!row) return
    if (event.type === 'status') row.statuses.push({ text: event.text.replace(/ done$/, ''), at: event.time })
    else if (event.type === 'why') row.statuses.push({ text: event.text, at: row.started })
    else if (event.type === 'log') {
      const lines = (row.rest + Buffer.from(event.data).toString()).split('\n')
      row.rest = lines.pop() ?? ''
      row.logs = [...row.logs, ...lines.map(line => line.replace(/\r$/, ''))].slice(-LOGS)
    } else if (
      event.type === 'done' ||
      event.type === 'cached' ||
      event.type === 'error' ||
      event.type === 'canceled'
    ) {
      row.state = event.type
      row.ended = event.time
    }
  }

  /** Draws all a last time. */
  end(): void {
    if (this.#ended.signal.aborted) return
    this.#ended.abort()
    if (this.#start !== undefined) this.#draw(true)
  }

  async #tick(): Promise<void> {
    const { signal } = this.#ended
    for (;;) {
      await this.#options.idle(FRAME_TIME, signal)
      if (signal.aborted) return
      this.#draw(false)
    }
  }

  #draw(last: boolean): void {
    const rows = [...this.#rows.values()]
    const ended = rows.filter(row => row.ended !== undefined).length
    const elapsed = `[+] Building ${this.#seconds(this.#start ?? 0)} (${ended}/${rows.length})${last ? ' FINISHED' : ''}`
    const all = rows.flatMap(row => this.#lines(row))
    const lines = all.slice(-Math.max(1, this.#out.rows - 2))
    const up = this.#begun ? '\x1b[1A'.repeat(this.#drawn + 1) : '\x1b[1A\x1b[1B'
    // What the last drawing had more is wiped.
    const more = Math.max(0, this.#drawn - lines.length)
    const wiped = `${' '.repeat(this.#out.columns)}\n`.repeat(more) + (more > 0 ? `\x1b[${more}A` : '')
    this.#out.write(
      `${up}\x1b[0G\x1b[?25l${this.#fitted(elapsed, 'docker:default')}\n${lines.join('')}${wiped}\x1b[?25h`,
    )
    this.#begun = true
    this.#drawn = lines.length
  }

  #lines(row: Row): string[] {
    const color = row.state === 'error' || row.state === 'canceled' ? RED : row.state === 'running' ? '' : BLUE
    const head = this.#painted(
      color,
      this.#fitted(` => ${marks[row.state]}${row.name}`, this.#seconds(row.started, row.ended)),
    )
    const statuses = row.statuses.map(({ text, at }) =>
      this.#painted(color, this.#fitted(` => => ${text}`, this.#seconds(row.started, at))),
    )
    const logs = row.state === 'running' ? row.logs : []
    return [head, ...statuses, ...logs.map(line => this.#painted(FAINT, this.#fitted(` => => # ${line}`, '')))]
  }

  #seconds(from: number, to = this.#options.now()): string {
    return `${(Math.max(0, to - from) / 1000).toFixed(1)}s`
  }

  /** A text on the left and one on the right of a line; the left one gives way. */
  #fitted(left: string, right: string): string {
    const width = Math.max(20, this.#out.columns - 1)
    const room = width - right.length - (right === '' ? 0 : 1)
    const plain = left.replaceAll('\t', '    ').replace(/[\p{Cc}]/gu, '')
    const shown = plain.length > room ? `${plain.slice(0, Math.max(0, room - 3))}...` : plain
    return `${shown.padEnd(width - right.length)}${right}`
  }

  #painted(code: string, line: string): string {
    return code === '' || !this.#out.colors ? `${line}\n` : `\x1b[${code}m${line}\n\x1b[0m`
  }
}
