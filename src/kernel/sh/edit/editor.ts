/** A line that is edited at a terminal, and what an editor of it can do. */

/** Plain data: it is part of the shell's frame. */
export type LineState = {
  /** Characters, each of one or more bytes, and the one the cursor is before. */
  chars: string[]
  cursor: number
  /** Where the cursor is from the beginning of the prompt's last line, and how wide the screen is. */
  x: number
  y: number
  columns: number
  prompt: string
  promptWidth: number
  /** Which line of the history is shown; the new one is behind the last. */
  at: number
  /** The new line, while one of the history is shown. */
  fresh?: string
  /** What was taken away last. */
  killed?: string[]
}

export const newLine = (prompt: string, promptWidth: number, columns: number, at: number): LineState => ({
  chars: [],
  cursor: 0,
  x: promptWidth % columns,
  y: Math.floor(promptWidth / columns),
  columns,
  prompt,
  promptWidth,
  at,
})

/** Edits a line; what has to be printed for it is gathered in `out`. */
export interface LineEditor {
  readonly line: LineState
  out: string
  insert(char: string): void
  left(): void
  right(): void
  home(): void
  end(): void
  wordLeft(): void
  wordRight(): void
  backspace(): void
  delete(): void
  /** `^W`, Alt and backspace, Alt-D, `^U`, `^K`. */
  eraseWord(): void
  eraseWordBefore(): void
  deleteWord(): void
  eraseBefore(): void
  eraseAfter(): void
  /** `^L`. */
  clear(): void
  /** Puts another text in the line's place, the cursor behind it. */
  replace(text: readonly string[], cursor?: number): void
  /** Shows the line anew, the cursor so many characters before its end. */
  redraw(back: number): void
  /** Shows prompt and line below a list. */
  again(): void
  /** Goes below the line. */
  finish(): void
  bell(): void
  /** `^Y` and `^T`, where there is such a thing. */
  yank?(): void
  transpose?(): void
}
