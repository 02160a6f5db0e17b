/** A shell at a terminal: the prompt, lines, jobs that have ended. */

import { forgetDone, jobLine, reapJobs } from './builtins/jobs.ts'
import { parseAll } from './frames/source.ts'
import { type Handler, type Shell, valueOf } from './machine.ts'
import { getVariable } from './state.ts'
import { SyntaxFault } from './syntax.ts'

const historySize = 500

/** Reads a line, runs it, and again. */
export const interactive: Handler = (sh, frame, answer) => {
  const { state, p } = sh
  if (answer) {
    if ('error' in answer) {
      p.takeSignal()
      frame.text = ''
      sh.write(1, '\n')
      frame.prompted = false
      return
    }
    const data = Buffer.from(valueOf<Uint8Array>(answer)).toString('latin1')
    const text = ((frame.text as string | undefined) ?? '') + data
    if (data === '') {
      sh.pop()
      sh.write(1, sh.dialect === 'bash' ? 'exit\n' : '\n')
      return
    }
    frame.prompted = false
    frame.text = ''
    if (text.trim() === '') return
    try {
      parseAll(sh, text)
    } catch (error) {
      if (error instanceof SyntaxFault && error.incomplete) {
        frame.text = text
        return
      }
    }
    state.history = [...state.history, text.trimEnd()].slice(-historySize)
    sh.pushSource(text, 'line')
    return
  }
  if (frame.prompted === true) return { op: 'read', fd: 0, length: 4096 }
  while (p.takeSignal());
  reapJobs(sh)
  const done = state.jobs
    .filter(job => job.running.length === 0)
    .map(jobLine)
    .join('')
  forgetDone(sh)
  frame.prompted = true
  const more = typeof frame.text === 'string' && frame.text !== ''
  sh.write(2, done + prompt(sh, more ? 'PS2' : 'PS1'))
  return
}

/** PS1 with its escapes: `\w`, `\h`, `\u`, `\$`. */
function prompt(sh: Shell, name: 'PS1' | 'PS2'): string {
  const { p, state } = sh
  const set = getVariable(state, name)?.value
  if (name === 'PS2') return set ?? '> '
  const root = p.cred.uid === 0
  const text =
    set ?? (sh.dialect === 'bash' ? '\\u@\\h:\\w\\$ ' : sh.dialect === 'dash' ? (root ? '# ' : '$ ') : '\\w \\$ ')
  const home = getVariable(state, 'HOME')?.value ?? ''
  const cwd = p.cwd()
  const shown =
    home !== '' && home !== '/' && (cwd === home || cwd.startsWith(`${home}/`)) ? `~${cwd.slice(home.length)}` : cwd
  const user = getVariable(state, 'USER')?.value ?? (root ? 'root' : String(p.cred.uid))
  const values: Record<string, string> = {
    w: shown,
    W: shown === '/' ? '/' : (shown.split('/').at(-1) ?? ''),
    h: p.uname().nodename.split('.')[0] ?? '',
    H: p.uname().nodename,
    u: user,
    $: root ? '#' : '$',
    n: '\n',
    '\\': '\\',
    '[': '',
    ']': '',
  }
  return text.replace(/\\(.)/g, (whole, letter: string) =>
    Object.hasOwn(values, letter) ? (values[letter] ?? whole) : whole,
  )
}
