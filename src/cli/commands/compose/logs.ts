/** `docker compose logs`. */
import type { ContainerSummary } from '../../../api/container.ts'
import { LABEL } from '../../../compose/labels.ts'
import { containerOf, containersOf, isOf, nameOf, sourceOf } from '../../../compose/observed.ts'
import type { Engine, LogsOptions } from '../../../engine/engine.ts'
import { messageOf } from '../../../errors.ts'
import { rfc3339NanoFixed } from '../../../util/time.ts'
import type { CliContext, Command } from '../../command.ts'
import { StatusError } from '../../errors.ts'
import type { Flags } from '../../flags.ts'
import { Lines, LogPrinter } from '../../format/compose/logs.ts'
import { parseTime } from '../../opts/time.ts'
import { projectOrName, separatorOf } from './project.ts'

export const command: Command = {
  async run(ctx, args, flags) {
    if (flags.number('index') > 0 && args.length !== 1)
      throw new StatusError(1, '--index requires one service to be selected')
    const { name, project } = await projectOrName(ctx, args)
    const shown = [...(project?.services ?? [])].filter(([, service]) => service.attach !== false).map(([key]) => key)
    const services = args.length > 0 ? args : shown
    const engine = await ctx.engine()
    const containers = await wanted(engine, name, services, flags)
    const stop = new AbortController()
    const off = ctx.onSignal(['SIGINT', 'SIGTERM'], () => stop.abort())
    const reader = new Reader(ctx, engine, flags, await logOptions(ctx, flags, stop.signal), separatorOf(ctx, project))
    const follow = flags.bool('follow')
    if (!follow)
      for (const container of containers) await reader.read(container.Id, nameOf(container), container.Labels)
    else await followAll(engine, reader, name, services, containers, stop.signal)
    off()
    return stop.signal.aborted ? 130 : 0
  },
}

async function wanted(
  engine: Engine,
  project: string,
  services: readonly string[],
  flags: Flags,
): Promise<ContainerSummary[]> {
  const index = flags.number('index')
  if (index > 0)
    return [await containerOf({ engine }, project, services[0] ?? '', { index, all: true, oneOff: 'without' })]
  const found = await containersOf({ engine }, project, { all: true, oneOff: 'without', services })
  return (services.length > 0 ? found.filter(isOf(services)) : found).sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))
}

async function logOptions(ctx: CliContext, flags: Flags, signal: AbortSignal): Promise<LogsOptions> {
  const now = (await ctx.clock()).now()
  const time = (name: 'since' | 'until'): number | undefined => {
    if (flags.string(name) === '') return undefined
    try {
      return parseTime(flags.string(name), now)
    } catch (error) {
      throw new StatusError(1, `invalid value for ${JSON.stringify(name)}: ${messageOf(error)}`)
    }
  }
  const since = time('since')
  const until = time('until')
  const tail = flags.string('tail')
  return {
    stdout: true,
    stderr: true,
    signal,
    follow: flags.bool('follow'),
    ...(since !== undefined && { since }),
    ...(until !== undefined && { until }),
    ...(/^\d+$/.test(tail) && { tail: Number(tail) }),
  }
}

class Reader {
  readonly #engine: Engine
  readonly #options: LogsOptions
  readonly #printer: LogPrinter
  readonly #separator: string
  readonly #timestamps: boolean

  constructor(ctx: CliContext, engine: Engine, flags: Flags, options: LogsOptions, separator: string) {
    this.#engine = engine
    this.#options = options
    this.#separator = separator
    this.#timestamps = flags.bool('timestamps')
    this.#printer = new LogPrinter(ctx.out, ctx.err, {
      color: !flags.bool('no-color'),
      prefix: !flags.bool('no-log-prefix'),
    })
  }

  /** Shows a container's output, from `since` on where that is given. */
  async read(id: string, name: string, labels: Readonly<Record<string, string>>, since?: number): Promise<void> {
    const source = sourceOf(name, labels, this.#separator)
    const options = since === undefined ? this.#options : { ...this.#options, since }
    const lines = { stdout: new Lines(), stderr: new Lines() }
    for await (const { stream, data, time } of this.#engine.containers.logs(id, options)) {
      const stamp = this.#timestamps ? `${rfc3339NanoFixed(time)} ` : ''
      for (const line of lines[stream].add(data)) this.#printer.line(source, stamp + line)
    }
  }

  ended(name: string, labels: Readonly<Record<string, string>>, text: string): void {
    this.#printer.status(sourceOf(name, labels, this.#separator), text)
  }
}

/** Follows what is there and what is started later, until all have ended. */
async function followAll(
  engine: Engine,
  reader: Reader,
  project: string,
  services: readonly string[],
  containers: readonly ContainerSummary[],
  signal: AbortSignal,
): Promise<void> {
  // A reader whose output nobody takes any more ends the whole.
  const broken = new AbortController()
  let problem: unknown
  const read = (...args: Parameters<Reader['read']>): Promise<void> =>
    reader.read(...args).catch((error: unknown) => {
      problem ??= error
      broken.abort()
    })
  const reads = new Map(containers.map(one => [one.Id, read(one.Id, nameOf(one), one.Labels)]))
  const alive = new Set(containers.map(one => one.Id))
  const filters = { type: ['container'], label: [`${LABEL.project}=${project}`] }
  if (alive.size > 0) {
    const until = AbortSignal.any([signal, broken.signal])
    for await (const { Action, Actor, timeNano } of engine.system.events({ filters, signal: until })) {
      const { ID, Attributes } = Actor
      if (services.length > 0 && !services.includes(Attributes[LABEL.service] ?? '')) continue
      const name = Attributes.name ?? ''
      if (Action === 'start') {
        alive.add(ID)
        reads.set(ID, read(ID, name, Attributes, timeNano / 1e6))
      } else if (Action === 'die') {
        await reads.get(ID)
        reader.ended(name, Attributes, `exited with code ${Attributes.exitCode ?? 0}`)
        alive.delete(ID)
      }
      if (alive.size === 0) break
    }
  }
  if (problem === undefined) await Promise.all(reads.values())
  if (problem !== undefined) throw problem
}
