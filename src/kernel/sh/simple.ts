/** Simple commands: assignments, redirections, then a function, a builtin or a program. */
import { isErrno } from '../../vfs/errno.ts'
import type { Json } from '../program.ts'
import { findProgram } from '../userland/lib/spawn.ts'
import type { Node } from './ast.ts'
import { builtins } from './builtins.ts'
import { type ExpandContext, expandString, expandWords } from './expand.ts'
import { takeTerminal } from './frames.ts'
import { CommandError, type Handler, type Shell, statusOf, valueOf } from './machine.ts'
import { applyRedirects, redirectTargets } from './redirect.ts'
import { exported, type Frame, getVariable, has, type ShellState, setVariable, type Variable } from './state.ts'

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

/** A word as `set -x` shows it. */
export function quote(word: string): string {
  return word !== '' && /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
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
  const special = builtins.special.has(name)
  if (special || (!known && builtins.commands.has(name))) {
    if (special) for (const [variable, value] of assigned) setVariable(state, variable, value)
    else keepVariables(sh, frame, assigned)
    frame.pc = 4
    frame.builtin = name
    return builtins.run(sh, frame, words)
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

/** Starts a program, or replaces the shell by it where nothing is left to do. */
export function execute(sh: Shell, frame: Frame, words: string[], assigned: readonly Assigned[]): ReturnType<Handler> {
  const { p, state } = sh
  const [name = ''] = words
  const env = exported(state)
  for (const [variable, value] of assigned) env.set(variable, value)
  let path: string
  try {
    path = locate(sh, name, env)
  } catch (error) {
    if (!isErrno(error)) throw error
    throw notRunnable(sh, name, error.code)
  }
  const alone =
    frame.last === true &&
    state.frames.every(each => each === frame || each.k === 'source') &&
    Object.values(state.traps).every(text => text === '')
  if (alone && isProgram(sh, path)) {
    for (const [, copy] of frame.saved as [number, number][]) if (copy >= 0) p.close(copy)
    return { op: 'exec', path, argv: words, env }
  }
  try {
    frame.pid = p.spawn({ path, argv: words, env, fds: inherited(sh), ...(state.interactive && { pgid: 0 }) })
  } catch (error) {
    if (!isErrno(error)) throw error
    if (error.code === 'ENOEXEC') frame.pid = runText(sh, path, words)
    else if (error.code === 'EAGAIN')
      throw new CommandError(
        sh.dialect === 'bash'
          ? 'fork: retry: Resource temporarily unavailable'
          : "can't fork: Resource temporarily unavailable",
        2,
        true,
      )
    else throw notRunnable(sh, name, error.code)
  }
  if (state.interactive) takeTerminal(sh, frame.pid as number)
  frame.pc = 3
  return { op: 'wait', pid: frame.pid as number }
}

/** Whether exec would work, so that the shell may let go of itself. */
function isProgram(sh: Shell, path: string): boolean {
  try {
    const fd = sh.p.open(path, { read: true })
    const head = sh.readFile(fd, 4)
    sh.p.close(fd)
    return head.startsWith('\x7fELF')
  } catch {
    return false
  }
}

/** Descriptors that commands get: all but the shell's own. */
function inherited(sh: Shell): Map<number, number> {
  return new Map(
    sh.p
      .fdList()
      .filter(fd => fd < 10)
      .map(fd => [fd, fd]),
  )
}

/** Where a command's file is: as the shell's own PATH says. Throws ENOENT or EACCES. */
export function locate(sh: Shell, name: string, env = exported(sh.state)): string {
  const path = env.get('PATH') ?? getVariable(sh.state, 'PATH')?.value ?? '/sbin:/usr/sbin:/bin:/usr/bin'
  return findProgram(sh.p, name, path)
}

function notRunnable(sh: Shell, name: string, code: string): CommandError {
  const missing = code === 'ENOENT' || code === 'ENOTDIR'
  if (sh.dialect === 'bash') {
    if (missing)
      return new CommandError(
        `${name}: ${name.includes('/') ? 'No such file or directory' : 'command not found'}`,
        127,
        false,
      )
    return new CommandError(`${name}: ${isFolder(sh, name) ? 'Is a directory' : 'Permission denied'}`, 126, false)
  }
  return new CommandError(
    `${name}: ${missing ? 'not found' : code === 'ENOEXEC' ? 'Exec format error' : 'Permission denied'}`,
    missing ? 127 : 126,
    false,
  )
}

function isFolder(sh: Shell, path: string): boolean {
  try {
    return sh.p.stat(path).type === 'dir'
  } catch {
    return false
  }
}

/** A text file without `#!` is run by a shell of its own. */
function runText(sh: Shell, path: string, words: readonly string[]): number {
  const child: ShellState = {
    ...sh.state,
    frames: [{ k: 'source', source: 0, at: 0, kind: 'script', c: false, line: 1 }],
    args: words.slice(1),
    arg0: words[0] ?? path,
    script: true,
    jobs: [],
    functions: {},
    traps: {},
    subshell: true,
    interactive: false,
    sources: { 0: readAll(sh, path) },
    nextSource: 1,
  }
  return sh.p.fork(structuredClone(child) as unknown as Json, { fds: inherited(sh), argv: ['sh', ...words] })
}

/** A script's text: files are read whole. */
export function readAll(sh: Shell, path: string): string {
  const fd = sh.p.open(path, { read: true })
  try {
    const { size } = sh.p.fstat(fd)
    return sh.readFile(fd, size)
  } finally {
    sh.p.close(fd)
  }
}

const signalTexts: Record<string, string> = {
  HUP: 'Hangup',
  QUIT: 'Quit',
  ILL: 'Illegal instruction',
  TRAP: 'Trace/breakpoint trap',
  ABRT: 'Aborted',
  BUS: 'Bus error',
  FPE: 'Floating point exception',
  KILL: 'Killed',
  USR1: 'User defined signal 1',
  SEGV: 'Segmentation fault',
  USR2: 'User defined signal 2',
  ALRM: 'Alarm clock',
  TERM: 'Terminated',
}

/** What is printed for a signal that ended a command; '' for those that are taken for granted. */
export const signalText = (signal: string): string => signalTexts[signal] ?? ''

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
