/**
 * Errors at the command line's edge: what is printed and with which status the program ends. The daemon's prefix
 * and the statuses are decided here and nowhere else.
 */
import { EngineError, messageOf } from '../errors.ts'

/**
 * Ends the program with `status`, after printing `message` (nothing when it is empty) on stderr as it is: no prefix
 * is added. For a container's own exit status throw `new StatusError(status)`.
 */
export class StatusError extends Error {
  override readonly name = 'StatusError'
  readonly status: number

  constructor(status: number, message = '') {
    super(message)
    this.status = status
  }
}

/** A write to a pipe that nobody reads any more: ends the program quietly, as SIGPIPE would. */
export const brokenPipe = (): StatusError => new StatusError(141)

/** The text Docker's client prints for an error: the engine's get the daemon's prefix, others their own words. */
export function errorText(error: unknown): string {
  return error instanceof EngineError ? `Error response from daemon: ${error.message}` : messageOf(error)
}

/**
 * What to print for anything thrown by a command, and the status to end with.
 * @param debug  adds the stack of errors that nobody expected (MINIDOCK_DEBUG=1)
 */
export function report(error: unknown, name: string, debug: boolean): { text: string; status: number } {
  const stack = debug && error instanceof Error && error.stack !== undefined ? `${error.stack}\n` : ''
  if (error instanceof StatusError) return { text: line(error.message), status: error.status }
  if (error instanceof EngineError) return { text: line(errorText(error)) + stack, status: 1 }
  const hint = debug ? '' : ' (this is a fault of the program itself; MINIDOCK_DEBUG=1 shows where)'
  return { text: line(`${name}: internal error: ${messageOf(error)}${hint}`) + stack, status: 1 }
}

const line = (text: string): string => (text === '' || text.endsWith('\n') ? text : `${text}\n`)
