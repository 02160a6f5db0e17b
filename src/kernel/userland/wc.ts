/** wc: counts lines, words, bytes. */
import { isErrno } from '../../vfs/errno.ts'
import type { Routine } from '../program.ts'
import { command } from './lib/command.ts'
import { openInput, readBytes, readFile } from './lib/input.ts'

export const options = {
  lines: '-l --lines  newlines',
  words: '-w --words  words',
  bytes: '-c --bytes  bytes',
  chars: '-m --chars  characters',
  longest: '-L --max-line-length  columns of the longest line',
  from: 'gnu: --files0-from=F  names to read, ended by NUL',
}

type Column = 'lines' | 'words' | 'chars' | 'bytes' | 'longest'
type Counts = Record<Column, number> & { inWord: number; column: number }

const columns: readonly Column[] = ['lines', 'words', 'chars', 'bytes', 'longest']

export const program = command('wc', options, function* (call) {
  const { p, out, options: given, gnu, error } = call
  const asked = columns.filter(column => given.has(column))
  const shown: Column[] = asked.length === 0 ? ['lines', 'words', 'bytes'] : asked
  const from = given.value('from')
  const names = from === undefined ? call.args : (yield* readFile(p, from)).split('\0').filter(name => name !== '')
  const total = newCounts()
  const rows: { counts: Counts; file: string; size: number; unknown: boolean }[] = []
  let status = 0
  for (const file of names.length === 0 ? ['-'] : names) {
    try {
      const fd = yield* openInput(file)
      const isFile = p.fstat(fd).type === 'file'
      const size = isFile ? p.fstat(fd).size : 0
      const counts = newCounts()
      let failed: string | undefined
      try {
        yield* count(fd, counts, new Set(shown))
      } catch (thrown) {
        if (!isErrno(thrown)) throw thrown
        failed = thrown.message
      }
      if (fd !== 0) p.close(fd)
      if (failed !== undefined) {
        yield* error(`${file}: ${failed}`)
        status = 1
      }
      rows.push({ counts, file: names.length === 0 ? '' : file, size, unknown: !isFile })
      for (const column of columns) {
        total[column] = column === 'longest' ? Math.max(total.longest, counts.longest) : total[column] + counts[column]
      }
    } catch (thrown) {
      if (!isErrno(thrown)) throw thrown
      yield* error(`${file}: ${thrown.message}`)
      status = 1
    }
  }
  if (names.length > 1) rows.push({ counts: total, file: 'total', size: 0, unknown: false })
  const width = gnu ? gnuWidth(rows, shown, names.length) : shown.length > 1 || names.length > 1 ? 9 : 0
  for (const { counts, file } of rows) {
    const numbers = shown.map(column => String(counts[column]).padStart(width)).join(' ')
    yield* out.write(`${numbers}${file === '' ? '' : ` ${file}`}\n`)
  }
  return status
})

/** GNU makes room for the sum of the sizes, and at least 7 when a size is not known beforehand. */
function gnuWidth(rows: { size: number; unknown: boolean }[], shown: Column[], names: number): number {
  if (shown.length === 1 && names <= 1) return 0
  const unknown = rows.some(row => row.unknown)
  const sum = rows.reduce((all, row) => all + row.size, 0)
  return Math.max(String(sum).length, unknown ? 7 : 1)
}

function newCounts(): Counts {
  return { lines: 0, words: 0, chars: 0, bytes: 0, longest: 0, inWord: 0, column: 0 }
}

/**
 * By state (in a word: 256 or not: 0) plus byte: the next state, plus 1 where a word begins and 2 for a line's end.
 * In the C locale only printing ASCII makes words; blanks end them; all other bytes change nothing.
 */
const moves = Uint16Array.from({ length: 512 }, (_, index) => {
  const code = index & 255
  if (code > 32 && code < 127) return 256 + (index < 256 ? 1 : 0)
  if (code === 10) return 2
  return code === 32 || (code >= 9 && code <= 13) ? 0 : index & 256
})

function* count(fd: number, counts: Counts, asked: ReadonlySet<Column>): Routine<void> {
  const words = asked.has('words')
  const lines = asked.has('lines')
  for (let part = yield* readBytes(fd); part.length > 0; part = yield* readBytes(fd)) {
    counts.bytes += part.length
    if (words) countWords(part, counts)
    else if (lines) for (let at = part.indexOf(10); at >= 0; at = part.indexOf(10, at + 1)) counts.lines++
    if (asked.has('longest')) measure(part, counts)
  }
  counts.chars = counts.bytes
  counts.longest = Math.max(counts.longest, counts.column)
}

/** Words and lines in one pass without branches: this is what a long stream waits for. */
function countWords(part: Uint8Array, counts: Counts): void {
  let words = 0
  let lines = 0
  let state = counts.inWord
  for (let at = 0; at < part.length; at++) {
    const move = moves[state | (part[at] ?? 0)] ?? 0
    words += move & 1
    lines += move & 2
    state = move & 256
  }
  counts.words += words
  counts.lines += lines >> 1
  counts.inWord = state
}

function measure(part: Uint8Array, counts: Counts): void {
  for (const code of part) {
    if (code >= 32 && code < 127) counts.column++
    else if (code === 9) counts.column = (counts.column | 7) + 1
    else if (code === 10 || code === 12 || code === 13) {
      counts.longest = Math.max(counts.longest, counts.column)
      counts.column = 0
    }
  }
}
