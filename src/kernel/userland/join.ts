/** join: lines of two sorted files with the same key. */
import { isErrno } from '../../vfs/errno.ts'
import type { Proc, Routine } from '../program.ts'
import { type Call, command } from './lib/command.ts'
import { Failure, UsageError } from './lib/failure.ts'
import { readFile } from './lib/input.ts'

export const options = {
  unpaired: '-a=FILENUM  unpaired lines of this file too',
  only: '-v=FILENUM  only unpaired lines of this file',
  empty: '-e=TEXT  for missing fields',
  ignoreCase: '-i --ignore-case  no difference between cases',
  key: '-j=FIELD  the key field of both files',
  key1: '-1=FIELD  the key field of the first file',
  key2: '-2=FIELD  the key field of the second file',
  format: '-o=FORMAT  which fields to print',
  separator: '-t=CHAR  field separator',
  check: '--check-order  ignored',
  noCheck: '--nocheck-order  ignored',
  header: '--header  the first lines are headers',
  zero: '-z --zero-terminated  lines end with NUL',
}

interface Row {
  key: string
  fields: string[]
}

export const program = command('join', options, function* (call) {
  const { p, out, options: given, args } = call
  if (args.length < 2)
    throw new UsageError(args.length === 0 ? 'missing operand' : `missing operand after '${args[0] ?? ''}'`)
  if (args.length > 2) throw new UsageError(`extra operand '${args[2] ?? ''}'`)
  const field = (key: 'key1' | 'key2') => {
    const text = given.value(key) ?? given.value('key') ?? '1'
    if (!/^[1-9]\d*$/.test(text)) throw new Failure(`invalid field number: '${text}'`)
    return Number(text) - 1
  }
  const [key1, key2] = [field('key1'), field('key2')]
  const left = yield* readRows(call, p, args[0] ?? '', key1)
  const right = yield* readRows(call, p, args[1] ?? '', key2)
  const alone = given.values('only')
  const extra = [...alone, ...given.values('unpaired')]
  const show = (a: Row | undefined, b: Row | undefined) => `${lineOf(call, a, b, key1, key2)}\n`
  let [i, j] = [0, 0]
  if (given.has('header')) yield* out.write(show(left[i++], right[j++]))
  while (i < left.length || j < right.length) {
    const [a, b] = [left[i], right[j]]
    if (!b || (a && a.key < b.key)) {
      if (extra.includes('1')) yield* out.write(show(a, undefined))
      i++
    } else if (!a || b.key < a.key) {
      if (extra.includes('2')) yield* out.write(show(undefined, b))
      j++
    } else {
      let [iEnd, jEnd] = [i, j]
      while (left[iEnd]?.key === a.key) iEnd++
      while (right[jEnd]?.key === a.key) jEnd++
      for (let m = i; m < iEnd && alone.length === 0; m++) {
        for (let n = j; n < jEnd; n++) yield* out.write(show(left[m], right[n]))
      }
      i = iEnd
      j = jEnd
    }
  }
  return 0
})

function* readRows({ options: given }: Call<typeof options>, p: Proc, file: string, key: number): Routine<Row[]> {
  const separator = given.value('separator')
  try {
    const text = yield* readFile(p, file)
    return text
      .split('\n')
      .slice(0, text.endsWith('\n') || text === '' ? -1 : undefined)
      .map(line => {
        const fields = separator === undefined ? (line.match(/[^ \t]+/g) ?? []) : line.split(separator)
        const value = fields[key] ?? ''
        return { key: given.has('ignoreCase') ? value.toLowerCase() : value, fields: [...fields] }
      })
  } catch (thrown) {
    if (!isErrno(thrown)) throw thrown
    throw new Failure(`${file}: ${thrown.message}`)
  }
}

function lineOf(
  { options: given }: Call<typeof options>,
  a: Row | undefined,
  b: Row | undefined,
  key1: number,
  key2: number,
): string {
  const separator = given.value('separator') ?? ' '
  const empty = given.value('empty') ?? ''
  const keyText = a ? (a.fields[key1] ?? '') : (b?.fields[key2] ?? '')
  const format = given.values('format').join(',')
  if (format !== '' && format !== 'auto') {
    const cells = format.split(/[ ,]+/).map(part => {
      if (part === '0') return keyText
      const [file, field] = part.split('.')
      return (file === '1' ? a : b)?.fields[Number(field) - 1] || empty
    })
    return cells.join(separator)
  }
  const rest = (row: Row | undefined, key: number) => row?.fields.filter((_, index) => index !== key) ?? []
  return [keyText, ...rest(a, key1), ...rest(b, key2)].join(separator)
}
