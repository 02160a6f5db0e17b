/**
 * Reads tars, strictly, as Go's archive/tar (and so Docker) does: ustar, GNU long names and numbers, pax. Bytes
 * are pushed in as they come; nothing is kept of them but what a header needs. Sparse files are refused, as
 * Docker refuses them.
 *
 * Throws EngineError('invalid') with Docker's words.
 */
import { invalid } from '../errors.ts'
import { decodeName } from '../vfs/name-codec.ts'
import type { EntryType } from './layer-index.ts'
import { BLOCK, checksum, padded, type TarHeader } from './tar-header.ts'

/** What is done with the entries of a tar, in order. */
export interface TarHandler {
  /** The next entry. `offset`: where its bytes start in the tar. */
  entry(header: TarHeader, offset: number): void
  /** Bytes of the last entry, in order. Not called for entries without. */
  data?(bytes: Uint8Array): void
}

export interface TarLimits {
  /** Bytes of the whole tar, unpacked. */
  bytes: number
  entries: number
  /** Bytes of names, link targets and attributes together: what an index of the tar keeps in memory. */
  headers: number
}

export const defaultLimits: TarLimits = { bytes: 64 * 2 ** 30, entries: 500_000, headers: 128 * 2 ** 20 }

/** Bytes of one pax or GNU header, as Go limits them. */
const MAX_SPECIAL = 1 << 20

const types: Readonly<Record<string, EntryType>> = {
  '\0': 'file',
  '0': 'file',
  '1': 'link',
  '2': 'symlink',
  '3': 'char',
  '4': 'block',
  '5': 'dir',
  '6': 'fifo',
}

type Special = 'pax' | 'global' | 'longName' | 'longLink'

export class TarReader {
  private readonly handler: TarHandler
  private readonly limits: TarLimits
  /** Bytes of an unfinished block or special header. */
  private pending: Uint8Array[] = []
  private pendingLength = 0
  private special: { kind: Special; size: number } | undefined
  /** Bytes of content that are still to come, then of padding. */
  private content = 0
  private padding = 0
  private position = 0
  private entries = 0
  private headers = 0
  private zeroBlocks = 0
  private ended = false
  private pax = new Map<string, Uint8Array>()
  private longName: string | undefined
  private longLink: string | undefined

  constructor(handler: TarHandler, limits: TarLimits = defaultLimits) {
    this.handler = handler
    this.limits = limits
  }

  push(bytes: Uint8Array): void {
    if (this.position + bytes.length > this.limits.bytes)
      throw invalid(`archive is larger than ${this.limits.bytes} bytes`)
    let at = 0
    while (at < bytes.length) {
      const rest = bytes.length - at
      let taken = rest
      if (this.ended) {
        // What follows the end is no part of the archive.
      } else if (this.content > 0) {
        taken = Math.min(rest, this.content)
        this.handler.data?.(bytes.subarray(at, at + taken))
        this.content -= taken
      } else if (this.padding > 0) {
        taken = Math.min(rest, this.padding)
        this.padding -= taken
      } else taken = this.gather(bytes, at)
      at += taken
      this.position += taken
      if (this.content === 0 && this.pendingLength === this.wanted()) this.full()
    }
  }

  /** Says that there is no more. Throws when something is cut off. */
  finish(): void {
    if (this.content > 0 || this.special || (this.pendingLength > 0 && !this.ended)) throw invalid('unexpected EOF')
    if (this.pax.size > 0 || this.longName !== undefined || this.longLink !== undefined) throw invalid('unexpected EOF')
  }

  private wanted(): number {
    return this.special ? padded(this.special.size) : BLOCK
  }

  private gather(bytes: Uint8Array, at: number): number {
    const taken = Math.min(bytes.length - at, this.wanted() - this.pendingLength)
    this.pending.push(bytes.slice(at, at + taken))
    this.pendingLength += taken
    return taken
  }

  private full(): void {
    const block = this.pending.length === 1 && this.pending[0] ? this.pending[0] : Buffer.concat(this.pending)
    this.pending = []
    this.pendingLength = 0
    if (this.special) this.readSpecial(block, this.special)
    else this.readHeader(block)
  }

