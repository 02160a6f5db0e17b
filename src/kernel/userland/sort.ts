/** sort: lines in order. */
import { isErrno } from '../../vfs/errno.ts'
import type { Proc, Routine } from '../program.ts'
import { compareBytes, toBytes } from './lib/bytes.ts'
import { type Call, command } from './lib/command.ts'
import { Failure } from './lib/failure.ts'
import { Claim, Lines, openInput } from './lib/input.ts'
import { Out } from './lib/out.ts'
import { compareBy, type Key, keyText, parseKey } from './lib/sort-key.ts'

export const options = {
  b: '-b --ignore-leading-blanks  ignore leading blanks',
  d: '-d --dictionary-order  only blanks, letters and digits count',
  f: '-f --ignore-case  no difference between cases',
  g: '-g --general-numeric-sort  by number, with exponents',
  h: 'gnu: -h --human-numeric-sort  by number with a unit (2K, 1G)',
  i: '-i --ignore-nonprinting  only printable characters count',
  M: '-M --month-sort  by month (JAN < DEC)',
  n: '-n --numeric-sort  by number',
  R: 'gnu: -R --random-sort  in random order of hashes',
  r: '-r --reverse  backwards',
  V: '-V --version-sort  numbers within text by value',
  check: '-c --check[=WHAT]  only check whether it is sorted',
  checkQuiet: 'gnu: -C  like -c, without a message',
  key: '-k --key=KEYDEF  order by this key',
  merge: '-m --merge  merge sorted files',
  output: '-o --output=FILE  write to FILE',
  stable: '-s --stable  lines with equal keys stay in their order',
  separator: '-t --field-separator=SEP  what separates fields',
  unique: '-u --unique  one of each run of equals',
  zero: '-z --zero-terminated  lines end with NUL',
  buffer: 'gnu: -S --buffer-size=SIZE  ignored',
  temporary: '-T --temporary-directory=DIR  ignored',
  parallel: 'gnu: --parallel=N  ignored',
}

const ordering = ['b', 'd', 'f', 'g', 'h', 'i', 'M', 'n', 'r', 'V'] as const

export const program = command(
  'sort',
  options,
  function* (call) {
    const { p, out: stdout, options: given, args, gnu } = call
    const end = given.has('zero') ? '\0' : '\n'
    const compare = comparison(call)
    if (given.has('check') || given.has('checkQuiet')) return yield* check(call, compare, end)
    const lines: string[] = []
    const claim = new Claim(p)
    for (const file of args.length === 0 ? ['-'] : args) {
      try {
        yield* readLines(p, file, end, lines, claim)
      } catch (error) {
        if (!isErrno(error)) throw error
        const verb = error.code === 'EISDIR' ? 'read failed' : 'cannot read'
        throw new Failure(gnu ? `${verb}: ${file}: ${error.message}` : `${file}: ${error.message}`)
      }
    }
    lines.sort(compare.full)
    let out = stdout
    const output = given.value('output')
    if (output !== undefined) out = new Out(openOutput(p, output, gnu))
    let last: string | undefined
    for (const line of lines) {
      if (last !== undefined && given.has('unique') && compare.keys(last, line) === 0) continue
      last = line
      out.put(line + end)
      if (out.full) yield* out.flush()
    }
    yield* out.flush()
    return 0
  },
  { errorStatus: 2 },
)

function openOutput(p: Proc, path: string, gnu: boolean): number {
  try {
    return p.open(path, { write: true, create: true, truncate: true }, 0o666)
  } catch (error) {
    if (!isErrno(error)) throw error
    throw new Failure(gnu ? `open failed: ${path}: ${error.message}` : `can't open '${path}': ${error.message}`)
  }
}

function* readLines(p: Proc, file: string, end: string, into: string[], claim: Claim): Routine<void> {
  const fd = yield* openInput(file)
  const lines = new Lines(p, fd, end)
  for (let line = yield* lines.next(); line !== undefined; line = lines.take() ?? (yield* lines.next())) {
    into.push(line)
    claim.add(line.length + 48)
  }
  if (fd !== 0) p.close(fd)
}

