/** What was typed at a terminal as keys: characters, control keys, and the sequences of cursor and function keys. */

/** A character of one or more bytes, or a key's name. */
export type Key =
  | { char: string }
  | { key: Named }
  /** The terminal's answer to where the cursor is, counted from 1. */
  | { row: number; column: number }

type Named =
  | 'up'
  | 'down'
  | 'left'
  | 'right'
  | 'home'
  | 'end'
  | 'delete'
  | 'insert'
  | 'page-up'
  | 'page-down'
  | 'word-left'
  | 'word-right'
  | 'word-erase'
  | 'word-delete'
  | 'paste-begin'
  | 'paste-end'
  | 'unknown'

const arrows: Readonly<Record<string, Named>> = { A: 'up', B: 'down', C: 'right', D: 'left', H: 'home', F: 'end' }
const numbered: Readonly<Record<string, Named>> = {
  1: 'home',
  2: 'insert',
  3: 'delete',
  4: 'end',
  5: 'page-up',
  6: 'page-down',
  7: 'home',
  8: 'end',
  200: 'paste-begin',
  201: 'paste-end',
}
const withAlt: Readonly<Record<string, Named>> = {
  b: 'word-left',
  f: 'word-right',
  d: 'word-delete',
  '\x7f': 'word-erase',
  '\b': 'word-erase',
}

/**
 * The first key of what was typed (bytes as a string) and how many bytes it took; undefined when more has to come.
 * `ended`: nothing more comes, so that a lone escape is a key.
 */
export function readKey(typed: string, ended: boolean): { key: Key; length: number } | undefined {
  const [first] = typed
  if (first === undefined) return undefined
  if (first === '\x1b') return readEscape(typed, ended)
  const length = first >= '\xf0' ? 4 : first >= '\xe0' ? 3 : first >= '\xc0' ? 2 : 1
  if (typed.length < length && !ended) return undefined
  return { key: { char: typed.slice(0, length) }, length: Math.min(length, typed.length) }
}

function readEscape(typed: string, ended: boolean): { key: Key; length: number } | undefined {
  const named = (key: Named | undefined, length: number) => ({ key: { key: key ?? ('unknown' as const) }, length })
  const [, kind] = typed
  if (kind === undefined) return ended ? named('unknown', 1) : undefined
  if (kind !== '[' && kind !== 'O') return named(withAlt[kind], 2)
  const sequence = /^\x1b[[O]([0-9;]*)(.?)/s.exec(typed)
  const [whole = typed, numbers = '', final = ''] = sequence ?? []
  if (final === '') return ended ? named('unknown', typed.length) : undefined
  const [one = '', two] = numbers.split(';')
  if (final === 'R') return { key: { row: Number(one), column: Number(two) }, length: whole.length }
  if (final === '~') return named(numbered[one], whole.length)
  // With Control or Alt.
  if (two !== undefined && final === 'D') return named('word-left', whole.length)
  if (two !== undefined && final === 'C') return named('word-right', whole.length)
  return named(arrows[final], whole.length)
}
