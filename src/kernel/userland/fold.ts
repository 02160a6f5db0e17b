/** fold: breaks long lines. */
import { command } from './lib/command.ts'
import { Failure } from './lib/failure.ts'
import { eachInput } from './lib/files.ts'
import { Lines } from './lib/input.ts'

export const options = {
  bytes: '-b --bytes  count bytes, not columns',
  spaces: '-s --spaces  break at blanks',
  width: '-w --width=N  columns (default: 80)',
}

export const program = command(
  'fold',
  options,
  function* (call) {
    const { p, out, options: given, args, gnu } = call
    const text = given.value('width') ?? '80'
    if (!/^\d+$/.test(text) || Number(text) === 0)
      throw new Failure(gnu ? `invalid number of columns: '${text}'` : `invalid number '${text}'`)
    const fine = yield* eachInput(call, args, function* (fd) {
      const lines = new Lines(p, fd)
      for (let line = yield* lines.next(); line !== undefined; line = yield* lines.next()) {
        yield* out.write(
          foldLine(line, Number(text), given.has('spaces'), given.has('bytes')) + (lines.terminated ? '\n' : ''),
        )
      }
    })
    return fine ? 0 : 1
  },
  { digits: 'width' },
)

function foldLine(line: string, width: number, atBlanks: boolean, bytes: boolean): string {
  const advance = (column: number, char: string) => {
    if (bytes) return column + 1
    if (char === '\t') return column - (column % 8) + 8
    if (char === '\b') return Math.max(0, column - 1)
    return char === '\r' ? 0 : column + 1
  }
  const rows: string[] = []
  let row = ''
  let column = 0
  for (const char of line) {
    let next = advance(column, char)
    if (next > width && row !== '') {
      const blank = atBlanks ? Math.max(row.lastIndexOf(' '), row.lastIndexOf('\t')) : -1
      rows.push(blank === -1 ? row : row.slice(0, blank + 1))
      row = blank === -1 ? '' : row.slice(blank + 1)
      column = 0
      for (const kept of row) column = advance(column, kept)
      next = advance(column, char)
    }
    row += char
    column = next
  }
  return [...rows, row].join('\n')
}
