/**
 * Lists: `--format table`, `table TEMPLATE`, `json`, `raw`, TEMPLATE, and `-q` (docker/cli formatter.Context). A noun
 * gives its columns once; tables, templates and JSON are all made from them.
 */
import { messageOf } from '../../errors.ts'
import type { Output } from '../command.ts'
import { StatusError } from '../errors.ts'
import { toJson } from '../template/json.ts'
import { parseTemplate, type Template } from '../template/template.ts'
import { Struct } from '../template/value.ts'
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
  /** What is called with an argument: `{{.Label "x"}}`. */
  methods?: Readonly<Record<string, (item: T, ...args: string[]) => unknown>>
  /** Columns that exist without being part of `--format json`. */
  unlisted?: readonly string[]
}

export interface ListOptions {
  /** The flag's text; empty for the default table. */
  format: string
  quiet?: boolean
}

/** Prints the items. @throws StatusError with Docker's words for a template that is wrong */
export function printList<T>(out: Output, spec: ListSpec<T>, items: readonly T[], options: ListOptions): void {
  out.write(listText(spec, items, options))
}

/** The text that `printList` prints. */
export function listText<T>(spec: ListSpec<T>, items: readonly T[], options: ListOptions): string {
  const { template, table } = chooseTemplate(spec, options)
  try {
    const rows = items.map(item => `${template.execute(row(spec, item))}\n`).join('')
    return table ? align(`${template.header(headerRow(spec))}\n${rows}`) : rows
  } catch (error) {
    throw new StatusError(1, `template parsing error: ${messageOf(error)}`)
  }
}

/** Whether a list's template uses a column, such as `.Size`, that is dear to compute. */
export function usesColumn<T>(spec: ListSpec<T>, options: ListOptions, column: string): boolean {
  const text = templateText(spec, options).text
  return text === '{{json .}}' || new RegExp(`\\.${column}\\b|json \\.[^A-Za-z]`).test(text)
}

function templateText<T>(spec: ListSpec<T>, options: ListOptions): { text: string; table: boolean } {
  const { format } = options
  const isTable = format === '' || format.startsWith('table')
  if (options.quiet && (isTable || format === 'raw')) return { text: spec.quiet, table: false }
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

function chooseTemplate<T>(spec: ListSpec<T>, options: ListOptions): { template: Template; table: boolean } {
  const { text, table } = templateText(spec, options)
  try {
    return { template: parseTemplate(text), table }
  } catch (error) {
    throw new StatusError(1, `template parsing error: ${messageOf(error)}`)
  }
}

function row<T>(spec: ListSpec<T>, item: T): Struct {
  const bind = (table: Readonly<Record<string, (item: T, ...args: string[]) => unknown>>): [string, unknown][] =>
    Object.entries(table).map(([name, read]) => [name, (...args: string[]) => read(item, ...args)])
  const json = (): string => {
    const listed = Object.keys(spec.columns).filter(name => !spec.unlisted?.includes(name))
    const values = new Map(listed.map(name => [name, spec.columns[name]?.(item) ?? null]))
    // Go's json.Marshal, which rows go through, escapes <, > and &.
    return toJson(values, { escapeHtml: true })
  }
  return new Struct(spec.type, Object.fromEntries([...bind(spec.columns), ...bind(spec.methods ?? {})]), json)
}

function headerRow<T>(spec: ListSpec<T>): Map<string, unknown> | Struct {
  const headers = new Map<string, unknown>(Object.entries(spec.headers))
  if (!spec.methods) return headers
  // A label's column is headed by the last part of its name.
  const title = (name: string): string => (name.split('.').at(-1) ?? '').replace(/[-_]/g, ' ')
  const methods = Object.keys(spec.methods).map((name): [string, unknown] => [name, title])
  const missing = Object.keys(spec.columns)
    .filter(name => !headers.has(name))
    .map((name): [string, unknown] => [name, undefined])
  return new Struct('formatter.SubHeaderContext', Object.fromEntries([...missing, ...headers, ...methods]))
}
