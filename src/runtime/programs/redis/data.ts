/** What a Redis server holds: keys of five types, in numbered databases, some of which expire. */
import { failed, type Reply } from './resp.ts'

export type Value =
  | { type: 'string'; value: string }
  | { type: 'list'; value: string[] }
  | { type: 'hash'; value: [string, string][] }
  | { type: 'set'; value: string[] }
  | { type: 'zset'; value: [member: string, score: number][] }

export type Entry = Value & { expires?: number }

/** Plain data, so that it can be stored: pairs by database. */
export type Dump = Record<string, [string, Entry][]>

/** Thrown by a command; the reply is the error. */
export class CommandError extends Error {
  readonly reply: Reply
  constructor(text: string) {
    super(text)
    this.reply = failed(text)
  }
}

const wrongType = (): CommandError =>
  new CommandError('WRONGTYPE Operation against a key holding the wrong kind of value')

export class Data {
  readonly databases = new Map<number, Map<string, Entry>>()
  now = 0

  static load(dump: Dump): Data {
    const data = new Data()
    for (const [index, entries] of Object.entries(dump)) data.databases.set(Number(index), new Map(entries))
    return data
  }

  dump(): Dump {
    return Object.fromEntries(
      [...this.databases].filter(([, keys]) => keys.size > 0).map(([index, keys]) => [index, [...keys]]),
    )
  }

  database(index: number): Map<string, Entry> {
    let found = this.databases.get(index)
    if (!found) this.databases.set(index, (found = new Map()))
    return found
  }

  find(db: number, key: string): Entry | undefined {
    const keys = this.database(db)
    const entry = keys.get(key)
    if (entry?.expires !== undefined && entry.expires <= this.now) {
      keys.delete(key)
      return undefined
    }
    return entry
  }

  /** The value of a key that must have a type, or be missing. */
  get<T extends Value['type']>(db: number, key: string, type: T): (Extract<Value, { type: T }> & Entry) | undefined {
    const entry = this.find(db, key)
    if (entry && entry.type !== type) throw wrongType()
    return entry as (Extract<Value, { type: T }> & Entry) | undefined
  }

  /** The same, made when it is missing. */
  need<T extends Value['type']>(db: number, key: string, type: T): Extract<Value, { type: T }> & Entry {
    const found = this.get(db, key, type)
    if (found) return found
    const made = { type, value: type === 'string' ? '' : [] } as unknown as Extract<Value, { type: T }> & Entry
    this.database(db).set(key, made)
    return made
  }

  /** Collections that have become empty are no keys any more. */
  tidy(db: number, key: string): void {
    const entry = this.database(db).get(key)
    if (entry && entry.type !== 'string' && entry.value.length === 0) this.database(db).delete(key)
  }

  keys(db: number): string[] {
    return [...this.database(db).keys()].filter(key => this.find(db, key) !== undefined)
  }

  /** Drops what has expired. */
  expire(): number {
    let gone = 0
    for (const keys of this.databases.values())
      for (const [key, entry] of keys)
        if (entry.expires !== undefined && entry.expires <= this.now) {
          keys.delete(key)
          gone++
        }
    return gone
  }

  /** When the next key expires; undefined when none does. */
  nextExpiry(): number | undefined {
    let first: number | undefined
    for (const keys of this.databases.values())
      for (const { expires } of keys.values())
        if (expires !== undefined && (first === undefined || expires < first)) first = expires
    return first
  }
}

/** Redis's patterns: `*`, `?`, `[a-c]`, `\`. */
export function globTest(pattern: string): RegExp {
  let source = ''
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at] ?? ''
    if (char === '*') source += '[^]*'
    else if (char === '?') source += '[^]'
    else if (char === '[') {
      const end = pattern.indexOf(']', at)
      if (end < 0) source += '\\['
      else {
        source += `[${pattern.slice(at + 1, end).replace(/\\/g, '\\\\')}]`
        at = end
      }
    } else if (char === '\\') source += escape(pattern[++at] ?? '')
    else source += escape(char)
  }
  return new RegExp(`^${source}$`)
}

const escape = (char: string): string => char.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
