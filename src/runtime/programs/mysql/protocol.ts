/** Packets of MySQL's client/server protocol, as far as both ends here use them. */
import type { Field } from './select.ts'
import { SqlError } from './tokens.ts'
import { isNumber, wireType } from './types.ts'

export const command = { quit: 1, initDb: 2, query: 3, statistics: 9, ping: 14 } as const

/** Long passwords, found rows, long flags, a database at once, 4.1, transactions, scrambles, several results, plugins. */
const abilities = 0x00_0b_a2_0f
const plugin = 'mysql_native_password\0'

export const byte = (value: number): Buffer => Buffer.from([value & 255])
const two = (value: number): Buffer => Buffer.from([value & 255, (value >> 8) & 255])
const four = (value: number): Buffer => {
  const out = Buffer.alloc(4)
  out.writeUInt32LE(value >>> 0)
  return out
}
const zero = (text: string): Buffer => Buffer.from(`${text}\0`, 'utf8')

function count(value: number): Buffer {
  if (value < 251) return byte(value)
  if (value < 65_536) return Buffer.concat([byte(252), two(value)])
  const out = Buffer.alloc(9)
  out[0] = 254
  out.writeBigUInt64LE(BigInt(value), 1)
  return out
}

const counted = (text: string): Buffer => {
  const bytes = Buffer.from(text, 'utf8')
  return Buffer.concat([count(bytes.length), bytes])
}

/** A packet, cut where it would be longer than one may be. */
export function packet(sequence: number, body: Uint8Array): Buffer {
  const parts: Buffer[] = []
  for (let at = 0, next = sequence; ; next++) {
    const piece = body.subarray(at, at + 0xff_ff_ff)
    parts.push(
      Buffer.from([piece.length & 255, (piece.length >> 8) & 255, (piece.length >> 16) & 255, next & 255]),
      Buffer.from(piece),
    )
    at += piece.length
    if (piece.length < 0xff_ff_ff) return Buffer.concat(parts)
  }
}

/** The first whole packet of what has come; undefined while it is not whole. */
export function takePacket(bytes: Buffer): { sequence: number; body: Buffer; rest: Buffer } | undefined {
  const pieces: Buffer[] = []
  for (let at = 0; ; ) {
    if (bytes.length < at + 4) return undefined
    const size = bytes.readUIntLE(at, 3)
    if (bytes.length < at + 4 + size) return undefined
    const sequence = bytes[at + 3] ?? 0
    pieces.push(bytes.subarray(at + 4, at + 4 + size))
    at += 4 + size
    if (size < 0xff_ff_ff) return { sequence, body: Buffer.concat(pieces), rest: bytes.subarray(at) }
  }
}

