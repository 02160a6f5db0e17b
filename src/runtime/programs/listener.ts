/** Servers of which no more is modelled than that they start, listen, take connections and end: their socket loop. */
import type { Json, Proc, Routine } from '../../kernel/program.ts'
import { isErrno } from '../../vfs/errno.ts'

export interface Listening {
  listeners: number[]
  clients: number[]
}

/** What has come on a descriptor; nothing at its end, and where its peer is gone. */
export function* received(fd: number, length: number): Routine<Uint8Array> {
  try {
    return (yield { op: 'read', fd, length }) as Uint8Array
  } catch (error) {
    if (!isErrno(error)) throw error
    return new Uint8Array(0)
  }
}

/** Takes connections and reads what comes without an answer, until a signal that was caught: its name. */
export function* holdConnections(p: Proc, state: Listening): Routine<string> {
  for (;;) {
    p.checkpoint(state as unknown as Json)
    try {
      const fds = [...state.listeners, ...state.clients].map(fd => ({ fd, event: 'in' as const }))
      const ready = (yield { op: 'poll', fds, ms: Number.POSITIVE_INFINITY }) as number[]
      for (const fd of ready) {
        if (state.listeners.includes(fd)) state.clients.push((yield { op: 'accept', fd }) as number)
        else if (((yield { op: 'read', fd, length: 65536 }) as Uint8Array).length === 0) {
          state.clients = state.clients.filter(each => each !== fd)
          p.close(fd)
        }
      }
    } catch (error) {
      if (!isErrno(error)) throw error
      if (error.code === 'EINTR') return p.takeSignal() ?? 'TERM'
    }
  }
}

/** Whether something in the container takes connections on a port. */
export function* answers(port: number): Routine<boolean> {
  try {
    yield { op: 'connect', address: '127.0.0.1', port, protocol: 'tcp', timeoutMs: 2000 }
    return true
  } catch (error) {
    if (!isErrno(error)) throw error
    return false
  }
}
