/**
 * The bytes of one regular file: what is stored (extents of a data file or of the file it was copied up from)
 * with the changed pages over it. Stored bytes are never changed: a save appends to the data file, and a data
 * file that is mostly garbage is replaced by a new one.
 */
import { cut, type Extent, firstAfter, put } from './extents.ts'
import { PAGE, type Page, type PagePool } from './page-pool.ts'

/** Contents up to this many bytes are kept in the document of their node. */
const INLINE = 2048
const PIECE = 1 << 20

/** What a node's document says of its bytes. */
export interface ContentDocument {
  size: number
  /** The whole content, as text where that is exact. */
  text?: string
  base64?: string
  /** Number and used length of the data file. */
  file?: number
  length?: number
  /** [offset, length, at, 1 if in the origin]; absent: the whole file as it is in the data file. */
  map?: (readonly [number, number, number, 0 | 1])[]
}

/** What a content reads its stored bytes from. */
export interface ContentSource {
  /** Bytes of data file `file`. */
  data(file: number, at: number, length: number): Uint8Array
  /** Bytes of the file that this one was copied up from. */
  origin(at: number, length: number): Uint8Array
}

/** Where a content puts its bytes when it is saved. */
export interface ContentSink {
  newFile(): number
  append(file: number, committed: number, bytes: Uint8Array): void
  remove(file: number): void
}

export class FileContent {
  private bytes = 0
  private readonly pool: PagePool
  private readonly source: ContentSource
  private readonly pages = new Map<number, Page>()
  private extents: Extent[] = []
  private file: number | undefined
  private fileLength = 0
  /** Where bytes are that were never written here: another file system's, until this is saved. */
  private elsewhere: ((at: number, length: number) => Uint8Array) | undefined

  constructor(pool: PagePool, source: ContentSource) {
    this.pool = pool
    this.source = source
  }

  get size(): number {
    return this.bytes
  }

  /** About how many bytes are kept on the host for it. */
  get kept(): number {
    let bytes = 0
    for (const extent of this.extents) if (extent.from === 'data') bytes += extent.length
    for (const page of this.pages.values()) bytes += page.to
    return bytes
  }

  /** The number of the data file in use. */
  get dataFile(): number | undefined {
    return this.file
  }

  /** Starts as a copy of an origin of `size` bytes, which is read when needed. */
  copyUp(size: number): void {
    this.bytes = size
    if (size > 0) this.extents = [{ offset: 0, length: size, at: 0, from: 'origin' }]
  }

  /** Starts as `size` bytes that `read` gives when they are asked for. */
  fill(size: number, read: (at: number, length: number) => Uint8Array): void {
    this.copyUp(size)
    this.elsewhere = read
  }

  /** Whether no part of it was cut off or written. */
  private isWhole(): boolean {
    const [only, more] = this.extents
    return more === undefined && only?.from === 'origin' && only.at === only.offset && only.length === this.bytes
  }

  /** Takes over what is elsewhere. */
  private settle(): void {
    const read = this.elsewhere
    if (!read) return
    this.elsewhere = undefined
    const parts = this.extents.filter(extent => extent.from === 'origin')
    this.extents = this.extents.filter(extent => extent.from !== 'origin')
    for (const { offset, length, at } of parts)
      for (let done = 0; done < length; done += PIECE)
        this.write(offset + done, read(at + done, Math.min(PIECE, length - done)))
  }

  /** At most `length` bytes from `offset`: a copy. */
  read(offset: number, length: number): Uint8Array {
    const count = Math.max(0, Math.min(length, this.bytes - offset))
    const whole = this.readWhole(offset, count)
    if (whole) return whole
    const out = new Uint8Array(count)
    this.readPages(offset, out)
    return out
  }

  /** Fills memory from `offset` on, as far as there are bytes; their number. */
  readInto(offset: number, out: Uint8Array): number {
    const count = Math.max(0, Math.min(out.length, this.bytes - offset))
    const whole = this.readWhole(offset, count)
    if (whole) out.set(whole)
    else this.readPages(offset, out.subarray(0, count))
    return count
  }

  /** A file that is all elsewhere is read there at once, not page by page. */
  private readWhole(offset: number, count: number): Uint8Array | undefined {
    if (!this.elsewhere || this.pages.size > 0 || count === 0 || !this.isWhole()) return undefined
    const bytes = this.elsewhere(offset, count)
    return bytes.length === count ? bytes : undefined
  }

