/** Simple commands: assignments, redirections, then a function, a builtin or a program. */
import type { Json, WaitStatus } from '../program.ts'
import { assign, expandAssignment, expandList, type ListValue } from './assign.ts'
import type { NodeOf } from './ast.ts'
import { specialBuiltins } from './builtins/builtin.ts'
import { context } from './builtins/variables.ts'
import { type ExpandContext, expandString, expandWords } from './expand.ts'
import { interrupted, stopForeground } from './jobs.ts'
import { execute, takeTerminal, tellSignal, waitFor } from './launch.ts'
import { CommandError, type Handler, type Shell, statusOf, valueOf } from './machine.ts'
import { whole } from './memo.ts'
import { parseText } from './parser.ts'
import { quoteForTrace } from './quoting.ts'
import { applyRedirects, redirectTargets } from './redirect.ts'
import { copyVariable, type Frame, getVariable, has, setVariable, type Variable } from './state.ts'

type Assigned = [name: string, value: string]

interface Expanded {
  words: string[]
  assigned: Assigned[]
  targets: ReturnType<typeof redirectTargets>
  lists: ListValue[]
}

/** Phases of a frame: none yet: expand; 1 redirect, 2 begin, 3 wait for a program, 4 a builtin or function has run. */
export const simple: Handler = (sh, frame, answer) => {
  switch (frame.pc) {
    case undefined:
      return expandAndBegin(sh, frame)
    case 1: {
      const [name = ''] = frame.words as string[]
      const block = redirected(sh, frame, answer, name)
      if (block) return block
      return begin(sh, frame)
    }
    case 2:
      return begin(sh, frame)
    case 3:
      return waited(sh, frame, answer)
    default:
      return finish(sh, frame)
  }
}

function expandAndBegin(sh: Shell, frame: Frame): ReturnType<Handler> {
  const { state } = sh
  if (has(state, 'n') && !state.interactive) return sh.pop()
  const node = sh.nodeOf(frame) as NodeOf<'simple'>
  if (frame.memo === undefined) {
    if (sh.takeSignals()) return
    state.line = sh.baseLine() + node.line - 1
    if (state.traps.DEBUG && sh.debugTrap(frame)) return
  }
  const expanded = sh.expand(frame, context => expandCommand(context, node))
  if (!expanded) return
  const { words, assigned, targets, lists } = expanded.value
  frame.words = words
  frame.assigned = assigned
  if (lists.length > 0) frame.lists = lists as unknown as Json
  const traced = has(state, 'x') && trace(sh, words, assigned)
  if (targets.length === 0) {
    frame.pc = 2
    return traced ? undefined : begin(sh, frame)
  }
  frame.targets = targets as unknown as Json
  frame.saved = []
  frame.pc = 1
}

/** Redirections of a special builtin that fail end a script. */
function redirected(sh: Shell, frame: Frame, answer: Parameters<Handler>[2], name: string): ReturnType<Handler> {
  try {
    return applyRedirects(sh, frame, answer, name === 'exec')
  } catch (error) {
    if (error instanceof CommandError && sh.dialect !== 'bash' && specialBuiltins.has(name))
      throw new CommandError(error.message, error.status, true)
    throw error
  }
}

const none: never[] = []

function expandCommand(context: ExpandContext, node: NodeOf<'simple'>): Expanded {
  const words = expandWords(context, node.words)
  const targets = node.redirects.length === 0 ? none : redirectTargets(context, node.redirects)
  if (node.assignments.length === 0 && !node.lists) return { words, targets, assigned: none, lists: none }
  const lists = (node.lists ?? []).map(({ assignment }) =>
    whole(context, () => expandList(context, assignment) as unknown as Json),
  ) as unknown as ListValue[]
  const assigned = node.assignments.map(assignment =>
    whole(context, () =>
      // Each sees those before it; in front of a command they are for it alone.
      words.length === 0 || assignment.list || assignment.index
        ? assign(context, assignment)
        : expandAssignment(context, assignment),
    ),
  )
  return { words, targets, assigned: words.length === 0 ? assigned : plainOnly(node, assigned), lists }
}

const plainOnly = (node: NodeOf<'simple'>, assigned: Assigned[]): Assigned[] =>
  assigned.filter((_, at) => !node.assignments[at]?.list && !node.assignments[at]?.index)

