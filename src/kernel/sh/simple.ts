/** Simple commands: assignments, redirections, then a function, a builtin or a program. */
import type { Json } from '../program.ts'
import type { Node } from './ast.ts'
import { specialBuiltins } from './builtins/lookup.ts'
import { type ExpandContext, expandString, expandWords } from './expand.ts'
import { execute, signalText, takeTerminal } from './launch.ts'
import { type Handler, quote, type Shell, statusOf, valueOf } from './machine.ts'
import { applyRedirects, redirectTargets } from './redirect.ts'
import { type Frame, getVariable, has, setVariable, type Variable } from './state.ts'

type SimpleNode = Extract<Node, { t: 'simple' }>
type Assigned = [name: string, value: string]

/** Phases of a frame: 0 expand, 1 redirect, 2 begin, 3 wait for a program, 4 a builtin goes on. */
export const simple: Handler = (sh, frame, answer) => {
  const { state } = sh
  const phase = (frame.pc as number | undefined) ?? 0
  if (phase === 0) {
    if (frame.memo === undefined && sh.takeSignals()) return
    const node = sh.nodeOf(frame) as SimpleNode
    if (frame.memo === undefined) {
      const below = state.frames.findLast(each => each.k === 'source')
      state.line = (((below?.base as number | undefined) ?? 1) as number) + node.line - 1
    }
    const expanded = sh.expand(frame, context => expandCommand(context, node))
    if (!expanded) return
    const { words, assigned, targets } = expanded.value
    frame.words = words
    frame.assigned = assigned
    frame.targets = targets as unknown as Json
    frame.saved = []
    frame.pc = 1
    if (has(state, 'x')) trace(sh, words, assigned)
    return
  }
  const words = frame.words as string[]
  if (phase === 1) {
    const block = applyRedirects(sh, frame, answer, words[0] === 'exec')
    if (block) return block
    frame.pc = 2
    return begin(sh, frame, words)
  }
  if (phase === 3) return waited(sh, frame, answer)
  if (phase === 4) return finish(sh, frame)
  return undefined
}

function expandCommand(
  context: ExpandContext,
  node: SimpleNode,
): { words: string[]; assigned: Assigned[]; targets: ReturnType<typeof redirectTargets> } {
  const words = expandWords(context, node.words)
  const targets = redirectTargets(context, node.redirects)
  const assigned = node.assignments.map(({ name, value, append }): Assigned => {
    const text = expandString(context, value)
    return [name, append ? (getVariable(context.state, name)?.value ?? '') + text : text]
  })
  // Later assignments of a lone list see the earlier ones.
  if (words.length === 0 && node.assignments.length > 1) {
    context.at = 0
    expandWords(context, node.words)
    redirectTargets(context, node.redirects)
    const out: Assigned[] = []
    for (const { name, value, append } of node.assignments) {
      const text = expandString(context, value)
      const whole = append ? (getVariable(context.state, name)?.value ?? '') + text : text
      out.push([name, whole])
      setVariable(context.state, name, whole)
    }
    return { words, assigned: out, targets }
  }
  return { words, assigned, targets }
}

function trace(sh: Shell, words: readonly string[], assigned: readonly Assigned[]): void {
  const shown = [...assigned.map(([name, value]) => `${name}=${quote(value)}`), ...words.map(quote)].join(' ')
  sh.write(2, `${getVariable(sh.state, 'PS4')?.value ?? '+ '}${shown}\n`)
}

function begin(sh: Shell, frame: Frame, words: string[]): ReturnType<Handler> {
  const { state } = sh
  const assigned = frame.assigned as Assigned[]
  const [name] = words
  if (name === undefined) {
    for (const [variable, value] of assigned) setVariable(state, variable, value)
    state.status = frame.substituted === true ? state.substStatus : 0
    return finish(sh, frame)
  }
  const known = Object.hasOwn(state.functions, `$${name}`) ? state.functions[`$${name}`] : undefined
  const builtin = sh.builtins.get(name)
  const special = builtin !== undefined && specialBuiltins.has(name)
  if (builtin && (special || !known)) {
    if (special) for (const [variable, value] of assigned) setVariable(state, variable, value)
    else keepVariables(sh, frame, assigned)
    frame.pc = 4
    frame.builtin = name
    return builtin(sh, words.slice(1), frame) ?? undefined
  }
  if (known) {
    keepVariables(sh, frame, assigned)
    frame.pc = 4
    const [source, at, node] = known
    sh.push({ k: 'call', args: state.args, locals: [], c: frame.c === true, s: source })
    state.args = words.slice(1)
    sh.run({ s: source, a: at, c: frame.c ?? false }, sh.node(source, at, node))
    return undefined
  }
  return execute(sh, frame, words, assigned)
}

/** Variables given in front of a builtin or function hold while it runs. */
function keepVariables(sh: Shell, frame: Frame, assigned: readonly Assigned[]): void {
  if (assigned.length === 0) return
  const { vars } = sh.state
  frame.kept = assigned.map(([name]) => [
    name,
    (Object.hasOwn(vars, `$${name}`) ? { ...vars[`$${name}`] } : null) as Json,
  ])
  for (const [name, value] of assigned) {
    setVariable(sh.state, name, value)
    const variable = vars[`$${name}`]
    if (variable) variable.exported = true
  }
}

function waited(sh: Shell, frame: Frame, answer: Parameters<Handler>[2]): ReturnType<Handler> {
  const { state } = sh
  if (answer && 'error' in answer) {
    // A trap runs when the command has ended.
    if (answer.error.code === 'EINTR') return { op: 'wait', pid: frame.pid as number }
    state.status = 127
    return finish(sh, frame)
  }
  if (answer) {
    const { status } = valueOf<{ status: { code: number } | { signal: string } }>(answer)
    state.status = statusOf(status)
    if (state.interactive) takeTerminal(sh)
    if ('signal' in status) {
      const text = signalText(status.signal)
      if (text !== '') {
        const block = finish(sh, frame)
        sh.write(2, sh.dialect === 'bash' && !state.interactive ? '' : `${text}\n`)
        return block
      }
    }
  }
  return finish(sh, frame)
}

function finish(sh: Shell, frame: Frame): undefined {
  const { state } = sh
  sh.pop()
  sh.leave(frame)
  const kept = frame.kept as [string, Json][] | undefined
  for (const [name, variable] of kept ?? []) {
    if (variable === null) delete state.vars[`$${name}`]
    else state.vars[`$${name}`] = variable as unknown as Variable
  }
  sh.afterCommand(frame.c === true)
  return undefined
}
