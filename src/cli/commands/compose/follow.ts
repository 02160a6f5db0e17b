/** `up` in the foreground: shows what containers print until they have all ended, or the user stops them. */
import type { ContainerSummary } from '../../../api/container.ts'
import type { EventMessage } from '../../../api/system.ts'
import type { Project } from '../../../compose/file/project.ts'
import { LABEL } from '../../../compose/labels.ts'
import { kill, stop } from '../../../compose/lifecycle.ts'
import { containersOf, nameOf, sourceOf } from '../../../compose/observed.ts'
import type { ProgressEvent } from '../../../compose/session.ts'
import type { Session as Attached, Engine, Frame } from '../../../engine/engine.ts'
import { messageOf } from '../../../errors.ts'
import type { CliContext } from '../../command.ts'
import { errorText, StatusError } from '../../errors.ts'
import type { Flags } from '../../flags.ts'
import { Lines, LogPrinter } from '../../format/compose/logs.ts'
import { separatorOf } from './project.ts'
import { timeoutOf, working } from './session.ts'

export interface FollowOptions {
  /** The services whose output is shown. */
  attachTo: readonly string[]
  /** Starts what is not running yet. */
  start: () => Promise<void>
  /** Follows the project's files beside the output. */
  watch?: (log: (line: string) => void, signal: AbortSignal) => Promise<void>
}

/** @returns the status to end with */
export async function followProject(
  ctx: CliContext,
  project: Project,
  services: readonly string[],
  flags: Flags,
  options: FollowOptions,
): Promise<number> {
  const follower = await Follower.open(ctx, project, services, flags, options.attachTo)
  return follower.run(options.start, options.watch)
}

class Follower {
  readonly #ctx: CliContext
  readonly #engine: Engine
  readonly #project: Project
  readonly #services: readonly string[]
  readonly #flags: Flags
  readonly #attachTo: readonly string[]
  readonly #printer: LogPrinter
  readonly #separator: string
  readonly #ending = new AbortController()
  readonly #pumps = new Map<string, Promise<void>>()
  /** When each container printed what was shown last. */
  readonly #shown = new Map<string, number>()
  /** Containers whose logs are followed. */
  readonly #follows = new Set<string>()
  readonly #sessions: Attached[] = []
  readonly #stops: Promise<void>[] = []
  readonly #errors: string[] = []
  /** Why nothing can be shown any more. */
  #broken: StatusError | undefined
  #status = 0
  #aborting = false
  #terminated = false
  #codeTaken = false

  static async open(
    ctx: CliContext,
    project: Project,
    services: readonly string[],
    flags: Flags,
    attachTo: readonly string[],
  ): Promise<Follower> {
    const clock = await ctx.clock()
    return new Follower(ctx, await ctx.engine(), () => clock.now(), project, services, flags, attachTo)
  }

