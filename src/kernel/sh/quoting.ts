/** Values written so that a shell reads them back. */
import type { Dialect } from './dialect.ts'

const single = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`
const control = /[\x00-\x1f\x7f-\xff]/

/** Always in single quotes, or in `$'…'` where there is something that cannot be seen (bash). */
export const quoteForReuse = (text: string): string => (control.test(text) ? ansi(text) : single(text))

/** `$'…'` with its escapes. */
function ansi(text: string): string {
  const known: Record<string, string> = {
    '\n': '\\n',
    '\t': '\\t',
    '\r': '\\r',
    '\x07': '\\a',
    '\b': '\\b',
    '\x1b': '\\E',
    '\f': '\\f',
    '\v': '\\v',
    '\\': '\\\\',
    "'": "\\'",
  }
  const shown = text.replace(
    /[\x00-\x1f\x7f-\xff\\']/g,
    char => known[char] ?? `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`,
  )
  return `$'${shown}'`
}

/** As ash writes a value: pieces in single quotes, and single quotes in double ones. */
export function quoteAsh(text: string): string {
  let out = ''
  let rest = text
  do {
    const quote = rest.indexOf("'")
    const piece = quote < 0 ? rest : rest.slice(0, quote)
    out += `'${piece}'`
    rest = rest.slice(piece.length)
    const quotes = /^'*/.exec(rest)?.[0] ?? ''
    if (quotes !== '') out += `"${quotes}"`
    rest = rest.slice(quotes.length)
  } while (rest !== '')
  return out
}

const keywords = new Set('if then else elif fi for while until do done case esac { } ! in'.split(' '))

/** A word as `set -x` shows it. */
export function quoteForTrace(word: string, dialect: Dialect): string {
  if (dialect === 'bash') {
    if (word === '') return "''"
    if (control.test(word)) return ansi(word)
    return /^[\w%+,./:=@^-]+$/.test(word) ? word : single(word)
  }
  // dash quotes nothing.
  if (dialect === 'dash') return word
  return /^[+\-,./0-9:@A-Z\]^_a-z]*$/.test(word) && !keywords.has(word) ? word : quoteAsh(word)
}
