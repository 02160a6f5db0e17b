/** A shell at a terminal: the prompt, the line that is edited, its command, and what has become of jobs meanwhile. */
import type { Answer, Block, Json } from '../program.ts'
import { newLine } from './edit/editor.ts'
import { isDebians, loadHistory, remember } from './edit/history.ts'
import { readKey } from './edit/keys.ts'
import { type Prompt, prompt } from './edit/prompt.ts'
import { editorOf, press, textOf } from './edit/typing.ts'
import { parseAll } from './frames/source.ts'
import { changedJobs, leaveShell } from './jobs.ts'
import { isFolder, readAll, takeTerminal } from './launch.ts'
import { type Handler, type Shell, valueOf } from './machine.ts'
import { type Frame, getVariable } from './state.ts'
import { SyntaxFault } from './syntax.ts'

/** How long the rest of a key's sequence may take, in ms. */
const keyPatience = 50
/** Most bytes of a key's sequence. */
const keyLength = 16
const pasteOn = '\x1b[?2004h'
const pasteOff = '\x1b[?2004l\r'
const banner =
  "\n\nBusyBox v1.35.0 (Debian 1:1.35.0-4+deb12u1+b1) built-in shell (ash)\nEnter 'help' for a list of built-in commands.\n\n"

/**
 * The frame's phases: none yet: start; `prompt`; `ask` whether keys are there already; `key`; `line` of a terminal that
 * edits itself.
 */
export const interactive: Handler = (sh, frame, answer) => {
  switch (frame.phase) {
    case undefined:
      return start(sh, frame)
    case 'prompt':
      return showPrompt(sh, frame)
    case 'ask':
      return ask(sh, frame, answer)
    case 'key':
      return keys(sh, frame, answer)
    default:
      return plainLine(sh, frame, answer)
  }
}

/** What a shell does before its first prompt: its start-up files, its history, its banner. */
function start(sh: Shell, frame: Frame): undefined {
  frame.phase = 'prompt'
  loadHistory(sh)
  for (const path of startFiles(sh).reverse())
    if (sh.p.access(path, { read: true }) && !isFolder(sh, path)) sh.pushSource(readAll(sh, path), 'dot', { path })
  if (isDebians(sh)) sh.write(1, banner)
}

function startFiles({ dialect, state, p }: Shell): string[] {
  const home = getVariable(state, 'HOME')?.value ?? ''
  const login = p.argv[0]?.startsWith('-') || p.argv.slice(1).some(word => /^-[a-z]*l|^--login$/.test(word))
  if (dialect !== 'bash') {
    const own = getVariable(state, 'ENV')?.value
    return [...(login ? ['/etc/profile', `${home}/.profile`] : []), ...(own === undefined ? [] : [own])]
  }
  if (!login) return ['/etc/bash.bashrc', `${home}/.bashrc`]
  const named = ['.bash_profile', '.bash_login', '.profile'].map(name => `${home}/${name}`)
  return ['/etc/profile', ...named.filter(path => p.access(path, { read: true })).slice(0, 1)]
}

function showPrompt(sh: Shell, frame: Frame): Block | undefined {
  const { state, p } = sh
  const more = typeof frame.text === 'string' && frame.text !== ''
  // A trap's text runs before the prompt.
  if (sh.takeSignals()) return
  const shown = prompt(sh, frame, more ? 'PS2' : 'PS1')
  if (!shown) return
  if (state.warned) state.warned--
  takeTerminal(sh)
  const told = more ? '' : changedJobs(sh)
  const plain = sh.dialect === 'dash' || !p.isatty(0) || (sh.dialect !== 'bash' && !p.termios(0).echo)
  if (plain) {
    frame.phase = 'line'
    sh.write(sh.dialect === 'dash' ? 2 : 1, told + shown.text)
    return
  }
  beginLine(sh, frame, shown)
  frame.phase = sh.dialect === 'bash' ? 'key' : 'ask'
  sh.write(1, `${told}${sh.dialect === 'bash' ? pasteOn : ''}${shown.text}`)
}

