/** Progress of a build as BuildKit prints it: plain lines, or nothing; and the report of a failure. */

import type { BuildError } from '../../../build/errors.ts'
import type { BuildEvent } from '../../../build/events.ts'
import { ruleDescriptions } from '../../../build/lint-rules.ts'
import type { Output } from '../../command.ts'
import { paint } from '../ansi.ts'
import { type RawSteps, rawEvent } from './build-raw.ts'
import type { BuildTree } from './build-tree.ts'
import { TextMux } from './text-mux.ts'

interface Shown {
  name: string
  start: number
  /** Unfinished lines of output by stream. */
  rest: Map<string, string>
  /** The last lines that its process printed, with their times. */
  lines: string[]
}

/** Lines of a failed step's output that the report repeats. */
const reportedLines = 10

/** What is told of a step of the client's own, with the times in ms. */
export interface OwnStep {
  status(text: string, time: number): void
  done(time: number): void
  failed(message: string, time: number): void
}

export type ProgressMode = 'plain' | 'quiet' | 'tty' | 'rawjson'

/** Draws a build's events on a stream. */
export class BuildProgress {
  readonly #out: Output
  readonly #mode: ProgressMode
  readonly #tree: BuildTree | undefined
  readonly #steps = new Map<number, Shown>()
  readonly #raw: RawSteps = new Map()
  #mux: TextMux | undefined
  /** The time of the last event, in ms. */
  #time = 0
  readonly #warnings: Extract<BuildEvent, { type: 'warning' }>[] = []
  readonly #failed: Shown[] = []

  /** @param tree  what draws the steps on a terminal, for the mode `tty` */
  constructor(out: Output, mode: ProgressMode, tree?: BuildTree) {
    this.#out = out
    this.#mode = mode
    this.#tree = tree
  }

  /** Which builder builds. */
  head(): void {
    if (this.#mode !== 'plain') return
    this.#out.write('#0 building with "default" instance using docker driver\n')
    this.#mux = this.#newMux(true)
  }

  #newMux(begun: boolean): TextMux {
    return new TextMux(text => this.#out.write(text), begun)
  }

  show(event: BuildEvent): void {
    this.#tree?.show(event)
    if ('time' in event) this.#time = event.time
    if (this.#mode === 'plain') this.#mux ??= this.#newMux(false)
    if (this.#mode === 'rawjson') this.#out.write(rawEvent(event, this.#raw))
    if (event.type === 'warning') {
      this.#warnings.push(event)
      return this.#line(event.id, `WARN: ${event.rule}: ${event.message} (line ${event.location.start})`)
    }
    if (!('id' in event) || event.type === 'image') return
    if (event.type === 'start') {
      this.#steps.set(event.id, { name: event.name, start: event.time, rest: new Map(), lines: [] })
      this.#mux?.start(event.id, event.name, event.time)
      return
    }
    const step = this.#steps.get(event.id)
    if (!step) return
    switch (event.type) {
      case 'status':
        return this.#line(event.id, event.text)
      case 'why':
        return this.#line(event.id, event.text)
      case 'log':
        return this.#log(event.id, step, event)
      case 'cached':
        return this.#end(event.id, step, 'CACHED')
      case 'done':
        return this.#end(event.id, step, `DONE ${seconds(event.time - step.start, 1)}s`)
      case 'canceled':
        return this.#end(event.id, step, 'CANCELED')
      case 'error':
        this.#failed.push(step)
        return this.#end(event.id, step, `ERROR: ${event.message}`)
    }
  }

  /** A step of the client's own. */
  own(name: string, time: number): OwnStep {
    const id = Math.max(0, ...this.#steps.keys()) + 1
    this.show({ type: 'start', id, name, time })
    return {
      status: (text, at) => this.show({ type: 'status', id, text, time: at }),
      done: at => this.show({ type: 'done', id, time: at }),
      failed: (message, at) => this.show({ type: 'error', id, message, time: at }),
    }
  }

  /** Nothing more is drawn over. */
  end(): void {
    this.#tree?.end()
  }

  #line(id: number, text: string): void {
    this.#mux?.lines(id, [text], this.#time)
  }

  #log(id: number, step: Shown, event: BuildEvent & { type: 'log' }): void {
    const text = (step.rest.get(event.stream) ?? '') + Buffer.from(event.data).toString()
    const lines = text.split('\n')
    step.rest.set(event.stream, lines.pop() ?? '')
    if (lines.length > 0) this.#printed(id, step, lines, event.time)
  }

  #printed(id: number, step: Shown, lines: readonly string[], time: number): void {
    const passed = Math.max(0, time - step.start)
    const digits = passed < 10_000 ? 3 : passed < 100_000 ? 2 : 1
    const shown = lines.map(line => `${seconds(passed, digits)} ${line.replace(/\r$/, '')}`.trimEnd())
    step.lines = [...step.lines, ...shown].slice(-reportedLines)
    this.#mux?.lines(id, shown, time)
  }

  #end(id: number, step: Shown, text: string): void {
    for (const [stream, rest] of step.rest) {
      step.rest.delete(stream)
      if (rest !== '') this.#printed(id, step, [rest], this.#time)
    }
    this.#mux?.end(id, text, this.#time)
  }

