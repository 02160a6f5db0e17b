/**
 * The line that bash edits, shown as readline does: what differs on the screen is found and sent with the terminal's
 * means to insert and delete. Recorded from bash 5.2; lines of more than one row are drawn anew.
 */
import type { LineEditor, LineState } from './editor.ts'

export class Readline implements LineEditor {
  readonly line: LineState
  out = ''

  constructor(line: LineState) {
    this.line = line
  }

  get #rows(): number {
    return Math.floor((this.line.promptWidth + this.line.chars.length) / this.line.columns)
  }

  /** Columns from the left edge to the place before a character. */
  #column(at: number): number {
    return this.line.promptWidth + at
  }

  /** Goes to another place of the line as it is on the screen. */
  #move(to: number): void {
    const { line } = this
    const from = line.cursor
    line.cursor = to
    if (to === from) return
    if (this.#rows > 0) return this.#place(this.#column(from), this.#column(to))
    if (to > from) this.out += line.chars.slice(from, to).join('')
    else if (this.#column(to) + 1 < from - to) this.out += `\r${line.prompt}${line.chars.slice(0, to).join('')}`
    else this.out += '\b'.repeat(from - to)
  }

  /** Goes from one column to another over rows. */
  #place(from: number, to: number): void {
    const { columns } = this.line
    const down = Math.floor(to / columns) - Math.floor(from / columns)
    const right = to % columns
    this.out += `${down < 0 ? `\x1b[${-down}A` : '\n'.repeat(down)}\r${right > 0 ? `\x1b[${right}C` : ''}`
  }

  /** Makes the line another, its cursor at a place, and brings the screen up to date. */
  #change(chars: string[], cursor: number): void {
    const { line } = this
    const old = line.chars
    const added = chars.length - old.length
    if (
      added > 0 &&
      line.cursor === old.length &&
      cursor === chars.length &&
      old.every((char, at) => char === chars[at])
    )
      return this.#append(chars.slice(old.length))
    if (this.#rows > 0 || line.promptWidth + chars.length >= line.columns) {
      const up = Math.floor(this.#column(line.cursor) / line.columns)
      line.chars = chars
      line.cursor = chars.length
      const full = this.#column(chars.length) % line.columns === 0
      this.out += `${up > 0 ? `\x1b[${up}A` : ''}\r${line.prompt}${chars.join('')}${full ? ' \r' : ''}\x1b[J`
      this.#move(cursor)
      return
    }
    let start = 0
    while (start < old.length && start < chars.length && old[start] === chars[start]) start++
    if (start < old.length || start < chars.length) {
      let tail = 0
      while (tail < Math.min(old.length, chars.length) - start && old.at(-1 - tail) === chars.at(-1 - tail)) tail++
      this.#move(start)
      this.#update(old, chars, start, tail)
    }
    line.chars = chars
    this.#move(cursor)
  }

  /** Prints characters at the end; at the edge the cursor is brought to the next row. */
  #append(chars: readonly string[]): void {
    const { line } = this
    for (const char of chars) {
      line.chars = [...line.chars, char]
      line.cursor++
      this.out += this.#column(line.cursor) % line.columns === 0 ? `${char} \r` : char
    }
  }

  #update(old: readonly string[], chars: readonly string[], start: number, tail: number): void {
    const grown = chars.length - old.length
    const text = chars.slice(start, chars.length - tail).join('')
    const { line } = this
    line.cursor = chars.length - tail
    if (grown > 0 && tail > 0) this.out += `\x1b[${grown}@${text}`
    else if (grown >= 0) this.out += text
    else if (2 * (chars.length - start) >= -grown) this.out += `\x1b[${-grown}P${text}`
    else {
      this.out += `${chars.slice(start).join('')}\x1b[K`
      line.cursor = chars.length
    }
  }

  #kill(from: number, to: number): void {
    const { line } = this
    if (from === to) return
    line.killed = line.chars.slice(from, to)
    this.#change([...line.chars.slice(0, from), ...line.chars.slice(to)], from)
  }

  end(): void {
    this.#move(this.line.chars.length)
  }

  home(): void {
    this.#move(0)
  }

  left(): void {
    if (this.line.cursor === 0) this.bell()
    else this.#move(this.line.cursor - 1)
  }

  right(): void {
    if (this.line.cursor === this.line.chars.length) this.bell()
    else this.#move(this.line.cursor + 1)
  }

  redraw(back: number): void {
    const { line } = this
    this.out += `\r${line.prompt}${line.chars.join('')}\x1b[K`
    line.cursor = line.chars.length
    this.#move(line.chars.length - back)
  }

  /** Prompt and line again, below what was printed. */
  again(): void {
    const { line } = this
    const { cursor } = line
    this.out += `${line.prompt}${line.chars.join('')}`
    line.cursor = line.chars.length
    this.#move(cursor)
  }

  replace(text: readonly string[], cursor = text.length): void {
    this.#change([...text], cursor)
  }

  insert(char: string): void {
    const { chars, cursor } = this.line
    this.#change([...chars.slice(0, cursor), char, ...chars.slice(cursor)], cursor + 1)
  }

  delete(): void {
    const { chars, cursor } = this.line
    if (cursor === chars.length) return this.bell()
    this.#change([...chars.slice(0, cursor), ...chars.slice(cursor + 1)], cursor)
  }

  backspace(): void {
    const { line } = this
    const { chars, cursor } = line
    if (cursor === 0) return this.bell()
    if (cursor === chars.length && this.#column(cursor) % line.columns !== 0) {
      line.chars = chars.slice(0, -1)
      line.cursor--
      this.out += '\b \b'
    } else this.#change([...chars.slice(0, cursor - 1), ...chars.slice(cursor)], cursor - 1)
  }

  #wordStart(isWord: (char: string) => boolean): number {
    const { chars, cursor } = this.line
    let at = cursor
    while (at > 0 && !isWord(chars[at - 1] ?? '')) at--
    while (at > 0 && isWord(chars[at - 1] ?? '')) at--
    return at
  }

  #wordEnd(): number {
    const { chars, cursor } = this.line
    let at = cursor
    while (at < chars.length && !isLetter(chars[at] ?? '')) at++
    while (at < chars.length && isLetter(chars[at] ?? '')) at++
    return at
  }

  eraseWord(): void {
    this.#kill(
      this.#wordStart(char => !/\s/.test(char)),
      this.line.cursor,
    )
  }

  eraseWordBefore(): void {
    this.#kill(this.#wordStart(isLetter), this.line.cursor)
  }

  deleteWord(): void {
    this.#kill(this.line.cursor, this.#wordEnd())
  }

  eraseBefore(): void {
    if (this.line.cursor === 0) this.bell()
    else this.#kill(0, this.line.cursor)
  }

  eraseAfter(): void {
    this.#kill(this.line.cursor, this.line.chars.length)
  }

  /** `^Y`: what was taken away last. */
  yank(): void {
    const { chars, cursor, killed = [] } = this.line
    this.#change([...chars.slice(0, cursor), ...killed, ...chars.slice(cursor)], cursor + killed.length)
  }

  /** `^T`: the characters around the cursor change places. */
  transpose(): void {
    const { chars, cursor } = this.line
    if (cursor === 0 || chars.length < 2) return this.bell()
    const at = cursor === chars.length ? cursor - 1 : cursor
    const changed = [...chars]
    changed.splice(at - 1, 2, chars[at] ?? '', chars[at - 1] ?? '')
    this.#change(changed, at + 1)
  }

  wordLeft(): void {
    this.#move(this.#wordStart(isLetter))
  }

  wordRight(): void {
    this.#move(this.#wordEnd())
  }

  clear(): void {
    this.out += '\x1b[H\x1b[2J'
    this.again()
  }

  finish(): void {
    if (this.#rows > 0) this.end()
    this.out += '\n'
  }

  bell(): void {
    this.out += '\x07'
  }
}

const isLetter = (char: string): boolean => /^[A-Za-z0-9\x80-\xff]/.test(char)
