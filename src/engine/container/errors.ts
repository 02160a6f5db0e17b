/** What the engine says when a container is not in the state that a verb needs (moby daemon/errors.go). */
import { conflict, type EngineError, forbidden, invalid, systemError } from '../../errors.ts'

export const notRunning = (id: string): EngineError => conflict(`container ${id} is not running`)
export const restarting = (id: string): EngineError =>
  conflict(`Container ${id} is restarting, wait until the container is running`)
export const alreadyPaused = (id: string): EngineError => conflict(`Container ${id} is already paused`)
export const notPaused = (id: string): EngineError => conflict(`Container ${id} is not paused`)
export const execPaused = (name: string): EngineError =>
  conflict(`Container ${name} is paused, unpause the container before exec`)
export const startPaused = (): EngineError => conflict('cannot start a paused container, try unpause instead')

export const nameInUse = (name: string, id: string): EngineError =>
  conflict(
    `Conflict. The container name "/${name}" is already in use by container "${id}". You have to remove (or rename) that container to be able to reuse that name.`,
  )

/** `rm` without `-f`; `name` is what the user typed. */
export const removeRunning = (name: string, status: 'running' | 'paused' | 'restarting'): EngineError => {
  const what = {
    running: 'is running: stop',
    paused: 'is paused and must be unpaused first',
    restarting: 'is restarting: stop',
  }[status]
  const hint = status === 'paused' ? '' : ' the container before removing or force remove'
  return conflict(`cannot remove container "${name}": container ${what}${hint}`)
}

export const invalidSignal = (signal: string): EngineError => invalid(`invalid signal: ${signal}`)
export const unsupportedSignal = (signal: string): EngineError =>
  invalid(`the linux daemon does not support signal ${signal}`)

/** The reason wrapped as the verbs report it: `restart` begins with a capital letter. */
export const cannot = (what: 'kill' | 'stop' | 'restart', reference: string, cause: EngineError): EngineError =>
  wrap(
    `${what === 'restart' ? 'Cannot' : 'cannot'} ${what} container${what === 'restart' ? '' : ':'} ${reference}: `,
    cause,
  )

export const cannotUpdate = (id: string, cause: EngineError): EngineError =>
  wrap(`Cannot update container ${id}: `, cause)

/** A failed start, with runc's words and the exit status that the client ends with. */
export const startFailed = (reason: string, exitStatus: number, kind: 'invalid' | 'system' = 'invalid'): EngineError =>
  Object.assign(kind === 'invalid' ? invalid(reason) : systemError(reason), { exitStatus })

export const networkingFailed = (reason: string): EngineError =>
  startFailed(`failed to set up container networking: ${reason}`, 125, 'system')

export const rootfsReadOnly = (): EngineError => forbidden('container rootfs is marked read-only')

function wrap(prefix: string, cause: EngineError): EngineError {
  const Kind = cause.constructor as typeof EngineError
  return new Kind(cause.kind, prefix + cause.message)
}
