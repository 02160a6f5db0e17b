/** Go's encoding/json: structs in field order, maps sorted, its escapes. */
import { Float, fieldsOf, isMap, JsonNumber, nilMap, nilSlice, Struct, sortedEntries, Text } from './value.ts'

export interface JsonOptions {
  /** Blanks for each level; 0 for one line. */
  indent?: number
  /** `<`, `>` and `&` as \u003c ...: Go's default, which Docker turns off in most places. */
  escapeHtml?: boolean
}

/** The JSON text of a value. `undefined` and methods are left out. */
export function toJson(value: unknown, options: JsonOptions = {}): string {
  return write(value, options.indent ?? 0, '\n', options.escapeHtml ?? false)
}

function write(value: unknown, indent: number, line: string, html: boolean): string {
  if (value === null || value === undefined || value === nilSlice || value === nilMap) return 'null'
  if (typeof value === 'string') return jsonString(value, html)
  if (typeof value === 'number' || typeof value === 'bigint') return numberText(Number(value))
  if (typeof value === 'boolean') return String(value)
  if (value instanceof Float) return numberText(value.value)
  if (value instanceof JsonNumber) return value.text
  if (value instanceof Text) return jsonString(value.json, html)
  if (value instanceof Struct && value.json) return value.json()
  const deeper = line + ' '.repeat(indent)
  const wrap = (open: string, items: string[], close: string): string => {
    if (items.length === 0) return open + close
    return indent === 0 ? open + items.join(',') + close : `${open}${deeper}${items.join(`,${deeper}`)}${line}${close}`
  }
  if (Array.isArray(value))
    return wrap(
      '[',
      value.map(item => write(item, indent, deeper, html)),
      ']',
    )
  const entries: [string, unknown][] = isMap(value) ? sortedEntries(value) : Object.entries(fieldsOf(value) ?? {})
  const items = entries
    .filter(([, item]) => item !== undefined && typeof item !== 'function')
    .map(([key, item]) => `${jsonString(key, html)}:${indent === 0 ? '' : ' '}${write(item, indent, deeper, html)}`)
  return wrap('{', items, '}')
}

function numberText(value: number): string {
  if (!Number.isFinite(value)) return 'null'
  const size = Math.abs(value)
  if (size !== 0 && (size < 1e-6 || size >= 1e21)) return value.toExponential().replace(/e([+-])0*(\d)$/, 'e$1$2')
  return Number.isInteger(value) ? BigInt(value).toString() : String(value)
}

/** A string as Go's encoder writes it. */
export function jsonString(text: string, html: boolean): string {
  const plain = JSON.stringify(text).replace(/[\u2028\u2029\x7f]/g, char =>
    char === '\x7f' ? char : `\\u${char.charCodeAt(0).toString(16)}`,
  )
  return html ? plain.replace(/[<>&]/g, char => `\\u00${char.charCodeAt(0).toString(16)}`) : plain
}
