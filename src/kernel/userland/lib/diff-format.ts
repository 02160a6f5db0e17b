/** Differences as text: the normal and the unified format. Lines hold their newline; a last one may lack it. */
import type { Change } from './diff-lines.ts'

const noNewline = '\n\\ No newline at end of file\n'

function marked(mark: string, line: string): string {
  return mark + (line.endsWith('\n') ? line : line + noNewline)
}

/** `2c2`, `< old`, `---`, `> new`. */
export function normalText(a: readonly string[], b: readonly string[], changes: readonly Change[]): string {
  let text = ''
  for (const { aFrom, aTo, bFrom, bTo } of changes) {
    const range = (from: number, to: number) =>
      to - from > 1 ? `${from + 1},${to}` : String(to > from ? from + 1 : from)
    const letter = aFrom === aTo ? 'a' : bFrom === bTo ? 'd' : 'c'
    text += `${range(aFrom, aTo)}${letter}${range(bFrom, bTo)}\n`
    text += a
      .slice(aFrom, aTo)
      .map(line => marked('< ', line))
      .join('')
    if (letter === 'c') text += '---\n'
    text += b
      .slice(bFrom, bTo)
      .map(line => marked('> ', line))
      .join('')
  }
  return text
}

/** Hunks with `context` lines around; changes closer than twice that share one. */
export function* unifiedText(
  a: readonly string[],
  b: readonly string[],
  changes: readonly Change[],
  context: number,
): Generator<string> {
  for (let n = 0; n < changes.length; ) {
    const first = changes[n]
    if (!first) return
    let last = first
    const hunk = [first]
    for (n++; n < changes.length; n++) {
      const next = changes[n]
      if (!next || next.aFrom - last.aTo > context * 2) break
      hunk.push(next)
      last = next
    }
    const aFrom = Math.max(0, first.aFrom - context)
    const bFrom = Math.max(0, first.bFrom - context)
    const aTo = Math.min(a.length, last.aTo + context)
    const bTo = Math.min(b.length, last.bTo + context)
    const range = (from: number, to: number) =>
      to - from === 1 ? String(from + 1) : `${to > from ? from + 1 : from},${to - from}`
    let text = `@@ -${range(aFrom, aTo)} +${range(bFrom, bTo)} @@\n`
    let at = aFrom
    for (const change of hunk) {
      for (; at < change.aFrom; at++) text += marked(' ', a[at] ?? '')
      for (; at < change.aTo; at++) text += marked('-', a[at] ?? '')
      for (let j = change.bFrom; j < change.bTo; j++) text += marked('+', b[j] ?? '')
    }
    for (; at < aTo; at++) text += marked(' ', a[at] ?? '')
    yield text
  }
}
