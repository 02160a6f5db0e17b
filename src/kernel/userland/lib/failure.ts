/** How a command gives up: thrown anywhere in it, turned into a message and an exit status by `command`. */

/** Ends the command with `NAME: message` on stderr (nothing when the message is empty) and `status`. */
export class Failure extends Error {
  override readonly name = 'Failure'
  readonly status: number | undefined

  /** @param status exit status; absent: the command's own for errors (mostly 1) */
  constructor(message: string, status?: number) {
    super(message)
    this.status = status
  }
}

/**
 * A wrong command line. Busybox prints the message (if any) and the applet's usage; GNU tools the message and
 * "Try 'NAME --help' for more information."
 */
export class UsageError extends Failure {}
