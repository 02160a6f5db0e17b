/**
 * Lists: `--format table`, `table TEMPLATE`, `json`, `raw`, TEMPLATE, and `-q` (docker/cli formatter.Context). A noun
 * gives its columns once; tables, templates and JSON are all made from them.
 */
import type { Output } from '../command.ts'
import { align } from './tabwriter.ts'

export interface ListSpec<T> {
  /** Go's name of a row's type, for errors: `*formatter.ContainerContext`. */
  type: string
  /** The table shown without `--format`: `table {{.ID}}\t{{.Names}}`. */
  table: string
  /** What `-q` shows: `{{.ID}}`. */
  quiet: string
  /** What `--format raw` shows; absent where `raw` is a template like any other. */
  raw?: string
  headers: Readonly<Record<string, string>>
  /** A column's value: text, or whatever a template may print. Called only when it is shown. */
  columns: Readonly<Record<string, (item: T) => unknown>>
  /** What is called with a text: `{{.Label "x"}}`. */
  methods?: Readonly<Record<string, (item: T, given: string) => unknown>>
  /** Columns that exist without being part of `--format json`. */
  unlisted?: readonly string[]
}

export interface ListOptions {
  /** The flag's text; empty for the default table. */
  format: string
  quiet?: boolean
}

/** Prints the items. @throws StatusError with Docker's words for a template that is wrong */
export async function printList<T>(
  out: Output,
  spec: ListSpec<T>,
  items: readonly T[],
  options: ListOptions,
): Promise<void> {
  out.write(await listText(spec, items, options))
}

/** The text that `printList` prints. */
export async function listText<T>(spec: ListSpec<T>, items: readonly T[], options: ListOptions): Promise<string> {
  const { text, table } = templateText(spec, options)
  const quick = plainRows(spec, items, text)
  const { rows, header } = quick ?? (await (await import('./rows.ts')).templateRows(spec, items, text, table))
  return table ? align(`${header}\n${rows}`) : rows
}

/**
 * Rows of a template that has nothing but fields, as the default tables have: the template engine need not be loaded
 * for them. Undefined for any other template, and for what does not go well.
 */
function plainRows<T>(
  spec: ListSpec<T>,
  items: readonly T[],
  text: string,
): { rows: string; header: string } | undefined {
  const parts = text.split(/\{\{\.([A-Za-z]\w*)\}\}/)
  if (parts.some((part, i) => (i % 2 === 0 ? /[{}]/.test(part) : !spec.columns[part] || !spec.headers[part])))
    return undefined
  const fill = (value: (name: string) => unknown): string | undefined => {
    const filled = parts.map((part, i) => (i % 2 === 0 ? part : value(part)))
    return filled.every(part => typeof part === 'string') ? filled.join('') : undefined
  }
  const rows = items.map(item => fill(name => spec.columns[name]?.(item)))
  if (rows.includes(undefined)) return undefined
  return { rows: rows.map(line => `${line}\n`).join(''), header: fill(name => spec.headers[name]) ?? '' }
}

/** Whether a list's template uses a column, such as `.Size`, that is dear to compute. */
export function usesColumn<T>(spec: ListSpec<T>, options: ListOptions, column: string): boolean {
  const text = templateText(spec, options).text
  return text === '{{json .}}' || new RegExp(`\\.${column}\\b|json \\.[^A-Za-z]`).test(text)
}

function templateText<T>(spec: ListSpec<T>, options: ListOptions): { text: string; table: boolean } {
  const { format } = options
  const isTable = format === '' || format.startsWith('table')
  if (options.quiet && isTable) return { text: spec.quiet, table: false }
  // Docker's quiet raw format is the line of the id.
  if (options.quiet && format === 'raw') return { text: spec.raw?.split('\n')[0] ?? spec.quiet, table: false }
  if (format === 'json') return { text: '{{json .}}', table: false }
  if (format === 'raw' && spec.raw !== undefined) return { text: spec.raw, table: false }
  const whole = format === '' || format === 'table' ? spec.table : format
  const table = whole.startsWith('table')
  const text = (table ? whole.slice(5) : whole)
    .replace(/^ +| +$/g, '')
    .replaceAll('\\t', '\t')
    .replaceAll('\\n', '\n')
  return { text, table }
}