function beginLine(sh: Shell, frame: Frame, { last, width }: Prompt): void {
  const { p, state } = sh
  const columns = Math.max(1, p.winsize(0).cols || 80)
  frame.edit = newLine(last, width, columns, state.history.length) as unknown as Json
  frame.silent = !p.termios(0).echo
  frame.before = { ...p.termios(0, { canonical: false, echo: false, interrupt: false }) }
  if (p.sigDisposition('WINCH') === 'default') p.sigaction('WINCH', 'catch')
}

/** busybox asks the terminal where the cursor is, unless something was typed already. */
function ask(sh: Shell, frame: Frame, answer: Answer | undefined): Block | undefined {
  if (!answer) return { op: 'poll', fds: [{ fd: 0, event: 'in' }], ms: 0 }
  frame.phase = 'key'
  const quiet = !('error' in answer) && (answer.value as number[]).length === 0
  if (quiet && asksTerminal(sh)) sh.write(1, '\x1b[6n')
}

/** Debian's and Alpine's builds do. */
const asksTerminal = (sh: Shell): boolean => isDebians(sh) || sh.p.access('/etc/alpine-release', {})

/** Takes in what is typed, key by key. */
function keys(sh: Shell, frame: Frame, answer: Answer | undefined): Block | undefined {
  const typed = (frame.typed as string | undefined) ?? ''
  let ended = false
  if (answer && 'error' in answer) {
    if (answer.error.code !== 'EINTR') return finish(sh, frame)
    return signalled(sh, frame)
  }
  if (answer && frame.polled === true) {
    delete frame.polled
    ended = (answer.value as number[]).length === 0
    if (!ended) return { op: 'read', fd: 0, length: keyLength - typed.length }
  } else if (answer) {
    const data = Buffer.from(valueOf<Uint8Array>(answer)).toString('latin1')
    if (data === '') return finish(sh, frame)
    frame.typed = typed + data
  }
  return nextKey(sh, frame, ended)
}

function nextKey(sh: Shell, frame: Frame, ended: boolean): Block | undefined {
  const typed = (frame.typed as string | undefined) ?? ''
  const read = readKey(typed, ended)
  if (!read) {
    if (typed === '') return { op: 'read', fd: 0, length: 1 }
    frame.polled = true
    return { op: 'poll', fds: [{ fd: 0, event: 'in' }], ms: keyPatience }
  }
  frame.typed = typed.slice(read.length)
  const editor = editorOf(sh, frame)
  const ending = press(sh, frame, editor, read.key)
  const text = textOf(editor.line)
  const shown = frame.silent === true ? editor.out.replace(/[^\n]/g, '') : editor.out
  if (!ending) {
    sh.write(1, shown)
    return
  }
  endLine(sh, frame)
  const bash = sh.dialect === 'bash'
  if (ending === 'line') {
    take(sh, frame, `${text}\n`)
    sh.write(1, bash ? (frame.silent === true ? `${pasteOff}\n` : `${shown}${pasteOff}`) : shown)
  } else if (ending === 'interrupt') {
    frame.text = ''
    sh.state.status = 130
    sh.write(1, bash ? `^C${pasteOff}${pasteOn}${pasteOff}\n` : '^C\n')
  } else {
    endOfInput(sh, frame)
    if (bash) sh.write(1, pasteOff)
  }
}

/** Gives the terminal back as it was. */
function endLine(sh: Shell, frame: Frame): void {
  const { p } = sh
  if (p.isatty(0)) p.termios(0, frame.before as unknown as Partial<ReturnType<typeof p.termios>>)
  if (p.sigDisposition('WINCH') === 'catch' && sh.state.traps.WINCH === undefined) p.sigaction('WINCH', 'default')
  frame.phase = 'prompt'
  for (const key of ['edit', 'before', 'tabs', 'search', 'pasting', 'polled']) delete frame[key]
}

