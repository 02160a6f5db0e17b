/** SQLite in WebAssembly, on which the models of database servers run their SQL (docs/decisions/sql.md). */
import initSqlJs, { type Database, type SqlJsStatic } from 'sql.js'
import { wasmBytes } from './assets.ts'

let engine: SqlJsStatic | undefined

/** Loads the SQL engine; after that databases open at once. */
export async function loadSql(): Promise<void> {
  // SQLite's own mathematical functions: the older ones of sql.js print a warning on the host.
  const options = { useOldExtensionFunctions: false }
  engine ??= await initSqlJs({ wasmBinary: wasmBytes('sqlite.wasm', 'sql.js/dist/sql-wasm.wasm').buffer, ...options })
}

/** A database in memory: that of a file's bytes, or an empty one. */
export function openSql(bytes?: Uint8Array): Database {
  if (!engine) throw new Error('the SQL engine is not loaded')
  return bytes === undefined ? new engine.Database() : new engine.Database(bytes)
}

/** sql.js registers a function for as many arguments as it declares: this declares `count` of them, 0 to 5. */
export function defineFunction<T>(sql: Database, name: string, count: number, work: (...args: T[]) => unknown): void {
  const shapes: ((...args: T[]) => unknown)[] = [
    () => work(),
    a => work(a as T),
    (a, b) => work(a as T, b as T),
    (a, b, c) => work(a as T, b as T, c as T),
    (a, b, c, d) => work(a as T, b as T, c as T, d as T),
    (a, b, c, d, e) => work(a as T, b as T, c as T, d as T, e as T),
  ]
  const shape = shapes[count]
  if (shape) sql.create_function(name, shape as Parameters<Database['create_function']>[1])
}
