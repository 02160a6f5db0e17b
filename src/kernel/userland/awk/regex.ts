/** Regular expressions of awk: its escapes translated to POSIX extended syntax, compiled once. */
import { Regex } from '../lib/regex/regex.ts'

const cache = new Map<string, Regex>()
const cacheLimit = 500

/** The compiled form of a regular expression's text. Throws RegexError. */
export function awkRegex(source: string): Regex {
  let regex = cache.get(source)
  if (!regex) {
    regex = new Regex(translate(source), { extended: true })
    if (cache.size >= cacheLimit) cache.clear()
    cache.set(source, regex)
  }
  return regex
}

const letters: ReadonlyMap<string, string> = new Map([
  ['a', '\x07'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['v', '\v'],
])

function translate(source: string): string {
  let result = ''
  for (let at = 0; at < source.length; at++) {
    const char = source.charAt(at)
    if (char === '[') {
      const bracket = translateBracket(source, at)
      result += bracket.text
      at = bracket.end
    } else if (char !== '\\') result += char
    else {
      const next = source.charAt(++at)
      const octal = /^[0-7]{1,3}/.exec(source.slice(at, at + 3))
      if (octal && octal[0].length > 1) {
        const code = String.fromCharCode(Number.parseInt(octal[0], 8) & 255)
        result += /[\\.*+?()[\]{}|^$]/.test(code) ? `\\${code}` : code
        at += octal[0].length - 1
      } else if (letters.has(next)) result += letters.get(next) ?? ''
      else if (next === '/' || next === '"' || next === '&') result += next
      else if (next === 'y') result += '\\b'
      else result += next === '' ? '\\\\' : `\\${next}`
    }
  }
  return result
}

/** A bracket expression, in which awk allows backslash escapes and POSIX does not. `end`: its last character. */
function translateBracket(source: string, start: number): { text: string; end: number } {
  let at = start + 1
  let head = '['
  if (source[at] === '^') {
    head += '^'
    at++
  }
  let body = ''
  let [close, dash, caret] = ['', '', '']
  for (let first = true; ; first = false, at++) {
    const char = source[at]
    if (char === undefined) return { text: source.slice(start), end: source.length }
    if (char === ']' && !first) break
    if (char === ']') close = ']'
    else if (char === '[' && /[:.=]/.test(source[at + 1] ?? '')) {
      const end = source.indexOf(`${source[at + 1] ?? ''}]`, at + 2)
      if (end === -1) body += char
      else {
        body += source.slice(at, end + 2)
        at = end + 1
      }
    } else if (char === '\\' && source[at + 1] !== undefined) {
      const next = source.charAt(++at)
      if (next === ']') close = ']'
      else if (next === '-') dash = '-'
      else if (next === '^') caret = '^'
      else body += letters.get(next) ?? (next === 'b' ? '\b' : next)
    } else body += char
  }
  return { text: `${head}${close}${body}${caret}${dash}]`, end: at }
}