/** Shows a command as `set -x` does; whether there was anything to show. */
function trace(sh: Shell, words: readonly string[], assigned: readonly Assigned[]): boolean {
  const { dialect } = sh
  const shown = assigned.map(
    ([name, value]) => `${name}=${value.startsWith('(') && dialect === 'bash' ? value : quoteValue(value, sh)}`,
  )
  const command = words.map(word => quoteForTrace(word, dialect)).join(' ')
  const lines =
    dialect === 'bash' ? [...shown, ...(command === '' ? [] : [command])] : [[...shown, command].join(' ').trimEnd()]
  if (lines.length === 0 || (lines.length === 1 && lines[0] === '')) return false
  const prefix = tracePrefix(sh)
  sh.write(2, lines.map(line => `${prefix}${line}\n`).join(''))
  return true
}

/** PS4, expanded. */
export function tracePrefix(sh: Shell): string {
  const text = getVariable(sh.state, 'PS4')?.value ?? '+ '
  if (!text.includes('$')) return text
  try {
    return expandString(context(sh), parseText(text, sh.dialect))
  } catch {
    return text
  }
}

const quoteValue = (value: string, sh: Shell): string =>
  value === '' && sh.dialect === 'bash' ? '' : quoteForTrace(value, sh.dialect)

function begin(sh: Shell, frame: Frame): ReturnType<Handler> {
  const { state } = sh
  const words = frame.words as string[]
  const assigned = frame.assigned as Assigned[]
  const [name] = words
  frame.pc = 4
  if (name === undefined) {
    state.status = frame.substituted === true ? state.substStatus : 0
    return finish(sh, frame)
  }
  const known = Object.hasOwn(state.functions, `$${name}`) ? state.functions[`$${name}`] : undefined
  const builtin = sh.builtins.get(name)
  const special = builtin !== undefined && specialBuiltins.has(name)
  // bash looks for functions first.
  if (builtin && (!known || (special && sh.dialect !== 'bash'))) {
    if (special && sh.dialect !== 'bash') for (const [variable, value] of assigned) setVariable(state, variable, value)
    else keepVariables(sh, frame, assigned)
    frame.builtin = name
    const block = builtin(sh, words.slice(1), frame)
    if (block) return block
    return state.frames.at(-1) === frame ? finish(sh, frame) : undefined
  }
  if (known) {
    keepVariables(sh, frame, assigned)
    const [source, at, node, base = 1] = known
    sh.push({ k: 'call', args: state.args, locals: [], c: frame.c === true, s: source, name, line: state.line, base })
    state.args = words.slice(1)
    if (sh.dialect !== 'bash') sh.keepOptionIndex()
    sh.run({ s: source, a: at, c: frame.c ?? false }, sh.node(source, at, node))
    return undefined
  }
  return execute(sh, frame, words, assigned)
}

/** Variables given in front of a builtin or function hold while it runs. */
function keepVariables(sh: Shell, frame: Frame, assigned: readonly Assigned[]): void {
  if (assigned.length === 0) return
  const { vars } = sh.state
  frame.kept = assigned.map(([name]) => {
    const old = Object.hasOwn(vars, `$${name}`) ? vars[`$${name}`] : undefined
    return [name, (old ? copyVariable(old) : null) as Json]
  })
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
    if (answer.error.code === 'EINTR') return waitFor(sh, frame.pid as number)
    state.status = 127
    return finish(sh, frame)
  }
  if (answer) {
    const { status } = valueOf<{ status: WaitStatus }>(answer)
    state.status = statusOf(status)
    if (state.interactive) takeTerminal(sh)
    if ('stopped' in status) {
      const pid = frame.pid as number
      const commands = [sh.nodeOf(frame).text ?? (frame.words as string[]).join(' ')]
      const done = finish(sh, frame)
      stopForeground(sh, { pids: [pid], running: [pid], statuses: [0], commands, pgid: pid }, status.stopped)
      return done
    }
    if ('signal' in status) {
      if (state.interactive && status.signal === 'INT') {
        const done = finish(sh, frame)
        interrupted(sh)
        return done
      }
      const block = finish(sh, frame)
      tellSignal(sh, status.signal)
      return block
    }
  }
  return finish(sh, frame)
}

function finish(sh: Shell, frame: Frame): undefined {
  const { state } = sh
  sh.pop()
  sh.leave(frame)
  for (const [name, variable] of (frame.kept as [string, Json][] | undefined) ?? []) {
    if (variable === null) delete state.vars[`$${name}`]
    else state.vars[`$${name}`] = variable as unknown as Variable
  }
  if (sh.dialect === 'bash') {
    const words = frame.words as string[]
    state.lastArgument = words.at(-1) ?? ''
    delete state.pipeStatus
  }
  if (state.status !== 0) sh.afterCommand(frame.c === true)
  return undefined
}
