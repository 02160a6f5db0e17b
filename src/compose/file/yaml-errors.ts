/**
 * go-yaml's words for a text that is no YAML. It counts lines from 0 for what its parser finds and from 1 for what its
 * scanner finds, and names the line where the collection or key begins, not where it goes wrong.
 */
import { ComposeError } from './tree.ts'

const UNCLOSED = /flow (collection|sequence|map)|Flow (sequence|map)/

/** @param line  where the yaml library met the mistake, from 1 */
export function syntaxError(code: string, message: string, line: number, text: string): ComposeError {
  const lines = text.split('\n')
  const source = lines[line - 1] ?? ''
  if (code === 'TAB_AS_INDENT' || /^\s*\t/.test(source) || (code === 'BAD_SCALAR_START' && /[@`%]/.test(source)))
    return at(line, 'found character that cannot start any token')
  if (/Unresolved alias/.test(message))
    return new ComposeError(`yaml: unknown anchor '${/: (.*)$/.exec(message)?.[1] ?? ''}' referenced`)
  if (/Missing closing/.test(message)) return at(quoteBefore(lines, line), 'found unexpected end of stream')
  if (UNCLOSED.test(message)) {
    const open = openBracket(text)
    return parserError(open.line, line, `did not find expected ',' or '${open.mark === '{' ? '}' : ']'}'`)
  }
  if (/Nested mappings|compact mappings/i.test(message))
    return at(line, 'mapping values are not allowed in this context')
  if (/Implicit keys need|must be followed by a/.test(message)) return looseKey(lines, line)
  return parserError(blockStart(lines, line), line, 'did not find expected key')
}

const at = (line: number, words: string): ComposeError => new ComposeError(`yaml: line ${line}: ${words}`)

/** The parser's errors name the line before that where a collection begins; before the first there is none. */
const parserError = (start: number, line: number, words: string): ComposeError => {
  const shown = start > 1 ? start - 1 : line - 1
  return shown > 0 ? at(shown, words) : new ComposeError(`yaml: ${words}`)
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
  if (beside) return at(line + 1, "could not find expected ':'")
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
