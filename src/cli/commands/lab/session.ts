/**
 * A student's seat at the simulated host: a shell whose only container tool is `docker`, which is this command line in
 * this very process, over the engine of the seat.
 */
import { join, posix } from 'node:path'
import type { Clock } from '../../../clock.ts'
import type { Engine } from '../../../engine/engine.ts'
import type { Limits } from '../../../lab/schema.ts'
import type { ShellOutcome } from '../../../lab/world.ts'
import type { CliContext, Input, Output } from '../../command.ts'
import { dispatch } from '../../dispatch.ts'
import { report } from '../../errors.ts'
import { TOP } from '../../registry.ts'

export interface SeatOptions {
  engine: Engine
  clock: PatientClock
  limits: Limits
  /** The student's folder, as the shell and this process call it. */
  folder: string
  /** Places of the shell and the folders of this process behind them. */
  folders: ReadonlyMap<string, string>
  env: Readonly<Record<string, string>>
  /** Called before each docker command. */
  before?: () => void
}

export interface Seat {
  sh(script: string): Promise<ShellOutcome>
  /** Runs a script of the student's folder. */
  script(path: string): Promise<ShellOutcome>
  /** The docker commands so far, without the word docker. */
  log: string[]
}

/** A docker command that would never end. */
export class CommandHangs extends Error {
  override readonly name = 'CommandHangs'
}

/** How often a command may wait for others. Nobody else is there: it would wait for ever. */
const mostWaits = 100

/** A virtual clock that ends the waits of a command that takes too long, or waits for somebody. */
export interface PatientClock extends Clock {
  /** How much time, in ms, may pass from now; undefined: any. */
  expect(ms: number | undefined): void
}

export function patientClock(clock: Clock): PatientClock {
  let deadline = Number.POSITIVE_INFINITY
  let waits = Number.POSITIVE_INFINITY
  return {
    virtual: true,
    now: () => clock.now(),
    expect(ms) {
      deadline = ms === undefined ? Number.POSITIVE_INFINITY : clock.now() + ms
      waits = ms === undefined ? Number.POSITIVE_INFINITY : mostWaits
    },
    async sleep(ms, signal) {
      if (clock.now() > deadline) throw new CommandHangs('takes longer than the lab allows')
      await clock.sleep(ms, signal)
    },
    async idle() {
      if (--waits < 0) throw new CommandHangs('did not end: does it wait for input, or run in the foreground?')
      await new Promise(resolve => setImmediate(resolve))
    },
  }
}

export function takeSeat(options: SeatOptions): Seat {
  const { engine, limits } = options
  const log: string[] = []
  const run = async (argv: string[]): Promise<ShellOutcome> => {
    let hung: CommandHangs | undefined
    const result = engine.host.shell({
      argv,
      cwd: options.folder,
      env: new Map(Object.entries(options.env)),
      folders: options.folders,
      tools: ['docker', 'docker-compose'],
      call: async call => {
        if (hung) return nothing
        const words = posix.basename(call.argv[0] ?? '') === 'docker-compose' ? ['compose'] : []
        const line = [...words, ...call.argv.slice(1)]
        log.push(line.join(' '))
        options.before?.()
        options.clock.expect(limits.seconds * 1000)
        try {
          return await docker(options, line, call)
        } catch (error) {
          if (!(error instanceof CommandHangs)) throw error
          hung = new CommandHangs(`docker ${line.join(' ')} ${error.message}`)
          return nothing
        } finally {
          options.clock.expect(undefined)
        }
      },
      limits: {
        steps: limits.steps,
        ms: limits.seconds * 1000,
        output: limits.output,
        memory: limits.memory << 20,
      },
    })
    const { stdout, stderr, status, stopped } = await result
    if (hung) throw hung
    return {
      stdout: Buffer.from(stdout).toString(),
      stderr: Buffer.from(stderr).toString(),
      status,
      ...(stopped && { stopped: limitWords[stopped] }),
    }
  }
  return {
    log,
    sh: script => run(['bash', '-c', script]),
    script: path => run(['bash', join(options.folder, path)]),
  }
}

const nothing = { stdout: new Uint8Array(0), stderr: new Uint8Array(0), status: 137 }

const limitWords = {
  steps: 'it takes more steps than the lab allows',
  time: 'it takes longer than the lab allows',
  output: 'it prints more than the lab allows',
}

interface Call {
  cwd: string
  env: Readonly<Record<string, string>>
  input: Uint8Array
}

/** One docker command: dispatched as main.ts does, over memory. */
async function docker(
  { engine, clock, limits }: SeatOptions,
  argv: readonly string[],
  call: Call,
): Promise<{ stdout: Uint8Array; stderr: Uint8Array; status: number }> {
  const out = memoryOutput(limits.output)
  const err = memoryOutput(limits.output)
  const ended = (status: number): { stdout: Uint8Array; stderr: Uint8Array; status: number } => ({
    stdout: out.bytes(),
    stderr: err.bytes(),
    status,
  })
  const first = argv.find(word => !word.startsWith('-'))
  if (first !== undefined && TOP.get(first)?.group === 'own') {
    err.write(`docker: '${first}' is not a docker command.\nSee 'docker --help'\n`)
    return ended(1)
  }
  const context = (place: Pick<CliContext, 'name' | 'path' | 'globals' | 'parent'>): CliContext => ({
    ...place,
    out,
    err,
    in: memoryInput(call.input),
    env: call.env,
    cwd: call.cwd,
    engine: async () => engine,
    // Only commands of minidock's own look at them, and those are refused above.
    internals: async () => {
      throw new Error('a lab has docker commands only')
    },
    clock: async () => clock,
    advance: ms => clock.sleep(ms),
    onSignal: () => () => {},
  })
  try {
    return ended(await dispatch(argv, 'docker', call.env, context))
  } catch (error) {
    if (error instanceof CommandHangs) throw error
    const { text, status } = report(error, 'docker', false)
    err.write(text)
    return ended(status)
  }
}

function memoryOutput(limit: number): Output & { bytes: () => Uint8Array } {
  const parts: Uint8Array[] = []
  let size = 0
  return {
    isTTY: false,
    colors: false,
    columns: 80,
    rows: 24,
    write(data) {
      const bytes = Buffer.from(data)
      size += bytes.length
      // A little more than the limit, so that the shell notices.
      if (size <= limit + bytes.length) parts.push(bytes)
      else throw Object.assign(new Error('write: broken pipe'), { code: 'EPIPE' })
    },
    bytes: () => Buffer.concat(parts),
  }
}

function memoryInput(bytes: Uint8Array): Input {
  let rest = Buffer.from(bytes)
  const all = (): Buffer => {
    const taken = rest
    rest = Buffer.alloc(0)
    return taken
  }
  return {
    isTTY: false,
    async *read() {
      if (rest.length > 0) yield all()
    },
    readAll: async () => all(),
    async readLine() {
      if (rest.length === 0) return undefined
      const end = rest.indexOf(10)
      const line = rest.subarray(0, end < 0 ? rest.length : end).toString()
      rest = end < 0 ? Buffer.alloc(0) : rest.subarray(end + 1)
      return line
    },
    setRaw() {},
  }
}
