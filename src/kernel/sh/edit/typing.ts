/** What each key does to the line that is edited: busybox and bash agree on most. */
import type { Shell } from '../machine.ts'
import type { Frame } from '../state.ts'
import { AshLine } from './ash-line.ts'
import { commonStart, complete, inColumns, quoted } from './complete.ts'
import type { LineEditor, LineState } from './editor.ts'
import { isDebians } from './history.ts'
import type { Key } from './keys.ts'
import { Readline } from './readline.ts'

/** What a key ended: the line, all input (`^D`), or the command that was typed so far (`^C`). */
export type Ending = 'line' | 'end' | 'interrupt' | undefined

export function editorOf(sh: Shell, frame: Frame): LineEditor {
  const line = frame.edit as unknown as LineState
  return sh.dialect === 'bash' ? new Readline(line) : new AshLine(line)
}

const simple: Readonly<Record<string, (editor: LineEditor) => void>> = {
  '\x01': editor => editor.home(),
  '\x02': editor => editor.left(),
  '\x05': editor => editor.end(),
  '\x06': editor => editor.right(),
  '\b': editor => editor.backspace(),
  '\x7f': editor => editor.backspace(),
  '\x0b': editor => editor.eraseAfter(),
  '\x0c': editor => editor.clear(),
  '\x14': editor => editor.transpose?.(),
  '\x15': editor => editor.eraseBefore(),
  '\x17': editor => editor.eraseWord(),
  '\x19': editor => editor.yank?.(),
  left: editor => editor.left(),
  right: editor => editor.right(),
  home: editor => editor.home(),
  end: editor => editor.end(),
  delete: editor => editor.delete(),
  'word-left': editor => editor.wordLeft(),
  'word-right': editor => editor.wordRight(),
  'word-erase': editor => editor.eraseWordBefore(),
  'word-delete': editor => editor.deleteWord(),
}

/** Does what a key asks for. */
export function press(sh: Shell, frame: Frame, editor: LineEditor, key: Key): Ending {
  if ('row' in key) return undefined
  const name = 'char' in key ? key.char : key.key
  if (frame.search !== undefined) {
    if (searching(sh, frame, editor, name)) return undefined
    endSearch(frame, editor)
  }
  const tabbed = frame.tabs
  if (name !== '\t') delete frame.tabs
  if (name === 'paste-begin' || name === 'paste-end') {
    frame.pasting = name === 'paste-begin'
    return undefined
  }
  const { line } = editor
  switch (name) {
    case '\r':
    case '\n':
      if (frame.pasting === true) editor.insert('\n')
      else {
        editor.finish()
        return 'line'
      }
      return undefined
    case '\x03':
      return 'interrupt'
    case '\x04':
      if (line.chars.length === 0) return 'end'
      editor.delete()
      return undefined
    case '\t':
      tab(sh, frame, editor, tabbed as string[] | undefined)
      return undefined
    case 'up':
    case '\x10':
      recall(sh, editor, -1)
      return undefined
    case 'down':
    case '\x0e':
      recall(sh, editor, 1)
      return undefined
    case '\x12':
      // Debian's busybox is built without it.
      if (!isDebians(sh)) startSearch(frame, editor)
      return undefined
    default:
  }
  const action = Object.hasOwn(simple, name) ? simple[name] : undefined
  if (action) action(editor)
  else if ('char' in key && name >= ' ') editor.insert(name)
  return undefined
}

/** The line as it is typed: a text of bytes. */
export const textOf = (line: LineState): string => line.chars.join('')

/** Splits a text of bytes into characters. */
export const charsOf = (text: string): string[] =>
  text.match(/[\xf0-\xff][\x80-\xbf]{0,3}|[\xe0-\xef][\x80-\xbf]{0,2}|[\xc0-\xdf][\x80-\xbf]?|[\s\S]/g) ?? []

