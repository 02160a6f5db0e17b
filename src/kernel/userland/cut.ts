/** cut: columns and fields of lines. */

import { type Call, command } from './lib/command.ts'
import { Failure, UsageError } from './lib/failure.ts'
import { eachInput } from './lib/files.ts'
import { Lines } from './lib/input.ts'
import { Regex } from './lib/regex/regex.ts'

export const options = {
  bytes: '-b --bytes=LIST  these bytes',
  chars: '-c --characters=LIST  these characters',
  fields: '-f --fields=LIST  these fields',
  regexFields: 'busybox: -F=LIST  these fields; the delimiter is a regular expression',
  delimiter: '-d --delimiter=SEP  field delimiter (default: tab)',
  onlyDelimited: '-s --only-delimited  only lines with a delimiter',
  outputBusybox: 'busybox: -O=SEP  delimiter of the output',
  output: 'gnu: --output-delimiter=SEP  delimiter of the output',
  unsorted: 'busybox: -D  keep the order of LIST',
  complement: 'gnu: --complement  all but these',
  zero: 'gnu: -z --zero-terminated  lines end with NUL',
  ignored: '-n  ignored',
}

type Range = readonly [from: number, to: number]

export const program = command('cut', options, function* (call) {
  const { p, out, options: given, args, gnu } = call
  const kinds = (['bytes', 'chars', 'fields', 'regexFields'] as const).filter(key => given.has(key))
  const kind = kinds[0]
  if (kind === undefined) {
    const text = gnu
      ? 'you must specify a list of bytes, characters, or fields'
      : 'expected a list of bytes, characters, or fields'
    throw gnu ? new UsageError(text) : new Failure(text)
  }
  if (kinds.length > 1 || given.count(kind) > 1) throw new UsageError(gnu ? 'only one list may be specified' : '')
  const byField = kind === 'fields' || kind === 'regexFields'
  if (!byField && (given.has('delimiter') || given.has('onlyDelimited'))) {
    const gnuText = given.has('delimiter')
      ? 'an input delimiter may be specified only when operating on fields'
      : 'suppressing non-delimited lines makes sense\n\tonly when operating on fields'
    throw gnu
      ? new UsageError(gnuText)
      : new Failure(
          given.has('delimiter')
            ? 'a delimiter may be specified only when operating on fields'
            : 'suppressing non-delimited lines makes sense only when operating on fields',
        )
  }
  const unsorted = given.has('unsorted')
  const ranges = parseList(given.value(kind) ?? '', gnu, byField, unsorted || kind === 'regexFields')
  const pick = pickerOf(call, ranges, kind)
  const end = given.has('zero') ? '\0' : '\n'
  const fine = yield* eachInput(call, args, function* (fd) {
    const lines = new Lines(p, fd, end)
    for (let line = yield* lines.next(); line !== undefined; line = lines.take() ?? (yield* lines.next())) {
      const picked = pick(line)
      if (picked !== undefined) out.put(picked + end)
      if (out.full) yield* out.flush()
    }
  })
  return fine ? 0 : 1
})

/** What is printed for a line; undefined: nothing. */
function pickerOf(
  { options: given, gnu }: Call<typeof options>,
  ranges: Range[],
  kind: 'bytes' | 'chars' | 'fields' | 'regexFields',
): (line: string) => string | undefined {
  const complement = given.has('complement')
  const output = given.value('output') ?? given.value('outputBusybox')
  const parts = <T>(all: readonly T[]): T[] => {
    if (!complement) return ranges.flatMap(([from, to]) => all.slice(from - 1, to))
    return all.filter((_, index) => !ranges.some(([from, to]) => index + 1 >= from && index + 1 <= to))
  }
  if (kind === 'bytes' || kind === 'chars') {
    if (complement) return line => parts([...line]).join('')
    return line =>
      ranges
        .map(([from, to]) => line.slice(from - 1, to))
        .filter(text => text !== '')
        .join(output ?? '')
  }
  if (kind === 'regexFields') {
    const regex = new Regex(given.value('delimiter') ?? '[[:space:]]+', { extended: true })
    return line => {
      const fields = splitBy(line, regex)
      if (fields.length === 1 && given.has('onlyDelimited')) return undefined
      return fields.length === 1 ? line : parts(fields).join(output ?? ' ')
    }
  }
  const delimiter = given.value('delimiter') ?? '\t'
  if (gnu && delimiter.length > 1) throw new UsageError('the delimiter must be a single character')
  const separator = delimiter.charAt(0) || '\0'
  return line => {
    if (!line.includes(separator)) return given.has('onlyDelimited') ? undefined : line
    return parts(line.split(separator)).join(output ?? separator)
  }
}

function splitBy(line: string, regex: Regex): string[] {
  const fields: string[] = []
  let start = 0
  for (let at = 0; at <= line.length; ) {
    const match = regex.find(line, at, at > 0)
    if (!match) break
    if (match[1] === match[0]) {
      at = match[1] + 1
      continue
    }
    fields.push(line.slice(start, match[0]))
    start = at = match[1]
  }
  fields.push(line.slice(start))
  return fields
}

function parseList(text: string, gnu: boolean, byField: boolean, unsorted: boolean): Range[] {
  const ranges: Range[] = []
  for (const part of text.split(/[, \t]/)) {
    const match = /^(\d*)(-?)(\d*)$/.exec(part)
    if (!match || part === '' || (match[2] === '' && match[1] === '')) {
      const what = byField ? 'field' : 'byte/character position'
      if (gnu)
        throw new UsageError(
          part === '' || /^[-\d]+$/.test(part)
            ? `invalid ${byField ? 'field' : 'byte or character'} range`
            : `invalid ${what === 'field' ? 'field value' : what} '${part}'`,
        )
      throw new Failure(
        part === '' ? 'missing list of positions' : `invalid number '${part.replace(/^\d*-/, '') || part}'`,
      )
    }
    if (part === '-') {
      throw gnu ? new UsageError('invalid range with no endpoint: -') : new Failure('missing list of positions')
    }
    const from = match[1] === '' ? 1 : Number(match[1])
    const to = match[2] === '' ? from : match[3] === '' ? Number.POSITIVE_INFINITY : Number(match[3])
    if (gnu && (from === 0 || to === 0))
      throw new UsageError(byField ? 'fields are numbered from 1' : 'byte/character positions are numbered from 1')
    if (gnu && to < from) throw new UsageError('invalid decreasing range')
    if (from > 0 && to >= from) ranges.push([from, to])
  }
  return unsorted ? ranges : merge(ranges)
}

/** Sorted, overlaps joined: each position is printed once. */
function merge(ranges: Range[]): Range[] {
  const merged: Range[] = []
  for (const range of ranges.sort((a, b) => a[0] - b[0])) {
    const last = merged.at(-1)
    if (last && range[0] <= last[1]) merged[merged.length - 1] = [last[0], Math.max(last[1], range[1])]
    else merged.push(range)
  }
  return merged
}