/** Reads a packet from its start. */
export class Reader {
  readonly #body: Buffer
  at = 0
  constructor(body: Buffer) {
    this.#body = body
  }
  get more(): boolean {
    return this.at < this.#body.length
  }
  number(size: number): number {
    if (this.at + size > this.#body.length) return 0
    const value = size === 8 ? Number(this.#body.readBigUInt64LE(this.at)) : this.#body.readUIntLE(this.at, size)
    this.at += size
    return value
  }
  bytes(size: number): Buffer {
    const found = this.#body.subarray(this.at, this.at + size)
    this.at += size
    return found
  }
  text(): string {
    const end = this.#body.indexOf(0, this.at)
    const found = this.#body.subarray(this.at, end < 0 ? undefined : end).toString('utf8')
    this.at = end < 0 ? this.#body.length : end + 1
    return found
  }
  /** A number of changing length; null: SQL's NULL. */
  count(): number | null {
    const first = this.number(1)
    if (first === 251) return null
    if (first < 251) return first
    return this.number(first === 252 ? 2 : first === 253 ? 3 : 8)
  }
  counted(): string | null {
    const size = this.count()
    return size === null ? null : this.bytes(size).toString('utf8')
  }
  rest(): string {
    return this.#body.subarray(this.at).toString('utf8')
  }
}

/** The server's first words. `salt`: 20 bytes. */
export const greeting = (version: string, id: number, salt: Uint8Array): Buffer =>
  Buffer.concat([
    byte(10),
    zero(version),
    four(id),
    Buffer.from(salt.subarray(0, 8)),
    byte(0),
    two(abilities),
    byte(255),
    two(2),
    two(abilities >> 16),
    byte(21),
    Buffer.alloc(10),
    Buffer.from(salt.subarray(8)),
    byte(0),
    zero(plugin.slice(0, -1)),
  ])

export function readGreeting(body: Buffer): { version: string; id: number; salt: Buffer } {
  const reader = new Reader(body)
  reader.number(1)
  const version = reader.text()
  const id = reader.number(4)
  const first = reader.bytes(8)
  reader.bytes(19)
  return { version, id, salt: Buffer.concat([first, reader.bytes(12)]) }
}

export const login = (user: string, answer: Uint8Array, database: string): Buffer =>
  Buffer.concat([
    four(abilities & ~(database === '' ? 8 : 0)),
    four(1 << 24),
    byte(255),
    Buffer.alloc(23),
    zero(user),
    byte(answer.length),
    Buffer.from(answer),
    ...(database === '' ? [] : [zero(database)]),
    Buffer.from(plugin),
  ])

export function readLogin(body: Buffer): { user: string; answer: Buffer; database: string; plugin: string } {
  const reader = new Reader(body)
  const able = reader.number(4)
  reader.bytes(28)
  const user = reader.text()
  const answer = reader.bytes(reader.number(1))
  const database = able & 8 ? reader.text() : ''
  return { user, answer, database, plugin: able & 0x8_00_00 ? reader.text() : plugin.slice(0, -1) }
}

/** Asks a client that began otherwise for the scramble of mysql_native_password. */
export const switchPlugin = (salt: Uint8Array): Buffer =>
  Buffer.concat([byte(254), Buffer.from(plugin), Buffer.from(salt), byte(0)])

export const okPacket = (affected: number, insertId: number, status: number, warnings: number, info: string): Buffer =>
  Buffer.concat([byte(0), count(affected), count(insertId), two(status), two(warnings), Buffer.from(info, 'utf8')])

export const errorPacket = (error: SqlError): Buffer =>
  Buffer.concat([byte(255), two(error.code), Buffer.from(`#${error.state}${error.message}`, 'utf8')])

export const readErrorPacket = (body: Buffer): SqlError => {
  const [, state = 'HY000', words = ''] = /^#(.{5})([\s\S]*)$/.exec(body.subarray(3).toString('utf8')) ?? []
  return new SqlError(body.readUInt16LE(1), state, words)
}

const endPacket = (status: number, warnings: number): Buffer => Buffer.concat([byte(254), two(warnings), two(status)])

const columnPacket = ({ name, type, nullable }: Field): Buffer =>
  Buffer.concat([
    ...['def', '', '', '', name, name].map(counted),
    byte(12),
    two(type && isNumber(type) ? 63 : 255),
    four(255),
    byte(wireType(type)),
    two((type && isNumber(type) ? 0x80_00 : 0) | (nullable ? 0 : 1)),
    byte(type?.scale ?? 0),
    two(0),
  ])

/** All packets of an answer with rows, from a sequence number on. */
export function resultPackets(
  from: number,
  fields: readonly Field[],
  rows: readonly (string | null)[][],
  status: number,
  warnings: number,
): Buffer {
  const bodies = [
    count(fields.length),
    ...fields.map(columnPacket),
    endPacket(status, 0),
    ...rows.map(row => Buffer.concat(row.map(value => (value === null ? byte(251) : counted(value))))),
    endPacket(status, warnings),
  ]
  return Buffer.concat(bodies.map((body, at) => packet(from + at, body)))
}

export interface WireField {
  name: string
  numeric: boolean
  nullable: boolean
}

export function readColumn(body: Buffer): WireField {
  const reader = new Reader(body)
  for (let each = 0; each < 4; each++) reader.counted()
  const name = reader.counted() ?? ''
  reader.counted()
  reader.bytes(7)
  const type = reader.number(1)
  return { name, numeric: [1, 2, 3, 4, 5, 8, 9, 13, 246].includes(type), nullable: (reader.number(2) & 1) === 0 }
}

/** A Unix socket is a port of the loopback here, and a file that says that it is there. */
export const socketPort = (path: string): number => {
  let sum = 0
  for (const char of path) sum = (sum * 31 + char.charCodeAt(0)) % 9000
  return 51_000 + sum
}
