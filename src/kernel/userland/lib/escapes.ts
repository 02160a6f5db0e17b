/** Backslash escapes in arguments. */

const simple: ReadonlyMap<string, string> = new Map([
  ['a', '\x07'],
  ['b', '\b'],
  ['e', '\x1b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['v', '\v'],
  ['\\', '\\'],
])

/**
 * The character that the escape at `text[at]` (a backslash) stands for, and the index after it. Knows the
 * letters of C, `\NNN` (octal) and, with `hex`, `\xHH`. undefined when it is no escape.
 */
export function readEscape(
  text: string,
  at: number,
  options: { hex?: boolean } = {},
): { char: string; next: number } | undefined {
  const octal = /^[0-7]{1,3}/.exec(text.slice(at + 1, at + 4))
  if (octal) return { char: String.fromCharCode(Number.parseInt(octal[0], 8) & 255), next: at + 1 + octal[0].length }
  const letter = text[at + 1]
  if (letter === undefined) return undefined
  const hex = options.hex && letter === 'x' ? /^[0-9a-fA-F]{1,2}/.exec(text.slice(at + 2, at + 4)) : null
  if (hex) return { char: String.fromCharCode(Number.parseInt(hex[0], 16)), next: at + 2 + hex[0].length }
  const char = simple.get(letter)
  return char === undefined ? undefined : { char, next: at + 2 }
}

/** Replaces all escapes; text that is no escape stays, backslash included. */
export function unescapeText(text: string, options: { hex?: boolean } = {}): string {
  if (!text.includes('\\')) return text
  let result = ''
  for (let at = 0; at < text.length; ) {
    const found = text[at] === '\\' ? readEscape(text, at, options) : undefined
    result += found ? found.char : text.charAt(at)
    at = found ? found.next : at + 1
  }
  return result
}

/** What `echo -e` and printf's `%b` make of a text: `\0NNN` too, and `\c`, which ends all output. */
export function expandEcho(text: string): { text: string; stopped: boolean } {
  let result = ''
  for (let at = 0; at < text.length; ) {
    if (text[at] !== '\\') {
      result += text.charAt(at++)
      continue
    }
    if (text[at + 1] === 'c') return { text: result, stopped: true }
    const octal = /^0[0-7]{1,3}/.exec(text.slice(at + 1, at + 5))
    if (octal) {
      result += String.fromCharCode(Number.parseInt(octal[0], 8) & 255)
      at += 1 + octal[0].length
      continue
    }
    const found = readEscape(text, at, { hex: true })
    result += found ? found.char : text.charAt(at)
    at = found ? found.next : at + 1
  }
  return { text: result, stopped: false }
}
