import { StatusError } from '../../errors.ts'

/** What buildx says of a build that it cannot begin or finish. */
export const fail = (message: string): StatusError => new StatusError(1, `ERROR: failed to build: ${message}`)