interface Comparison {
  /** By the keys, and the whole line when they are equal. */
  full: (a: string, b: string) => number
  /** By the keys alone: what -u calls equal. */
  keys: (a: string, b: string) => number
}

function comparison({ options: given, gnu }: Call<typeof options>): Comparison {
  const separator = readSeparator(given.value('separator'), gnu)
  const global = new Set<string>(ordering.filter(letter => given.has(letter)))
  const keys = given.values('key').map(text => readKey(text, gnu, global))
  if (keys.length === 0 && global.size > 0) {
    keys.push({ startField: 1, startChar: 1, endField: 0, endChar: 0, endBlanks: false, letters: global })
  }
  const steps = keys.map(key => {
    const compare = compareBy(key.letters)
    const sign = key.letters.has('r') ? -1 : 1
    const whole = key.startField === 1 && key.startChar === 1 && key.endField === 0 && !key.letters.has('b')
    return whole
      ? (a: string, b: string) => compare(a, b) * sign
      : (a: string, b: string) => compare(keyText(a, key, separator), keyText(b, key, separator)) * sign
  })
  const byKeys = (a: string, b: string) => {
    for (const step of steps) {
      const result = step(a, b)
      if (result !== 0) return result
    }
    return steps.length === 0 ? compareBytes(a, b) : 0
  }
  if (steps.length === 0) return { full: compareBytes, keys: compareBytes }
  const lastSign = global.has('r') ? -1 : 1
  const lastResort =
    given.has('stable') || (gnu && given.has('unique'))
      ? () => 0
      : (a: string, b: string) => compareBytes(a, b) * lastSign
  return { full: (a, b) => byKeys(a, b) || lastResort(a, b), keys: byKeys }
}

function readSeparator(text: string | undefined, gnu: boolean): string | undefined {
  if (text === undefined) return undefined
  if (text === '\\0') return '\0'
  if (text.length === 1) return text
  if (text === '' && gnu) throw new Failure('empty tab')
  throw new Failure(gnu ? `multi-character tab '${text}'` : 'bad -t parameter')
}

function readKey(text: string, gnu: boolean, global: ReadonlySet<string>): Key {
  const key = parseKey(text)
  if (!key) {
    if (!gnu) throw new Failure(/^[1-9]/.test(text) ? 'unknown key option' : 'bad field specification')
    if (/^0/.test(text)) throw new Failure(`field number is zero: invalid field specification '${text}'`)
    throw new Failure(`invalid number at field start: invalid count at start of '${text}'`)
  }
  return key.letters.size > 0 ? key : { ...key, letters: global }
}

function* check(call: Call<typeof options>, compare: Comparison, end: string): Routine<number> {
  const { p, options: given, args, gnu, error } = call
  const file = args[0] ?? '-'
  const lines: string[] = []
  try {
    yield* readLines(p, file, end, lines, new Claim(p))
  } catch (thrown) {
    if (!isErrno(thrown)) throw thrown
    throw new Failure(gnu ? `cannot read: ${file}: ${thrown.message}` : `${file}: ${thrown.message}`)
  }
  for (let n = 1; n < lines.length; n++) {
    const [before = '', line = ''] = [lines[n - 1], lines[n]]
    const result = given.has('unique') ? compare.keys(before, line) : compare.full(before, line)
    if (given.has('unique') ? result < 0 : result <= 0) continue
    const quiet = given.has('checkQuiet') || ['quiet', 'silent'].includes(given.value('check') ?? '')
    if (!gnu) yield { op: 'write', fd: 2, data: toBytes(`Check line ${n}\n`) }
    else if (!quiet) yield* error(`${file}:${n + 1}: disorder: ${line}`)
    return 1
  }
  return 0
}
