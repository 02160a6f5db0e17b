/** Values as text: YAML as go-yaml writes it with an indent of 2, and JSON as Go's encoding/json does. */
import { byteOrder, naturalOrder } from './order.ts'
import { readsAsText } from './scalar.ts'
import { isMapping, type Mapping, type Value } from './tree.ts'

/** A document. @param sorted  whether keys come in go-yaml's order, not as they stand */
export function yamlText(value: Value, sorted = false): string {
  if (isMapping(value) && Object.keys(value).length > 0) return mappingLines(value, 0, sorted)
  if (Array.isArray(value) && value.length > 0) return listLines(value, 0, sorted)
  return `${scalar(value, 0, false)}\n`
}

const pad = (depth: number): string => '  '.repeat(depth)

function keysOf(value: Mapping, sorted: boolean): string[] {
  return sorted ? Object.keys(value).sort(naturalOrder) : Object.keys(value)
}

function mappingLines(value: Mapping, depth: number, sorted: boolean): string {
  return keysOf(value, sorted)
    .map(key => `${pad(depth)}${keyText(key)}:${afterKey(value[key] ?? null, depth, sorted)}`)
    .join('')
}

function afterKey(value: Value, depth: number, sorted: boolean): string {
  if (isMapping(value) && Object.keys(value).length > 0) return `\n${mappingLines(value, depth + 1, sorted)}`
  if (Array.isArray(value) && value.length > 0) return `\n${listLines(value, depth + 1, sorted)}`
  return ` ${scalar(value, depth + 1, false)}\n`
}

function listLines(values: readonly Value[], depth: number, sorted: boolean): string {
  return values
    .map(value => {
      const block =
        isMapping(value) && Object.keys(value).length > 0
          ? mappingLines(value, depth + 1, sorted)
          : Array.isArray(value) && value.length > 0
            ? listLines(value, depth + 1, sorted)
            : undefined
      // The first line of a block stands behind the dash, which takes the place of its indent.
      if (block !== undefined) return `${pad(depth)}- ${block.slice(2 * (depth + 1))}`
      return `${pad(depth)}- ${scalar(value, depth + 1, false)}\n`
    })
    .join('')
}

const keyText = (key: string): string => scalar(key, 0, true)

function scalar(value: Value, depth: number, isKey: boolean): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return '[]'
  if (typeof value === 'object') return '{}'
  if (typeof value === 'number') return numberText(value)
  return typeof value === 'string' ? textScalar(value, depth, isKey) : String(value)
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return '.nan'
  if (!Number.isFinite(value)) return value > 0 ? '.inf' : '-.inf'
  return String(value)
}

function textScalar(text: string, depth: number, isKey: boolean): string {
  const allowed = styles(text)
  if (text.includes('\n') && !isKey && allowed.block) return literal(text, depth)
  if (text.includes('\n') || !readsAsText(text)) return doubleQuoted(text)
  if (allowed.plain) return text
  return allowed.single ? `'${text.replaceAll("'", "''")}'` : doubleQuoted(text)
}

/** A character that YAML may show as it is. */
const printable = (char: string): boolean =>
  /[\n\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd]/.test(char) || char.length > 1

/** The styles in which a text may be written (libyaml's analysis of a scalar). */
function styles(text: string): { plain: boolean; single: boolean; block: boolean } {
  if (text === '') return { plain: false, single: true, block: false }
  const special = [...text].some(char => !printable(char) && char !== '\t')
  const spaceBreak = / \n/.test(text)
  const breakSpace = /\n /.test(text)
  const edges = /^[ \n]|[ \n]$/.test(text)
  const odd = spaceBreak || text.includes('\t') || special
  return {
    plain: !edges && !breakSpace && !odd && !text.includes('\n') && !indicators(text),
    single: !breakSpace && !odd,
    block: !text.endsWith(' ') && !spaceBreak && !special,
  }
}

/** Whether a text has signs that mean something where a plain scalar may stand. */
function indicators(text: string): boolean {
  if (/^(---|\.\.\.)/.test(text)) return true
  if (/^[#,[\]{}&*!|>'"%@`]/.test(text)) return true
  if (/^[?:-]([ \n]|$)/.test(text)) return true
  return /:([ \n]|$)/.test(text.slice(1)) || /[ \n]#/.test(text)
}

function literal(text: string, depth: number): string {
  const indent = /^[ \n]/.test(text) ? '2' : ''
  const chomp = !text.endsWith('\n') ? '-' : text === '\n' || text.endsWith('\n\n') ? '+' : ''
  const body = (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n')
  const lines = body.map(line => (line === '' ? '' : pad(depth) + line))
  return `|${indent}${chomp}\n${lines.join('\n')}`
}

const DOUBLE = new Map([
  ['\0', '\\0'],
  ['\x07', '\\a'],
  ['\b', '\\b'],
  ['\t', '\\t'],
  ['\n', '\\n'],
  ['\v', '\\v'],
  ['\f', '\\f'],
  ['\r', '\\r'],
  ['\x1b', '\\e'],
  ['"', '\\"'],
  ['\\', '\\\\'],
  ['\x85', '\\N'],
  ['\u2028', '\\L'],
  ['\u2029', '\\P'],
  ['\ufeff', '\\uFEFF'],
])

function doubleQuoted(text: string): string {
  let out = ''
  for (const char of text) {
    const escape = DOUBLE.get(char)
    const code = char.codePointAt(0) ?? 0
    if (escape !== undefined) out += escape
    else if (printable(char)) out += char
    else if (code <= 0xff) out += `\\x${hex(code, 2)}`
    else out += `\\u${hex(code, 4)}`
  }
  return `"${out}"`
}

const hex = (code: number, width: number): string => code.toString(16).toUpperCase().padStart(width, '0')

/** JSON as encoding/json writes it; with `indent`, over several lines. */
export function goJson(value: Value, indent = '', sorted = false, depth = 0): string {
  if (typeof value === 'string') return jsonText(value)
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const entries = Array.isArray(value)
    ? value.map(entry => goJson(entry, indent, sorted, depth + 1))
    : (sorted ? Object.keys(value).sort(byteOrder) : Object.keys(value)).map(
        key => `${jsonText(key)}:${indent === '' ? '' : ' '}${goJson(value[key] ?? null, indent, sorted, depth + 1)}`,
      )
  const [open, close] = Array.isArray(value) ? '[]' : '{}'
  if (entries.length === 0 || indent === '') return `${open}${entries.join(',')}${close}`
  const gap = `\n${indent.repeat(depth + 1)}`
  return `${open}${gap}${entries.join(`,${gap}`)}\n${indent.repeat(depth)}${close}`
}

const jsonText = (text: string): string =>
  JSON.stringify(text).replace(/[<>&\u2028\u2029]/g, char => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