  private readHeader(block: Uint8Array): void {
    if (block.every(byte => byte === 0)) {
      this.zeroBlocks++
      if (this.zeroBlocks === 2) this.ended = true
      return
    }
    if (this.zeroBlocks > 0) throw invalidHeader()
    const stated = octalField(block, 148, 8)
    if (stated !== checksum(block) && stated !== signedChecksum(block)) throw invalidHeader()
    const flag = String.fromCharCode(block[156] ?? 0)
    const size = numberField(block, 124, 12)
    if (size < 0) throw invalidHeader()
    const kind = specialKind(flag)
    if (kind) {
      if (size > MAX_SPECIAL) throw invalid('archive/tar: header field too long')
      this.special = { kind, size }
      if (size === 0) this.full()
      return
    }
    this.readEntry(block, flag, size)
  }

  private readEntry(block: Uint8Array, flag: string, ownSize: number): void {
    const type = types[flag]
    if (flag === 'S' || [...this.pax.keys()].some(key => key.startsWith('GNU.sparse.'))) throw invalidHeader()
    if (!type) throw invalid(`unhandled tar header type ${flag.charCodeAt(0)}`)
    if (++this.entries > this.limits.entries) throw invalid(`archive has more than ${this.limits.entries} entries`)
    const written = this.paxText('path') ?? this.longName ?? nameField(block)
    const size = this.paxNumber('size') ?? ownSize
    const isDir = type === 'dir' || (type === 'file' && written.endsWith('/'))
    const header: TarHeader = {
      path: isDir ? written.replace(/\/+$/, '') || '/' : written,
      type: isDir ? 'dir' : type,
      mode: numberField(block, 100, 8) & 0o7777,
      mtime: this.paxTime('mtime') ?? numberField(block, 136, 12),
    }
    const uid = this.paxNumber('uid') ?? numberField(block, 108, 8)
    const gid = this.paxNumber('gid') ?? numberField(block, 116, 8)
    if (!isId(uid) || !isId(gid)) throw invalidHeader()
    if (uid) header.uid = uid
    if (gid) header.gid = gid
    const hasContent = header.type === 'file'
    if (hasContent && size > 0) header.size = size
    if (type === 'link' || type === 'symlink')
      header.target = this.paxText('linkpath') ?? this.longLink ?? textField(block, 157, 100)
    if (type === 'char' || type === 'block') header.rdev = [numberField(block, 329, 8), numberField(block, 337, 8)]
    const xattrs = this.xattrs()
    if (xattrs.length > 0) header.xattrs = xattrs
    this.pax = new Map()
    this.longName = undefined
    this.longLink = undefined
    // Only files have bytes, whatever the size field of others says.
    this.content = hasContent ? size : 0
    this.padding = padded(this.content) - this.content
    if (this.position + this.content > this.limits.bytes)
      throw invalid(`archive is larger than ${this.limits.bytes} bytes`)
    this.headers += headerBytes(header)
    if (this.headers > this.limits.headers)
      throw invalid(`archive has more than ${this.limits.headers} bytes of headers`)
    this.handler.entry(header, this.position)
  }

  private readSpecial(block: Uint8Array, { kind, size }: { kind: Special; size: number }): void {
    this.special = undefined
    const body = block.subarray(0, size)
    if (kind === 'longName') this.longName = untilNul(body)
    else if (kind === 'longLink') this.longLink = untilNul(body)
    else {
      const records = parsePax(body)
      if (kind === 'pax') this.pax = records
    }
  }

  private paxText(key: string): string | undefined {
    const value = this.pax.get(key)
    if (!value || value.length === 0) return undefined
    if (value.includes(0)) throw invalidHeader()
    return decodeName(value)
  }

  private paxNumber(key: string): number | undefined {
    const text = this.paxText(key)
    if (text === undefined) return undefined
    if (!/^\d{1,15}$/.test(text)) throw invalidHeader()
    return Number(text)
  }

  private paxTime(key: string): number | undefined {
    const text = this.paxText(key)
    if (text === undefined) return undefined
    if (!/^-?\d{1,15}(\.\d*)?$/.test(text)) throw invalidHeader()
    return Number(text)
  }

