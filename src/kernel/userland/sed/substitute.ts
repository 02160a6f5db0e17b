/** sed's s command on one pattern space. */
import type { Regex } from '../lib/regex/regex.ts'
import type { Replacement, Substitution } from './parse.ts'

/** The new text and whether anything was replaced. */
export function substitute(text: string, regex: Regex, command: Substitution): { text: string; replaced: boolean } {
  let result = ''
  let copied = 0
  let count = 0
  let replaced = false
  let at = 0
  let previousEnd = -1
  while (at <= text.length) {
    const slots = regex.exec(text, at)
    if (!slots) break
    const [start = 0, end = 0] = slots
    // An empty match right after a match is none.
    if (end === start && start === previousEnd) {
      at = start + 1
      continue
    }
    count++
    previousEnd = end
    if (count >= Math.max(1, command.nth)) {
      result += text.slice(copied, start) + expand(command.replacement, text, slots)
      copied = end
      replaced = true
      if (!command.global) break
    }
    at = end > start ? end : end + 1
  }
  return replaced ? { text: result + text.slice(copied), replaced } : { text, replaced }
}

function expand(parts: readonly Replacement[], text: string, slots: readonly number[]): string {
  let result = ''
  let mode: 'U' | 'L' | 'E' = 'E'
  let once: 'u' | 'l' | undefined
  for (const part of parts) {
    if (typeof part === 'object' && 'change' in part) {
      if (part.change === 'u' || part.change === 'l') once = part.change
      else mode = part.change
      continue
    }
    let piece = part as string
    if (typeof part === 'object') {
      const from = slots[part.group * 2] ?? -1
      piece = from < 0 ? '' : text.slice(from, slots[part.group * 2 + 1])
    }
    if (piece === '') continue
    if (mode === 'U') piece = upper(piece)
    else if (mode === 'L') piece = lower(piece)
    if (once) piece = (once === 'u' ? upper(piece.charAt(0)) : lower(piece.charAt(0))) + piece.slice(1)
    once = undefined
    result += piece
  }
  return result
}

/** ASCII only: the text is bytes. */
function upper(text: string): string {
  return text.replace(/[a-z]+/g, part => part.toUpperCase())
}

function lower(text: string): string {
  return text.replace(/[A-Z]+/g, part => part.toLowerCase())
}
