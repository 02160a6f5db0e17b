/**
 * Errors of the engine: a kind, which the boundaries map to an HTTP status or an exit code, and
 * Docker's own words. Nobody matches on message text.
 */

/** The kinds of moby's errdefs, by the names minidock uses. */
export type ErrorKind =
  | 'notFound'
  | 'invalid'
  | 'conflict'
  | 'unauthorized'
  | 'unavailable'
  | 'forbidden'
  | 'system'
  | 'notModified'
  | 'notImplemented'
  | 'unknown'
  | 'cancelled'
  | 'deadline'
  | 'dataLoss'

/** An error that a user may see. `message` holds Docker's words without the "Error response from daemon: " prefix. */
export class EngineError extends Error {
  override readonly name = 'EngineError'
  readonly kind: ErrorKind
  /**
   * The exit status that `docker run`/`exec` give for a failed start: 126 (not executable), 127 (not found) or
   * 128; absent for every other error.
   */
  readonly exitStatus?: number
  /** What was not found, where clients go on from there: `run` pulls a missing image. */
  readonly missing?: 'image'
  /** Docker's client finds it by itself: told without the daemon's name. */
  readonly byClient?: boolean

  constructor(
    kind: ErrorKind,
    message: string,
    options: { cause?: unknown; exitStatus?: number; missing?: 'image'; byClient?: boolean } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.kind = kind
    if (options.exitStatus !== undefined) this.exitStatus = options.exitStatus
    if (options.missing !== undefined) this.missing = options.missing
    if (options.byClient !== undefined) this.byClient = options.byClient
  }
}

export const notFound = (message: string): EngineError => new EngineError('notFound', message)
export const invalid = (message: string): EngineError => new EngineError('invalid', message)
/** A list is asked for by what it does not know. */
export const invalidFilter = (key: string): EngineError =>
  invalid(key === '' ? 'invalid filter' : `invalid filter '${key}'`)
export const conflict = (message: string): EngineError => new EngineError('conflict', message)
export const forbidden = (message: string): EngineError => new EngineError('forbidden', message)
export const systemError = (message: string, cause?: unknown): EngineError =>
  new EngineError('system', message, { cause })
export const notImplemented = (message: string): EngineError => new EngineError('notImplemented', message)

/** A Go-like sentence for anything thrown: its message, never a stack. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** Node's code of a failed call to the host (`ENOENT`, `EPIPE`, ...); undefined for errors without one. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
