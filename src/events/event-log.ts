/** The events of the engine: appended line by line in the transactions that make them happen, and read back. */

import { closeSync, openSync, readFileSync, readSync } from 'node:fs'
import type { EventMessage, Filters } from '../api/system.ts'
import { codeOf } from '../errors.ts'
import { hostError } from '../store/atomic.ts'
import { orInstead } from '../store/damaged.ts'
import type { StoreReader, Transaction } from '../store/types.ts'
import { unixNano } from '../util/time.ts'

const logPath = 'events.jsonl'
const headPath = 'events-head.json'
const readSize = 256 * 1024
/** As many past events moby keeps (daemon/events/events.go). */
const remembered = 256
const newline = 10

/** A new entry; the log adds time and scope. */
export interface NewEvent {
  type: 'container' | 'image' | 'network' | 'volume' | 'daemon' | 'builder'
  action: string
  id: string
  attributes: Record<string, string>
}

/** How far the log is committed. */
interface EventHead {
  v: 1
  length: number
}

/** A line of the log. `n` is the time in ms, which orders events more finely than `time` does. */
interface EventLine {
  n: number
  t: NewEvent['type']
  a: string
  id: string
  at: Record<string, string>
}

/** Adds events to the log as part of a transaction. */
export function appendEvents(tx: Transaction, events: readonly { event: NewEvent; time: number }[]): void {
  const length = eventsEnd(tx)
  const lines = events.map(
    ({ event, time }): EventLine => ({ n: time, t: event.type, a: event.action, id: event.id, at: event.attributes }),
  )
  const bytes = Buffer.from(lines.map(line => `${JSON.stringify(line)}\n`).join(''))
  tx.put(headPath, { v: 1, length: tx.append(logPath, length, bytes) })
}

/** Makes the head fit the log again, after either was damaged. */
export function sealEvents(tx: Transaction): void {
  const length = Math.min(eventsEnd(tx), wholeLines(tx))
  tx.put(headPath, { v: 1, length } satisfies EventHead)
}

export interface StoredEvent {
  /** ms since the epoch. */
  time: number
  message: EventMessage
}

/** Where the log ends now; events after it are new. */
export function eventsEnd(reader: StoreReader): number {
  return orInstead(
    reader,
    () => reader.read<EventHead>(headPath)?.length ?? 0,
    () => wholeLines(reader),
  )
}

/** Where the log's last whole line ends: what a damaged head stands for. */
function wholeLines(reader: StoreReader): number {
  try {
    return readFileSync(reader.locate(logPath)).lastIndexOf(newline) + 1
  } catch {
    return 0
  }
}

/** Where the last events before `end` begin: as many as Docker remembers. */
export function recentEvents(reader: StoreReader, end: number): number {
  if (end === 0) return 0
  const fd = openLog(reader)
  if (fd === undefined) return 0
  try {
    let lines = 0
    for (let to = end; to > 0; ) {
      const from = Math.max(0, to - readSize)
      const piece = Buffer.alloc(to - from)
      const read = readSync(fd, piece, 0, piece.length, from)
      for (let at = read - 1; at >= 0; at--) if (piece[at] === newline && lines++ === remembered) return from + at + 1
      to = from
    }
    return 0
  } finally {
    closeSync(fd)
  }
}

function openLog(reader: StoreReader): number | undefined {
  try {
    return openSync(reader.locate(logPath), 'r')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw hostError(error, 'open', reader.locate(logPath))
  }
}

/** The events between two offsets of the log, in the order in which they were committed. */
export function* readEvents(reader: StoreReader, from: number, to: number): Generator<StoredEvent> {
  if (to <= from) return
  const fd = openLog(reader)
  if (fd === undefined) return
  try {
    let rest = ''
    const decoder = new TextDecoder()
    for (let at = from; at < to; ) {
      const piece = Buffer.allocUnsafe(Math.min(readSize, to - at))
      const read = readSync(fd, piece, 0, piece.length, at)
      if (read === 0) return
      at += read
      const lines = (rest + decoder.decode(piece.subarray(0, read), { stream: true })).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        const event = parseLine(line)
        if (event) yield toEvent(event)
      }
    }
  } finally {
    closeSync(fd)
  }
}

/** A line of the log; undefined for a damaged one, which the others do without. */
function parseLine(line: string): EventLine | undefined {
  try {
    const event = JSON.parse(line) as EventLine | null
    return typeof event?.n === 'number' && typeof event.at === 'object' ? event : undefined
  } catch {
    return undefined
  }
}

/** Docker's shape: the keys of old (`status`, `id`, `from`) only for containers and images. */
function toEvent({ n, t, a, id, at }: EventLine): StoredEvent {
  const legacy = t === 'container' || t === 'image'
  const nano = unixNano(n)
  const message: EventMessage = {
    ...(legacy && { status: a, id }),
    ...(t === 'container' && { from: at['image'] ?? '' }),
    Type: t,
    Action: a,
    Actor: { ID: id, Attributes: at },
    scope: 'local',
    time: Number(nano / 1_000_000_000n),
    timeNano: Number(nano),
  }
  return { time: n, message }
}

/** Filters that look at the id and the name of whatever the event is about, of any type: so moby does. */
const byName = ['config', 'container', 'daemon', 'network', 'node', 'plugin', 'secret', 'service', 'volume']
/** Actions with a detail behind a colon; asking for one of these makes every `event` filter match the start. */
const detailed = ['exec_create', 'exec_start', 'health_status']

/**
 * Whether an event passes; values of one key are alternatives, but labels must all match, and so must all keys. Keys
 * that moby does not know are ignored (moby daemon/events/filter.go).
 */
export function eventFilter(filters: Filters): (message: EventMessage) => boolean {
  const valuesOf = (key: string): readonly string[] => (Object.hasOwn(filters, key) ? (filters[key] ?? []) : [])
  const any = (key: string, test: (value: string) => boolean): boolean => {
    const values = valuesOf(key)
    return values.length === 0 || values.some(test)
  }
  const startOnly = valuesOf('event').some(value => detailed.includes(value))
  return ({ Type, Action, Actor: { ID, Attributes }, scope }) => {
    const image = Attributes[Type === 'image' ? 'name' : 'image'] ?? ''
    const images = [ID, image, withoutTag(ID), withoutTag(image)]
    const starts = (text: string, value: string): boolean => value !== '' && text.startsWith(value)
    return (
      any('event', value => Action === value || (startOnly && Action.startsWith(value))) &&
      any('type', value => Type === value) &&
      any('scope', value => scope === value) &&
      byName.every(key => any(key, value => starts(ID, value) || starts(Attributes['name'] ?? '', value))) &&
      any('image', value => images.includes(value)) &&
      valuesOf('label').every(label => {
        const equals = label.indexOf('=')
        const value = Attributes[equals < 0 ? label : label.slice(0, equals)]
        return equals < 0 ? value !== undefined : value === label.slice(equals + 1)
      })
    )
  }
}

/** The familiar name in a reference with a tag or digest; other texts as they are. */
function withoutTag(reference: string): string {
  const name = /^(.+?)(?::[\w][\w.-]{0,127})?(?:@[a-z0-9]+:[a-f0-9]+)?$/.exec(reference)?.[1] ?? reference
  if (name === reference || name.includes('@')) return reference
  return name.replace(/^(?:(?:index\.)?docker\.io\/)?(?:library\/(?=[^/]+$))?/, '')
}
