/** A pseudo-terminal with the line discipline of Linux's tty (termios(3)), as far as shells and programs see it. */

export interface Termios {
  raw: boolean
  echo: boolean
}

const control = {
  interrupt: 3,
  endOfFile: 4,
  quit: 28,
  suspend: 26,
  erase: 127,
  backspace: 8,
  kill: 21,
  wordErase: 23,
  newline: 10,
  carriage: 13,
}

/** What input made happen besides data. */
export type PtySignal = 'INT' | 'QUIT' | 'TSTP' | 'WINCH'

export class Pty {
  readonly id: number
  /** '' for the main process's terminal, or the exec's id. */
  readonly target: string
  termios: Termios = { raw: false, echo: true }
  rows = 24
  cols = 80
  /** Foreground process group, and the session it belongs to; 0: none yet. */
  foreground = 0
  session = 0
  readonly waiters = new Set<number>()
  /** Lines (or raw bytes) ready to be read. An empty chunk is an end of file. */
  ready: Uint8Array[] = []
  #line: number[] = []
  hungUp = false

  constructor(id: number, target: string) {
    this.id = id
    this.target = target
  }

  /** Takes what was typed. `output` shows echo, `signal` goes to the foreground group. */
  feed(data: Uint8Array, output: (bytes: Uint8Array) => void, signal: (name: PtySignal) => void): void {
    if (this.termios.raw) {
      if (data.length > 0) this.ready.push(data.slice())
      if (this.termios.echo) output(data)
      return
    }
    for (const byte of data) this.#typed(byte, output, signal)
  }

  #typed(given: number, output: (bytes: Uint8Array) => void, signal: (name: PtySignal) => void): void {
    const byte = given === control.carriage ? control.newline : given
    const echo = (...bytes: number[]): void => {
      if (this.termios.echo) output(Uint8Array.from(bytes))
    }
    const caret = (): void => echo(94, byte + 64)
    switch (byte) {
      case control.interrupt:
      case control.quit:
      case control.suspend:
        caret()
        this.#line = []
        signal(byte === control.interrupt ? 'INT' : byte === control.quit ? 'QUIT' : 'TSTP')
        return
      case control.endOfFile:
        this.ready.push(Uint8Array.from(this.#line))
        this.#line = []
        return
      case control.erase:
      case control.backspace:
        if (this.#line.pop() !== undefined) echo(8, 32, 8)
        return
      case control.kill:
        for (; this.#line.pop() !== undefined; ) echo(8, 32, 8)
        return
      case control.wordErase:
        while (this.#line.at(-1) === 32 && this.#line.pop() !== undefined) echo(8, 32, 8)
        while (this.#line.length > 0 && this.#line.at(-1) !== 32 && this.#line.pop() !== undefined) echo(8, 32, 8)
        return
      case control.newline:
        echo(13, 10)
        this.ready.push(Uint8Array.from([...this.#line, byte]))
        this.#line = []
        return
      default:
        if (byte < 32 && byte !== 9) caret()
        else echo(byte)
        this.#line.push(byte)
    }
  }

  /** Changes the modes; what was typed of a line is ready at once when the terminal becomes raw. */
  setTermios(change: Partial<Termios>): void {
    this.termios = { ...this.termios, ...change }
    if (!this.termios.raw || this.#line.length === 0) return
    this.ready.push(Uint8Array.from(this.#line))
    this.#line = []
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

  /** Output as the terminal gets it: a newline also returns the carriage, unless the terminal is raw. */
  cook(data: Uint8Array): Uint8Array {
    let newlines = 0
    for (const byte of data) if (byte === 10) newlines++
    if (newlines === 0) return data
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
    }
    const pty = new Pty(state.id, state.target)
    const { termios, rows, cols, foreground, session, hungUp } = state
    Object.assign(pty, { termios, rows, cols, foreground, session, hungUp })
    pty.ready = state.ready.map(text => new Uint8Array(Buffer.from(text, 'base64')))
    pty.#line = state.line
    return pty
  }
}