  private readPages(offset: number, out: Uint8Array): void {
    const count = out.length
    for (let done = 0; done < count; ) {
      const at = offset + done
      const inPage = at % PAGE
      const part = Math.min(count - done, PAGE - inPage)
      const page = this.pages.get((at - inPage) / PAGE)
      if (page) out.set(this.pool.peek(page).subarray(inPage, inPage + part), done)
      else this.readStored(at, out.subarray(done, done + part))
      done += part
    }
  }

  /** Gives by how many bytes more is kept than before. */
  write(offset: number, data: Uint8Array): number {
    let grown = 0
    this.bytes = Math.max(this.bytes, offset + data.length)
    for (let done = 0; done < data.length; ) {
      const at = offset + done
      const inPage = at % PAGE
      const part = Math.min(data.length - done, PAGE - inPage)
      const piece = data.subarray(done, done + part)
      done += part
      const index = (at - inPage) / PAGE
      if (this.isHole(index, at, at + part) && isZero(piece)) continue
      const page = this.page(index, inPage + part)
      this.pool.forWriting(page, inPage + part).set(piece, inPage)
      page.from = Math.min(page.from, inPage)
      grown += Math.max(0, inPage + part - page.to)
      page.to = Math.max(page.to, inPage + part)
    }
    this.pool.spill()
    return grown
  }

  truncate(size: number): void {
    if (size < this.bytes) {
      this.extents = cut(this.extents, size, Number.POSITIVE_INFINITY)
      for (const [index, page] of this.pages) {
        const keep = size - index * PAGE
        if (keep <= 0) {
          this.pool.drop(page)
          this.pages.delete(index)
        } else if (keep < PAGE) {
          this.pool.forWriting(page, 0).fill(0, keep)
          page.to = Math.min(page.to, keep)
          page.from = Math.min(page.from, page.to)
        }
      }
    }
    this.bytes = size
  }

  /** Gives back memory and, at the next save, the data file. */
  discard(sink: (file: number) => void): void {
    for (const page of this.pages.values()) this.pool.drop(page)
    this.pages.clear()
    if (this.file !== undefined) sink(this.file)
    this.file = undefined
    this.extents = []
    this.bytes = 0
  }

  /** Stores what changed and says where everything is. */
  save(sink: ContentSink): ContentDocument {
    this.settle()
    const onlyCopied = this.pages.size === 0 && this.extents.some(extent => extent.from === 'origin')
    if (this.bytes <= INLINE && !onlyCopied) return this.saveInline(sink)
    if (this.pages.size > 0) {
      if (this.isWasteful()) this.rewrite(sink)
      this.appendPages(sink)
    }
    if (this.extents.length === 0 && this.file !== undefined) this.forget(sink)
    return this.document()
  }

  /** Goes on from what `save` returned. */
  load(document: ContentDocument): void {
    this.bytes = document.size
    if (document.text !== undefined || document.base64 !== undefined) {
      const bytes =
        document.text === undefined ? Buffer.from(document.base64 ?? '', 'base64') : Buffer.from(document.text, 'utf8')
      this.keepInline(bytes)
      return
    }
    this.file = document.file
    this.fileLength = document.length ?? 0
    this.extents = document.map
      ? document.map.map(([offset, length, at, origin]) => ({ offset, length, at, from: origin ? 'origin' : 'data' }))
      : this.fileLength > 0
        ? [{ offset: 0, length: this.fileLength, at: 0, from: 'data' }]
        : []
  }

  private document(): ContentDocument {
    const document: ContentDocument = { size: this.bytes }
    if (this.file !== undefined) {
      document.file = this.file
      document.length = this.fileLength
    }
    const only = this.extents.length === 1 ? this.extents[0] : undefined
    const plain =
      this.extents.length === 0
        ? this.file === undefined
        : only?.from === 'data' && only.offset === 0 && only.at === 0 && only.length === this.fileLength
    if (!plain)
      document.map = this.extents.map(({ offset, length, at, from }) => [offset, length, at, from === 'origin' ? 1 : 0])
    return document
  }

  private saveInline(sink: ContentSink): ContentDocument {
    const bytes = this.read(0, this.bytes)
    this.forget(sink)
    if (this.bytes === 0) return { size: 0 }
    this.keepInline(bytes)
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    const text = buffer.toString('utf8')
    const exact = Buffer.from(text, 'utf8').equals(buffer)
    return exact ? { size: this.bytes, text } : { size: this.bytes, base64: buffer.toString('base64') }
  }

