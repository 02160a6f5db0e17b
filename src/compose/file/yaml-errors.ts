/**
 * go-yaml's words for a text that is no YAML. It counts lines from 0 for what its parser finds and from 1 for what its
 * scanner finds, and names the line where the collection or key begins, not where it goes wrong.
 */
import { ComposeError } from './tree.ts'

/** What the yaml library found: its code and words, and where, as places in the text. */
interface Found {
  code: string
  message: string
  pos: [number, number]
}

/** @param found  what the yaml library says of a document; the first is what it met first */
export function syntaxError(found: readonly Found[], text: string): ComposeError {
  const first = found[0] ?? { code: '', message: '', pos: [0, 0] }
  const { code, message, pos } = first
  const lineAt = (place: number): number => text.slice(0, place).split('\n').length
  const lines = text.split('\n')
  const line = lineAt(pos[0])
  const source = lines[line - 1] ?? ''
  if (code === 'TAB_AS_INDENT' || /^\s*\t/.test(source)) return tab(lines, line)
  if (code === 'BAD_SCALAR_START' && /[@`%]/.test(source))
    return scanner(line, 'found character that cannot start any token')
  if (code === 'BAD_DQ_ESCAPE') return scanner(line, 'found unknown escape character')
  if (/Unexpected block-seq-ind/.test(message))
    return scanner(line, 'block sequence entries are not allowed in this context')
  if (/Missing closing/.test(message)) {
    const open = quoteBefore(lines, line)
    return scanner(open === 1 ? lines.length : open, 'found unexpected end of stream')
  }
  if (/Unexpected (,|flow-(seq|map)-end)/.test(message)) return parser(line, 'did not find expected node content')
  if (/Flow (sequence|map) in block/.test(message)) {
    // After an opening bracket, a comma or a colon there must be a value, otherwise a comma or the other bracket.
    const end = lineAt(text.length)
    if (/[[{,:]\s*$/.test(text.slice(0, pos[0]))) return parser(end, 'did not find expected node content')
    const open = openBracket(text)
    return parserError(open.line, line, `did not find expected ',' or '${open.mark === '{' ? '}' : ']'}'`)
  }
  const several = found.find(each => each.code === 'MULTILINE_IMPLICIT_KEY')
  if (/Nested mappings|compact mappings/i.test(message))
    return scanner(several ? lineAt(several.pos[1]) : line, 'mapping values are not allowed in this context')
  if (/Implicit keys need|must be followed by a/.test(message)) return looseKey(lines, line)
  if (/Implicit map keys need/.test(message)) return scanner(line, "could not find expected ':'")
  const start = blockStart(lines, line)
  const list = /^\s*-(\s|$)/.test(lines[start - 1] ?? '')
  return parserError(start, line, list ? "did not find expected '-' indicator" : 'did not find expected key')
}

const at = (line: number, words: string): ComposeError => new ComposeError(`yaml: line ${line}: ${words}`)

/** The scanner's errors name the line where it stands, but not the first. */
const scanner = (line: number, words: string): ComposeError =>
  line > 1 ? at(line, words) : new ComposeError(`yaml: ${words}`)

/** The parser's errors count from 0, and do not tell line 0. */
const parser = (line: number, words: string): ComposeError =>
  line > 1 ? at(line - 1, words) : new ComposeError(`yaml: ${words}`)

/** Those within a collection name the line where that begins, or where it goes wrong when it begins the text. */
const parserError = (start: number, line: number, words: string): ComposeError =>
  parser(start > 1 ? start : line, words)

/** A tab in the indent: below a plain text it goes on with that, elsewhere it begins nothing. */
function tab(lines: readonly string[], line: number): ComposeError {
  const before = lines.slice(0, line - 1).findLastIndex(each => !isBlank(each)) + 1
  const plain = before > 0 && !/(:|[\]}"'|>]|^\s*-)\s*$/.test(lines[before - 1] ?? '')
  if (!plain) return scanner(line, 'found character that cannot start any token')
  return scanner(before > 1 ? before : line, 'found a tab character that violates indentation')
}

const indentOf = (line: string): number => line.length - line.trimStart().length
const isBlank = (line: string): boolean => /^\s*(#.*)?$/.test(line)

/** The first line of the innermost block that a line's indent belongs to. */
function blockStart(lines: readonly string[], line: number): number {
  const blocks: { indent: number; line: number }[] = []
  lines.slice(0, line - 1).forEach((text, i) => {
    if (isBlank(text)) return
    const indent = indentOf(text)
    while ((blocks.at(-1)?.indent ?? -1) > indent) blocks.pop()
    if (blocks.at(-1)?.indent !== indent) blocks.push({ indent, line: i + 1 })
  })
  const indent = indentOf(lines[line - 1] ?? '')
  while ((blocks.at(-1)?.indent ?? -1) > indent) blocks.pop()
  return blocks.at(-1)?.line ?? 1
}

/** A text where a key should be: beside other keys it lacks its colon, below them it runs on to the next line. */
function looseKey(lines: readonly string[], line: number): ComposeError {
  const start = blockStart(lines, line)
  const beside = start < line && indentOf(lines[start - 1] ?? '') === indentOf(lines[line - 1] ?? '')
  if (beside) return scanner(line, "could not find expected ':'")
  return at(line + 1, 'mapping values are not allowed in this context')
}

/** The line where the text that is open at `line` began its quote. */
function quoteBefore(lines: readonly string[], line: number): number {
  for (let at = Math.min(line, lines.length); at > 0; at--) if (/["']/.test(lines[at - 1] ?? '')) return at
  return line
}

/** The innermost bracket that nothing closes. */
function openBracket(text: string): { mark: string; line: number } {
  const open: { mark: string; line: number }[] = []
  let quote = ''
  let line = 1
  for (let i = 0; i < text.length; i++) {
    const char = text[i] ?? ''
    if (char === '\n') line++
    if (quote !== '') {
      if (char === '\\' && quote === '"') i++
      else if (char === quote) quote = ''
    } else if ((char === '"' || char === "'") && /[\s,[{:]/.test(text[i - 1] ?? ' ')) quote = char
    else if (char === '#' && /\s/.test(text[i - 1] ?? ' ')) i = Math.max(i, text.indexOf('\n', i) - 1)
    else if (char === '[' || char === '{') open.push({ mark: char, line })
    else if (char === ']' || char === '}') open.pop()
  }
  return open.at(-1) ?? { mark: '[', line }
}
