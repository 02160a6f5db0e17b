/** How tables are shown: DESCRIBE, SHOW CREATE TABLE, SHOW INDEX. */
import type { Column, Key, Table } from './storage.ts'
import { tick } from './tokens.ts'
import { type Flavour, isInteger, typeText } from './types.ts'

const same = (one: string | undefined, two: string): boolean => one?.toLowerCase() === two.toLowerCase()

/** PRI, UNI, MUL or nothing. */
export function keyMark(table: Table, column: string): string {
  const first = (kind: Key['kind']): boolean =>
    table.keys.some(each => each.kind === kind && same(each.columns[0], column))
  if (table.keys.some(each => each.kind === 'primary' && each.columns.some(one => same(one, column)))) return 'PRI'
  const single = table.keys.find(
    each => each.kind === 'unique' && each.columns.length === 1 && same(each.columns[0], column),
  )
  if (single) return 'UNI'
  return first('unique') || first('index') || first('foreign') ? 'MUL' : ''
}

const nowText = (flavour: Flavour): string => (flavour.maria ? 'current_timestamp()' : 'CURRENT_TIMESTAMP')

export function defaultText(column: Column, flavour: Flavour): string | null {
  const { fallback } = column
  if (!fallback) return null
  return fallback.sql === 'my_now()' ? nowText(flavour) : fallback.shown
}

export function extraText(column: Column, flavour: Flavour): string {
  const parts: string[] = []
  if (column.auto) parts.push('auto_increment')
  if (!flavour.maria && column.fallback?.kind === 'expression') parts.push('DEFAULT_GENERATED')
  if (column.onUpdate) parts.push(`on update ${nowText(flavour)}`)
  return parts.join(' ')
}

/** Field, Type, Null, Key, Default, Extra. */
export const describeColumns = (table: Table, flavour: Flavour): (string | null)[][] =>
  table.columns.map(column => [
    column.name,
    typeText(column.type, flavour),
    column.notNull ? 'NO' : 'YES',
    keyMark(table, column.name),
    defaultText(column, flavour),
    extraText(column, flavour),
  ])

export const collationOf = (flavour: Flavour): string => {
  if (!flavour.maria) return 'utf8mb4_0900_ai_ci'
  return Number(flavour.version.split('.')[0]) >= 11 ? 'utf8mb4_uca1400_ai_ci' : 'utf8mb4_general_ci'
}

function columnLine(column: Column, flavour: Flavour): string {
  const { fallback, type } = column
  const words = [tick(column.name), typeText(type, flavour)]
  if (column.notNull) words.push('NOT NULL')
  else if (type.base === 'timestamp') words.push('NULL')
  const large = /text$|blob$/.test(type.base)
  if (fallback) {
    const shown = fallback.sql === 'my_now()' ? nowText(flavour) : fallback.shown
    const bare =
      fallback.kind === 'expression' ||
      (flavour.maria && (fallback.kind === 'number' || isInteger(type) || type.base === 'decimal'))
    const quoted = bare ? shown : `'${shown.replaceAll("'", "''")}'`
    words.push(
      `DEFAULT ${fallback.kind === 'expression' && fallback.sql !== 'my_now()' && !flavour.maria ? `(${shown})` : quoted}`,
    )
  } else if (!column.notNull && !column.auto && (flavour.maria || !large)) words.push('DEFAULT NULL')
  if (column.onUpdate) words.push(`ON UPDATE ${nowText(flavour)}`)
  if (column.auto) words.push('AUTO_INCREMENT')
  if (column.comment !== undefined) words.push(`COMMENT '${column.comment.replaceAll("'", "''")}'`)
  return `  ${words.join(' ')}`
}

/** `next`: what AUTO_INCREMENT stands at, when it has counted. */
export function createText(table: Table, flavour: Flavour, next: number | undefined): string {
  if (table.kind === 'view')
    return `CREATE ALGORITHM=UNDEFINED DEFINER=\`root\`@\`localhost\` SQL SECURITY DEFINER VIEW ${tick(table.name)} AS ${table.text ?? ''}`
  const list = (columns: readonly string[]): string => columns.map(tick).join(',')
  const lines = table.columns.map(each => columnLine(each, flavour))
  const order: Key['kind'][] = ['primary', 'unique', 'index', 'foreign', 'check']
  for (const kind of order)
    for (const key of table.keys) {
      if (key.kind !== kind) continue
      if (kind === 'primary') lines.push(`  PRIMARY KEY (${list(key.columns)})`)
      else if (kind === 'unique') lines.push(`  UNIQUE KEY ${tick(key.name)} (${list(key.columns)})`)
      else if (kind === 'index') lines.push(`  KEY ${tick(key.name)} (${list(key.columns)})`)
      else if (kind === 'check')
        lines.push(`  CONSTRAINT ${tick(key.name)} CHECK ${flavour.maria ? key.check?.shown : `(${key.check?.shown})`}`)
      else lines.push(`  ${foreignText(key, table)}`)
    }
  const count = next !== undefined && next > 1 ? ` AUTO_INCREMENT=${next}` : ''
  return `CREATE TABLE ${tick(table.name)} (\n${lines.join(',\n')}\n) ENGINE=${table.engine}${count} DEFAULT CHARSET=utf8mb4 COLLATE=${collationOf(flavour)}`
}

/** ``CONSTRAINT `a` FOREIGN KEY (`b`) REFERENCES `c` (`d`)``; `full`: with its database also where that is the same. */
export function foreignText(key: Key, table: Table, full = false): string {
  const target =
    !full && key.table?.database === table.database
      ? tick(key.table.name)
      : `${tick(key.table?.database ?? '')}.${tick(key.table?.name ?? '')}`
  const list = (columns: readonly string[]): string => columns.map(tick).join(', ')
  return `CONSTRAINT ${tick(key.name)} FOREIGN KEY (${list(key.columns)}) REFERENCES ${target} (${list(key.references ?? [])})${key.actions ? ` ${key.actions}` : ''}`
}

/** Rows of SHOW INDEX, as far as both servers have the same columns. */
export const indexRows = (table: Table, rows: number): (string | null)[][] =>
  table.keys
    .filter(key => key.kind === 'primary' || key.kind === 'unique' || key.kind === 'index')
    .flatMap(key =>
      key.columns.map((name, at) => {
        const column = table.columns.find(each => same(each.name, name))
        const nullable = column?.notNull ? '' : 'YES'
        return [
          table.name,
          key.kind === 'index' ? '1' : '0',
          key.name,
          String(at + 1),
          name,
          'A',
          String(rows),
          null,
          null,
          nullable,
          'BTREE',
          '',
          '',
        ]
      }),
    )