  /**
   * The warnings of the Dockerfile, once all is done; in yellow wherever they go, as buildx prints them.
   * @param file  for reports with the lines in question, as `--debug` has them
   */
  warnings(file?: { name: string; text: string }): void {
    this.end()
    const many = this.#warnings.length
    if (many === 0 || this.#mode === 'quiet' || this.#mode === 'rawjson') return
    const lines = this.#warnings.map(({ rule, message, location, url }) => {
      const line = ` - ${rule}: ${message} (line ${location.start})\n`
      return file ? `${line}${ruleDescriptions[rule] ?? ''}\nMore info: ${url}\n${excerpt(file, location)}\n` : line
    })
    const hint = file ? '' : ' (use docker --debug to expand)'
    this.#out.write(`\n ${paint('33', `${many} warning${many === 1 ? '' : 's'} found${hint}:\n`)}${lines.join('')}`)
  }

  /** Repeats the output of the steps that failed. */
  failedStep(): void {
    this.end()
    if (this.#mode === 'quiet') return
    for (const { name, lines } of this.#failed)
      this.#out.write(`------\n > ${name}:\n${lines.map(line => `${line}\n`).join('')}------\n`)
  }
}

/** Why a build has failed: the lines of the Dockerfile, and the error. */
export const failureText = (error: BuildError, dockerfile: { name: string; text: string }, prefix = ''): string =>
  `${error.location ? excerpt(dockerfile, error.location) : ''}${prefix}failed to solve: ${error.message}`

const seconds = (ms: number, digits: number): string => (Math.max(0, ms) / 1000).toFixed(digits)

/** The lines around what is wrong, marked (buildkit solver/errdefs/source.go). */
export function excerpt(file: { name: string; text: string }, location: { start: number; end: number }): string {
  const lines = file.text.split('\n')
  if (location.start < 1 || location.start > lines.length) return ''
  let start = location.start
  let end = Math.min(location.end, lines.length)
  const pad = start === end ? 4 : 2
  for (let padded = 0; padded < pad; padded++) {
    if (start > 1) {
      start--
      padded++
    }
    if (end !== lines.length) {
      end++
      padded++
    }
  }
  const shown = lines.slice(start - 1, end).map((line, at) => {
    const number = start + at
    const mark = number >= location.start && number <= location.end ? '>>>' : '   '
    return ` ${String(number).padStart(3)} | ${mark} ${line}\n`
  })
  return `${file.name}:${location.start}\n--------------------\n${shown.join('')}--------------------\n`
}
