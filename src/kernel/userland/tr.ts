/** tr: translate, squeeze, delete bytes. */
import { command } from './lib/command.ts'
import { readEscape } from './lib/escapes.ts'
import { Failure, UsageError } from './lib/failure.ts'
import { readChunk } from './lib/input.ts'
import { classSet } from './lib/regex/byte-set.ts'

export const options = {
  complement: '-c -C --complement  the complement of SET1',
  delete: '-d --delete  delete the bytes of SET1',
  squeeze: '-s --squeeze-repeats  one of each run of the bytes of the last set',
  truncate: 'gnu: -t --truncate-set1  cut SET1 to the length of SET2',
}

const classNames = 'alpha alnum digit lower upper space blank punct cntrl graph print xdigit'.split(' ')

export const program = command('tr', options, function* ({ out, options: given, args, gnu }) {
  const remove = given.has('delete')
  const squeeze = given.has('squeeze')
  checkOperands(args, remove, squeeze, gnu)
  let first = expandSet(args[0] ?? '', undefined, gnu)
  if (given.has('complement')) first = complementOf(first)
  const secondText = args[1]
  const second = secondText === undefined ? undefined : expandSet(secondText, first.length, gnu)
  if (!gnu && secondText === '') throw new Failure('STRING2 cannot be empty')
  if (gnu && given.has('truncate') && second) first = first.slice(0, second.length)
  if (gnu && second && second.length === 0 && !remove && first.length > 0) {
    throw new Failure('when not truncating set1, string2 must be non-empty')
  }

  const map = new Uint8Array(256).map((_, code) => code)
  if (second && !remove && second.length > 0) {
    first.forEach((code, index) => {
      map[code] = second[Math.min(index, second.length - 1)] ?? code
    })
  }
  const removed = new Set(remove ? first : [])
  const squeezed = new Set(squeeze ? (second ?? (remove ? [] : first)) : [])
  let last = -1
  for (let part = yield* readChunk(0); part !== ''; part = yield* readChunk(0)) {
    const bytes = new Uint8Array(part.length)
    let length = 0
    for (let at = 0; at < part.length; at++) {
      const code = part.charCodeAt(at)
      if (removed.has(code)) continue
      const mapped = map[code] ?? code
      if (mapped === last && squeezed.has(mapped)) continue
      last = mapped
      bytes[length++] = mapped
    }
    yield* out.bytes(bytes.subarray(0, length))
  }
  return 0
})

function checkOperands(args: string[], remove: boolean, squeeze: boolean, gnu: boolean): void {
  const least = remove === squeeze && !(squeeze && !remove) ? 2 : 1
  const most = remove && !squeeze ? 1 : 2
  const last = args.at(-1) ?? ''
  if (!gnu) {
    if (args.length === 0) throw new UsageError('')
    return
  }
  if (args.length === 0) throw new UsageError('missing operand')
  if (args.length < least) {
    const why = remove
      ? 'Two strings must be given when both deleting and squeezing repeats.'
      : 'Two strings must be given when translating.'
    throw new UsageError(`missing operand after '${last}'\n${why}`)
  }
  if (args.length > most) {
    const why = most === 1 ? '\nOnly one string may be given when deleting without squeezing repeats.' : ''
    throw new UsageError(`extra operand '${args[most] ?? ''}'${why}`)
  }
}

function complementOf(set: number[]): number[] {
  const has = new Set(set)
  return Array.from({ length: 256 }, (_, code) => code).filter(code => !has.has(code))
}

/** The bytes a set stands for: ranges, classes, escapes, `[=c=]`, and `[c*n]` in the second set. */
function expandSet(text: string, fill: number | undefined, gnu: boolean): number[] {
  const codes: number[] = []
  let at = 0
  const one = (): number => {
    const found = text[at] === '\\' ? readEscape(text, at) : undefined
    if (found) {
      at = found.next
      return found.char.charCodeAt(0)
    }
    if (text[at] === '\\' && at + 1 < text.length) at++
    return text.charCodeAt(at++)
  }
  while (at < text.length) {
    const rest = text.slice(at)
    const named = /^\[:([a-z]+):\]/.exec(rest)
    if (named) {
      const name = named[1] ?? ''
      if (!classNames.includes(name)) {
        if (gnu) throw new Failure(`invalid character class '${name}'`)
      } else {
        classSet(name).forEach((on, code) => {
          if (on) codes.push(code)
        })
        at += named[0].length
        continue
      }
    }
    const same = /^\[=(.)=\]/s.exec(rest)
    if (same?.[1]) {
      codes.push(same[1].charCodeAt(0))
      at += same[0].length
      continue
    }
    const repeat = fill === undefined || !gnu ? null : /^\[(.)\*(\d*)\]/s.exec(rest)
    if (repeat?.[1]) {
      const digits = repeat[2] ?? ''
      const count = Number.parseInt(digits, digits.startsWith('0') ? 8 : 10) || Math.max(0, (fill ?? 0) - codes.length)
      for (let n = 0; n < Math.min(count, 65_536); n++) codes.push(repeat[1].charCodeAt(0))
      at += repeat[0].length
      continue
    }
    const from = one()
    if (text[at] !== '-' || at + 1 >= text.length) {
      codes.push(from)
      continue
    }
    at++
    const to = one()
    if (to < from) {
      const range = `${String.fromCharCode(from)}-${String.fromCharCode(to)}`
      if (gnu) throw new Failure(`range-endpoints of '${range}' are in reverse collating sequence order`)
    }
    for (let code = from; code <= to; code++) codes.push(code)
  }
  return codes
}
