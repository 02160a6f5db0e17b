/** The current record: $0 and its fields, each made from the other when it is asked for. */
import { Failure } from '../lib/failure.ts'
import { awkRegex } from './regex.ts'
import { InputText, textOf, uninitialized, type Value } from './values.ts'

/** More fields than this are an error, as in busybox. */
const maxFields = 65_535 * 16

export class AwkRecord {
  private text = ''
  private fields: Value[] = []
  private isSplit = true
  private isJoined = true
  private separator = ' '
  private readonly variable: (name: string) => string

  /** @param variable the text of FS, OFS, CONVFMT */
  constructor(variable: (name: string) => string) {
    this.variable = variable
  }

  set(text: string): void {
    this.text = text
    this.separator = this.variable('FS')
    this.isSplit = false
    this.isJoined = true
  }

  get count(): number {
    this.split()
    return this.fields.length
  }

  set count(count: number) {
    if (!(count >= 0)) throw new Failure('negative field index')
    if (count > maxFields) throw new Failure('Too many fields')
    this.split()
    const fields = this.fields.slice(0, count)
    while (fields.length < count) fields.push('')
    this.fields = fields
    this.isJoined = false
  }

  get(index: number): Value {
    if (!(index >= 0)) throw new Failure('Access to negative field')
    const at = Math.trunc(index)
    if (at === 0) return new InputText(this.whole())
    this.split()
    return this.fields[at - 1] ?? uninitialized
  }

  assign(index: number, value: Value): void {
    const at = Math.trunc(index)
    if (!(at >= 0)) throw new Failure('Access to negative field')
    if (at === 0) {
      this.set(textOf(value, this.variable('CONVFMT')))
      return
    }
    if (at > maxFields) throw new Failure('Access to field beyond the limit')
    this.split()
    while (this.fields.length < at) this.fields.push('')
    this.fields[at - 1] = value
    this.isJoined = false
  }

  /** $0. */
  whole(): string {
    if (!this.isJoined) {
      const format = this.variable('CONVFMT')
      this.text = this.fields.map(field => textOf(field, format)).join(this.variable('OFS'))
      this.isJoined = true
    }
    return this.text
  }

  private split(): void {
    if (this.isSplit) return
    this.isSplit = true
    this.fields = splitFields(this.text, this.separator, this.variable('RS') === '').map(part => new InputText(part))
  }
}

/** Splits by FS: ' ' at blanks, a single character as such, more as a regular expression, '' at each character. */
export function splitFields(text: string, separator: string, paragraph = false): string[] {
  if (text === '') return []
  if (separator === ' ') return text.match(/[^ \t\n]+/g) ?? []
  if (separator === '') return [...text]
  if (separator.length === 1 && separator !== '\\') {
    return paragraph && separator !== '\n'
      ? text.split('\n').flatMap(line => line.split(separator))
      : text.split(separator)
  }
  return splitByRegex(text, paragraph ? `(${separator})|\\n` : separator)
}

export function splitByRegex(text: string, source: string): string[] {
  const regex = awkRegex(source)
  const parts: string[] = []
  let start = 0
  for (let at = 0; at <= text.length; ) {
    const match = regex.find(text, at)
    if (!match) break
    if (match[1] === match[0]) {
      at = match[1] + 1
      continue
    }
    parts.push(text.slice(start, match[0]))
    start = at = match[1]
  }
  parts.push(text.slice(start))
  return parts
}

/** A subscript's text: a whole number as an integer. */
export function subscriptText(values: readonly Value[], separator: string, format: string): string {
  const [only] = values
  if (values.length === 1 && only !== undefined) return textOf(only, format)
  return values.map(value => textOf(value, format)).join(separator)
}
