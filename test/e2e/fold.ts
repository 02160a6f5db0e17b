/** Makes the output of two engines comparable: what differs from run to run becomes a word. */

/**
 * Ids become `<id1>`, `<id2>` … in the order of their first appearance (a prefix stands for the same as the whole), times
 * `<time>`, ages `<ago>`, MAC addresses `<mac>`; runs of blanks become two. One folder serves a whole session, so that
 * an id keeps its word from step to step.
 */
export function folder(): (text: string) => string {
  const known: string[] = []
  const word = (hex: string): string => {
    let at = known.findIndex(id => id.startsWith(hex) || hex.startsWith(id))
    if (at < 0) at = known.push(hex) - 1
    else if (hex.length > (known[at]?.length ?? 0)) known[at] = hex
    return `<id${at + 1}>`
  }
  return text =>
    text
      .replace(/\b[0-9a-f]{64}\b|\b(?=[0-9a-f]*[a-f])(?=[0-9a-f]*\d)[0-9a-f]{12}\b/g, word)
      .replace(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?( ?(Z|[+-]\d\d:?\d\d)( [A-Z]{3})?)?/g, '<time>')
      .replace(/\b(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) +\d{1,2} \d\d:\d\d\b/g, '<time>')
      .replace(
        /\b(Less than|About) an? (second|minute)( ago)?|\b\d+ (seconds?|minutes?|hours?|days?|weeks?)( ago)?/g,
        '<ago>',
      )
      .replace(/\b([0-9a-f]{2}:){5}[0-9a-f]{2}\b/g, '<mac>')
      .replace(/ {2,}/g, '  ')
}
