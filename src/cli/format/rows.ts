/** Rows of a list through Go templates: what formatter.ts loads for anything but plain fields. */
import { messageOf } from '../../errors.ts'
import { StatusError } from '../errors.ts'
import { toJson } from '../template/json.ts'
import { parseTemplate } from '../template/template.ts'
import { Struct } from '../template/value.ts'
import type { ListSpec } from './formatter.ts'

/** Each item through the template, a line each, and the header line of a table. @throws StatusError 1 */
export function templateRows<T>(
  spec: ListSpec<T>,
  items: readonly T[],
  text: string,
  table: boolean,
): { rows: string; header: string } {
  try {
    const template = parseTemplate(text)
    const rows = items.map(item => `${template.execute(rowOf(spec, item))}\n`).join('')
    return { rows, header: table ? template.header(headerRow(spec)) : '' }
  } catch (error) {
    throw new StatusError(1, `template parsing error: ${messageOf(error)}`)
  }
}

/** An item as a template of its list sees it. */
export function rowOf<T>(spec: ListSpec<T>, item: T): Struct {
  // Fields take no argument and methods one: the template engine counts the parameters.
  const columns = Object.entries(spec.columns).map(([name, read]) => [name, () => read(item)] as const)
  const methods = Object.entries(spec.methods ?? {}).map(
    ([name, read]) => [name, (given: string) => read(item, given)] as const,
  )
  const json = (): string => {
    const listed = Object.keys(spec.columns).filter(name => !spec.unlisted?.includes(name))
    const values = new Map(listed.map(name => [name, spec.columns[name]?.(item) ?? null]))
    // Go's json.Marshal, which rows go through, escapes <, > and &.
    return toJson(values, { escapeHtml: true })
  }
  return new Struct(spec.type, Object.fromEntries([...columns, ...methods]), json)
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
