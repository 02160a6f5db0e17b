/** Lists, `&&` and `||`, groups, and what is started in the background. */
import type { Node, NodeOf } from '../ast.ts'
import { addJob } from '../jobs.ts'
import type { Handler, Shell } from '../machine.ts'
import type { Frame } from '../state.ts'

export const list: Handler = (sh, frame) => {
  if (sh.takeSignals()) return
  const node = sh.nodeOf(frame) as NodeOf<'list'>
  const at = (frame.pc as number | undefined) ?? 0
  const item = node.items[at]
  if (!item) return sh.pop()
  frame.pc = at + 1
  if (item.background) return startBackground(sh, frame, item.node, item.source)
  if (at === node.items.length - 1) {
    // The last item needs no frame below it.
    sh.pop()
    sh.run(frame, item.node)
    return
  }
  sh.run(frame, item.node)
}

function startBackground(sh: Shell, frame: Frame, node: Node, text: string): void {
  const { state, p } = sh
  const body: Frame[] = [
    {
      k: node.redirects.length > 0 && node.t !== 'simple' ? 'redirected' : node.t,
      s: frame.s ?? 0,
      a: frame.a ?? 0,
      n: node.id,
      c: false,
      last: true,
    },
  ]
  const fds = sh.descriptors()
  let input: number | undefined
  if (!state.interactive) {
    try {
      input = p.open('/dev/null', { read: true })
      fds.set(0, input)
    } catch {
      fds.delete(0)
    }
  }
  const pid = sh.fork(body, { fds, background: true, ...(state.interactive && { pgid: 0 }) })
  if (input !== undefined) p.close(input)
  state.lastBackground = pid
  const { id } = addJob(sh, { pids: [pid], running: [pid], statuses: [0], commands: [text], pgid: pid })
  state.status = 0
  if (state.interactive && sh.dialect === 'bash') sh.write(2, `[${id}] ${pid}\n`)
}

export const andor: Handler = (sh, frame) => {
  const node = sh.nodeOf(frame) as NodeOf<'andor'>
  const { state } = sh
  let at = (frame.pc as number | undefined) ?? 0
  if (at === 0) {
    frame.pc = 1
    sh.run(frame, node.first, true)
    return
  }
  for (let next = node.rest[at - 1]; next; next = node.rest[at - 1]) {
    at++
    if ((next.op === '&&') !== (state.status === 0)) continue
    frame.pc = at
    const last = at > node.rest.length
    if (last) sh.pop()
    sh.run(frame, next.node, !last)
    return
  }
  sh.pop()
}

export const group: Handler = (sh, frame) => {
  sh.pop()
  sh.run(frame, (sh.nodeOf(frame) as NodeOf<'group'>).body)
}