/** A signal while the line is edited: another size of the window, an interrupt, one with a trap. */
function signalled(sh: Shell, frame: Frame): undefined {
  const { p, state } = sh
  for (let signal = p.takeSignal(); signal; signal = p.takeSignal()) {
    if (state.traps[signal]) {
      sh.push({ k: 'status', status: state.status })
      sh.pushSource(state.traps[signal] ?? '', 'trap')
      return
    }
    if (signal === 'WINCH') {
      const editor = editorOf(sh, frame)
      editor.line.columns = Math.max(1, p.winsize(0).cols || 80)
      if (sh.dialect === 'bash') editor.out += '\r\x1b[K'
      if (sh.dialect === 'bash') editor.out += '\r'
      if (sh.dialect === 'bash') editor.again()
      else editor.redraw(editor.line.chars.length - editor.line.cursor)
      sh.write(1, editor.out)
    } else if (signal === 'INT') {
      endLine(sh, frame)
      frame.text = ''
      state.status = 130
      sh.write(1, '\n')
      return
    }
  }
}

/** A line from a terminal that edits it itself. */
function plainLine(sh: Shell, frame: Frame, answer: Answer | undefined): Block | undefined {
  if (!answer) return { op: 'read', fd: 0, length: 4096 }
  frame.phase = 'prompt'
  if ('error' in answer) {
    const signal = sh.p.takeSignal()
    if (signal === undefined) {
      sh.pop()
      return
    }
    const trap = sh.state.traps[signal]
    if (trap) sh.pushSource(trap, 'trap')
    else if (signal !== 'INT') return
    frame.text = ''
    sh.state.status = 130
    sh.write(1, '\n')
    return
  }
  const data = Buffer.from(valueOf<Uint8Array>(answer)).toString('latin1')
  if (data === '') endOfInput(sh, frame)
  else take(sh, frame, data)
}

/** The terminal is gone. */
function finish(sh: Shell, frame: Frame): undefined {
  endLine(sh, frame)
  sh.pop()
}

/** Runs a line; one that is not a whole command waits for more. */
function take(sh: Shell, frame: Frame, line: string): void {
  const text = ((frame.text as string | undefined) ?? '') + line
  frame.text = ''
  if (text.trim() === '') frame.line = ((frame.line as number | undefined) ?? 1) + 1
  else {
    if (!isWhole(sh, text)) frame.text = text
    if (frame.text === '') run(sh, frame, text)
  }
  remember(sh, line.replace(/\n$/, ''))
}

/** Runs a command; its lines count on from those before. */
function run(sh: Shell, frame: Frame, text: string): void {
  const line = (frame.line as number | undefined) ?? 1
  frame.line = line + text.split('\n').length - 1
  sh.pushSource(text, 'line', { line })
}

/** Whether a command needs no more lines: the last does not end with a backslash, and what is open is closed. */
function isWhole(sh: Shell, text: string): boolean {
  const escapes = /\\*(?=\n$)/.exec(text)?.[0] ?? ''
  if (escapes.length % 2 === 1) return false
  try {
    parseAll(sh, text)
    return true
  } catch (error) {
    return !(error instanceof SyntaxFault && error.incomplete)
  }
}

/** `^D`: the end of the shell, or of a command that is not whole. */
function endOfInput(sh: Shell, frame: Frame): void {
  const { state } = sh
  const text = (frame.text as string | undefined) ?? ''
  frame.text = ''
  if (text !== '' && sh.dialect !== 'bash') return run(sh, frame, text)
  const stays = !state.warned && state.jobs.some(job => job.stopped !== '')
  leaveShell(sh, state.status, text !== '' || (stays && sh.dialect !== 'bash') ? '' : '\n')
  // bash says what the end has broken off, and ends.
  if (text === '') return
  run(sh, frame, text)
  sh.write(2, '\n')
}