  /** Keeps the whole content as one page that counts as changed, so that a data file would start with it. */
  private keepInline(bytes: Uint8Array): void {
    const known = this.pages.get(0)
    if (known) this.pool.drop(known)
    const page = this.pool.add(bytes, bytes.length)
    page.from = 0
    page.to = bytes.length
    this.pages.set(0, page)
  }

  private forget(sink: ContentSink): void {
    if (this.file !== undefined) sink.remove(this.file)
    this.file = undefined
    this.fileLength = 0
    this.extents = []
  }

  private appendPages(sink: ContentSink): void {
    const indexes = [...this.pages.keys()].sort((a, b) => a - b)
    for (const index of indexes) {
      const page = this.pages.get(index)
      if (!page) continue
      if (page.to > page.from) {
        const bytes = this.pool.peek(page)
        const changed = new Uint8Array(page.to - page.from)
        changed.set(bytes.subarray(page.from, page.to))
        this.appendExtent(sink, index * PAGE + page.from, changed)
      }
      this.pool.drop(page)
      this.pages.delete(index)
    }
  }

  private appendExtent(sink: ContentSink, offset: number, bytes: Uint8Array): void {
    this.file ??= sink.newFile()
    sink.append(this.file, this.fileLength, bytes)
    this.extents = put(this.extents, { offset, length: bytes.length, at: this.fileLength, from: 'data' })
    this.fileLength += bytes.length
  }

  private isWasteful(): boolean {
    if (this.file === undefined) return false
    const used = this.extents.reduce((sum, extent) => sum + (extent.from === 'data' ? extent.length : 0), 0)
    return this.extents.length > 1000 || (this.fileLength > used * 2 && this.fileLength - used > PAGE)
  }

  private rewrite(sink: ContentSink): void {
    const old = { file: this.file, extents: this.extents }
    const file = sink.newFile()
    let extents: Extent[] = []
    let length = 0
    for (const extent of old.extents) {
      if (extent.from === 'origin') {
        extents = put(extents, extent)
        continue
      }
      for (let done = 0; done < extent.length; done += PIECE) {
        const part = Math.min(PIECE, extent.length - done)
        const bytes = this.source.data(old.file ?? 0, extent.at + done, part)
        sink.append(file, length, bytes)
        extents = put(extents, { offset: extent.offset + done, length: part, at: length, from: 'data' })
        length += part
      }
    }
    if (old.file !== undefined) sink.remove(old.file)
    this.file = file
    this.fileLength = length
    this.extents = extents
  }

  /** The page at `index`, made from what is stored if it is new. */
  private page(index: number, capacity: number): Page {
    const known = this.pages.get(index)
    if (known) return known
    const start = index * PAGE
    const stored = this.storedEnd(start)
    const bytes = new Uint8Array(Math.max(0, Math.min(PAGE, stored - start)))
    this.readStored(start, bytes)
    const page = this.pool.add(bytes, capacity)
    this.pages.set(index, page)
    return page
  }

  /** Whether nothing is kept for a range, which then reads as zeros. Copies of placeholder binaries stay small so. */
  private isHole(page: number, start: number, end: number): boolean {
    if (this.pages.has(page)) return false
    const next = this.extents[firstAfter(this.extents, start)]
    return !next || next.offset >= end
  }

  private storedEnd(from: number): number {
    const last = this.extents.at(-1)
    return last ? Math.max(from, last.offset + last.length) : from
  }

  /** Fills `out` with stored bytes from `offset`; gaps stay zero. */
  private readStored(offset: number, out: Uint8Array): void {
    const end = offset + out.length
    for (let index = firstAfter(this.extents, offset); ; index++) {
      const extent = this.extents[index]
      if (!extent || extent.offset >= end) return
      const start = Math.max(offset, extent.offset)
      const length = Math.min(end, extent.offset + extent.length) - start
      const at = extent.at + start - extent.offset
      const bytes =
        extent.from === 'origin'
          ? (this.elsewhere?.(at, length) ?? this.source.origin(at, length))
          : this.source.data(this.file ?? 0, at, length)
      out.set(bytes, start - offset)
    }
  }
}

const zeros = Buffer.alloc(PAGE)

function isZero(bytes: Uint8Array): boolean {
  return bytes[0] === 0 && zeros.compare(bytes, 0, bytes.length, 0, bytes.length) === 0
}
