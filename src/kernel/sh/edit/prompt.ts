/** Prompts: PS1 and PS2 with their variables and their escapes, and how much of the screen they take. */
import { expandString } from '../expand.ts'
import type { Shell } from '../machine.ts'
import { parseText } from '../parser.ts'
import { type Frame, getVariable } from '../state.ts'
import { SyntaxFault } from '../syntax.ts'

export interface Prompt {
  text: string
  /** Its last line, which is all that is shown again, and the columns that it takes. */
  last: string
  width: number
}

/** Keeps `\$` from being taken for a variable. */
const dollar = '\x01'

/** A prompt as it is printed; nothing when a command in it has to run first. */
export function prompt(sh: Shell, frame: Frame, name: 'PS1' | 'PS2'): Prompt | undefined {
  const set = getVariable(sh.state, name)?.value ?? ''
  let expanded = set
  if (/[$`]/.test(set.replaceAll('\\$', ''))) {
    try {
      const word = parseText(set.replaceAll('\\$', dollar), sh.dialect)
      const done = sh.expand(frame, context => expandString(context, word))
      if (!done) return undefined
      expanded = done.value.replaceAll(dollar, '\\$')
    } catch (error) {
      if (!(error instanceof SyntaxFault)) throw error
    }
    delete frame.memo
  }
  // dash knows no escapes.
  const text = sh.dialect === 'dash' ? expanded : unescape(sh, expanded)
  const last = text.slice(text.lastIndexOf('\n') + 1)
  const visible = last.replace(/\x01[^\x02]*\x02/g, '')
  const bare = (part: string): string => part.replace(/[\x01\x02]/g, '')
  return { text: bare(text), last: bare(last), width: Buffer.from(visible, 'latin1').toString().length }
}

function unescape(sh: Shell, text: string): string {
  return text.replace(/\\(0?[0-7]{1,3}|x[0-9a-fA-F]{1,2}|D\{[^}]*\}|.)/gs, (whole, letter: string) => {
    if (/^[0-7]/.test(letter)) return String.fromCharCode(Number.parseInt(letter, 8) & 255)
    return (
      escapes[letter]?.(sh) ?? (/^x./.test(letter) ? String.fromCharCode(Number.parseInt(letter.slice(1), 16)) : whole)
    )
  })
}

const two = (value: number): string => String(value).padStart(2, '0')
const clock = (sh: Shell): Date => new Date(sh.p.now())

/** Non-printing parts are between \x01 and \x02, as readline marks them. */
const escapes: Readonly<Record<string, (sh: Shell) => string>> = {
  w: sh => shownFolder(sh),
  W: sh => {
    const shown = shownFolder(sh)
    return shown === '/' ? (sh.dialect === 'bash' ? '/' : '') : (shown.split('/').at(-1) ?? '')
  },
  h: sh => sh.p.uname().nodename.split('.')[0] ?? '',
  H: sh => sh.p.uname().nodename,
  u: sh => userName(sh),
  $: sh => (sh.p.cred.uid === 0 ? '#' : '$'),
  s: sh => sh.state.arg0.slice(sh.state.arg0.lastIndexOf('/') + 1),
  v: sh => (getVariable(sh.state, 'BASH_VERSION')?.value ?? '').split('.').slice(0, 2).join('.'),
  t: sh => [clock(sh).getUTCHours(), clock(sh).getUTCMinutes(), clock(sh).getUTCSeconds()].map(two).join(':'),
  A: sh => [clock(sh).getUTCHours(), clock(sh).getUTCMinutes()].map(two).join(':'),
  d: sh => {
    const [day = '', , month = ''] = clock(sh).toUTCString().replace(',', '').split(' ')
    return `${day} ${month} ${String(clock(sh).getUTCDate()).padStart(sh.dialect === 'bash' ? 2 : 1)}`
  },
  '!': sh => String(sh.state.history.length + 1),
  '#': sh => String(sh.state.history.length + 1),
  j: sh => String(sh.state.jobs.length),
  n: () => '\n',
  r: () => '\r',
  a: () => '\x07',
  e: () => '\x1b',
  E: () => '\x1b',
  '\\': () => '\\',
  '[': () => '\x01',
  ']': () => '\x02',
}

function shownFolder(sh: Shell): string {
  const home = getVariable(sh.state, 'HOME')?.value ?? ''
  const cwd = getVariable(sh.state, 'PWD')?.value ?? sh.p.cwd()
  return home.length > 1 && (cwd === home || cwd.startsWith(`${home}/`)) ? `~${cwd.slice(home.length)}` : cwd
}

/** The user's name by /etc/passwd. */
function userName(sh: Shell): string {
  const id = String(sh.p.cred.uid)
  try {
    const fd = sh.p.open('/etc/passwd', { read: true })
    const text = sh.readFile(fd, 65536)
    sh.p.close(fd)
    const found = text.split('\n').find(line => line.split(':')[2] === id)
    if (found) return found.split(':')[0] ?? ''
  } catch {
    // A container without users.
  }
  return sh.dialect === 'bash' ? 'I have no name!' : '?'
}
