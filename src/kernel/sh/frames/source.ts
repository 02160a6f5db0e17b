/** Texts run command by command: scripts, `-c`, functions' callers, standard input. */
import { mayReplace } from '../dialect.ts'
import { CommandError, type Handler, type Shell, valueOf } from '../machine.ts'
import { noAliases, parseUnit } from '../parser.ts'
import { type Frame, has } from '../state.ts'
import { SyntaxFault } from '../syntax.ts'

/** Runs a text command by command. */
export const source: Handler = (sh, frame) => {
  const { state } = sh
  if (sh.takeSignals()) return
  const id = frame.source as number
  let unit: ReturnType<typeof parseUnit>
  try {
    unit = sh.unit(id, frame.at as number)
  } catch (error) {
    if (!(error instanceof SyntaxFault)) throw error
    sh.pop()
    const failure = syntaxError(sh, frame, error)
    if (failure) throw failure
    return
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
  // The last command of `sh -c` takes the shell's place; dash has that only where it has forked.
  const last =
    frame.kind === 'command' &&
    (sh.dialect !== 'dash' || state.subshell) &&
    mayReplace(sh.dialect, unit.root) &&
    !hasMore(sh, id, unit.end)
  sh.push({
    k: unit.root.redirects.length > 0 && unit.root.t !== 'simple' ? 'redirected' : unit.root.t,
    s: id,
    a: from,
    n: unit.root.id,
    c: frame.c === true,
    ...(last && { last: true }),
  })
}

/** A fault of the grammar as the shells tell it: bash shows the line as well, and goes on after an eval. */
function syntaxError(sh: Shell, frame: Frame, { line, message, shown }: SyntaxFault): CommandError | undefined {
  const { state, dialect } = sh
  const place = (frame.line as number) + line - 1
  if (frame.kind === 'eval' && dialect === 'busybox') return new CommandError(message, 2, true, 'eval')
  state.line = place
  if (dialect === 'dash' && frame.kind === 'eval') return new CommandError(message, 2, true, 'eval')
  if (dialect !== 'bash') {
    if (typeof frame.path === 'string' && dialect === 'busybox')
      return new CommandError(`${frame.path}: line ${place}: ${message}`, 2, true)
    return new CommandError(message, 2, true)
  }
  const name = typeof frame.path === 'string' ? frame.path : state.arg0
  if (state.interactive && frame.kind === 'line') {
    state.status = 2
    sh.tell(message)
    return undefined
  }
  const prefix = `${name}: ${frame.kind === 'eval' ? 'eval: ' : frame.kind === 'command' && !state.script ? '-c: ' : ''}line ${place}: `
  sh.state.status = 2
  const fatal = frame.kind !== 'eval' && frame.kind !== 'dot'
  if (fatal) sh.exit(2)
  else sh.state.status = frame.kind === 'eval' ? 2 : 1
  sh.write(2, `${prefix}${message}\n${shown === undefined ? '' : `${prefix}\`${shown}'\n`}`)
  return undefined
}

function hasMore(sh: Shell, id: number, at: number): boolean {
  try {
    // Not kept: aliases that the first command makes hold for the next.
    return parseUnit(sh.state.sources[id] ?? '', at, sh.dialect, noAliases).root !== undefined
  } catch {
    return true
  }
}

/** How much ash and dash take of their input at once; bash leaves what follows a line to others. */
const inputBlock = 1024

/** Commands from standard input. What ash has read ahead is not there for the commands that it runs. */
export const stdin: Handler = (sh, frame, answer) => {
  const { state } = sh
  if (sh.takeSignals()) return
  const read = { op: 'read' as const, fd: 0, length: sh.dialect === 'bash' ? 1 : inputBlock }
  if (answer) {
    if ('error' in answer) {
      if (answer.error.code === 'EINTR') return
      sh.pop()
      return
    }
    const data = Buffer.from(valueOf<Uint8Array>(answer)).toString('latin1')
    if (data === '') frame.ended = true
    frame.ahead = ((frame.ahead as string | undefined) ?? '') + data
  }
  const first = (frame.line as number | undefined) ?? 1
  state.line = first
  for (;;) {
    const ahead = (frame.ahead as string | undefined) ?? ''
    const newline = ahead.indexOf('\n')
    const ended = frame.ended === true
    if (newline < 0 && !ended) return read
    const end = newline < 0 ? ahead.length : newline + 1
    const text = ((frame.text as string | undefined) ?? '') + ahead.slice(0, end)
    frame.ahead = ahead.slice(end)
    const last = ended && frame.ahead === ''
    if (text.trim() === '') {
      frame.text = ''
      if (last) return sh.pop()
      frame.line = first + 1
      return
    }
    if (!last && !isComplete(sh, text)) {
      frame.text = text
      continue
    }
    frame.text = ''
    frame.line = first + text.split('\n').length - 1
    sh.pushSource(text, 'stdin', { line: first })
    return
  }
}

/** Whether a text needs no more lines. */
function isComplete(sh: Shell, text: string): boolean {
  try {
    parseAll(sh, text)
    return true
  } catch (error) {
    return !(error instanceof SyntaxFault && error.incomplete)
  }
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
