/** The functions of awk that only compute. */
import { Failure } from '../lib/failure.ts'
import { formatSpec, parseFormat, type Spec } from '../lib/printf-format.ts'
import type { Regex } from '../lib/regex/regex.ts'
import { numberOf, textOf, type Value } from './values.ts'

/** sprintf and printf. `convfmt` shapes numbers printed by %s. */
export function sprintf(format: string, args: readonly Value[], convfmt: string, gnu: boolean): string {
  let next = 0
  let text = ''
  for (const part of parseFormat(format)) {
    if (typeof part === 'string') {
      text += part
      continue
    }
    if (part.conversion === '%') {
      text += '%'
      continue
    }
    const spec: Spec = { ...part }
    if (spec.width === '*') {
      const width = Math.trunc(numberOf(args[next++] ?? 0))
      spec.width = Math.min(Math.abs(width), 1_000_000)
      if (width < 0) spec.flags += '-'
    }
    if (spec.precision === '*')
      spec.precision = Math.max(0, Math.min(Math.trunc(numberOf(args[next++] ?? 0)), 1_000_000))
    const value = args[next++] ?? ''
    if (spec.conversion === 'c') {
      const isNumber =
        typeof value === 'number' || (typeof value === 'object' && value.numeric !== undefined && value.text !== '')
      text += formatSpec(spec, isNumber ? numberOf(value) : textOf(value, convfmt) || (gnu ? '' : '\0'))
    } else if (spec.conversion === 's') text += formatSpec(spec, textOf(value, convfmt))
    else if (/[diouxXeEfFgGaA]/.test(spec.conversion)) text += formatSpec(spec, wholeFor(spec, numberOf(value)))
    else throw new Failure('%*x formats are not supported')
  }
  return text
}

/** A value that is not finite prints as text also with %d. */
function wholeFor(spec: Spec, value: number): number {
  if (Number.isFinite(value)) return value
  if (/[diouxX]/.test(spec.conversion)) spec.conversion = 'f'
  return value
}

/** sub and gsub: the new text and how often it matched. `nth` 0: all. */
export function substitute(
  regex: Regex,
  replacement: string,
  text: string,
  nth: number,
): { text: string; count: number } {
  let result = ''
  let copied = 0
  let found = 0
  let replaced = 0
  let previousEnd = -1
  for (let at = 0; at <= text.length; ) {
    const match = regex.find(text, at)
    if (!match) break
    const [start, end] = match
    if (end === start && start === previousEnd) {
      at = start + 1
      continue
    }
    found++
    previousEnd = end
    if (nth === 0 || found === nth) {
      result += text.slice(copied, start) + expand(replacement, text.slice(start, end))
      copied = end
      replaced++
      if (nth !== 0) break
    }
    at = end > start ? end : end + 1
  }
  return { text: result + text.slice(copied), count: replaced }
}

/** `&` is what matched, `\&` an ampersand, `\\` a backslash. */
function expand(replacement: string, matched: string): string {
  if (!/[\\&]/.test(replacement)) return replacement
  return replacement.replace(/\\([\\&])|&/g, (_, escaped: string | undefined) => escaped ?? matched)
}

/** gensub (gawk): groups in the replacement, a count or `g`. */
export function gensub(regex: Regex, replacement: string, how: string, text: string): string {
  const all = /^[gG]/.test(how)
  const wanted = Math.max(1, Math.trunc(Number.parseFloat(how)) || 1)
  let result = ''
  let copied = 0
  let found = 0
  for (let at = 0; at <= text.length; ) {
    const slots = regex.exec(text, at)
    if (!slots) break
    const [start = 0, end = 0] = slots
    found++
    if (all || found === wanted) {
      result += text.slice(copied, start)
      result += replacement.replace(/\\([0-9&\\])|&/g, (_, escaped: string | undefined) => {
        if (escaped === '&' || escaped === '\\') return escaped
        const group = Number(escaped ?? 0)
        return (slots[group * 2] ?? -1) < 0 ? '' : text.slice(slots[group * 2], slots[group * 2 + 1])
      })
      copied = end
      if (!all) break
    }
    at = end > start ? end : end + 1
  }
  return result + text.slice(copied)
}

/** substr as busybox counts: a start before the text is its first character, and takes nothing from the length. */
export function substrBusybox(text: string, from: number, length: number | undefined): string {
  const start = Math.min(Math.max(0, Math.trunc(from) - 1), text.length)
  return text.slice(start, length === undefined ? undefined : start + Math.max(0, Math.trunc(length)))
}

/** substr with POSIX's rounding of positions. */
export function substr(text: string, from: number, length: number | undefined): string {
  const round = (value: number) => (Number.isNaN(value) ? 0 : Math.round(value))
  const start = round(from)
  const end = length === undefined ? Number.POSITIVE_INFINITY : start + round(length)
  return text.slice(Math.max(0, start - 1), Math.max(0, end - 1))
}
