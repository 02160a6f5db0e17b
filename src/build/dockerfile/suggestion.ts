/** The name that a word is most likely a slip of: fewer than 3 edits away, and fewer than the word has letters. */
export function suggestion(word: string, known: readonly string[]): string | undefined {
  let best: string | undefined
  let least = 3
  for (const name of known) {
    const distance = levenshtein(word.toLowerCase(), name.toLowerCase())
    if (distance < least && distance < name.length) {
      least = distance
      best = name
    }
  }
  return best
}

function levenshtein(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 3) return 4
  let row = [...Array(b.length + 1).keys()]
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++)
      next.push(
        Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)),
      )
    row = next
  }
  return row.at(-1) ?? 0
}
