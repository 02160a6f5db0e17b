/** psql's questions about a database (`\d` and its like): answered from the catalogue that the cluster keeps. */
import type { Cluster, Table } from './storage.ts'

/** A name and what stands in its rows; `title` above. */
export interface Listing {
  title: string
  fields: { name: string; oid: number }[]
  rows: (string | null)[][]
  footer?: string[]
}

const columns = (...names: string[]): { name: string; oid: number }[] => names.map(name => ({ name, oid: 25 }))

export interface Description {
  tables: Table[]
  sequences: Record<string, number>
  cluster: Cluster
}

export const relationList = (found: Description, kinds: string, title: string): Listing | undefined => {
  const owner = found.tables[0]?.owner ?? 'postgres'
  const rows = [
    ...found.tables
      .filter(each => kinds.includes(each.kind[0] ?? ''))
      .map(each => ['public', each.name, each.kind, each.owner]),
    ...(kinds.includes('s') ? Object.keys(found.sequences).map(each => ['public', each, 'sequence', owner]) : []),
  ].sort((a, b) => ((a[1] ?? '') < (b[1] ?? '') ? -1 : 1))
  return rows.length === 0 ? undefined : { title, fields: columns('Schema', 'Name', 'Type', 'Owner'), rows }
}

export function describeTable(found: Description, name: string): Listing | undefined {
  const table = found.tables.find(each => each.name === name)
  if (!table) return undefined
  const rows = table.columns.map(each => [each.name, each.type.name, '', each.notNull ? 'not null' : '', each.shown])
  const footer: string[] = []
  const list = (each: { columns: string[] }): string => each.columns.join(', ')
  const order = { primary: 0, unique: 1, index: 2, check: 3, foreign: 4 }
  const indexes = table.constraints
    .filter(each => ['primary', 'unique', 'index'].includes(each.kind))
    .sort((a, b) => order[a.kind] - order[b.kind] || (a.name < b.name ? -1 : 1))
  if (indexes.length > 0) {
    footer.push('Indexes:')
    for (const each of indexes)
      footer.push(
        `    "${each.name}" ${each.kind === 'primary' ? 'PRIMARY KEY, ' : each.kind === 'unique' ? (each.text === 'index' ? 'UNIQUE, ' : 'UNIQUE CONSTRAINT, ') : ''}btree (${list(each)})`,
      )
  }
  const checks = table.constraints.filter(each => each.kind === 'check')
  if (checks.length > 0) footer.push('Check constraints:', ...checks.map(each => `    "${each.name}" ${each.text}`))
  const keys = table.constraints.filter(each => each.kind === 'foreign')
  const action = (text: string | undefined): string => (text ? ` ${text}` : '')
  if (keys.length > 0)
    footer.push(
      'Foreign-key constraints:',
      ...keys.map(
        each =>
          `    "${each.name}" FOREIGN KEY (${list(each)}) REFERENCES ${each.table}(${each.references?.join(', ')})${action(each.text)}`,
      ),
    )
  const users = found.tables.flatMap(each =>
    each.constraints
      .filter(one => one.kind === 'foreign' && one.table === name)
      .map(one => ({ table: each.name, one })),
  )
  if (users.length > 0)
    footer.push(
      'Referenced by:',
      ...users.map(
        ({ table: from, one }) =>
          `    TABLE "${from}" CONSTRAINT "${one.name}" FOREIGN KEY (${list(one)}) REFERENCES ${name}(${one.references?.join(', ')})${action(one.text)}`,
      ),
    )
  return {
    title: `${table.kind === 'view' ? 'View' : 'Table'} "public.${name}"`,
    fields: columns('Column', 'Type', 'Collation', 'Nullable', 'Default'),
    rows,
    footer,
  }
}

export function describeDatabases({ databases, roles }: Cluster, major: number): Listing {
  const owner = roles[0]?.name ?? 'postgres'
  const locale = 'en_US.utf8'
  const rows = [...databases]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(each => {
      const access = each.name.startsWith('template') ? `=c/${owner}\n${owner}=CTc/${owner}` : ''
      return major >= 16
        ? [each.name, each.owner, 'UTF8', 'libc', locale, locale, '', '', access]
        : [each.name, each.owner, 'UTF8', locale, locale, '', 'libc', access]
    })
  const names =
    major >= 17
      ? ['Name', 'Owner', 'Encoding', 'Locale Provider', 'Collate', 'Ctype', 'Locale', 'ICU Rules', 'Access privileges']
      : major >= 16
        ? [
            'Name',
            'Owner',
            'Encoding',
            'Locale Provider',
            'Collate',
            'Ctype',
            'ICU Locale',
            'ICU Rules',
            'Access privileges',
          ]
        : ['Name', 'Owner', 'Encoding', 'Collate', 'Ctype', 'ICU Locale', 'Locale Provider', 'Access privileges']
  return { title: 'List of databases', fields: columns(...names), rows }
}

export function describeRoles({ roles }: Cluster, major: number): Listing {
  const rows = [...roles]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((each, at) => {
      const words = each.superuser
        ? at === 0 || each.name === roles[0]?.name
          ? ['Superuser', 'Create role', 'Create DB', 'Replication', 'Bypass RLS']
          : ['Superuser']
        : []
      if (!each.superuser && each.createdb) words.push('Create DB')
      if (!each.login) words.push('Cannot login')
      return [each.name, words.join(', '), ...(major >= 16 ? [] : ['{}'])]
    })
  return {
    title: 'List of roles',
    fields: columns('Role name', 'Attributes', ...(major >= 16 ? [] : ['Member of'])),
    rows,
  }
}
