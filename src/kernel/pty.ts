/** A pseudo-terminal with the line discipline of Linux's tty (termios(3)), as far as shells and programs see it. */

import type { Termios } from './program.ts'

/** The modes that a terminal begins with. */
export const sane: Readonly<Termios> = {
  canonical: true,
  echo: true,
  signals: true,
  interrupt: true,
  newline: true,
  output: true,
}

const control = {
  interrupt: 3,
  endOfFile: 4,
  quit: 28,
  suspend: 26,
  erase: 127,
  kill: 21,
  wordErase: 23,
  newline: 10,
  carriage: 13,
  start: 17,
  stop: 19,
}

/** What input made happen besides data. */
export type PtySignal = 'INT' | 'QUIT' | 'TSTP' | 'WINCH'

const signalOf: ReadonlyMap<number, PtySignal> = new Map([
  [control.interrupt, 'INT'],
  [control.quit, 'QUIT'],
  [control.suspend, 'TSTP'],
])

/** The column that printed bytes lead to. */
function columnAfter(bytes: Iterable<number>, from: number): number {
  let at = from
  for (const byte of bytes) {
    if (byte === 9) at = (at | 7) + 1
    else if (byte === control.carriage || byte === control.newline) at = 0
    else if (byte === 8) at = Math.max(0, at - 1)
    else if (byte >= 32) at++
  }
  return at
}

export class Pty {
  readonly id: number
  /** '' for the main process's terminal, or the exec's id. */
  readonly target: string
  termios: Termios = { ...sane }
  /** The window's size; 0 where no client has told one. */
  rows = 0
  cols = 0
  /** Foreground process group, and the session it belongs to; 0: none yet. */
  foreground = 0
  session = 0
  readonly waiters = new Set<number>()
  /** Lines (or raw bytes) ready to be read. An empty chunk is an end of file. */
  ready: Uint8Array[] = []
  #line: number[] = []
  /** Where the cursor is, and where it was when the line began: tabs are taken back to there. */
  #column = 0
  #start = 0
  hungUp = false

  constructor(id: number, target: string) {
    this.id = id
    this.target = target
  }

  /** Takes what was typed. `output` shows echo, `signal` goes to the foreground group. */
  feed(data: Uint8Array, output: (bytes: Uint8Array) => void, signal: (name: PtySignal) => void): void {
    const echo = (...bytes: number[]): void => {
      if (this.termios.echo) output(this.cook(Uint8Array.from(bytes)))
    }
    const raw: number[] = []
    for (const given of data) {
      const { canonical, signals, interrupt, newline } = this.termios
      const byte = given === control.carriage && newline ? control.newline : given
      // Flow control takes its characters out (IXON, which programs turn off together with ICRNL).
      if (newline && (byte === control.start || byte === control.stop)) continue
      const name = signals && (byte !== control.interrupt || interrupt) ? signalOf.get(byte) : undefined
      if (name) {
        echo(94, byte + 64)
        raw.length = 0
        this.#line = []
        this.ready = []
        signal(name)
      } else if (canonical) this.#typed(byte, echo)
      else {
        if (byte < 32 && byte !== 9 && byte !== control.newline) echo(94, byte + 64)
        else echo(byte)
        raw.push(byte)
      }
    }
    if (raw.length > 0) this.ready.push(Uint8Array.from(raw))
  }

  #typed(byte: number, echo: (...bytes: number[]) => void): void {
    switch (byte) {
      case control.endOfFile:
        this.#endLine()
        return
      case control.erase:
        this.#erase(echo)
        return
      case control.kill:
        while (this.#line.length > 0) this.#erase(echo)
        return
      case control.wordErase: {
        // Back to the beginning of the last run of letters, digits and underscores.
        for (let seen = false; this.#line.length > 0; ) {
          const isWord = /[\w\x80-\xff]/.test(String.fromCharCode(this.#line.at(-1) ?? 0))
          if (seen && !isWord) return
          seen ||= isWord
          this.#erase(echo)
        }
        return
      }
      default:
        if (this.#line.length === 0) this.#start = this.#column
        this.#line.push(byte)
        if (byte === control.newline) {
          echo(byte)
          this.#endLine()
        } else if (byte < 32 && byte !== 9) echo(94, byte + 64)
        else echo(byte)
    }
  }

  #endLine(): void {
    this.ready.push(Uint8Array.from(this.#line))
    this.#line = []
  }

  /** Takes the last character back, and what its echo took of the screen. */
  #erase(echo: (...bytes: number[]) => void): void {
    const byte = this.#line.pop()
    if (byte === undefined) return
    if (byte === 9) {
      let column = this.#start
      for (const each of this.#line) column = each === 9 ? (column | 7) + 1 : column + (each < 32 ? 2 : 1)
      echo(...new Array<number>(8 - (column & 7)).fill(8))
    } else if (byte < 32) echo(8, 32, 8, 8, 32, 8)
    else echo(8, 32, 8)
  }

  /** Changes the modes; what was typed of a line is ready at once when lines are no longer waited for. */
  setTermios(change: Partial<Termios>): void {
    this.termios = { ...this.termios, ...change }
    if (!this.termios.canonical && this.#line.length > 0) this.#endLine()
  }

  /** The next line, or part of it; undefined when there is none; empty at an end of file. */
  read(length: number): Uint8Array | undefined {
    const chunk = this.ready[0]
    if (!chunk) return this.hungUp ? new Uint8Array(0) : undefined
    if (chunk.length <= length) {
      this.ready.shift()
      return chunk
    }
    this.ready[0] = chunk.subarray(length)
    return chunk.subarray(0, length)
  }

  /** Output as the terminal gets it: a newline also returns the carriage, unless that is off. */
  cook(data: Uint8Array): Uint8Array {
    const last = data.lastIndexOf(control.newline)
    this.#column = columnAfter(data.subarray(last + 1), last < 0 ? this.#column : 0)
    if (last < 0 || !this.termios.output) return data
    let newlines = 0
    for (const byte of data) if (byte === 10) newlines++
    const out = new Uint8Array(data.length + newlines)
    let at = 0
    for (const byte of data) {
      if (byte === 10) out[at++] = 13
      out[at++] = byte
    }
    return out
  }

  /** Plain data for a snapshot. */
  save(): Record<string, unknown> {
    const { id, target, termios, rows, cols, foreground, session, hungUp } = this
    const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')
    return {
      id,
      target,
      termios,
      rows,
      cols,
      foreground,
      session,
      hungUp,
      ready: this.ready.map(base64),
      line: this.#line,
      column: this.#column,
      start: this.#start,
    }
  }

  static load(saved: ReturnType<Pty['save']>): Pty {
    const state = saved as {
      id: number
      target: string
      termios: Termios
      rows: number
      cols: number
      foreground: number
      session: number
      hungUp: boolean
      ready: string[]
      line: number[]
      column: number
      start: number
    }
    const pty = new Pty(state.id, state.target)
    const { termios, rows, cols, foreground, session, hungUp } = state
    Object.assign(pty, { termios, rows, cols, foreground, session, hungUp })
    pty.ready = state.ready.map(text => new Uint8Array(Buffer.from(text, 'base64')))
    pty.#line = state.line
    pty.#column = state.column
    pty.#start = state.start
    return pty
  }
}
