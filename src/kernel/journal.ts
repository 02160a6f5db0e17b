/** Journal entries and other program values as JSON: bytes and undefined get a form of their own. */
import { Errno, type ErrnoCode } from '../vfs/errno.ts'
import type { JournalEntry, Process } from './process.ts'
import type { Answer, Json } from './program.ts'

/** A coroutine whose journal holds more bytes than this cannot be stored any more. */
export const journalLimit = 4 << 20

export function toEntry(answer: Answer): JournalEntry {
  return 'error' in answer ? { error: answer.error.code } : { value: answer.value }
}

export function fromEntry(entry: JournalEntry): Answer {
  return 'error' in entry ? { error: new Errno(entry.error as ErrnoCode) } : { value: entry.value }
}

/** About how much a value takes, in bytes. */
export function sizeOf(value: unknown): number {
  if (value instanceof Uint8Array) return value.length + 16
  if (typeof value === 'string') return value.length + 16
  if (Array.isArray(value)) return 16 + value.length * 64
  return 16
}

type Encoded = { $bytes: string } | { $none: 1 } | { $number: string } | Json

/** JSON data for what system calls return. */
export function encode(value: unknown): Json {
  if (value === undefined) return { $none: 1 }
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString('base64') }
  if (typeof value === 'number' && !Number.isFinite(value)) return { $number: String(value) }
  if (Array.isArray(value)) return value.map(encode)
  if (value !== null && typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, encode(part)]))
  return value as Json
}

export function decode(value: Encoded): unknown {
  if (Array.isArray(value)) return value.map(part => decode(part))
  if (value === null || typeof value !== 'object') return value
  if ('$bytes' in value && typeof value['$bytes'] === 'string')
    return new Uint8Array(Buffer.from(value['$bytes'], 'base64'))
  if ('$none' in value) return undefined
  if ('$number' in value && typeof value['$number'] === 'string') return Number(value['$number'])
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, decode(part as Json)]))
}

/** Adds what a coroutine has learned to its journal; one that grows too large is given up for good. */
export function record(process: Process, answer: Answer): void {
  if (process.journalSize > journalLimit) return
  process.journal.push(toEntry(answer))
  process.journalSize += 'error' in answer ? 16 : sizeOf(answer.value)
  if ('value' in answer && answer.value instanceof Uint8Array && answer.value.buffer === process.passing?.buffer)
    process.passingNoted = true
  if (process.journalSize <= journalLimit) return
  process.journal = []
  process.passingNoted = false
}

/** Begins a journal anew. */
export function clearJournal(process: Process): void {
  process.journal = []
  process.journalSize = 0
  process.passingNoted = false
}

/** Memory for `length` bytes that are passing; undefined while the journal holds what is in it. */
export function passingMemory(process: Process, length: number): Uint8Array | undefined {
  if (process.passing && process.passing.length >= length)
    return process.passingNoted ? undefined : process.passing.subarray(0, length)
  process.passing = new Uint8Array(length)
  process.passingNoted = false
  return process.passing
}
