/** How the client prints an answer. */
import type { WireField } from './protocol.ts'

export interface Shape {
  kind: 'table' | 'tabs' | 'vertical'
  /** Whether the names of the columns are printed. */
  names: boolean
  /** Tabs and line ends as they are. */
  raw: boolean
}

interface Rows {
  fields: readonly WireField[]
  rows: readonly (string | null)[][]
}

const width = (text: string): number => [...text].length
const escaped = (text: string): string =>
  text.replace(/[\\\t\n\0]/g, char => ({ '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\0': '\\0' })[char] ?? char)

export function formatResult(answer: Rows, shape: Shape): string {
  if (shape.kind === 'vertical') return vertical(answer)
  if (shape.kind === 'table') return bordered(answer, shape)
  const lines = shape.names ? [answer.fields.map(each => each.name)] : []
  const show = (value: string | null): string => (value === null ? 'NULL' : shape.raw ? value : escaped(value))
  return [...lines, ...answer.rows.map(row => row.map(show))].map(each => `${each.join('\t')}\n`).join('')
}

function bordered({ fields, rows }: Rows, shape: Shape): string {
  const cells = rows.map(row => row.map(value => value ?? 'NULL'))
  const widths = fields.map((field, at) =>
    // A column that may be NULL is wide enough for the word.
    Math.max(
      shape.names ? width(field.name) : 0,
      ...cells.map(row => width(row[at] ?? '')),
      field.nullable || rows.some(row => row[at] === null) ? 4 : 0,
    ),
  )
  const line = `+${widths.map(each => '-'.repeat(each + 2)).join('+')}+\n`
  const row = (values: readonly string[], right: (at: number) => boolean): string =>
    `|${values.map((value, at) => ` ${' '.repeat(right(at) ? (widths[at] ?? 0) - width(value) : 0)}${value}${' '.repeat(right(at) ? 0 : (widths[at] ?? 0) - width(value))} `).join('|')}|\n`
  const head = shape.names
    ? row(
        fields.map(each => each.name),
        () => false,
      ) + line
    : ''
  return `${line}${head}${cells.map(each => row(each, at => fields[at]?.numeric ?? false)).join('')}${line}`
}

function vertical({ fields, rows }: Rows): string {
  const longest = Math.max(...fields.map(each => width(each.name)))
  return rows
    .map((row, at) => {
      const lines = fields.map(
        (field, place) => `${' '.repeat(longest - width(field.name))}${field.name}: ${row[place] ?? 'NULL'}\n`,
      )
      return `*************************** ${at + 1}. row ***************************\n${lines.join('')}`
    })
    .join('')
}
