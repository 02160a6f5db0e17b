/** Command and process substitution: a text run in a child at the other end of a pipe. */
import type { Json, WaitStatus } from '../../program.ts'
import { tellSignal } from '../launch.ts'
import { CommandError, type Handler, type Shell, statusOf, valueOf } from '../machine.ts'
import type { Frame } from '../state.ts'

/** Descriptors of process substitutions are given from here down, as bash does. */
const highest = 63
const chunk = 65536
/** Most output that a substitution holds, and the steps in which its memory is claimed. */
const mostHeld = 64 * 1024 * 1024
const claimStep = 1024 * 1024

/** A child that runs a text; its descriptors are those of the shell but for one. */
function runText(sh: Shell, text: string, fd: number, end: number, other: number): number {
  const { state } = sh
  const id = state.nextSource++
  state.sources[id] = text
  const fds = sh.descriptors(end, other)
  fds.set(fd, end)
  const frame = { k: 'source', source: id, at: 0, kind: 'command', c: false, line: state.line }
  const { options } = state
  // A failure within does not end it, but in dash.
  if (sh.dialect !== 'dash') state.options = options.replace('e', '')
  const pid = sh.fork([frame], { fds })
  state.options = options
  delete state.sources[id]
  return pid
}

/** Notes for the frame below what its expansion waits for. */
function note(sh: Shell, value: Json): void {
  const memo = sh.state.frames.at(-1)?.memo as Json[] | undefined
  memo?.push(value)
}

/** `$(…)`: what a text prints goes into the memo of the frame below. */
export const substitute: Handler = (sh, frame, answer) => {
  const { p, state } = sh
  if (frame.fd === undefined) {
    const [read, write] = sh.pipe()
    frame.pid = runText(sh, frame.text as string, 1, write, read)
    p.close(write)
    frame.fd = read
    frame.output = ''
    return { op: 'read', fd: read, length: chunk }
  }
  const interrupted = answer && 'error' in answer && answer.error.code === 'EINTR'
  if (frame.ended !== true) {
    if (interrupted) return { op: 'read', fd: frame.fd as number, length: chunk }
    const data = answer ? valueOf<Uint8Array>(answer) : new Uint8Array(0)
    if (data.length > 0) {
      gather(sh, frame, Buffer.from(data).toString('latin1'))
      return { op: 'read', fd: frame.fd as number, length: chunk }
    }
    p.close(frame.fd as number)
    frame.ended = true
    return { op: 'wait', pid: frame.pid as number }
  }
  if (interrupted) return { op: 'wait', pid: frame.pid as number }
  const status: WaitStatus =
    answer && 'value' in answer ? valueOf<{ status: WaitStatus }>(answer).status : { code: 127 }
  state.substStatus = statusOf(status)
  // ash and dash keep `$?` of the command before while the words of one are expanded.
  if (sh.dialect === 'bash') state.status = state.substStatus
  sh.pop()
  const below = state.frames.at(-1)
  if (below) below.substituted = true
  p.memory(-((frame.claimed as number | undefined) ?? 0))
  note(sh, trimNewlines(frame.output as string))
  if ('signal' in status) tellSignal(sh, status.signal)
}

/** Adds output but for its NULs; the shell claims the memory. Ends the shell beyond what a shell may hold. */
function gather(sh: Shell, frame: Frame, text: string): void {
  const output = (frame.output as string) + (text.includes('\0') ? text.replaceAll('\0', '') : text)
  const claimed = (frame.claimed as number | undefined) ?? 0
  if (output.length > mostHeld) throw new CommandError('out of memory', 1, true)
  if (output.length - claimed > claimStep) {
    sh.p.memory(output.length - claimed)
    frame.claimed = output.length
  }
  frame.output = output
}

function trimNewlines(text: string): string {
  let end = text.length
  while (end > 0 && text[end - 1] === '\n') end--
  return text.slice(0, end)
}

/** `<(…)` and `>(…)`: the name of a descriptor at whose other end a text runs. */
export const process: Handler = (sh, frame) => {
  const { p, state } = sh
  const [read, write] = sh.pipe()
  const output = frame.output === true
  const [own, other] = output ? [write, read] : [read, write]
  runText(sh, frame.text as string, output ? 0 : 1, other, own)
  p.close(other)
  const open = new Set(p.fdList())
  let fd = highest
  while (open.has(fd)) fd--
  p.dup2(own, fd)
  p.close(own)
  state.processFds = [...(state.processFds ?? []), fd]
  sh.pop()
  const below = state.frames.at(-1)
  if (below) below.processes = [...((below.processes as number[] | undefined) ?? []), fd]
  note(sh, `/dev/fd/${fd}`)
}
