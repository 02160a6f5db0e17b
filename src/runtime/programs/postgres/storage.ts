/** The database cluster in its directory: roles, databases, and each database as a SQLite file. */
import type { Database } from 'sql.js'
import type { Proc } from '../../../kernel/program.ts'
import { openSql } from '../../sql-engine.ts'
import { readFileNow, textNow, writeFileNow } from '../../whole-file.ts'
import type { SqlType } from './types.ts'

export interface Role {
  name: string
  password: string | undefined
  superuser: boolean
  createdb: boolean
  login: boolean
}

export interface Cluster {
  roles: Role[]
  databases: { name: string; oid: number; owner: string }[]
}

export interface Column {
  name: string
  type: SqlType
  notNull: boolean
  /** As `\d` shows it. */
  shown: string
  serial: boolean
}

export interface Constraint {
  name: string
  kind: 'primary' | 'unique' | 'foreign' | 'check' | 'index'
  columns: string[]
  table?: string
  references?: string[]
  text?: string
}

export interface Table {
  name: string
  kind: 'table' | 'view'
  owner: string
  columns: Column[]
  constraints: Constraint[]
  text?: string
}

/** What SQLite does not know of a database. */
export interface Meta {
  tables: Table[]
  sequences: Record<string, number>
}

export const clusterPath = (data: string): string => `${data}/global/1260`

export function readCluster(p: Proc, data: string): Cluster {
  return JSON.parse(textNow(p, clusterPath(data)) ?? '{"roles":[],"databases":[]}') as Cluster
}

export function writeCluster(p: Proc, data: string, cluster: Cluster): void {
  writeFileNow(p, clusterPath(data), JSON.stringify(cluster), 0o600)
}

/** One database, opened from its file. */
export class Store {
  readonly sql: Database
  readonly meta: Meta
  readonly name: string
  readonly #p: Proc
  readonly #folder: string

  constructor(p: Proc, data: string, database: { name: string; oid: number }) {
    this.#p = p
    this.name = database.name
    this.#folder = `${data}/base/${database.oid}`
    const text = textNow(p, `${this.#folder}/1259`)
    this.meta = text === undefined ? { tables: [], sequences: {} } : (JSON.parse(text) as Meta)
    this.sql = openSql(text === undefined ? undefined : readFileNow(p, `${this.#folder}/2608`))
    this.sql.run('PRAGMA foreign_keys = ON; PRAGMA case_sensitive_like = ON; PRAGMA recursive_triggers = ON')
  }

  save(): void {
    try {
      this.#p.mkdir(this.#folder, 0o700)
    } catch {
      // It is there already.
    }
    writeFileNow(this.#p, `${this.#folder}/2608`, Buffer.from(this.sql.export()).toString('latin1'), 0o600)
    writeFileNow(
      this.#p,
      `${this.#folder}/1259`,
      Buffer.from(JSON.stringify(this.meta), 'utf8').toString('latin1'),
      0o600,
    )
  }

  /** Sequences go on counting whether or not a statement fails. */
  saveSequences(): void {
    const path = `${this.#folder}/1259`
    const text = textNow(this.#p, path)
    if (text === undefined) return
    const meta = JSON.parse(text) as Meta
    for (const key of Object.keys(meta.sequences))
      meta.sequences[key] = this.meta.sequences[key] ?? meta.sequences[key] ?? 0
    writeFileNow(this.#p, path, Buffer.from(JSON.stringify(meta), 'utf8').toString('latin1'), 0o600)
  }

  close(): void {
    this.sql.close()
  }

  table(name: string): Table | undefined {
    return this.meta.tables.find(each => each.name === name)
  }
}
