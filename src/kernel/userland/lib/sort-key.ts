/** What sort orders by: keys (`-k 2,2nr`), their options, and the comparison of two lines. */
import { compareBytes } from './bytes.ts'
import { monthNames } from './strftime.ts'

/** Letters of ordering options as sort takes them: b d f g h i M n r V. */
export interface KeyOrder {
  letters: ReadonlySet<string>
}

export interface Key extends KeyOrder {
  startField: number
  startChar: number
  /** 0: to the end of the line. */
  endField: number
  /** 0: to the end of the field. */
  endChar: number
  /** `b` given with the end: blanks are passed over before its characters are counted. */
  endBlanks: boolean
}

/** Reads `F[.C][OPTS][,F[.C][OPTS]]`; undefined when it is no key. */
export function parseKey(text: string): Key | undefined {
  const match = /^(\d+)(?:\.(\d+))?([bdfghiMnRrV]*)(?:,(\d+)(?:\.(\d+))?([bdfghiMnRrV]*))?$/.exec(text)
  if (!match || Number(match[1]) === 0 || match[2] === '0' || match[4] === '0') return undefined
  return {
    startField: Number(match[1]),
    startChar: Number(match[2] ?? 1),
    endField: Number(match[4] ?? 0),
    endChar: Number(match[5] ?? 0),
    endBlanks: (match[6] ?? '').includes('b'),
    letters: new Set((match[3] ?? '') + (match[6] ?? '')),
  }
}

/** The part of a line that a key looks at. Without a separator, fields begin with the blanks before them. */
export function keyText(line: string, key: Key, separator: string | undefined): string {
  let start = fieldStart(line, key.startField, separator)
  if (key.letters.has('b')) start = skipBlanks(line, start)
  start = Math.min(line.length, start + key.startChar - 1)
  if (key.endField === 0) return line.slice(start)
  let end: number
  if (key.endChar === 0) end = fieldEnd(line, key.endField, separator)
  else {
    end = fieldStart(line, key.endField, separator)
    if (key.endBlanks) end = skipBlanks(line, end)
    end += key.endChar
  }
  return line.slice(start, Math.max(start, end))
}

function skipBlanks(line: string, from: number): number {
  let at = from
  while (line[at] === ' ' || line[at] === '\t') at++
  return at
}

function fieldStart(line: string, field: number, separator: string | undefined): number {
  let at = 0
  for (let n = 1; n < field && at < line.length; n++) {
    if (separator === undefined) {
      at = skipBlanks(line, at)
      while (at < line.length && line[at] !== ' ' && line[at] !== '\t') at++
    } else {
      const next = line.indexOf(separator, at)
      at = next === -1 ? line.length : next + 1
    }
  }
  return at
}

function fieldEnd(line: string, field: number, separator: string | undefined): number {
  const start = fieldStart(line, field, separator)
  if (separator === undefined) {
    let at = skipBlanks(line, start)
    while (at < line.length && line[at] !== ' ' && line[at] !== '\t') at++
    return at
  }
  const next = line.indexOf(separator, start)
  return next === -1 ? line.length : next
}

/** Compares two texts by a key's options (without `r`). */
export function compareBy(letters: ReadonlySet<string>): (a: string, b: string) => number {
  if (letters.has('n')) return (a, b) => compareNumbers(a, b)
  if (letters.has('g')) return (a, b) => order(general(a), general(b))
  if (letters.has('h')) return (a, b) => order(human(a), human(b))
  if (letters.has('M')) return (a, b) => month(a) - month(b)
  if (letters.has('V')) return compareVersions
  const shape = shaper(letters)
  return shape ? (a, b) => compareBytes(shape(a), shape(b)) : compareBytes
}

/** What -d, -i, -f and -b make of a text before it is compared; undefined: nothing. */
function shaper(letters: ReadonlySet<string>): ((text: string) => string) | undefined {
  if (!['d', 'i', 'f', 'b'].some(letter => letters.has(letter))) return undefined
  return text => {
    let shaped = text
    if (letters.has('b')) shaped = shaped.replace(/^[ \t]+/, '')
    if (letters.has('d')) shaped = shaped.replace(/[^A-Za-z0-9 \t]/g, '')
    if (letters.has('i')) shaped = shaped.replace(/[^ -~]/g, '')
    return letters.has('f') ? shaped.replace(/[a-z]+/g, part => part.toUpperCase()) : shaped
  }
}

function order(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0
}

const leadingNumber = /^[ \t]*(-?)(\d*)(?:\.(\d*))?/

/** Numbers of any length, as text: sign, integer digits, decimals. */
function compareNumbers(a: string, b: string): number {
  const left = leadingNumber.exec(a)
  const right = leadingNumber.exec(b)
  const [leftInteger, leftDecimals] = digits(left)
  const [rightInteger, rightDecimals] = digits(right)
  const leftZero = leftInteger === '' && leftDecimals === ''
  const rightZero = rightInteger === '' && rightDecimals === ''
  const leftSign = leftZero ? 0 : left?.[1] === '-' ? -1 : 1
  const rightSign = rightZero ? 0 : right?.[1] === '-' ? -1 : 1
  if (leftSign !== rightSign) return leftSign - rightSign
  const size =
    leftInteger.length - rightInteger.length ||
    compareBytes(leftInteger, rightInteger) ||
    compareBytes(leftDecimals, rightDecimals)
  return size * leftSign
}

function digits(match: RegExpExecArray | null): readonly [string, string] {
  return [(match?.[2] ?? '').replace(/^0+/, ''), (match?.[3] ?? '').replace(/0+$/, '')]
}

function general(text: string): number {
  const match =
    /^[ \t\n\v\f\r]*([-+]?(?:0[xX][0-9a-fA-F]+|\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?|inf(?:inity)?|nan))/i.exec(
      text,
    )
  const word = match?.[1]?.toLowerCase()
  if (word === undefined) return Number.NEGATIVE_INFINITY
  if (word.includes('nan')) return -Number.MAX_VALUE
  if (word.includes('inf')) return word.startsWith('-') ? -Number.MAX_VALUE : Number.POSITIVE_INFINITY
  return Number(word)
}

function human(text: string): number {
  const match = /^[ \t]*(-?[\d.]+)([kKMGTPEZY]?)/.exec(text)
  if (!match) return 0
  const unit = ' KMGTPEZY'.indexOf((match[2] ?? '').toUpperCase() || ' ')
  const value = Number.parseFloat(match[1] ?? '0')
  // By sign, then by unit, then by number, as GNU sort: 1023M is less than 1G.
  return value === 0 ? 0 : Math.sign(value) * (Math.max(0, unit) * 1e15 + Math.min(Math.abs(value), 1e14))
}

function month(text: string): number {
  const name = text.trimStart().slice(0, 3).toLowerCase()
  return name.length < 3 ? -1 : monthNames.findIndex(one => one.slice(0, 3).toLowerCase() === name)
}

/** Version order: runs of digits compare as numbers (strverscmp and filevercmp agree on common names). */
export function compareVersions(a: string, b: string): number {
  const left = a.match(/\d+|\D+/g) ?? []
  const right = b.match(/\d+|\D+/g) ?? []
  for (let n = 0; n < Math.max(left.length, right.length); n++) {
    const x = left[n]
    const y = right[n]
    if (x === undefined || y === undefined) return x === undefined ? -1 : 1
    if (x === y) continue
    if (/^\d/.test(x) && /^\d/.test(y)) {
      const size = compareNumbers(x, y)
      if (size !== 0) return size
      return x.length > y.length ? -1 : 1
    }
    return compareBytes(x, y)
  }
  return 0
}
