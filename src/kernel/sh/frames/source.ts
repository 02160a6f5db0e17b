/** Texts run command by command: scripts, `-c`, functions' callers, standard input. */
import { CommandError, type Handler, type Shell, valueOf } from '../machine.ts'
import { parseUnit } from '../parser.ts'
import { has } from '../state.ts'
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
    return sh.unit(id, at).root !== undefined
  } catch {
    return true
  }
}

/** Commands from standard input, a line at a time, so that what they read themselves stays for them. */
export const stdin: Handler = (sh, frame, answer) => {
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
