/** What follows when a process of a container ends, and what a container's own timers do. */
import { containerEvent } from '../../container/events.ts'
import { type ContainerRecord, isRunning } from '../../container/record.ts'
import type { ExitStatus } from '../../kernel/program.ts'
import { signalNumber } from '../../kernel/signals.ts'
import type { Live } from '../live.ts'
import { leaveNetworks } from '../network/join.ts'
import { emitUnmounts } from '../volume/events.ts'
import type { ExitNotice } from '../world.ts'
import { healthDue, healthExecEnded, healthNextAt, stopHealth } from './health.ts'
import { removeIn } from './remove.ts'
import { startIn } from './start.ts'

/** Delays between restarts (moby restartmanager): doubled each time, back to the first after a run of ten seconds. */
const backOff = { first: 100, most: 60_000, steady: 10_000 }

/** A process's exit status as a number: 128 + n for signal n. */
export function exitCode(status: ExitStatus): number {
  return 'code' in status ? status.code : 128 + signalNumber(status.signal)
}

/** Handles the end of a main process or of an exec. */
export async function handleExit(live: Live, container: ContainerRecord, exit: ExitNotice): Promise<void> {
  live.time = Math.max(live.time, exit.time)
  if (exit.exec !== undefined) return execEnded(live, container, exit.exec, exitCode(exit.status))
  await mainEnded(live, container, exit)
}

async function mainEnded(live: Live, container: ContainerRecord, exit: ExitNotice): Promise<void> {
  const { state } = container
  if (!isRunning(container)) return
  const ranFor = live.time - state.startedAt
  state.exitCode = exitCode(exit.status)
  state.finishedAt = live.time
  state.pid = 0
  delete state.killAt
  for (const exec of container.execs.filter(candidate => candidate.running)) execEnded(live, container, exec.id, 137)
  stopHealth(container)
  live.worlds.stopped(container.id)
  leaveNetworks(live, container)
  emitUnmounts(live, container)
  // Whoever waits hears of the end before the daemon has told of it.
  for (; state.stops; state.stops--) live.emit(containerEvent(container, 'stop'))
  delete state.stops
  live.emit(
    containerEvent(container, 'die', {
      execDuration: String(Math.floor(ranFor / 1000)),
      exitCode: String(state.exitCode),
    }),
  )
  if (shouldRestart(container)) {
    state.status = 'restarting'
    const delay =
      state.restartDelay === undefined || ranFor >= backOff.steady
        ? backOff.first
        : Math.min(state.restartDelay * 2, backOff.most)
    state.restartDelay = delay
    state.restartAt = live.time + delay
    live.save(container)
    return
  }
  state.status = 'exited'
  delete state.restartDelay
  live.save(container)
  if (container.hostConfig.AutoRemove) await removeIn(live, container, { volumes: true })
}

/** moby restartmanager ShouldRestart: a manual stop or kill always counts (behaviours.md 12, 13). */
function shouldRestart(container: ContainerRecord): boolean {
  const { Name: name, MaximumRetryCount: most } = container.hostConfig.RestartPolicy
  if (container.stoppedByHand) return false
  if (name === 'always' || name === 'unless-stopped') return true
  return name === 'on-failure' && container.state.exitCode !== 0 && (most === 0 || container.restartCount < most)
}

function execEnded(live: Live, container: ContainerRecord, id: string, code: number): void {
  const exec = container.execs.find(candidate => candidate.id === id)
  if (!exec?.running) return
  exec.running = false
  exec.pid = 0
  exec.exitCode = code
  live.emit(containerEvent(container, 'exec_die', { execID: id, exitCode: String(code) }))
  if (exec.internal) healthExecEnded(live, container, id, code)
  live.save(container)
}

/** A container's next own timer: a restart, the end of stop's grace, a health check. */
export function wakeAt(
  container: ContainerRecord,
): { at: number; act: (live: Live, container: ContainerRecord) => Promise<void> } | undefined {
  const { state } = container
  const timers: { at: number | undefined; act: (live: Live, container: ContainerRecord) => Promise<void> }[] = [
    { at: state.status === 'restarting' ? state.restartAt : undefined, act: restart },
    { at: isRunning(container) ? state.killAt : undefined, act: endGrace },
    { at: state.status === 'running' ? healthNextAt(container) : undefined, act: healthDue },
  ]
  let first: { at: number; act: (live: Live, container: ContainerRecord) => Promise<void> } | undefined
  for (const { at, act } of timers) if (at !== undefined && (!first || at < first.at)) first = { at, act }
  return first
}

/** A restart after its back-off. */
async function restart(live: Live, container: ContainerRecord): Promise<void> {
  delete container.state.restartAt
  container.restartCount++
  const failure = await startIn(live, container)
  if (failure) {
    container.state.status = 'exited'
    live.save(container)
  }
}

/** The end of `stop`'s grace: KILL (behaviours.md 46). */
async function endGrace(live: Live, container: ContainerRecord): Promise<void> {
  delete container.state.killAt
  const world = await live.world(container)
  live.emit(containerEvent(container, 'kill', { signal: '9' }))
  world.signal('KILL')
  live.save(container)
}
