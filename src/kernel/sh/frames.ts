/** What each kind of frame does: commands simple and compound, pipelines, substitutions, input. */

import type { Json } from '../program.ts'
import { fnmatch } from '../userland/lib/fnmatch.ts'
import { TestError } from '../userland/lib/test-expression.ts'
import type { Node } from './ast.ts'
import { builtins } from './builtins.ts'
import { doubleBracket } from './double-bracket.ts'
import { expandPattern, expandString, expandWords } from './expand.ts'
import { interactive } from './interactive.ts'
import { CommandError, type Handler, type Shell, statusOf, valueOf } from './machine.ts'
import { parseUnit, SyntaxFault } from './parser.ts'
import { applyRedirects, redirectTargets } from './redirect.ts'
import { simple } from './simple.ts'
import { type Frame, has, type Job, setVariable } from './state.ts'

type Of<T extends Node['t']> = Extract<Node, { t: T }>

/** Runs a text command by command. */
const source: Handler = (sh, frame) => {
  const { state } = sh
  if (sh.takeSignals()) return
  const id = frame.source as number
  let unit: ReturnType<typeof parseUnit>
  try {
    unit = parseUnit(state.sources[id] ?? '', frame.at as number, sh.dialect, sh.aliases())
  } catch (error) {
    if (!(error instanceof SyntaxFault)) throw error
    sh.pop()
    if (frame.kind !== 'eval') state.line = (frame.line as number) + error.line - 1
    throw new CommandError(error.message, 2, true)
  }
  const from = frame.at as number
  if (!unit.root) {
    sh.pop()
    if (frame.kind === 'trap' || frame.kind === 'eval' || frame.kind === 'dot') sh.leave(frame)
    sh.dropSource(id)
    return
  }
  frame.at = unit.end
  const base = frame.line as number
  frame.line = base + unit.lines - 1
  if (has(state, 'n') && !state.interactive) return
  frame.base = base
  // A lone command of `sh -c`, and the only one of a subshell, takes the shell's place.
  const last = frame.kind === 'command' && from === 0 && unit.root.t === 'simple' && !hasMore(sh, id, unit.end)
  sh.push({
    k: unit.root.redirects.length > 0 && unit.root.t !== 'simple' ? 'redirected' : unit.root.t,
    s: id,
    a: from,
    n: unit.root.id,
    c: frame.c === true,
    ...(last && { last: true }),
  })
}

function hasMore(sh: Shell, id: number, at: number): boolean {
  try {
    return parseUnit(sh.state.sources[id] ?? '', at, sh.dialect).root !== undefined
  } catch {
    return true
  }
}

const list: Handler = (sh, frame) => {
  if (sh.takeSignals()) return
  const node = sh.nodeOf(frame) as Of<'list'>
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
  const fds = new Map(
    p
      .fdList()
      .filter(fd => fd < 10)
      .map(fd => [fd, fd]),
  )
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
  const id = nextJob(state.jobs)
  state.jobs.push({ id, pids: [pid], running: [pid], statuses: [0], command: text, stopped: false, pgid: pid })
  state.status = 0
  if (state.interactive) sh.write(2, `[${id}] ${pid}\n`)
}

const nextJob = (jobs: readonly Job[]): number => Math.max(0, ...jobs.map(job => job.id)) + 1

const andor: Handler = (sh, frame) => {
  const node = sh.nodeOf(frame) as Of<'andor'>
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

/** A pipeline: each command a child of its own; a lone negated command runs here. */
const pipe: Handler = (sh, frame, answer) => {
  const node = sh.nodeOf(frame) as Of<'pipe'>
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
    return { op: 'wait', pid: (frame.pids as number[])[0] ?? 0 }
  }
  const pids = frame.pids as number[]
  const statuses = frame.statuses as number[]
  if (answer) {
    if ('error' in answer && answer.error.code === 'EINTR') return { op: 'wait', pid: pids[statuses.length] ?? 0 }
    statuses.push('error' in answer ? 127 : statusOf(valueOf<{ status: { code: number } }>(answer).status))
  }
  const next = pids[statuses.length]
  if (next !== undefined) return { op: 'wait', pid: next }
  sh.pop()
  if (state.interactive) takeTerminal(sh)
  const failed = statuses.filter(status => status !== 0).at(-1) ?? 0
  const status = state.pipefail ? failed : (statuses.at(-1) ?? 0)
  state.status = node.negate ? (status === 0 ? 1 : 0) : status
  sh.afterCommand(frame.c === true || node.negate)
}

