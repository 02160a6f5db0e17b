/**
 * The line that is edited at a terminal, shown as busybox's lineedit does. Recorded from busybox 1.35 and compared byte by
 * byte.
 */
import type { LineEditor, LineState } from './editor.ts'

const clearBelow = '\x1b[J'
const isBlank = (char: string | undefined): boolean => char === ' ' || char === '\t'
const endsWord = (char: string | undefined): boolean =>
  char === undefined || char === ' ' || /^[!-/:-@[-`{-~]$/.test(char)

export class AshLine implements LineEditor {
  readonly line: LineState
  out = ''

  constructor(line: LineState) {
    this.line = line
  }

  /** Prints the character under the cursor (a blank at the end) and goes beyond it. */
  #advance(): void {
    const { line } = this
    const char = line.chars[line.cursor] ?? ' '
    if (line.cursor < line.chars.length) {
      line.cursor++
      line.x++
    }
    this.out += char
    if (line.x < line.columns) return
    // A terminal that is wider than it says would not go to the next line by itself.
    this.out += '\r\n'
    line.y++
    line.x = 0
  }

  end(): void {
    while (this.line.cursor < this.line.chars.length) this.#advance()
  }

  right(): void {
    if (this.line.cursor < this.line.chars.length) this.#advance()
  }

  left(count = 1): void {
    const { line } = this
    let back = Math.min(count, line.cursor)
    if (back === 0) return
    line.cursor -= back
    if (line.x >= back) {
      line.x -= back
      this.out += back <= 4 ? '\b'.repeat(back) : `\x1b[${back}D`
      return
    }
    back -= line.x
    const up = 1 + Math.floor((back - 1) / line.columns)
    line.x = (line.columns * line.y - back) % line.columns
    line.y -= up
    this.out += `\r\x1b[${up}A${line.x > 0 ? `\x1b[${line.x}C` : ''}`
  }

  home(): void {
    this.left(this.line.cursor)
  }

  /** Shows prompt and line anew, the cursor `back` characters before the end. */
  redraw(back: number, rows = this.line.y): void {
    const { line } = this
    this.out += `${rows > 0 ? `\x1b[${rows}A` : ''}\r${line.prompt}`
    line.cursor = 0
    line.x = line.promptWidth % line.columns
    line.y = Math.floor(line.promptWidth / line.columns)
    this.end()
    this.out += clearBelow
    this.left(back)
  }

  replace(text: readonly string[], cursor = text.length): void {
    this.line.chars = [...text]
    this.redraw(text.length - cursor)
  }

  again(): void {
    this.redraw(this.line.chars.length - this.line.cursor, 0)
  }

  bell(): void {
    this.out += '\x07'
  }

  insert(char: string): void {
    const { line } = this
    const at = line.cursor
    line.chars.splice(at, 0, char)
    if (at === line.chars.length - 1) return this.#advance()
    this.end()
    this.left(line.cursor - at - 1)
  }

  delete(): void {
    const { line } = this
    if (line.cursor === line.chars.length) return
    const at = line.cursor
    line.chars.splice(at, 1)
    this.end()
    this.out += clearBelow
    this.left(line.cursor - at)
  }

  backspace(): void {
    if (this.line.cursor === 0) return
    this.left()
    this.delete()
  }

  /** `^W`. */
  eraseWord(): void {
    const before = (): string | undefined => this.line.chars[this.line.cursor - 1]
    while (isBlank(before())) this.backspace()
    while (before() !== undefined && !isBlank(before())) this.backspace()
  }

  deleteWord(): void {
    const from = this.line.cursor
    this.wordRight()
    const count = this.line.cursor - from
    this.left(count)
    for (let left = count; left > 0; left--) this.delete()
  }

  /** Alt and backspace: back to the beginning of the word. */
  eraseWordBefore(): void {
    const from = this.line.cursor
    this.wordLeft()
    for (let left = from - this.line.cursor; left > 0; left--) this.delete()
  }

  /** `^U`. */
  eraseBefore(): void {
    const { line } = this
    if (line.cursor === 0) return
    line.chars.splice(0, line.cursor)
    this.redraw(line.chars.length)
  }

  /** `^K`. */
  eraseAfter(): void {
    this.line.chars.length = this.line.cursor
    this.out += clearBelow
  }

  wordLeft(): void {
    const { line } = this
    while (line.cursor > 0) {
      this.left()
      if (endsWord(line.chars[line.cursor])) continue
      while (line.cursor > 0 && !endsWord(line.chars[line.cursor - 1])) this.left()
      return
    }
  }

  wordRight(): void {
    const { line } = this
    while (line.cursor < line.chars.length && endsWord(line.chars[line.cursor])) this.right()
    while (line.cursor < line.chars.length && !endsWord(line.chars[line.cursor])) this.right()
  }

  /** `^L`. */
  clear(): void {
    this.out += '\x1b[H\x1b[J'
    this.again()
  }

  finish(): void {
    this.end()
    if (this.line.cursor === 0 || this.line.x !== 0) this.out += '\n'
  }
}