  private xattrs(): [string, string][] {
    const prefix = 'SCHILY.xattr.'
    return [...this.pax]
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, value]): [string, string] => [key.slice(prefix.length), Buffer.from(value).toString('base64')])
  }
}

/** Whether bytes look like the start of a tar: a header with a right checksum, or an empty archive. */
export function looksLikeTar(bytes: Uint8Array): boolean {
  if (bytes.length < BLOCK) return false
  const block = bytes.subarray(0, BLOCK)
  if (block.every(byte => byte === 0)) return true
  const stated = parseOctal(Buffer.from(block.subarray(148, 156)).toString('latin1'))
  return stated === checksum(block)
}

function headerBytes({ path, target, xattrs }: TarHeader): number {
  const attributes = xattrs?.reduce((sum, [name, value]) => sum + name.length + value.length, 0) ?? 0
  return path.length + (target?.length ?? 0) + attributes
}

function invalidHeader(): Error {
  return invalid('archive/tar: invalid tar header')
}

function specialKind(flag: string): Special | undefined {
  if (flag === 'x') return 'pax'
  if (flag === 'g') return 'global'
  if (flag === 'L') return 'longName'
  return flag === 'K' ? 'longLink' : undefined
}

function parsePax(body: Uint8Array): Map<string, Uint8Array> {
  const records = new Map<string, Uint8Array>()
  for (let at = 0; at < body.length; ) {
    const space = body.indexOf(32, at)
    const length = space < 0 || space - at > 8 ? Number.NaN : Number(latin1(body.subarray(at, space)))
    const end = at + length
    const equals = body.indexOf(61, space)
    if (!Number.isInteger(length) || end > body.length || end <= space || body[end - 1] !== 10) throw invalidHeader()
    if (equals < 0 || equals >= end || equals === space + 1) throw invalidHeader()
    records.set(decodeName(body.subarray(space + 1, equals)), body.slice(equals + 1, end - 1))
    at = end
  }
  return records
}

/** The name field, with ustar's prefix. GNU archives use the prefix's place for other things. */
function nameField(block: Uint8Array): string {
  const name = textField(block, 0, 100)
  const isUstar = latin1(block.subarray(257, 263)) === 'ustar\0'
  const prefix = isUstar ? textField(block, 345, 155) : ''
  return prefix === '' ? name : `${prefix}/${name}`
}

function textField(block: Uint8Array, at: number, length: number): string {
  return untilNul(block.subarray(at, at + length))
}

function untilNul(bytes: Uint8Array): string {
  const end = bytes.indexOf(0)
  return decodeName(end < 0 ? bytes : bytes.subarray(0, end))
}

/** An octal number, or GNU's base 256 when the first bit is set. */
function numberField(block: Uint8Array, at: number, length: number): number {
  const first = block[at] ?? 0
  if ((first & 0x80) === 0) return octalField(block, at, length)
  const negative = (first & 0x40) !== 0
  let value = negative ? (first & 0x7f) - 0x80 : first & 0x7f
  for (let index = 1; index < length; index++) value = value * 256 + (block[at + index] ?? 0)
  if (!Number.isSafeInteger(value)) throw invalidHeader()
  return value
}

function octalField(block: Uint8Array, at: number, length: number): number {
  const value = parseOctal(latin1(block.subarray(at, at + length)))
  if (value === undefined) throw invalidHeader()
  return value
}

function parseOctal(field: string): number | undefined {
  const text = field.replace(/^[ \0]+/, '').replace(/[ \0].*$/s, '')
  if (text === '') return 0
  return /^[0-7]+$/.test(text) ? Number.parseInt(text, 8) : undefined
}

/** Old tars summed signed bytes. */
function signedChecksum(block: Uint8Array): number {
  let sum = 8 * 32
  for (let at = 0; at < BLOCK; at++) if (at < 148 || at >= 156) sum += ((block[at] ?? 0) << 24) >> 24
  return sum
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
}

function isId(value: number): boolean {
  return value >= 0 && value <= 0xffffffff
}
