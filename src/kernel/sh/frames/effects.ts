/** Small frames: a text to write, a status to put back, the end of a function. */
import type { Handler } from '../machine.ts'

/** Writes a text, all of it. */
export const write: Handler = (sh, frame, answer) => {
  if (!answer) {
    const text = frame.text as string
    return { op: 'write', fd: frame.fd as number, data: Buffer.from(text, 'latin1') }
  }
  sh.pop()
  if ('error' in answer && answer.error.code !== 'EINTR') {
    sh.state.status = 1
    if (frame.fd !== 2 && typeof frame.builtin === 'string')
      sh.complain(frame.builtin, `write error: ${answer.error.message}`)
  }
}

/** Puts a status back: after a trap, the one of before. */
export const status: Handler = (sh, frame) => {
  sh.state.status = frame.status as number
  sh.pop()
}

/** A function's or a sourced file's end. */
export const call: Handler = (sh, frame) => {
  sh.pop()
  sh.leave(frame)
  sh.afterCommand(frame.c === true)
}
