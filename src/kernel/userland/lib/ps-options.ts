/** The command line of procps' ps: UNIX options with a dash, BSD ones without, and long ones. */

/** What a call of ps asks for. */
export interface PsAsk {
  /** Which processes: `mine` has the caller's user and terminal. */
  scope: 'mine' | 'all' | 'notLeaders' | 'withTty' | 'withTtyNotLeaders' | 'own'
  /** Lists that pick processes instead; a process in any of them is shown. */
  pids: number[]
  parents: number[]
  users: string[]
  realUsers: string[]
  commands: string[]
  terminals: string[]
  sessions: number[]
  columns: { name: string; header?: string }[]
  format: 'default' | 'full' | 'extraFull' | 'long' | 'jobs' | 'bsd' | 'bsdUser' | 'bsdJobs' | 'bsdLong'
  sort: string[]
  tree: 'none' | 'forest' | 'indent'
  headers: boolean
  wide: number
  width: number | undefined
  help: boolean
  negate: boolean
}

/** Parses ps's arguments; an error is given in ps's words, without `error: `. */
export function parsePs(args: readonly string[]): PsAsk | { error: string } {
  const ask: PsAsk = {
    scope: 'mine',
    pids: [],
    parents: [],
    users: [],
    realUsers: [],
    commands: [],
    terminals: [],
    sessions: [],
    columns: [],
    format: 'default',
    sort: [],
    tree: 'none',
    headers: true,
    wide: 0,
    width: undefined,
    help: false,
    negate: false,
  }
  const bsd = { a: false, x: false, any: false }
  const rest = [...args]
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    // `ps -aux` means `ps aux` as long as nobody is called x.
    const text = /^-aux?w*$/.test(arg) ? arg.slice(1) : arg
    const error = text.startsWith('--')
      ? long(ask, text, rest)
      : text.startsWith('-')
        ? unix(ask, text.slice(1), rest)
        : bsdLetters(ask, bsd, text, rest)
    if (error !== undefined) return { error }
  }
  if (bsd.any && ask.scope === 'mine') ask.scope = bsd.a && bsd.x ? 'all' : bsd.a ? 'withTty' : bsd.x ? 'own' : 'mine'
  if (bsd.any && ask.format === 'default') ask.format = 'bsd'
  return ask
}

const needs = 'option requires an argument'

function long(ask: PsAsk, text: string, rest: string[]): string | undefined {
  const equals = text.indexOf('=')
  const name = equals === -1 ? text.slice(2) : text.slice(2, equals)
  const inline = equals === -1 ? undefined : text.slice(equals + 1)
  const flags: Record<string, () => void> = {
    forest: () => {
      ask.tree = 'forest'
    },
    'no-headers': () => {
      ask.headers = false
    },
    'no-heading': () => {
      ask.headers = false
    },
    'no-headings': () => {
      ask.headers = false
    },
    headers: () => {},
    deselect: () => {
      ask.negate = true
    },
    help: () => {
      ask.help = true
    },
  }
  const valued: Record<string, (value: string) => string | undefined> = {
    sort: value => {
      ask.sort.push(...words(value))
      return undefined
    },
    format: value => columns(ask, value),
    pid: value => pids(ask.pids, value),
    ppid: value => pids(ask.parents, value),
    sid: value => pids(ask.sessions, value),
    'quick-pid': value => pids(ask.pids, value),
    user: value => {
      ask.users.push(...words(value))
      return undefined
    },
    User: value => {
      ask.realUsers.push(...words(value))
      return undefined
    },
    tty: value => {
      ask.terminals.push(...words(value))
      return undefined
    },
    cols: value => {
      ask.width = Number(value)
      return undefined
    },
    columns: value => {
      ask.width = Number(value)
      return undefined
    },
    width: value => {
      ask.width = Number(value)
      return undefined
    },
  }
  const flag = Object.hasOwn(flags, name) ? flags[name] : undefined
  if (flag) {
    flag()
    return undefined
  }
  const set = Object.hasOwn(valued, name) ? valued[name] : undefined
  if (!set) return 'unknown gnu long option'
  const value = inline ?? rest.shift()
  return value === undefined ? needs : set(value)
}

