/** Field splitting (POSIX 2.6.5): expanded pieces of a word become the fields that a command gets. */

/** A piece of an expanded word: whether it may still be split, and whether its wildcards are wildcards. */
export interface Piece {
  text: string
  quoted: boolean
  /** From an unquoted expansion: split at IFS. */
  split: boolean
  /** A field ends here ("$@"). */
  cut?: boolean
}

/** A field, and its text as a pattern in which what was quoted is escaped. */
export interface Field {
  text: string
  pattern: string
  glob: boolean
}

export const escapePattern = (text: string): string => text.replace(/[\\*?[\]()|@+!]/g, '\\$&')

/** What may be a pattern. */
export const wildcard = /[*?]|\[.*\]|[@+!]\(/s

const isBlank = (char: string): boolean => char === ' ' || char === '\t' || char === '\n'

export function splitFields(all: readonly Piece[], ifs: string): Field[] {
  const fields: Field[] = []
  let current: Field | undefined
  const blank = (char: string): boolean => isBlank(char) && ifs.includes(char)
  const add = (text: string, quoted: boolean): void => {
    current ??= { text: '', pattern: '', glob: false }
    current.text += text
    current.pattern += quoted ? escapePattern(text) : text
    if (!quoted && /[*?[\]@+!]/.test(text)) current.glob = true
  }
  const end = (): void => {
    if (current) fields.push(current)
    current = undefined
  }
  for (const piece of all) {
    if (piece.cut) {
      // Between the arguments of "$@" a field ends even when it is empty.
      if (!current && piece.quoted) current = { text: '', pattern: '', glob: false }
      end()
      continue
    }
    if (!piece.split || ifs === '') {
      if (piece.text !== '' || piece.quoted) add(piece.text, piece.quoted)
      continue
    }
    let start = 0
    let afterBlank = false
    for (let at = 0; at < piece.text.length; at++) {
      const char = piece.text[at] ?? ''
      if (!ifs.includes(char)) {
        afterBlank = false
        continue
      }
      if (at > start) add(piece.text.slice(start, at), false)
      start = at + 1
      if (blank(char)) {
        end()
        afterBlank = true
        continue
      }
      // A separator that is no blank also ends an empty field, unless it only closes the one before it.
      if (!current && !(afterBlank && fields.length > 0 && at > 0 && blank(piece.text[at - 1] ?? ''))) add('', false)
      end()
      while (blank(piece.text[at + 1] ?? '\0')) at++
      start = at + 1
    }
    if (start < piece.text.length) add(piece.text.slice(start), false)
  }
  end()
  return fields
}
