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

/** Go's words for the host's errors that a file or a connection may give. */
const HOST_ERRORS = new Map([
  ['ENOENT', 'no such file or directory'],
  ['EACCES', 'permission denied'],
  ['EPERM', 'operation not permitted'],
  ['EISDIR', 'is a directory'],
  ['ENOTDIR', 'not a directory'],
  ['EEXIST', 'file exists'],
  ['ENOSPC', 'no space left on device'],
  ['EROFS', 'read-only file system'],
  ['ENOTEMPTY', 'directory not empty'],
  ['EADDRINUSE', 'bind: address already in use'],
  ['ECONNREFUSED', 'connection refused'],
])

/** An error of the host's system in Go's form: `open x: no such file or directory`; undefined for others. */
function hostErrorText(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined
  const words = HOST_ERRORS.get(error.code)
  if (words === undefined) return undefined
  const call = 'syscall' in error && typeof error.syscall === 'string' ? error.syscall : 'open'
  const path = 'path' in error && typeof error.path === 'string' ? ` ${error.path}` : ''
  return `${call}${path}: ${words}`
}

/** The text Docker's client prints for an error: the engine's get the daemon's prefix, others their own words. */
export function errorText(error: unknown): string {
  if (error instanceof EngineError && !error.byClient) return `Error response from daemon: ${error.message}`
  return hostErrorText(error) ?? messageOf(error)
}

/** Whether only a fault of the program throws such an error: its words mean nothing to users. Do not catch it. */
export function isFault(error: unknown): boolean {
  if (!(error instanceof Error)) return true
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  return /^(ERR_|MODULE_NOT_FOUND)/.test(code) || FAULTS.has(error.name)
}
const FAULTS = new Set(['TypeError', 'ReferenceError', 'RangeError', 'SyntaxError', 'AssertionError'])

/**
 * What to print for anything thrown by a command, and the status to end with.
 * @param debug  adds the stack (MINIDOCK_DEBUG=1)
 */
export function report(error: unknown, name: string, debug: boolean): { text: string; status: number } {
  const stack = debug && error instanceof Error && error.stack !== undefined ? `${error.stack}\n` : ''
  if (error instanceof StatusError)
    return { text: line(error.message) + (error.message === '' ? '' : stack), status: error.status }
  if (!isFault(error)) return { text: line(errorText(error)) + stack, status: 1 }
  const hint = debug ? '' : ' (this is a fault of the program; MINIDOCK_DEBUG=1 shows where)'
  return { text: line(`${name}: internal error: ${firstLine(messageOf(error))}${hint}`) + stack, status: 1 }
}

const firstLine = (text: string): string => text.split('\n', 1)[0] ?? ''
const line = (text: string): string => (text === '' || text.endsWith('\n') ? text : `${text}\n`)