/** Shows another line of the history; what was changed in one stays changed. */
function recall(sh: Shell, editor: LineEditor, step: -1 | 1): void {
  const { history } = sh.state
  const { line } = editor
  const to = line.at + step
  if (to < 0 || to > history.length) return editor.bell()
  keep(sh, editor)
  line.at = to
  editor.replace(charsOf(to === history.length ? (line.fresh ?? '') : (history[to] ?? '')))
}

/** Keeps the text of the line that is left for another of the history. */
function keep(sh: Shell, { line }: LineEditor): void {
  const text = textOf(line)
  if (line.at === sh.state.history.length) line.fresh = text
  else if (text !== '') sh.state.history = sh.state.history.map((each, at) => (at === line.at ? text : each))
}

/** Completes the word before the cursor; a second tab shows what there is. */
function tab(sh: Shell, frame: Frame, editor: LineEditor, shown: string[] | undefined): void {
  const { line } = editor
  if (shown) {
    if (shown.length === 0) return sh.dialect === 'bash' ? editor.bell() : undefined
    const { cursor } = line
    editor.finish()
    line.cursor = cursor
    editor.out += inColumns(shown, line.columns, sh.dialect === 'bash')
    return editor.again()
  }
  const before = line.chars.slice(0, line.cursor).join('')
  const { matches, prefix, quote } = complete(sh, before)
  const [only] = matches
  const bash = sh.dialect === 'bash'
  if (matches.length !== 1) frame.tabs = matches
  // busybox quotes in quotes as well.
  const shape = (name: string): string => (bash && quote !== '' ? name : quoted(name))
  if (matches.length === 1 && only !== undefined) {
    const rest = shape(only).slice(shape(prefix).length)
    return fill(editor, `${rest}${only.endsWith('/') ? '' : `${bash ? quote : ''} `}`)
  }
  const common = commonStart(matches)
  const rest = shape(common).slice(shape(prefix).length)
  editor.bell()
  if (common === '' || (bash && rest === '')) return undefined
  fill(editor, rest)
}

/** Puts a text in at the cursor, at once. */
function fill(editor: LineEditor, text: string): void {
  const { chars, cursor } = editor.line
  const added = charsOf(text)
  editor.replace([...chars.slice(0, cursor), ...added, ...chars.slice(cursor)], cursor + added.length)
}

/** `^R`: looks for what is typed in the history, backwards. */
function startSearch(frame: Frame, editor: LineEditor): void {
  const { line } = editor
  frame.search = { text: '', prompt: line.prompt, width: line.promptWidth, at: line.at }
  showSearch(frame, editor)
}

type Search = { text: string; prompt: string; width: number; at: number }

function showSearch(frame: Frame, editor: LineEditor): void {
  const search = frame.search as Search
  const { line } = editor
  const [open, close] = editor instanceof Readline ? ['`', "'"] : ["'", "'"]
  line.prompt = `(reverse-i-search)${open}${search.text}${close}: `
  line.promptWidth = line.prompt.length
  editor.redraw(line.chars.length - line.cursor)
}

/** A key of a search; false for one that ends it. */
function searching(sh: Shell, frame: Frame, editor: LineEditor, name: string): boolean {
  const search = frame.search as Search
  const { line } = editor
  const { history } = sh.state
  if (name === '\x7f' || name === '\b') search.text = charsOf(search.text).slice(0, -1).join('')
  else if (name >= ' ' && charsOf(name).length === 1) search.text += name
  else if (name !== '\x12') return false
  const from = Math.min(line.at, history.length - 1) - (name === '\x12' && line.at < history.length ? 1 : 0)
  for (let at = from; at >= 0; at--) {
    const text = history[at] ?? ''
    const found = text.indexOf(search.text)
    if (found < 0) continue
    line.at = at
    line.chars = charsOf(text)
    line.cursor = charsOf(text.slice(0, found)).length
    showSearch(frame, editor)
    return true
  }
  editor.bell()
  return true
}

function endSearch(frame: Frame, editor: LineEditor): void {
  const search = frame.search as Search
  delete frame.search
  editor.line.prompt = search.prompt
  editor.line.promptWidth = search.width
  editor.redraw(editor.line.chars.length - editor.line.cursor)
}
