/** Answers as psql prints them. */
import { isNumeric } from './types.ts'

export interface Style {
  tuplesOnly: boolean
  aligned: boolean
  separator: string
  expanded: boolean
  html: boolean
  csv: boolean
}

export interface Shown {
  title?: string
  fields: { name: string; oid: number }[]
  rows: (string | null)[][]
  footer?: string[]
}

const width = (text: string): number => [...text].length

export function formatTable(shown: Shown, style: Style): string {
  const { fields, rows, footer } = shown
  if (style.csv) return [fields.map(each => each.name), ...rows].map(row => `${row.map(csvCell).join(',')}\n`).join('')
  if (style.expanded) return expanded(shown, style)
  const count = footer === undefined ? [`(${rows.length} ${rows.length === 1 ? 'row' : 'rows'})`] : footer
  const isListing = shown.title !== undefined
  if (!style.aligned) {
    const lines = rows.map(row => row.map(value => value ?? '').join(style.separator))
    if (style.tuplesOnly) return lines.map(line => `${line}\n`).join('')
    const head = fields.map(each => each.name).join(style.separator)
    return [...(isListing ? [shown.title ?? ''] : []), head, ...lines, ...count].map(line => `${line}\n`).join('')
  }
  const cells = rows.map(row => row.map(value => (value ?? '').split('\n')))
  const widths = fields.map((field, at) =>
    Math.max(width(field.name), ...cells.flatMap(row => (row[at] ?? []).map(width))),
  )
  const lines: string[] = []
  const total = widths.reduce((sum, each) => sum + each + 3, 0) - 1
  if (isListing && !style.tuplesOnly) lines.push(centre(shown.title ?? '', total).trimEnd())
  if (!style.tuplesOnly) {
    lines.push(fields.map((field, at) => ` ${centre(field.name, widths[at] ?? 0)} `).join('|'))
    lines.push(widths.map(each => '-'.repeat(each + 2)).join('+'))
  }
  for (const row of cells) {
    const height = Math.max(1, ...row.map(each => each.length))
    for (let line = 0; line < height; line++)
      lines.push(
        row
          .map((parts, at) => {
            const text = parts[line] ?? ''
            const more = line + 1 < parts.length ? '+' : ' '
            const pad = ' '.repeat(Math.max(0, (widths[at] ?? 0) - width(text)))
            const right = isNumeric(fields[at]?.oid ?? 0)
            const last = at === row.length - 1
            if (last && more === ' ' && !right) return ` ${text}`
            return ` ${right ? pad + text : text + pad}${last && more === ' ' ? '' : more}`
          })
          .join('|'),
      )
  }
  if (!style.tuplesOnly) {
    if (shown.footer === undefined && isListing) lines.push(...count)
    else lines.push(...count)
  }
  return `${lines.join('\n')}\n${shown.footer !== undefined || style.tuplesOnly || !style.tuplesOnly ? '\n' : ''}`
}

function centre(text: string, size: number): string {
  const left = Math.floor((size - width(text)) / 2)
  return ' '.repeat(Math.max(0, left)) + text + ' '.repeat(Math.max(0, size - width(text) - left))
}

function expanded({ fields, rows }: Shown, style: Style): string {
  const names = Math.max(0, ...fields.map(each => width(each.name)))
  const values = Math.max(0, ...rows.flatMap(row => row.map(value => width(value ?? ''))))
  if (rows.length === 0) return style.tuplesOnly ? '' : '(0 rows)\n\n'
  const lines = rows.flatMap((row, at) => {
    const label = `-[ RECORD ${at + 1} ]`
    const size = names + 2 + values + 1
    const head = label.padEnd(names + 1, '-')
    const rule = head.length <= names + 1 ? `${head}+${'-'.repeat(values + 1)}` : label.padEnd(size, '-')
    return [
      ...(style.tuplesOnly ? [] : [rule]),
      ...row.map((value, index) => `${(fields[index]?.name ?? '').padEnd(names)} | ${value ?? ''}`),
    ]
  })
  return `${lines.join('\n')}\n\n`
}

const csvCell = (value: string | null): string =>
  value === null ? '' : /[",\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value
