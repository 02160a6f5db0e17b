/**
 * Writes tars. The format is fixed: the same entries give the same bytes for ever, since digests depend on
 * them. It is what Go's archive/tar (and so Docker) writes: ustar wherever an entry fits, pax records where not.
 */
import { createHash } from 'node:crypto'
import { encodeName } from '../vfs/name-codec.ts'
import { BLOCK, checksum, padded, type TarHeader, TYPE_FLAGS } from './tar-header.ts'

/** An entry and, for a file, its bytes in order: exactly `size` of them. */
export interface TarEntry {
  header: TarHeader
  content?: Iterable<Uint8Array>
}

const MAX_ID = 0o7777777
const MAX_LONG = 0o77777777777
const GATHER = 65536

/** The bytes of a tar, in pieces. Sockets are left out, as Docker does. Throws RangeError when a content has the wrong size. */
export function* writeTar(entries: Iterable<TarEntry>): Generator<Uint8Array, void, undefined> {
  let gathered: Uint8Array[] = []
  let length = 0
  for (const piece of pieces(entries)) {
    gathered.push(piece)
    length += piece.length
    if (length < GATHER) continue
    yield gathered.length === 1 ? piece : Buffer.concat(gathered)
    gathered = []
    length = 0
  }
  if (length > 0) yield Buffer.concat(gathered)
}

/** Digest (`sha256:…`) and size of a tar that is written nowhere. */
export function digestTar(entries: Iterable<TarEntry>): { digest: string; size: number } {
  const hash = createHash('sha256')
  let size = 0
  for (const piece of writeTar(entries)) {
    hash.update(piece)
    size += piece.length
  }
  return { digest: `sha256:${hash.digest('hex')}`, size }
}

function* pieces(entries: Iterable<TarEntry>): Generator<Uint8Array, void, undefined> {
  for (const { header, content } of entries) {
    if (header.type === 'socket') continue
    yield tarHeader(header)
    const size = contentSize(header)
    let written = 0
    if (size > 0)
      for (const piece of content ?? []) {
        written += piece.length
        yield piece
      }
    if (written !== size) throw new RangeError(`${header.path}: ${written} bytes instead of ${size}`)
    if (padded(size) > size) yield new Uint8Array(padded(size) - size)
  }
  yield new Uint8Array(2 * BLOCK)
}

/** The header of an entry: one block, or three and more with pax records. */
export function tarHeader(header: TarHeader): Uint8Array {
  const path = encodeName(header.type === 'dir' && header.path !== '/' ? `${header.path}/` : header.path)
  const target = encodeName(header.type === 'link' || header.type === 'symlink' ? (header.target ?? '') : '')
  const split = path.length > 100 ? splitPath(path) : undefined
  const records = paxRecords(header, path, target)
  const needed = [...records].filter(([key]) => key !== 'path' || (path.length > 100 && !split) || !isAscii(path))
  if (needed.length === 0) {
    return split
      ? headerBlock(header, split.name, target, split.prefix)
      : headerBlock(header, path, target, new Uint8Array(0))
  }
  const body = Buffer.concat(
    [...records].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => record(key, value)),
  )
  const main = headerBlock(header, ascii(path), ascii(target), new Uint8Array(0))
  return Buffer.concat([paxBlock(path, body.length), body, new Uint8Array(padded(body.length) - body.length), main])
}

/** What does not fit the plain fields. A long path is always here; it alone needs no pax header if it can be split. */
function paxRecords(header: TarHeader, path: Uint8Array, target: Uint8Array): Map<string, Uint8Array> {
  const records = new Map<string, Uint8Array>()
  const put = (key: string, value: string): unknown => records.set(key, Buffer.from(value))
  if (path.length > 100 || !isAscii(path)) records.set('path', path)
  if (target.length > 100 || !isAscii(target)) records.set('linkpath', target)
  if (contentSize(header) > MAX_LONG) put('size', String(header.size))
  if ((header.uid ?? 0) > MAX_ID) put('uid', String(header.uid))
  if ((header.gid ?? 0) > MAX_ID) put('gid', String(header.gid))
  const { mtime } = header
  if (mtime < 0 || mtime > MAX_LONG || !Number.isInteger(mtime)) put('mtime', decimal(mtime))
  for (const [name, value] of header.xattrs ?? []) records.set(`SCHILY.xattr.${name}`, Buffer.from(value, 'base64'))
  return records
}

