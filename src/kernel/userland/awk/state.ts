/** What an awk program works on: variables, the record, its input and output. */
import type { Proc, Routine } from '../../program.ts'
import { Failure } from '../lib/failure.ts'
import type { Out } from '../lib/out.ts'
import { RecordReader, Streams } from './io.ts'
import { AwkRecord } from './record.ts'
import { AwkArray, GlibcRandom, InputText, numberOf, textOf, uninitialized, type Value } from './values.ts'

export type Cell = Value | AwkArray
export type Frame = Map<string, Cell>

export class AwkState {
  readonly globals: Frame = new Map()
  /** Locals of the function that runs; undefined outside functions. */
  frame: Frame | undefined
  readonly record: AwkRecord
  readonly streams: Streams
  readonly out: Out
  readonly p: Proc
  readonly gnu: boolean
  random = new GlibcRandom(1)
  seed = 0
  /** Some input file could not be opened. */
  failed = false
  private reader: RecordReader | undefined
  private argument = 1
  private usedFile = false
  private readonly openFile: (path: string) => Routine<number | undefined>

  /** @param openFile opens an input file, or says that it cannot and gives undefined */
  constructor(p: Proc, out: Out, gnu: boolean, openFile: (path: string) => Routine<number | undefined>) {
    this.p = p
    this.out = out
    this.gnu = gnu
    this.openFile = openFile
    this.streams = new Streams(p, out)
    this.record = new AwkRecord(name => this.textVariable(name))
    const initial: [string, Value][] = [
      ['CONVFMT', '%.6g'],
      ['OFMT', '%.6g'],
      ['FS', ' '],
      ['OFS', ' '],
      ['ORS', '\n'],
      ['RS', '\n'],
      ['SUBSEP', '\x1c'],
      ['NR', 0],
      ['FNR', 0],
      ['FILENAME', uninitialized],
      ['RSTART', 0],
      ['RLENGTH', -1],
    ]
    for (const [name, value] of initial) this.globals.set(name, value)
    const environment = this.array('ENVIRON')
    for (const [name, value] of p.env) environment.items.set(name, new InputText(value))
  }

  get(name: string): Value {
    const cell = this.frame?.get(name) ?? (name === 'NF' ? this.record.count : this.globals.get(name))
    if (cell instanceof AwkArray) throw new Failure('Access to array as scalar')
    return cell ?? uninitialized
  }

  set(name: string, value: Value): void {
    if (this.frame?.has(name)) this.frame.set(name, value)
    else if (name === 'NF') this.record.count = Math.trunc(numberOf(value))
    else if (this.globals.get(name) instanceof AwkArray) throw new Failure('Access to array as scalar')
    else this.globals.set(name, value)
  }

  array(name: string): AwkArray {
    const frame = this.frame?.has(name) ? this.frame : this.globals
    const cell = frame.get(name)
    if (cell instanceof AwkArray) return cell
    if (cell !== undefined && cell !== uninitialized) throw new Failure(`can't use scalar '${name}' as an array`)
    const array = new AwkArray()
    frame.set(name, array)
    return array
  }

  private textVariable(name: string): string {
    const cell = this.globals.get(name)
    return cell === undefined || cell instanceof AwkArray ? '' : textOf(cell, '%.6g')
  }

  get convfmt(): string {
    return this.textVariable('CONVFMT')
  }

  text(value: Value): string {
    return typeof value === 'string' ? value : textOf(value, this.convfmt)
  }

  /** The next record of the main input; undefined at its end. Counts it. */
  *nextRecord(): Routine<string | undefined> {
    for (;;) {
      if (!this.reader && !(yield* this.advance())) return undefined
      const record = yield* this.reader?.next(this.textVariable('RS')) ?? nothing()
      if (record !== undefined) {
        this.count()
        return record
      }
      this.skipFile()
    }
  }

  /** nextfile. */
  skipFile(): void {
    if (this.reader && this.reader.fd > 2) this.p.close(this.reader.fd)
    this.reader = undefined
  }

  private count(): void {
    this.globals.set('NR', numberOf(this.get('NR')) + 1)
    this.globals.set('FNR', numberOf(this.get('FNR')) + 1)
  }

  /** Opens the next operand of ARGV; assignments among them are made. */
  private *advance(): Routine<boolean> {
    const argv = this.array('ARGV')
    const count = numberOf(this.globalValue('ARGC'))
    while (this.argument < count) {
      const item = argv.items.get(String(this.argument++))
      const word = item === undefined ? '' : this.text(item)
      if (word === '') continue
      const assignment = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s.exec(word)
      if (assignment) {
        this.globals.set(assignment[1] ?? '', new InputText(unescapeAssignment(assignment[2] ?? '')))
        continue
      }
      this.usedFile = true
      if (yield* this.use(word)) return true
    }
    if (this.usedFile) return false
    this.usedFile = true
    return yield* this.use('-')
  }

  private *use(path: string): Routine<boolean> {
    const fd = yield* this.openFile(path)
    if (fd === undefined) {
      this.failed = true
      return false
    }
    this.reader = new RecordReader(this.p, fd)
    this.globals.set('FILENAME', path === '-' ? uninitialized : path)
    this.globals.set('FNR', 0)
    return true
  }

  private globalValue(name: string): Value {
    const cell = this.globals.get(name)
    return cell === undefined || cell instanceof AwkArray ? uninitialized : cell
  }
}

// biome-ignore lint/correctness/useYield: stands for a reader that is not there
function* nothing(): Routine<undefined> {
  return undefined
}

/** Escapes in `-v x=…` and `x=…` are those of string constants. */
export function unescapeAssignment(text: string): string {
  return text.replace(/\\([0-7]{1,3}|.)/gs, (whole, sequence: string) => {
    if (/^[0-7]/.test(sequence)) return String.fromCharCode(Number.parseInt(sequence, 8) & 255)
    const letters: Record<string, string> = {
      n: '\n',
      t: '\t',
      r: '\r',
      '\\': '\\',
      '"': '"',
      '/': '/',
      a: '\x07',
      b: '\b',
      f: '\f',
      v: '\v',
    }
    return Object.hasOwn(letters, sequence) ? (letters[sequence] ?? whole) : whole
  })
}