function startPipeline(sh: Shell, frame: Frame, node: Of<'pipe'>): void {
  const { p, state } = sh
  const pids: number[] = []
  frame.pc = 1
  frame.pids = pids
  frame.statuses = []
  let input: number | undefined
  let group = 0
  for (const [at, command] of node.commands.entries()) {
    const ends = at < node.commands.length - 1 ? p.pipe() : undefined
    const fds = new Map(
      p
        .fdList()
        .filter(fd => fd < 10 && fd !== ends?.[0] && fd !== ends?.[1] && fd !== input)
        .map(fd => [fd, fd]),
    )
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

/** Makes a process group the terminal's foreground; the shell's own by default. */
export function takeTerminal(sh: Shell, pgid = sh.p.pgid): void {
  try {
    sh.p.tcsetpgrp(0, pgid)
  } catch {
    // No terminal.
  }
}

const subshell: Handler = (sh, frame, answer) => {
  const node = sh.nodeOf(frame) as Of<'subshell'>
  if (frame.pid === undefined) {
    if (frame.last === true && Object.keys(sh.state.traps).length === 0) {
      sh.pop()
      sh.run(frame, node.body)
      return
    }
    frame.pid = sh.fork([
      {
        k: node.body.redirects.length > 0 && node.body.t !== 'simple' ? 'redirected' : node.body.t,
        s: frame.s ?? 0,
        a: frame.a ?? 0,
        n: node.body.id,
        c: frame.c === true,
        last: true,
      },
    ])
    return { op: 'wait', pid: frame.pid as number }
  }
  if (answer && 'error' in answer && answer.error.code === 'EINTR') return { op: 'wait', pid: frame.pid as number }
  sh.pop()
  sh.state.status = answer && 'value' in answer ? statusOf(valueOf<{ status: { code: number } }>(answer).status) : 127
  sh.afterCommand(frame.c === true)
}

const group: Handler = (sh, frame) => {
  sh.pop()
  sh.run(frame, (sh.nodeOf(frame) as Of<'group'>).body)
}

/** A compound command with redirections: they last as long as it. */
const redirected: Handler = (sh, frame, answer) => {
  const node = sh.nodeOf(frame)
  if (frame.pc === undefined) {
    const targets = sh.expand(frame, context => redirectTargets(context, node.redirects))
    if (!targets) return
    frame.targets = targets.value as unknown as Json
    frame.saved = []
    frame.pc = 0
  }
  if (frame.pc === 0) {
    const block = applyRedirects(sh, frame, answer)
    if (block) return block
    frame.pc = 1
    sh.push({ k: node.t, s: frame.s ?? 0, a: frame.a ?? 0, n: node.id, c: frame.c === true })
    return
  }
  sh.pop()
  sh.leave(frame)
}

const ifFrame: Handler = (sh, frame) => {
  const node = sh.nodeOf(frame) as Of<'if'>
  const at = (frame.pc as number | undefined) ?? 0
  if (at > 0) {
    const clause = node.clauses[at - 1]
    if (clause && sh.state.status === 0) {
      sh.pop()
      sh.run(frame, clause.body)
      return
    }
  }
  const next = node.clauses[at]
  if (next) {
    frame.pc = at + 1
    sh.run(frame, next.condition, true)
    return
  }
  sh.pop()
  sh.state.status = 0
  if (node.otherwise) sh.run(frame, node.otherwise)
}

const whileFrame: Handler = (sh, frame) => {
  if (sh.takeSignals()) return
  const node = sh.nodeOf(frame) as Of<'while'>
  if (frame.pc === 1) {
    if ((sh.state.status === 0) === node.until) {
      sh.pop()
      sh.state.status = (frame.last_status as number | undefined) ?? 0
      return
    }
    frame.pc = 2
    sh.run(frame, node.body)
    return
  }
  if (frame.pc === 2) frame.last_status = sh.state.status
  frame.pc = 1
  sh.run(frame, node.condition, true)
}

const forFrame: Handler = (sh, frame) => {
  if (sh.takeSignals()) return
  const node = sh.nodeOf(frame) as Of<'for'>
  if (frame.items === undefined) {
    const { words } = node
    if (!words) frame.items = [...sh.state.args]
    else {
      const items = sh.expand(frame, context => expandWords(context, words))
      if (!items) return
      frame.items = items.value
    }
    frame.at = 0
    sh.state.status = 0
  }
  const at = frame.at as number
  const items = frame.items as string[]
  const item = items[at]
  if (item === undefined) return sh.pop()
  frame.at = at + 1
  setVariable(sh.state, node.name, item)
  sh.run(frame, node.body)
}

const caseFrame: Handler = (sh, frame) => {
  const node = sh.nodeOf(frame) as Of<'case'>
  const found = sh.expand(frame, context => {
    const word = expandString(context, node.word)
    for (const [at, item] of node.items.entries())
      for (const pattern of item.patterns) if (fnmatch(expandPattern(context, pattern), word)) return at
    return -1
  })
  if (!found) return
  sh.pop()
  sh.state.status = 0
  const item = node.items[found.value]
  if (!item) return
  // `;&` goes on with the next item's commands.
  const bodies = [item.body]
  for (let at = found.value; node.items[at]?.next === ';&'; at++) bodies.push(node.items[at + 1]?.body)
  for (const body of bodies.reverse()) if (body) sh.run(frame, body)
}

const functionFrame: Handler = (sh, frame) => {
  const node = sh.nodeOf(frame) as Of<'function'>
  sh.state.functions[`$${node.name}`] = [frame.s as number, frame.a as number, node.body.id]
  sh.state.status = 0
  sh.pop()
}

const testFrame: Handler = (sh, frame) => {
  const node = sh.nodeOf(frame) as Of<'test'>
  const result = sh.expand(frame, context => {
    try {
      return doubleBracket(context, node.words) ? 0 : 1
    } catch (error) {
      if (error instanceof TestError) throw new CommandError(error.message, 2, false)
      throw error
    }
  })
  if (!result) return
  sh.pop()
  sh.state.status = result.value
  sh.afterCommand(frame.c === true)
}

/** `$(…)`: runs a text in a child and puts what it prints into the memo of the frame below. */
const substitute: Handler = (sh, frame, answer) => {
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

/** Writes a text, all of it. */
const write: Handler = (sh, frame, answer) => {
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
const status: Handler = (sh, frame) => {
  sh.state.status = frame.status as number
  sh.pop()
}

/** A function's or a sourced file's end. */
const call: Handler = (sh, frame) => {
  sh.pop()
  sh.leave(frame)
  sh.afterCommand(frame.c === true)
}

/** Commands from standard input, a line at a time, so that what they read themselves stays for them. */
const stdin: Handler = (sh, frame, answer) => {
  const { state } = sh
  if (sh.takeSignals()) return
  if (answer) {
    if ('error' in answer) {
      if (answer.error.code === 'EINTR') return
      sh.pop()
      return
    }
    const data = Buffer.from(valueOf<Uint8Array>(answer)).toString('latin1')
    if (data === '') frame.ended = true
    frame.text = ((frame.text as string | undefined) ?? '') + data
    if (data !== '' && data !== '\n') return { op: 'read', fd: 0, length: 1 }
  }
  const text = (frame.text as string | undefined) ?? ''
  if (answer && (text.endsWith('\n') || frame.ended === true) && text.trim() !== '') {
    try {
      parseAll(sh, text)
    } catch (error) {
      if (error instanceof SyntaxFault && error.incomplete && frame.ended !== true)
        return { op: 'read', fd: 0, length: 1 }
    }
    frame.text = ''
    const line = (frame.line as number | undefined) ?? 1
    frame.line = line + text.split('\n').length - 1
    sh.pushSource(text, 'stdin', { line })
    return
  }
  if (answer && text.trim() === '') {
    if (text.endsWith('\n')) frame.line = ((frame.line as number | undefined) ?? 1) + 1
    frame.text = ''
  }
  if (frame.ended === true) return sh.pop()
  state.line = (frame.line as number | undefined) ?? 1
  return { op: 'read', fd: 0, length: 1 }
}

/** Parses every command of a text; throws what is wrong with the first that is. */
export function parseAll(sh: Shell, text: string): void {
  for (let at = 0; at < text.length; ) {
    const unit = parseUnit(text, at, sh.dialect, sh.aliases())
    if (unit.openHere) throw new SyntaxFault('syntax error: unterminated here-document', 1, true)
    if (!unit.root || unit.end <= at) return
    at = unit.end
  }
}

export const handlers: Readonly<Record<string, Handler>> = {
  source,
  list,
  andor,
  pipe,
  subshell,
  group,
  redirected,
  if: ifFrame,
  while: whileFrame,
  for: forFrame,
  case: caseFrame,
  function: functionFrame,
  test: testFrame,
  simple,
  substitute,
  write,
  status,
  call,
  stdin,
  interactive,
  ...builtins.frames,
}