/** `LENGTH KEY=VALUE\n`, where the length counts itself. */
function record(key: string, value: Uint8Array): Uint8Array {
  const rest = Buffer.concat([Buffer.from(` ${key}=`), value, Buffer.from('\n')])
  let length = rest.length + String(rest.length).length
  if (String(length).length > String(rest.length).length) length++
  return Buffer.concat([Buffer.from(String(length)), rest])
}

function paxBlock(path: Uint8Array, size: number): Uint8Array {
  const full = Buffer.from(path).toString('latin1').replace(/\/+$/, '')
  const slash = full.lastIndexOf('/')
  const name = `${full.slice(0, slash + 1)}PaxHeaders.0/${full.slice(slash + 1)}`
  const shown = ascii(Buffer.from(name, 'latin1'))
  const block = new Uint8Array(BLOCK)
  block.set(Buffer.from(Buffer.from(shown).toString('latin1').slice(0, 100).replace(/\/+$/, ''), 'latin1'), 0)
  octal(block, 100, 8, 0)
  octal(block, 108, 8, 0)
  octal(block, 116, 8, 0)
  octal(block, 124, 12, size)
  octal(block, 136, 12, 0)
  block[156] = 'x'.charCodeAt(0)
  return finished(block)
}

function headerBlock(header: TarHeader, name: Uint8Array, target: Uint8Array, prefix: Uint8Array): Uint8Array {
  const block = new Uint8Array(BLOCK)
  setName(block, name)
  octal(block, 100, 8, header.mode)
  octal(block, 108, 8, header.uid ?? 0)
  octal(block, 116, 8, header.gid ?? 0)
  octal(block, 124, 12, contentSize(header))
  octal(block, 136, 12, Math.floor(header.mtime))
  block[156] = (header.type === 'socket' ? '0' : TYPE_FLAGS[header.type]).charCodeAt(0)
  block.set(target.subarray(0, 100), 157)
  const [major, minor] = header.rdev ?? [0, 0]
  octal(block, 329, 8, major)
  octal(block, 337, 8, minor)
  block.set(prefix, 345)
  return finished(block)
}

/** A name that is cut off must not end in a slash: it would make a file look like a directory. */
function setName(block: Uint8Array, name: Uint8Array): void {
  block.set(name.subarray(0, 100), 0)
  if (name.length <= 100) return
  let end = 100
  while (end > 0 && block[end - 1] === 47) end--
  block.fill(0, end, 100)
}

function finished(block: Uint8Array): Uint8Array {
  block.set(Buffer.from('ustar\x0000'), 257)
  octal(block, 148, 7, checksum(block))
  block[155] = 32
  return block
}

/** A number as octal digits with leading zeros and a NUL; 0 when it does not fit (a pax record then has it). */
function octal(block: Uint8Array, at: number, width: number, value: number): void {
  const digits = value >= 0 ? value.toString(8) : ''
  const shown = digits === '' || digits.length > width - 1 ? '0' : digits
  block.set(Buffer.from(shown.padStart(width - 1, '0')), at)
}

/** Prefix and name of a path that ustar can hold in two parts. */
function splitPath(path: Uint8Array): { prefix: Uint8Array; name: Uint8Array } | undefined {
  if (!isAscii(path)) return undefined
  let length = path.length
  if (length > 156) length = 156
  else if (path[length - 1] === 47) length--
  const slash = path.subarray(0, length).lastIndexOf(47)
  const nameLength = path.length - slash - 1
  if (slash <= 0 || nameLength > 100 || nameLength === 0 || slash > 155) return undefined
  return { prefix: path.subarray(0, slash), name: path.subarray(slash + 1) }
}

function contentSize({ type, size }: TarHeader): number {
  return type === 'file' ? (size ?? 0) : 0
}

function isAscii(bytes: Uint8Array): boolean {
  return bytes.every(byte => byte < 0x80 && byte !== 0)
}

function ascii(bytes: Uint8Array): Uint8Array {
  return bytes.filter(byte => byte < 0x80 && byte !== 0)
}

/** A time in seconds without an exponent, with at most nine digits of fraction. */
function decimal(seconds: number): string {
  return Number.isInteger(seconds) ? String(seconds) : seconds.toFixed(9).replace(/0+$/, '')
}
