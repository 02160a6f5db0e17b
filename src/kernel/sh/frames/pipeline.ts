/** Pipelines and subshells: commands that are processes of their own. */
import type { WaitStatus } from '../../program.ts'
import type { NodeOf } from '../ast.ts'
import { interrupted, stopForeground } from '../jobs.ts'
import { takeTerminal, tellSignal, waitFor } from '../launch.ts'
import { type Handler, type Shell, statusOf, valueOf } from '../machine.ts'
import type { Frame } from '../state.ts'

/** A pipeline: each command a child of its own; a lone negated command runs here. */
export const pipe: Handler = (sh, frame, answer) => {
  const node = sh.nodeOf(frame) as NodeOf<'pipe'>
  const { state } = sh
  const [only] = node.commands
  if (node.commands.length === 1 && only) {
    if (frame.pc === undefined) {
      frame.pc = 1
      sh.run(frame, only, true)
      return
    }
    sh.pop()
    state.status = state.status === 0 ? 1 : 0
    return
  }
  if (frame.pc === undefined) {
    startPipeline(sh, frame, node)
    return waitFor(sh, (frame.pids as number[])[0] ?? 0)
  }
  const pids = frame.pids as number[]
  const statuses = frame.statuses as number[]
  if (answer) {
    if ('error' in answer && answer.error.code === 'EINTR') return waitFor(sh, pids[statuses.length] ?? 0)
    const status: WaitStatus = 'error' in answer ? { code: 127 } : valueOf<{ status: WaitStatus }>(answer).status
    if ('stopped' in status) {
      sh.pop()
      state.status = statusOf(status)
      const commands = node.commands.map(command => command.text ?? '')
      const running = pids.slice(statuses.length)
      stopForeground(sh, { pids, running, statuses, commands, pgid: pids[0] ?? 0 }, status.stopped)
      return
    }
    if (state.interactive && 'signal' in status && status.signal === 'INT') frame.interrupted = true
    statuses.push(statusOf(status))
    if ('signal' in status) frame.signals = [...((frame.signals as string[] | undefined) ?? []), status.signal]
  }
  const next = pids[statuses.length]
  if (next !== undefined) return waitFor(sh, next)
  sh.pop()
  if (state.interactive) takeTerminal(sh)
  if (sh.dialect === 'bash') state.pipeStatus = [...statuses]
  const failed = statuses.filter(status => status !== 0).at(-1) ?? 0
  const status = state.pipefail ? failed : (statuses.at(-1) ?? 0)
  state.status = node.negate ? (status === 0 ? 1 : 0) : status
  if (frame.interrupted === true) return interrupted(sh)
  sh.afterCommand(frame.c === true || node.negate)
  for (const signal of (frame.signals as string[] | undefined) ?? []) tellSignal(sh, signal)
}

function startPipeline(sh: Shell, frame: Frame, node: NodeOf<'pipe'>): void {
  const { p, state } = sh
  const pids: number[] = []
  frame.pc = 1
  frame.pids = pids
  frame.statuses = []
  let input: number | undefined
  let group = 0
  for (const [at, command] of node.commands.entries()) {
    const ends = at < node.commands.length - 1 ? sh.pipe(at === 0) : undefined
    const fds = sh.descriptors(ends?.[0], ends?.[1], input)
    if (input !== undefined) fds.set(0, input)
    if (ends) fds.set(1, ends[1])
    const body: Frame[] = [
      {
        k: command.redirects.length > 0 && command.t !== 'simple' ? 'redirected' : command.t,
        s: frame.s ?? 0,
        a: frame.a ?? 0,
        n: command.id,
        c: false,
        last: true,
      },
    ]
    const pid = sh.fork(body, { fds, ...(state.interactive && { pgid: group }) })
    if (group === 0) group = pid
    pids.push(pid)
    if (input !== undefined) p.close(input)
    if (ends) p.close(ends[1])
    input = ends?.[0]
  }
  if (state.interactive) takeTerminal(sh, group)
}

export const subshell: Handler = (sh, frame, answer) => {
  const node = sh.nodeOf(frame) as NodeOf<'subshell'>
  const { state } = sh
  if (frame.pid === undefined) {
    if (frame.last === true && Object.values(state.traps).every(text => text === '')) {
      sh.pop()
      sh.run(frame, node.body)
      return
    }
    const body: Frame = {
      k: node.body.redirects.length > 0 && node.body.t !== 'simple' ? 'redirected' : node.body.t,
      s: frame.s ?? 0,
      a: frame.a ?? 0,
      n: node.body.id,
      c: frame.c === true,
      last: true,
    }
    frame.pid = sh.fork([body], state.interactive ? { pgid: 0 } : {})
    if (state.interactive) takeTerminal(sh, frame.pid as number)
    return waitFor(sh, frame.pid as number)
  }
  const pid = frame.pid as number
  if (answer && 'error' in answer && answer.error.code === 'EINTR') return waitFor(sh, pid)
  sh.pop()
  const status = answer && 'value' in answer ? valueOf<{ status: WaitStatus }>(answer).status : { code: 127 }
  state.status = statusOf(status)
  if (state.interactive) takeTerminal(sh)
  if ('stopped' in status) {
    const text = node.text ?? ''
    const shown = sh.dialect === 'bash' ? text.replace(/^\(\s*([\s\S]*?)\s*\)/, '( $1 )') : text
    const job = { pids: [pid], running: [pid], statuses: [0], commands: [shown], pgid: pid }
    return stopForeground(sh, job, status.stopped)
  }
  if (state.interactive && 'signal' in status && status.signal === 'INT') return interrupted(sh)
  sh.afterCommand(frame.c === true)
  if ('signal' in status) tellSignal(sh, status.signal)
}
