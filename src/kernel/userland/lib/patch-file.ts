/** Unified differences: reading them, and applying their hunks to a text. */

export interface Hunk {
  /** Line where the old lines are expected, from 1. */
  line: number
  old: string[]
  new: string[]
  newLine: number
  /** The hunk as it was written: its head, and its lines with their marks. */
  head: string
  raw: string
}

export interface FilePatch {
  from: string
  to: string
  hunks: Hunk[]
}

/** The files and hunks of a patch; text around them is passed over. Lines keep their newlines. */
export function parsePatch(text: string, reverse: boolean): FilePatch[] {
  const lines = text.match(/[^\n]*\n|[^\n]+$/g) ?? []
  const patches: FilePatch[] = []
  for (let at = 0; at < lines.length; at++) {
    const from = /^--- ([^\t\n]+)/.exec(lines[at] ?? '')
    const to = /^\+\+\+ ([^\t\n]+)/.exec(lines[at + 1] ?? '')
    if (from?.[1] && to?.[1]) {
      const names = [from[1].trim(), to[1].trim()]
      if (reverse) names.reverse()
      patches.push({ from: names[0] ?? '', to: names[1] ?? '', hunks: [] })
      at++
      continue
    }
    const head = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/.exec(lines[at] ?? '')
    const patch = patches.at(-1)
    if (!head || !patch) continue
    const counts = [Number(head[2] ?? 1), Number(head[4] ?? 1)]
    const [oldLine, newLine] = [Number(head[1]), Number(head[3])]
    const hunk: Hunk = {
      line: reverse ? newLine : oldLine,
      newLine: reverse ? oldLine : newLine,
      old: [],
      new: [],
      head: lines[at] ?? '',
      raw: '',
    }
    let [left, right] = [counts[0] ?? 0, counts[1] ?? 0]
    let last: string[][] = []
    while ((left > 0 || right > 0 || lines[at + 1]?.startsWith('\\')) && at + 1 < lines.length) {
      const line = lines[++at] ?? ''
      const mark = line.charAt(0)
      hunk.raw += line
      if (mark === '\\') {
        // The line before has no newline.
        for (const list of last) list.push((list.pop() ?? '').replace(/\n$/, ''))
        continue
      }
      const content = line.slice(1) || '\n'
      last = []
      if (mark !== '+') {
        left--
        last.push(reverse ? hunk.new : hunk.old)
      }
      if (mark !== '-') {
        right--
        last.push(reverse ? hunk.old : hunk.new)
      }
      for (const list of last) list.push(content)
    }
    patch.hunks.push(hunk)
  }
  return patches
}

export interface Applied {
  text: string
  applied: { number: number; line: number; offset: number }[]
  failed: { number: number; hunk: Hunk }[]
}

/** Applies hunks in order, each at the nearest place where its old lines stand. */
export function applyHunks(original: string, hunks: readonly Hunk[]): Applied {
  const lines = original.match(/[^\n]*\n|[^\n]+$/g) ?? []
  const result: string[] = []
  const outcome: Applied = { text: '', applied: [], failed: [] }
  let copied = 0
  let drift = 0
  hunks.forEach((hunk, index) => {
    const expected = Math.max(0, hunk.line - (hunk.old.length === 0 ? 0 : 1)) + drift
    const at = findNear(lines, hunk.old, expected, copied)
    if (at === undefined) {
      outcome.failed.push({ number: index + 1, hunk })
      return
    }
    drift += at - expected
    result.push(...lines.slice(copied, at), ...hunk.new)
    copied = at + hunk.old.length
    outcome.applied.push({ number: index + 1, line: at + 1, offset: at - expected })
  })
  result.push(...lines.slice(copied))
  outcome.text = result.join('')
  return outcome
}

function findNear(
  lines: readonly string[],
  old: readonly string[],
  expected: number,
  least: number,
): number | undefined {
  const fits = (at: number) =>
    at >= least && at + old.length <= lines.length && old.every((line, n) => lines[at + n] === line)
  for (let distance = 0; distance <= lines.length; distance++) {
    if (fits(expected + distance)) return expected + distance
    if (fits(expected - distance)) return expected - distance
  }
  return undefined
}
