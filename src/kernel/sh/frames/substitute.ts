/** Command substitution. */
import type { Json } from '../../program.ts'
import { type Handler, statusOf, valueOf } from '../machine.ts'

/** `$(…)`: runs a text in a child and puts what it prints into the memo of the frame below. */
export const substitute: Handler = (sh, frame, answer) => {
  const { p, state } = sh
  if (frame.phase === 0) {
    const [read, write] = p.pipe()
    const id = state.nextSource++
    state.sources[id] = frame.text as string
    const fds = new Map(
      p
        .fdList()
        .filter(fd => fd < 10 && fd !== read && fd !== write)
        .map(fd => [fd, fd]),
    )
    fds.set(1, write)
    frame.pid = sh.fork([{ k: 'source', source: id, at: 0, kind: 'command', c: false, line: state.line }], { fds })
    delete state.sources[id]
    p.close(write)
    frame.fd = read
    frame.output = ''
    frame.phase = 1
    return { op: 'read', fd: read, length: 65536 }
  }
  if (frame.phase === 1) {
    if (answer && 'error' in answer && answer.error.code === 'EINTR')
      return { op: 'read', fd: frame.fd as number, length: 65536 }
    const data = answer ? valueOf<Uint8Array>(answer) : new Uint8Array(0)
    if (data.length > 0) {
      frame.output = (frame.output as string) + Buffer.from(data).toString('latin1')
      return { op: 'read', fd: frame.fd as number, length: 65536 }
    }
    p.close(frame.fd as number)
    frame.phase = 2
    return { op: 'wait', pid: frame.pid as number }
  }
  if (answer && 'error' in answer && answer.error.code === 'EINTR') return { op: 'wait', pid: frame.pid as number }
  state.substStatus = answer && 'value' in answer ? statusOf(valueOf<{ status: { code: number } }>(answer).status) : 127
  state.status = state.substStatus
  sh.pop()
  const below = state.frames.at(-1)
  const memo = below?.memo as Json[] | undefined
  if (below) below.substituted = true
  memo?.push((frame.output as string).replaceAll('\0', '').replace(/\n+$/, ''))
}
