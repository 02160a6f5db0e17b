/** Words as they are made from their parts. */
import type { Word, WordPart } from './ast.ts'
import { wildcard } from './fields.ts'

/** A word of a command: where it is plain text and no pattern, what it expands to is known. */
export function makeWord(parts: WordPart[]): Word {
  let text = ''
  let unquoted = ''
  for (const part of parts) {
    if (part.t !== 'text') return { parts }
    text += part.text
    if (!part.quoted) unquoted += part.text
  }
  return parts.length === 0 || wildcard.test(unquoted) ? { parts } : { parts, fixed: text }
}

/** A word that is expanded to one string: an assignment's value, a here-document. */
export function makeText(parts: WordPart[]): Word {
  let fixed = ''
  for (const part of parts) {
    if (part.t !== 'text') return { parts }
    fixed += part.text
  }
  return { parts, fixed }
}

/** A leading `~` or `~user`, and in assignments one after each colon. */
export function tildes(parts: WordPart[], assignment: boolean): WordPart[] {
  const out: WordPart[] = []
  for (const [index, part] of parts.entries()) {
    if (part.t !== 'text' || part.quoted || !part.text.includes('~')) {
      out.push(part)
      continue
    }
    const last = index === parts.length - 1
    let text = part.text
    let atStart = index === 0
    for (;;) {
      const colon = assignment ? text.indexOf(':') : -1
      const piece = colon < 0 ? text : text.slice(0, colon)
      const match = atStart ? /^~([A-Za-z0-9_+-]*)(?=\/|$)/.exec(piece) : null
      // A name that goes on in the next part is none.
      if (match && !(colon < 0 && match[0].length === piece.length && !last)) {
        out.push({ t: 'tilde', user: match[1] ?? '' })
        if (piece.length > match[0].length) out.push({ ...part, text: piece.slice(match[0].length) })
      } else if (piece !== '') out.push({ ...part, text: piece })
      if (colon < 0) break
      out.push({ ...part, text: ':' })
      text = text.slice(colon + 1)
      atStart = true
    }
  }
  return out
}
