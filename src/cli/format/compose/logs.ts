/** The output of several containers as one stream, each line behind its container's name (compose formatter/logs.go). */

import { rfc3339NanoFixed } from '../../../util/time.ts'
import type { Output } from '../../command.ts'
import { paint } from '../ansi.ts'

export interface LogOptions {
  color: boolean
  prefix: boolean
  /** Puts the time that it is printed in front of each line. */
  now?: () => number
}

/** The name that the lines of what follows files count as. */
const WATCHER = 'Watcher'

const RAINBOW = ['36', '33', '32', '35', '34', '36;1', '33;1', '32;1', '35;1', '34;1']

export class LogPrinter {
  readonly #out: Output
  readonly #err: Output
  readonly #options: LogOptions
  /** Colours by name, in the order in which names came up. */
  readonly #names = new Map<string, string | undefined>()
  #width = 0
  #muted = false

  constructor(out: Output, err: Output, options: LogOptions) {
    this.#out = out
    this.#err = err
    this.#options = options
  }

  /** Shows nothing more. */
  mute(): void {
    this.#muted = true
  }

  /** A line that a container printed. */
  line(name: string, text: string, stream: 'stdout' | 'stderr' = 'stdout'): void {
    if (this.#muted) return
    const { now, prefix } = this.#options
    const time = now ? `${rfc3339NanoFixed(now())} ` : ''
    const color = this.#know(name)
    const before = prefix ? colored(color, `${name.padEnd(this.#width)} | `) : ''
    ;(stream === 'stdout' ? this.#out : this.#err).write(`${before}${time}${text}\n`)
  }

  /** What became of a container. */
  status(name: string, text: string): void {
    if (this.#muted) return
    this.#out.write(colored(this.#know(name), `\r\x1b[K${name} ${text}\n`))
  }

  /** A line of what follows the project's files. */
  watch(text: string): void {
    if (this.#muted) return
    this.#width = Math.max(this.#width, WATCHER.length + 1)
    this.#out.write(`${paint('92', `${' '.repeat(this.#width)}⦿ `)}${text}\n`)
  }

  /** What is done to a container while output is shown. */
  progress(text: string, status: string, color: string): void {
    this.#out.write(`\r\x1b[K ${text}  ${this.#out.colors ? paint(color, status) : status}\n`)
  }

  #know(name: string): string | undefined {
    if (!this.#names.has(name)) {
      const wanted = this.#options.color && this.#out.colors && name !== ''
      const used = [...this.#names.keys()].filter(known => known !== '').length
      this.#names.set(name, wanted ? RAINBOW[used % RAINBOW.length] : undefined)
      this.#width = Math.max(this.#width, name.length + 1)
    }
    return this.#names.get(name)
  }
}

const colored = (color: string | undefined, text: string): string => (color === undefined ? text : paint(color, text))

/** Pieces of output as whole lines; `end` gives what is left without one. */
export class Lines {
  #rest = ''
  readonly #decoder = new TextDecoder()

  add(data: Uint8Array): string[] {
    const lines = (this.#rest + this.#decoder.decode(data, { stream: true })).split('\n')
    this.#rest = lines.pop() ?? ''
    return lines
  }

  end(): string[] {
    const rest = this.#rest
    this.#rest = ''
    return rest === '' ? [] : [rest]
  }
}
