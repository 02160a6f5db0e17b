/** Waiting for what a service depends on: healthy, done, or just running (compose pkg/compose/convergence.go). */
import type { ContainerInspect, ContainerSummary } from '../api/container.ts'
import { ComposeError } from './file/tree.ts'
import { nameOf } from './observed.ts'
import type { Session } from './session.ts'

/** How often to look, in ms. */
const INTERVAL = 500

export interface Wait {
  /** Who waits, for errors. */
  dependent: string
  on: string
  condition: string
  required: boolean
  containers: readonly ContainerSummary[]
  /** When to give up, in ms since the epoch. */
  until?: number
}

/** @throws ComposeError when it will not come to that */
export async function waitFor(session: Session, wait: Wait): Promise<void> {
  const { report, warn, clock } = session
  const { containers, on, required, condition, dependent, until = Number.POSITIVE_INFINITY } = wait
  const tell = (state: 'working' | 'done' | 'warning' | 'error', status: string): void => {
    for (const container of containers) report({ id: `Container ${nameOf(container)}`, state, status })
  }
  tell('working', 'Waiting')
  if (containers.length === 0) {
    const message = `${dependent} is missing dependency ${on}`
    if (required) throw new ComposeError(message)
    warn(message)
    return
  }
  for (;;) {
    await clock.sleep(Math.max(0, Math.min(INTERVAL, until - clock.now())))
    const outcome = await check(session, wait)
    if (outcome.done) {
      tell('done', condition === 'service_completed_successfully' ? 'Exited' : 'Healthy')
      return
    }
    if (outcome.failed !== undefined) {
      if (!required) {
        tell('warning', `Skipped: ${outcome.skipped}`)
        warn(outcome.skippedWhy ?? outcome.skipped ?? '')
        return
      }
      if (outcome.status !== undefined) tell('error', outcome.status)
      throw new ComposeError(outcome.failed)
    }
    if (clock.now() >= until) throw new ComposeError('timeout waiting for dependencies')
  }
}

interface Outcome {
  done?: boolean
  failed?: string
  status?: string
  skipped?: string
  skippedWhy?: string
}

async function check({ engine }: Session, { containers, on, condition }: Wait): Promise<Outcome> {
  const found = await Promise.all(containers.map(({ Id }) => engine.containers.inspect(Id)))
  if (condition === 'service_completed_successfully') return completed(found, on)
  const lenient = condition === 'running_or_healthy'
  const why = unhealthy(found, lenient)
  if (why === undefined) return { done: true }
  if (why === '') return {}
  const skipped = `optional dependency ${JSON.stringify(on)} ${lenient ? 'is not running or is unhealthy' : 'failed to start'}`
  if (lenient) return { failed: why, skipped, skippedWhy: `${skipped}: ${why}` }
  return { failed: `dependency failed to start: ${why}`, status: 'Error', skipped, skippedWhy: `${skipped}: ${why}` }
}

function completed(found: readonly ContainerInspect[], on: string): Outcome {
  const exited = found.find(({ State }) => State.Status === 'exited')
  if (!exited) return {}
  const { ExitCode } = exited.State
  if (ExitCode === 0) return { done: true }
  const suffix = `${JSON.stringify(on)} didn't complete successfully: exit ${ExitCode}`
  const failed = `service ${suffix}`
  return { failed, status: failed, skipped: `optional dependency ${suffix}` }
}

/** Why containers are not healthy; '' while that may change, undefined when they are. */
function unhealthy(found: readonly ContainerInspect[], lenient: boolean): string | undefined {
  for (const { Name, State, Config } of found) {
    const name = Name.replace(/^\//, '')
    if (State.Status === 'exited') return `container ${name} exited (${State.ExitCode})`
    if (lenient && !Config.Healthcheck) return State.Status === 'running' ? undefined : ''
    if (!State.Health) return `container ${name} has no healthcheck configured`
    if (State.Health.Status === 'unhealthy') return `container ${name} is unhealthy`
    if (State.Health.Status !== 'healthy') return ''
  }
  return undefined
}