function unix(ask: PsAsk, letters: string, rest: string[]): string | undefined {
  for (let at = 0; at < letters.length; at++) {
    const letter = letters.charAt(at)
    const value = () => {
      const inline = letters.slice(at + 1)
      at = letters.length
      return inline !== '' ? inline : rest.shift()
    }
    switch (letter) {
      case 'e':
      case 'A':
        ask.scope = 'all'
        break
      case 'a':
        ask.scope = 'withTtyNotLeaders'
        break
      case 'd':
        ask.scope = 'notLeaders'
        break
      case 'f':
        ask.format = 'full'
        break
      case 'F':
        ask.format = 'extraFull'
        break
      case 'l':
        ask.format = 'long'
        break
      case 'j':
        ask.format = 'jobs'
        break
      case 'H':
        ask.tree = 'indent'
        break
      case 'w':
        ask.wide++
        break
      case 'N':
        ask.negate = true
        break
      case 'x':
        ask.scope = ask.scope === 'withTtyNotLeaders' ? 'all' : 'own'
        break
      case 'y':
      case 'c':
      case 'L':
      case 'T':
      case 'm':
        break
      case 'V':
        return undefined
      case 'o':
      case 'O':
      case 'p':
      case 'q':
      case 'u':
      case 'U':
      case 'C':
      case 't':
      case 's':
      case 'g':
      case 'G': {
        const given = value()
        if (given === undefined)
          return letter === 'o' ? 'format specification must follow -o' : 'list of process IDs must follow -p'
        const error = listed(ask, letter, given)
        if (error !== undefined) return error
        break
      }
      default:
        return 'unsupported SysV option'
    }
  }
  return undefined
}

function listed(ask: PsAsk, letter: string, value: string): string | undefined {
  switch (letter) {
    case 'o':
      return columns(ask, value)
    case 'O':
      return columns(ask, `pid,${value},s,tty,time,args`)
    case 'p':
    case 'q':
      return pids(ask.pids, value)
    case 's':
    case 'g':
      return pids(ask.sessions, value)
    case 'u':
      ask.users.push(...words(value))
      return undefined
    case 'U':
      ask.realUsers.push(...words(value))
      return undefined
    case 'C':
      ask.commands.push(...words(value))
      return undefined
    case 't':
      ask.terminals.push(...words(value))
      return undefined
  }
  return undefined
}

function bsdLetters(
  ask: PsAsk,
  bsd: { a: boolean; x: boolean; any: boolean },
  letters: string,
  rest: string[],
): string | undefined {
  if (/^\d+(,\d+)*$/.test(letters)) return pids(ask.pids, letters)
  bsd.any = true
  for (let at = 0; at < letters.length; at++) {
    const letter = letters.charAt(at)
    switch (letter) {
      case 'a':
        bsd.a = true
        break
      case 'x':
        bsd.x = true
        break
      case 'u':
        ask.format = 'bsdUser'
        break
      case 'j':
        ask.format = 'bsdJobs'
        break
      case 'l':
        ask.format = 'bsdLong'
        break
      case 'f':
        ask.tree = 'forest'
        break
      case 'w':
        ask.wide++
        break
      case 'h':
        ask.headers = false
        break
      case 'e':
      case 'c':
      case 'r':
      case 'S':
      case 'T':
      case 'm':
      case 'n':
        break
      case 'o':
      case 'O':
      case 'p':
      case 'U':
      case 'k':
      case 't': {
        const inline = letters.slice(at + 1)
        at = letters.length
        const value = inline !== '' ? inline : rest.shift()
        if (value === undefined) return needs
        if (letter === 'k') ask.sort.push(...words(value))
        else {
          const error = listed(ask, letter === 'U' ? 'u' : letter, value)
          if (error !== undefined) return error
        }
        break
      }
      default:
        return 'unsupported option (BSD syntax)'
    }
  }
  return undefined
}

function words(value: string): string[] {
  return value.split(/[\s,]+/).filter(word => word !== '')
}

function pids(into: number[], value: string): string | undefined {
  for (const word of words(value)) {
    if (!/^\d+$/.test(word)) return 'process ID list syntax error'
    into.push(Number(word))
  }
  return undefined
}

/** `pid,user=WHO,args`: a header with `=` goes on to the end when it is the last, as POSIX has it. */
function columns(ask: PsAsk, value: string): string | undefined {
  for (const word of value.split(/[\s,]+/)) {
    if (word === '') continue
    const equals = word.indexOf('=')
    ask.columns.push(equals === -1 ? { name: word } : { name: word.slice(0, equals), header: word.slice(equals + 1) })
  }
  return ask.columns.length === 0 ? 'empty format list' : undefined
}
