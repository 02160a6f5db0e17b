/** Go's text/tabwriter, with the settings of Docker's tables: cells of at least 10 columns, 3 blanks between. */

const MIN_WIDTH = 10
/** Of the tables that compose prints itself (its formatter.PrintSection). */
export const SECTION_WIDTH = 20
const PADDING = 3

/**
 * Aligns the cells of `text`, which tabs end. A column reaches over neighbouring lines that have it; the last cell
 * of a line belongs to no column. Widths are counted in characters.
 */
export function align(text: string, minWidth = MIN_WIDTH): string {
  const lines = text.split('\n').map(line => line.split('\t'))
  const widths: number[][] = lines.map(() => [])
  const columns = lines.reduce((most, cells) => Math.max(most, cells.length - 1), 0)
  for (let column = 0; column < columns; column++) {
    for (let from = 0; from < lines.length; from++) {
      let to = from
      let width = minWidth
      for (; (lines[to]?.length ?? 0) - 1 > column; to++) {
        width = Math.max(width, [...(lines[to]?.[column] ?? '')].length + PADDING)
      }
      for (let line = from; line < to; line++) widths[line]?.push(width)
      from = Math.max(from, to - 1)
    }
  }
  return lines
    .map((cells, line) =>
      cells.map((cell, i) => cell + ' '.repeat(Math.max(0, (widths[line]?.[i] ?? 0) - [...cell].length))).join(''),
    )
    .join('\n')
}
