/** Small frames: a text to write, a status to put back, the end of a function. */
import type { Handler } from '../machine.ts'
import { has } from '../state.ts'

/** Writes a text, all of it. */
export const write: Handler = (sh, frame, answer) => {
  if (!answer) {
    const text = frame.text as string
    return { op: 'write', fd: frame.fd as number, data: Buffer.from(text, 'latin1') }
  }
  sh.pop()
  if ('error' in answer && answer.error.code !== 'EINTR') {
    sh.state.status = 1
    if (frame.fd === 2 || typeof frame.builtin !== 'string') return
    const text = `write error: ${answer.error.message}`
    // Of ash's builtins only echo looks whether its output got through, and it speaks as the shell.
    if (sh.dialect !== 'busybox') sh.complain(frame.builtin, text)
    else if (frame.builtin === 'echo') sh.write(2, `${sh.state.arg0}: ${text}\n`)
  }
}

/** Puts a status back: after a trap, the one of before. */
export const status: Handler = (sh, frame) => {
  sh.state.status = frame.status as number
  sh.pop()
}

/** Ends the shell, after what is said of the failure that ends it or the trap that ran for it. */
export const exit: Handler = (sh, frame) => {
  sh.exit(frame.status as number)
}

/** A function's or a sourced file's end. */
export const call: Handler = (sh, frame) => {
  sh.pop()
  sh.leave(frame)
  const text = sh.dialect === 'bash' ? sh.state.traps.RETURN : undefined
  if (!text || frame.name === undefined || !has(sh.state, 'T')) return
  sh.push({ k: 'status', status: sh.state.status })
  sh.pushSource(text, 'trap', { line: sh.state.line })
}
