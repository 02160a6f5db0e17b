/** The data directory: databases, tables and accounts as a document, and every row in one SQLite file. */
import type { Database } from 'sql.js'
import type { Proc } from '../../../kernel/program.ts'
import { isErrno } from '../../../vfs/errno.ts'
import { openSql } from '../../sql-engine.ts'
import { readFileNow, textNow, writeFileNow } from '../../whole-file.ts'
import type { Account } from './accounts.ts'
import type { ColumnType } from './types.ts'

export interface Column {
  name: string
  type: ColumnType
  notNull: boolean
  /** SQLite's text of the default, and how it is shown; undefined: none. */
  fallback?: { sql: string; shown: string; kind: 'text' | 'number' | 'expression' }
  auto: boolean
  /** ON UPDATE CURRENT_TIMESTAMP. */
  onUpdate: boolean
  comment?: string
}

export interface Key {
  name: string
  kind: 'primary' | 'unique' | 'index' | 'foreign' | 'check'
  columns: string[]
  /** Of a foreign key: the database and table that it points to, its columns, ON DELETE and ON UPDATE. */
  table?: { database: string; name: string }
  references?: string[]
  actions?: string
  /** Of a check: SQLite's text, and MySQL's. */
  check?: { sql: string; shown: string }
}

export interface Table {
  database: string
  name: string
  kind: 'table' | 'view'
  columns: Column[]
  keys: Key[]
  /** Of a view. */
  text?: string
  created: number
  engine: string
}

export interface Meta {
  databases: string[]
  tables: Table[]
  accounts: Account[]
}

/** Databases that the server has of itself. */
export const system = ['information_schema', 'mysql', 'performance_schema', 'sys']

/** What a table is called in SQLite. */
export const innerName = (table: { database: string; name: string }): string => `${table.database}.${table.name}`

const metaPath = (data: string): string => `${data}/mysql.ibd`
const rowsPath = (data: string): string => `${data}/ibdata1`
const utf8 = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value), 'utf8')

/** What the server knows of its data; undefined where no server has been initialized. */
export function readMeta(p: Proc, data: string): Meta | undefined {
  const text = textNow(p, metaPath(data))
  return text === undefined ? undefined : (JSON.parse(Buffer.from(text, 'latin1').toString('utf8')) as Meta)
}

export function writeMeta(p: Proc, data: string, meta: Meta): void {
  writeFileNow(p, metaPath(data), utf8(meta), 0o640)
}

/** The rows, opened from their file for one message of a client or one transaction. */
export class Store {
  readonly sql: Database
  readonly meta: Meta
  readonly #p: Proc
  readonly #data: string

  constructor(p: Proc, data: string) {
    this.#p = p
    this.#data = data
    this.meta = readMeta(p, data) ?? { databases: [], tables: [], accounts: [] }
    let bytes: Uint8Array | undefined
    try {
      bytes = readFileNow(p, rowsPath(data))
    } catch (error) {
      if (!isErrno(error)) throw error
    }
    this.sql = openSql(bytes?.length ? bytes : undefined)
    this.sql.run('PRAGMA legacy_alter_table = ON')
  }

  /** Writes all of it. `files`: folders and table files follow the tables. Throws Errno. */
  save(files: boolean): void {
    writeFileNow(this.#p, rowsPath(this.#data), this.sql.export(), 0o640)
    // An export closes and opens the database: its settings are anew.
    this.sql.run('PRAGMA legacy_alter_table = ON')
    writeMeta(this.#p, this.#data, this.meta)
    if (files) this.#files()
  }

  close(): void {
    this.sql.close()
  }

  table(database: string, name: string): Table | undefined {
    return this.meta.tables.find(each => each.database === database && each.name === name)
  }

  /** A folder for each database, and in it a file for each table. */
  #files(): void {
    const p = this.#p
    const list = (path: string): string[] => {
      try {
        return p.readdir(path).map(each => each.name)
      } catch (error) {
        if (!isErrno(error)) throw error
        return []
      }
    }
    const wanted = new Set(this.meta.databases)
    for (const database of wanted) {
      const folder = `${this.#data}/${database}`
      const there = list(this.#data).includes(database)
      if (!there) p.mkdir(folder, 0o750)
      const tables = new Set(
        this.meta.tables
          .filter(each => each.database === database && each.kind === 'table')
          .map(each => `${each.name}.ibd`),
      )
      const found = there ? list(folder) : []
      for (const file of tables) {
        if (found.includes(file)) continue
        writeFileNow(p, `${folder}/${file}`, '', 0o640)
        p.truncate(`${folder}/${file}`, 114_688)
      }
      for (const file of found) if (file.endsWith('.ibd') && !tables.has(file)) p.unlink(`${folder}/${file}`)
    }
    for (const name of list(this.#data)) {
      if (wanted.has(name) || system.includes(name) || name.startsWith('#')) continue
      const files = list(`${this.#data}/${name}`)
      if (files.length === 0 || !files.every(file => file.endsWith('.ibd'))) continue
      for (const file of files) p.unlink(`${this.#data}/${name}/${file}`)
      p.rmdir(`${this.#data}/${name}`)
    }
  }
}
