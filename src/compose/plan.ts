/**
 * A plan: operations that wait for one another, each with its cause. What decides makes it, what executes it decides
 * nothing, and whoever wants to know prints it.
 */
import type { ContainerSummary } from '../api/container.ts'

export type Action =
  | { kind: 'CreateNetwork'; key: string }
  | { kind: 'RecreateNetwork'; key: string; services: readonly string[] }
  | { kind: 'CreateVolume'; key: string }
  | { kind: 'RecreateVolume'; key: string; services: readonly string[] }
  | { kind: 'StopContainer'; container: ContainerSummary; service: string }
  | { kind: 'RemoveContainer'; container: ContainerSummary; service: string }
  | { kind: 'KeepContainer'; container: ContainerSummary; service: string }
  | { kind: 'CreateContainer'; service: string; number: number; name: string }
  | { kind: 'RecreateContainer'; service: string; number: number; name: string; container: ContainerSummary }
  | { kind: 'UnpauseContainer'; container: ContainerSummary; service: string }
  | { kind: 'WaitFor'; service: string; on: string; condition: string; required: boolean }
  | { kind: 'StartContainer'; service: string; number: number; container: ContainerSummary | number }
  | { kind: 'Fail'; message: string }

export interface Operation {
  id: number
  /** The operations that must be done before it. */
  needs: readonly number[]
  /** What it is about: `service:db:1`. */
  resource: string
  action: Action
  cause: string
}

export class Plan {
  readonly operations: Operation[] = []

  /** Adds an operation and returns its number. */
  add(resource: string, action: Action, cause: string, needs: readonly number[] = []): number {
    const id = this.operations.length + 1
    this.operations.push({ id, needs: [...new Set(needs)].sort((a, b) => a - b), resource, action, cause })
    return id
  }

  /** `[1,2] -> #3 service:db:1, CreateContainer, no existing container`, a line each. */
  toString(): string {
    return this.operations
      .map(
        ({ id, needs, resource, action, cause }) =>
          `[${needs.join(',')}] -> #${id} ${resource}, ${action.kind}, ${cause}\n`,
      )
      .join('')
  }
}
