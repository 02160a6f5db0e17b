/** Health checks: probes on their intervals, and the status that follows from them (moby daemon/health.go). */
import type { HealthConfig } from '../../api/container.ts'
import { containerEvent } from '../../container/events.ts'
import type { ContainerRecord } from '../../container/record.ts'
import type { Live } from '../live.ts'
import { startExecIn } from './exec.ts'

/** moby's defaults, in ms. */
const defaults = { interval: 30_000, timeout: 30_000, startInterval: 5_000, retries: 3 }
const outputLimit = 4096
const keptResults = 5

const ms = (nanoseconds: number | undefined, fallback: number): number => (nanoseconds ? nanoseconds / 1e6 : fallback)

/** The probe's command line; undefined when no check is configured. */
function probe(container: ContainerRecord): string[] | undefined {
  const [kind, ...words] = container.config.Healthcheck?.Test ?? []
  if (kind === 'CMD') return words
  if (kind === 'CMD-SHELL') return [...(container.config.Shell ?? ['/bin/sh', '-c']), ...words]
  return undefined
}

/** Begins checking a container that has just started; earlier results stay. */
export function startHealth(container: ContainerRecord, now: number): void {
  if (!probe(container)) return
  const log = container.state.health?.log ?? []
  container.state.health = { status: 'starting', failingStreak: 0, log, nextAt: now + nextInterval(container, now) }
}

/** Goes on checking a container that was paused: its status is what the next check says. */
export function resumeHealth(container: ContainerRecord, now: number): void {
  const { health } = container.state
  if (health) health.nextAt = now + nextInterval(container, now)
}

/** Checks no more. What is not checked counts as unhealthy (moby container/health.go, CloseMonitorChannel). */
export function stopHealth(container: ContainerRecord): void {
  const { health } = container.state
  if (!health) return
  health.status = 'unhealthy'
  delete health.nextAt
  delete health.running
}

export function healthNextAt(container: ContainerRecord): number | undefined {
  const { health } = container.state
  return health?.running?.deadline ?? health?.nextAt
}

/** Starts the next check, or ends one that has run out of time. */
export async function healthDue(live: Live, container: ContainerRecord): Promise<void> {
  const { health } = container.state
  const command = probe(container)
  if (!health || !command) return
  if (health.running) {
    const timeout = ms(container.config.Healthcheck?.Timeout, defaults.timeout)
    const world = await live.world(container)
    const { exec } = health.running
    finish(live, container, -1, `Health check exceeded timeout (${seconds(timeout)})`)
    world.killExec(exec)
    live.save(container)
    return
  }
  delete health.nextAt
  const id = live.random.id()
  health.running = {
    exec: id,
    start: live.time,
    deadline: live.time + ms(container.config.Healthcheck?.Timeout, defaults.timeout),
    outputLength: 0,
  }
  const failure = await startExecIn(live, container, {
    id,
    argv: command,
    env: [],
    user: container.config.User,
    workingDir: '',
    tty: false,
    privileged: false,
    detachKeys: '',
    attach: { stdin: false, stdout: true, stderr: true },
    internal: true,
  })
  if (failure) finish(live, container, -1, failure.message)
  live.save(container)
}

/** A probe has ended by itself. */
export function healthExecEnded(live: Live, container: ContainerRecord, exec: string, code: number): void {
  if (container.state.health?.running?.exec !== exec) return
  finish(live, container, code, live.worlds.takeExecOutput(live.tx, container, exec).slice(0, outputLimit))
}

function finish(live: Live, container: ContainerRecord, code: number, output: string): void {
  const { health } = container.state
  if (!health?.running) return
  const { exec, start } = health.running
  delete health.running
  container.execs = container.execs.filter(candidate => candidate.id !== exec)
  health.log = [...health.log, { start, end: live.time, exitCode: code, output }].slice(-keptResults)
  const config: HealthConfig = container.config.Healthcheck ?? {}
  const before = health.status
  if (code === 0) {
    health.failingStreak = 0
    health.status = 'healthy'
  } else if (!(before === 'starting' && live.time - container.state.startedAt < ms(config.StartPeriod, 0))) {
    health.failingStreak++
    if (health.failingStreak >= (config.Retries || defaults.retries)) health.status = 'unhealthy'
  }
  if (health.status !== before) live.emit(containerEvent(container, `health_status: ${health.status}`))
  health.nextAt = live.time + nextInterval(container, live.time)
}

/** Within the start period, and until the first success, checks may come more often. */
function nextInterval(container: ContainerRecord, now: number): number {
  const config: HealthConfig = container.config.Healthcheck ?? {}
  const interval = ms(config.Interval, defaults.interval)
  const starting = !container.state.health || container.state.health.status === 'starting'
  const inStartPeriod = config.StartPeriod ? now - container.state.startedAt < config.StartPeriod / 1e6 : false
  return starting && inStartPeriod ? ms(config.StartInterval, defaults.startInterval) : interval
}

/** Go's text of a duration in ms, for whole and fractional seconds. */
function seconds(duration: number): string {
  if (duration < 1000) return `${duration}ms`
  const minutes = Math.floor(duration / 60_000)
  const rest = `${(duration % 60_000) / 1000}s`
  return minutes > 0 ? `${minutes}m${rest}` : rest
}
