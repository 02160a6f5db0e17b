/** What a container's state is called: `Status` of inspect and the sentence of `ps`. */
import type { ContainerState, ContainerStatus } from '../api/container.ts'
import { humanDuration } from '../util/duration.ts'
import { rfc3339Nano } from '../util/time.ts'
import type { ContainerRecord, StateRecord } from './record.ts'

/** A container that has never run: Docker's initial state. */
export const initialState = (): StateRecord => ({
  status: 'created',
  pid: 0,
  exitCode: 0,
  error: '',
  oomKilled: false,
  startedAt: 0,
  finishedAt: 0,
})

/** "Up 2 minutes (healthy)" and its like (moby daemon/container/state.go String). */
export function statusText(state: StateRecord, now: number): string {
  const up = (): string => humanDuration(now - state.startedAt)
  switch (state.status) {
    case 'paused':
      return `Up ${up()} (Paused)`
    case 'restarting':
      return `Restarting (${state.exitCode}) ${humanDuration(now - state.finishedAt)} ago`
    case 'running': {
      const health = state.health?.status
      if (!health) return `Up ${up()}`
      return `Up ${up()} (${health === 'starting' ? 'health: starting' : health})`
    }
    case 'created':
      return 'Created'
    case 'exited':
      return `Exited (${state.exitCode}) ${humanDuration(now - state.finishedAt)} ago`
  }
}

/** The State object of inspect. */
export function apiState(record: ContainerRecord): ContainerState {
  const { state } = record
  const status: ContainerStatus = state.status
  const restarting = status === 'restarting'
  return {
    Status: status,
    Running: status === 'running' || status === 'paused' || restarting,
    Paused: status === 'paused',
    Restarting: restarting,
    OOMKilled: state.oomKilled,
    Dead: false,
    Pid: state.pid,
    ExitCode: state.exitCode,
    Error: state.error,
    StartedAt: rfc3339Nano(state.startedAt),
    FinishedAt: rfc3339Nano(state.finishedAt),
    ...(state.health && {
      Health: {
        Status: state.health.status,
        FailingStreak: state.health.failingStreak,
        Log: state.health.log.map(entry => ({
          Start: rfc3339Nano(entry.start),
          End: rfc3339Nano(entry.end),
          ExitCode: entry.exitCode,
          Output: entry.output,
        })),
      },
    }),
  }
}
