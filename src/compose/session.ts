/** What every compose operation works with: the engine, the clock, and whoever is told of what happens. */
import type { Clock } from '../clock.ts'
import type { Engine } from '../engine/engine.ts'
import { EngineError, messageOf } from '../errors.ts'

export type EventState = 'working' | 'done' | 'warning' | 'error'

/** Something that happens to a resource: `Container web-1`, `Creating`. */
export interface ProgressEvent {
  id: string
  state: EventState
  /** What is done to it: `Creating`. */
  status: string
  /** Stands between the id and the status. */
  text?: string
}

export interface Session {
  engine: Engine
  clock: Clock
  /** Told of each step. */
  report: (event: ProgressEvent) => void
  warn: (message: string) => void
  /** Between the parts of a container's name: `-`, or `_` as older versions had it. */
  separator: string
  /** Most things to do at a time. */
  parallel: number
}

/** An error's text as Docker's client prints it. */
export const errorLine = (error: unknown): string =>
  error instanceof EngineError ? `Error response from daemon: ${error.message}` : messageOf(error)

export const isNotFound = (error: unknown): boolean => error instanceof EngineError && error.kind === 'notFound'
export const isConflict = (error: unknown): boolean => error instanceof EngineError && error.kind === 'conflict'

/** Runs all at once and waits for all; then throws the first error that came. */
export async function together<T>(tasks: readonly (() => Promise<T>)[]): Promise<T[]> {
  let failure: { error: unknown } | undefined
  const results = await Promise.all(
    tasks.map(task =>
      task().catch((error: unknown) => {
        failure ??= { error }
        return undefined
      }),
    ),
  )
  if (failure) throw failure.error
  return results.filter(result => result !== undefined)
}