  private constructor(
    ctx: CliContext,
    engine: Engine,
    now: () => number,
    project: Project,
    services: readonly string[],
    flags: Flags,
    attachTo: readonly string[],
  ) {
    this.#ctx = ctx
    this.#engine = engine
    this.#project = project
    this.#services = services
    this.#flags = flags
    this.#attachTo = attachTo
    this.#separator = separatorOf(ctx, project)
    this.#printer = new LogPrinter(ctx.out, ctx.err, {
      color: !flags.bool('no-color'),
      prefix: !flags.bool('no-log-prefix'),
      ...(flags.bool('timestamps') && { now }),
    })
  }

  async run(start: FollowOptions['start'], watch: FollowOptions['watch']): Promise<number> {
    const watched = new Set(this.#services.length > 0 ? this.#services : this.#attachTo)
    const all = await containersOf({ engine: this.#engine }, this.#project.name, { all: true, oneOff: 'without' })
    const alive = new Set(all.filter(one => watches(watched, one.Labels[LABEL.service])).map(one => one.Id))
    const off = this.#ctx.onSignal(['SIGINT', 'SIGTERM'], () => this.#interrupted())
    const watching = watch?.(line => this.#printer.watch(line), this.#ending.signal).catch((error: unknown) => {
      this.#errors.push(errorText(error))
    })
    try {
      await this.#attach(all)
      const monitor = this.#monitor(watched, alive)
      try {
        await start()
      } catch (error) {
        if (!this.#terminated) {
          this.#ending.abort()
          throw error
        }
      }
      await monitor
      await Promise.all(this.#stops)
    } finally {
      off()
      this.#ending.abort()
      await watching
      for (const session of this.#sessions) await session.close()
    }
    if (this.#broken) throw this.#broken
    if (this.#status !== 0) throw new StatusError(this.#status, this.#errors.join('\n') || '\n')
    if (this.#errors.length > 0) throw new StatusError(1, this.#errors.join('\n'))
    if (this.#terminated && !hasMenu(this.#ctx, this.#flags)) throw new StatusError(130, '\n')
    return 0
  }

  async #attach(all: readonly ContainerSummary[]): Promise<void> {
    // To attach to nothing is to attach to everything.
    const shown = all.filter(one => watches(new Set(this.#attachTo), one.Labels[LABEL.service]))
    if (shown.length === 0) return
    shown.sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))
    const names = shown.map(one => sourceOf(nameOf(one), one.Labels, this.#separator))
    this.#ctx.out.write(`Attaching to ${names.join(', ')}\n`)
    for (const [i, one] of shown.entries()) {
      const session = await this.#engine.containers.attach(one.Id, { stdout: true, stderr: true })
      this.#sessions.push(session)
      this.#show(one.Id, names[i] ?? '', session.frames, true)
    }
  }

  /** Begins to show what a container prints. Output that nobody takes any more ends the whole. */
  #show(id: string, name: string, frames: AsyncIterable<Frame>, split: boolean): void {
    const pump = this.#pump(id, name, frames, split).catch((error: unknown) => {
      if (!(error instanceof StatusError)) return void this.#errors.push(errorText(error))
      this.#broken ??= error
      this.#ending.abort()
    })
    this.#pumps.set(id, pump)
  }

  async #pump(id: string, name: string, frames: AsyncIterable<Frame>, split: boolean): Promise<void> {
    const lines = { stdout: new Lines(), stderr: new Lines() }
    for await (const { stream, data, time } of frames) {
      this.#shown.set(id, time)
      for (const line of lines[stream].add(data)) this.#printer.line(name, line, split ? stream : 'stdout')
    }
    for (const stream of ['stdout', 'stderr'] as const)
      for (const line of lines[stream].end()) this.#printer.line(name, line, split ? stream : 'stdout')
  }

  /** Goes by the engine's events until every container has ended. */
  async #monitor(watched: ReadonlySet<string>, alive: Set<string>): Promise<void> {
    if (alive.size === 0) return
    const events = this.#engine.system.events({
      filters: { type: ['container'], label: [`${LABEL.project}=${this.#project.name}`] },
      signal: this.#ending.signal,
    })
    const restarting = new Set<string>()
    for await (const event of events) {
      const { Attributes, ID } = event.Actor
      if (Attributes[LABEL.oneOff] === 'True' || !watches(watched, Attributes[LABEL.service])) continue
      if (event.Action === 'create') alive.add(ID)
      else if (event.Action === 'start') {
        alive.add(ID)
        if (!this.#follows.has(ID) && (!this.#pumps.has(ID) || restarting.has(ID))) this.#follow(event)
      } else if (event.Action === 'die') await this.#died(event, alive, restarting)
      if (alive.size === 0) return
    }
  }

  #name({ Actor: { Attributes } }: EventMessage): string {
    return sourceOf(Attributes.name ?? '', Attributes, this.#separator)
  }

  /** Shows what a container prints that was started later. */
  #follow(event: EventMessage): void {
    const { ID } = event.Actor
    this.#follows.add(ID)
    // A quick restart may have been seen through the attached stream already.
    const since = Math.max(event.timeNano / 1e6, (this.#shown.get(ID) ?? 0) + 0.0001)
    const frames = this.#engine.containers.logs(ID, {
      follow: true,
      stdout: true,
      stderr: true,
      since,
      signal: this.#ending.signal,
    })
    this.#show(ID, this.#name(event), frames, false)
  }

  async #died(event: EventMessage, alive: Set<string>, restarting: Set<string>): Promise<void> {
    const { ID, Attributes } = event.Actor
    const code = Number(Attributes.exitCode ?? 0)
    const state = await this.#engine.containers.inspect(ID).then(
      ({ State }) => State,
      () => undefined,
    )
    const again = state !== undefined && (state.Restarting || state.Running)
    // What it printed comes before the word of its end; what follows the logs goes on over a restart.
    if (!again || !this.#follows.has(ID)) await this.#pumps.get(ID)
    const suffix = again ? ' (restarting)' : ''
    this.#printer.status(this.#name(event), `exited with code ${code}${suffix}`)
    if (again) restarting.add(ID)
    else alive.delete(ID)
    this.#abort(code)
    if (!this.#codeTaken && Attributes[LABEL.service] === this.#flags.string('exit-code-from')) {
      this.#codeTaken = true
      this.#status = code
    }
  }

  /** The first container to end takes the others with it, where that was asked for. */
  #abort(code: number): void {
    const flags = this.#flags
    const failure = flags.bool('abort-on-container-failure')
    const any = flags.bool('abort-on-container-exit') || flags.string('exit-code-from') !== ''
    if (this.#aborting || (!failure && !any) || (failure && code === 0)) return
    this.#aborting = true
    this.#status = code
    this.#ctx.err.write('Aborting on container exit...\n')
    this.#stopAll()
  }

  #stopAll(): void {
    const services = this.#services
    // On a terminal the steps stand among the containers' output, which goes on.
    const show = ({ id, state, status }: ProgressEvent): void =>
      this.#printer.progress(id, status, state === 'error' ? '31;1' : '32')
    const options = { project: this.#project, title: 'Stopping', ...(this.#ctx.out.isTTY && { show }) }
    const stopping = working(this.#ctx, options, session =>
      stop(session, this.#project, services, timeoutOf(this.#flags)),
    )
    this.#stops.push(stopping.catch((error: unknown) => void this.#errors.push(messageOf(error))))
  }

  #interrupted(): void {
    if (this.#terminated) {
      const killing = working(this.#ctx, { project: this.#project, silent: true }, session =>
        kill(session, this.#project.name, this.#project, {
          services: this.#services,
          signal: 'SIGKILL',
          all: true,
          orphans: false,
        }),
      )
      this.#stops.push(killing.then(() => undefined).catch(() => undefined))
      return
    }
    this.#terminated = true
    this.#ctx.out.write('Gracefully Stopping... press Ctrl+C again to force\n')
    if (!this.#ctx.out.isTTY) this.#printer.mute()
    this.#stopAll()
  }
}

/** Whether compose would show its menu, under which ^C is a key and no signal: it then ends with 0. */
function hasMenu({ in: input, out, env }: CliContext, flags: Flags): boolean {
  if (!input.isTTY || !out.isTTY) return false
  return flags.changed('menu') ? flags.bool('menu') : !/^(0|f|false)$/i.test(env['COMPOSE_MENU'] ?? '')
}

const watches = (services: ReadonlySet<string>, service: string | undefined): boolean =>
  services.size === 0 || services.has(service ?? '')
