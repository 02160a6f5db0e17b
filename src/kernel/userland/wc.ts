/** wc: counts lines, words, bytes. */
import { isErrno } from '../../vfs/errno.ts'
import type { Json, Routine } from '../program.ts'
import { command } from './lib/command.ts'
import { openInput, Pieces, readFile } from './lib/input.ts'

export const options = {
  lines: '-l --lines  newlines',
  words: '-w --words  words',
  bytes: '-c --bytes  bytes',
  chars: '-m --chars  characters',
  longest: '-L --max-line-length  columns of the longest line',
  from: 'gnu: --files0-from=F  names to read, ended by NUL',
}

type Column = 'lines' | 'words' | 'chars' | 'bytes' | 'longest'
/** `inWord`: 1 after a byte of a word. */
type Counts = Record<Column, number> & { inWord: number; column: number }

interface Row {
  counts: Counts
  file: string
  size: number
  unknown: boolean
}

/** What a checkpoint keeps: the file that is being counted, and what is done. */
interface Saved {
  names: string[]
  at: number
  fd: number
  isFile: boolean
  size: number
  counts: Counts
  rows: Row[]
  status: number
}

const columns: readonly Column[] = ['lines', 'words', 'chars', 'bytes', 'longest']

export const program = command('wc', options, function* (call) {
  const { p, out, options: given, gnu, error } = call
  const asked = columns.filter(column => given.has(column))
  const shown: Column[] = asked.length === 0 ? ['lines', 'words', 'bytes'] : asked
  // A restart goes on where the last checkpoint was: the file's descriptor is still open.
  const saved = call.saved as unknown as Saved | undefined
  const from = given.value('from')
  const names =
    saved?.names ??
    (from === undefined ? call.args : (yield* readFile(p, from)).split('\0').filter(name => name !== ''))
  const files = names.length === 0 ? ['-'] : names
  const rows: Row[] = saved?.rows ?? []
  let status = saved?.status ?? 0
  for (let at = saved?.at ?? 0; at < files.length; at++) {
    const file = files[at] ?? ''
    try {
      const here = saved?.at === at ? saved : undefined
      const fd = here?.fd ?? (yield* openInput(file))
      const isFile = here?.isFile ?? p.fstat(fd).type === 'file'
      const size = here?.size ?? (isFile ? p.fstat(fd).size : 0)
      const counts = here?.counts ?? newCounts()
      const keep = (): void =>
        p.checkpoint({ names, at, fd, isFile, size, counts, rows, status } satisfies Saved as unknown as Json)
      let failed: string | undefined
      try {
        yield* count(fd, counts, new Set(shown), keep)
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
    } catch (thrown) {
      if (!isErrno(thrown)) throw thrown
      yield* error(`${file}: ${thrown.message}`)
      status = 1
    }
  }
  if (names.length > 1) rows.push({ counts: sumOf(rows), file: 'total', size: 0, unknown: false })
  const width = gnu ? gnuWidth(rows, shown, names.length) : shown.length > 1 || names.length > 1 ? 9 : 0
  for (const { counts, file } of rows) {
    const numbers = shown.map(column => String(counts[column]).padStart(width)).join(' ')
    yield* out.write(`${numbers}${file === '' ? '' : ` ${file}`}\n`)
  }
  return status
})

/** GNU makes room for the sum of the sizes, and at least 7 when a size is not known beforehand. */
function gnuWidth(rows: readonly Row[], shown: Column[], names: number): number {
  if (shown.length === 1 && names <= 1) return 0
  const unknown = rows.some(row => row.unknown)
  const sum = rows.reduce((all, row) => all + row.size, 0)
  return Math.max(String(sum).length, unknown ? 7 : 1)
}

function sumOf(rows: readonly Row[]): Counts {
  const total = newCounts()
  for (const { counts } of rows)
    for (const column of columns)
      total[column] = column === 'longest' ? Math.max(total.longest, counts.longest) : total[column] + counts[column]
  return total
}

function newCounts(): Counts {
  return { lines: 0, words: 0, chars: 0, bytes: 0, longest: 0, inWord: 0, column: 0 }
}

/**
 * What a byte is: 1 of a word, 4 a line's end, 0 another blank, 2 none of these: it changes nothing. In the C locale only
 * printing ASCII makes words.
 */
const kinds = Uint8Array.from({ length: 256 }, (_, code) => {
  if (code > 32 && code < 127) return 1
  if (code === 10) return 4
  return code === 32 || (code >= 9 && code <= 13) ? 0 : 2
})

function* count(fd: number, counts: Counts, asked: ReadonlySet<Column>, keep: () => void): Routine<void> {
  const words = asked.has('words')
  const lines = asked.has('lines')
  const pieces = new Pieces(fd)
  for (let part = yield* pieces.next(); part.length > 0; part = yield* pieces.next()) {
    counts.bytes += part.length
    if (words) countWords(part, counts)
    else if (lines) countLines(part, counts)
    if (asked.has('longest')) measure(part, counts)
    keep()
  }
  counts.chars = counts.bytes
  counts.longest = Math.max(counts.longest, counts.column)
}

const isLittleEndian = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1

/** Words and lines in one pass: a long stream waits for this. */
function countWords(part: Uint8Array, counts: Counts): void {
  const before = isLittleEndian ? Math.min((4 - (part.byteOffset & 3)) & 3, part.length) : part.length
  countBytes(part.subarray(0, before), counts)
  const after = before + ((part.length - before) & ~3)
  if (after > before) countFours(part.subarray(before, after), counts)
  countBytes(part.subarray(after), counts)
}

function countBytes(part: Uint8Array, counts: Counts): void {
  for (const code of part) {
    const kind = kinds[code] ?? 0
    if (kind === 2) continue
    counts.words += kind & ~counts.inWord & 1
    counts.lines += kind >> 2
    counts.inWord = kind & 1
  }
}

/** Four bytes at a time while all are printing or spaces. All in one function, as calls would cost more than the work. */
function countFours(part: Uint8Array, counts: Counts): void {
  const fours = new Int32Array(part.buffer, part.byteOffset, part.length >> 2)
  // Small integers from the start, which the loop then is compiled for.
  let words = 0
  let lines = 0
  let inWord = counts.inWord | 0
  for (let at = 0; at < fours.length; at++) {
    const four = fours[at] as number
    // The high bit of each byte tells: from 0x80 on; 0x7f; below 0x20.
    if (((four | (four + 0x01010101) | ~(four + 0x60606060)) & 0x80808080) === 0) {
      // 1 in each byte that is of a word, then in each that begins one; the multiplication adds them up.
      const inside = ((four + 0x5f5f5f5f) & 0x80808080) >>> 7
      const begins = inside & ~((inside << 8) | inWord)
      words += Math.imul(begins, 0x01010101) >>> 24
      inWord = inside >>> 24
      continue
    }
    for (let byte = at * 4; byte < at * 4 + 4; byte++) {
      const kind = kinds[part[byte] as number] as number
      if (kind === 2) continue
      words += kind & ~inWord & 1
      lines += kind >> 2
      inWord = kind & 1
    }
  }
  counts.words += words
  counts.lines += lines
  counts.inWord = inWord
}

function countLines(part: Uint8Array, counts: Counts): void {
  // A Buffer's search is several times as fast as a Uint8Array's.
  const bytes = Buffer.from(part.buffer, part.byteOffset, part.length)
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) counts.lines++
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
