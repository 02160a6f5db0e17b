/**
 * Memory for file bytes that are not stored yet. Beyond a limit the oldest pages go to a scratch file, so that
 * memory does not grow with the size of the files written.
 */
import { closeSync, mkdirSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Bytes of a file are handled in pages of this size, aligned. */
export const PAGE = 65536

/** A page of changed bytes: whole content of its part of the file, of which `from` to `to` differ from what is stored. */
export interface Page {
  /** Up to PAGE bytes; what is missing at the end is zeros. Empty while the page is in the scratch file. */
  bytes: Uint8Array
  from: number
  to: number
  /** Place in the scratch file while it is there; -1 in memory. */
  slot: number
  /** How many bytes are at that place. */
  spilled: number
}

export class PagePool {
  private readonly resident = new Set<Page>()
  private residentBytes = 0
  private fd: number | undefined
  private slots = 0
  private readonly freeSlots: number[] = []
  private readonly limit: number
  private readonly folder: string

  /** `limit`: bytes kept in memory. `folder`: where the scratch file is made, when it comes to that. */
  constructor(limit = 32 << 20, folder = tmpdir()) {
    this.limit = limit
    this.folder = folder
  }

  /** A page with the given first bytes and room for at least `capacity`. */
  add(initial: Uint8Array, capacity: number): Page {
    const bytes = new Uint8Array(Math.max(initial.length, capacity))
    bytes.set(initial)
    const page: Page = { bytes, from: PAGE, to: 0, slot: -1, spilled: 0 }
    this.keep(page)
    return page
  }

  /** The page's bytes in memory, with room for `capacity`; for writing. */
  forWriting(page: Page, capacity: number): Uint8Array {
    if (page.slot >= 0) {
      page.bytes = this.load(page)
      this.freeSlots.push(page.slot)
      page.slot = -1
      this.keep(page)
    }
    if (page.bytes.length < capacity) {
      const grown = new Uint8Array(Math.min(PAGE, Math.max(capacity, page.bytes.length * 2)))
      grown.set(page.bytes)
      this.residentBytes += grown.length - page.bytes.length
      page.bytes = grown
    }
    return page.bytes
  }

  /** The page's bytes for reading; they stay where they are. */
  peek(page: Page): Uint8Array {
    return page.slot >= 0 ? this.load(page) : page.bytes
  }

  drop(page: Page): void {
    if (page.slot >= 0) this.freeSlots.push(page.slot)
    else if (this.resident.delete(page)) this.residentBytes -= page.bytes.length
    page.slot = -1
    page.bytes = new Uint8Array(0)
  }

  /** Moves the oldest pages to the scratch file when memory is used up. */
  spill(): void {
    if (this.residentBytes <= this.limit) return
    for (const page of this.resident) {
      if (this.residentBytes <= this.limit / 2) break
      const slot = this.freeSlots.pop() ?? this.slots++
      writeAll(this.scratch(), page.bytes, slot * PAGE)
      this.resident.delete(page)
      this.residentBytes -= page.bytes.length
      page.slot = slot
      page.spilled = page.bytes.length
      page.bytes = new Uint8Array(0)
    }
  }

  /** Gives the scratch file back. The pool must not be used afterwards. */
  close(): void {
    if (this.fd !== undefined) closeSync(this.fd)
    this.fd = undefined
  }

  private keep(page: Page): void {
    this.resident.add(page)
    this.residentBytes += page.bytes.length
  }

  private load(page: Page): Uint8Array {
    const bytes = new Uint8Array(PAGE)
    let done = 0
    while (done < page.spilled) {
      const count = readSync(this.scratch(), bytes, done, page.spilled - done, page.slot * PAGE + done)
      if (count === 0) break
      done += count
    }
    return bytes
  }

  private scratch(): number {
    if (this.fd === undefined) {
      mkdirSync(this.folder, { recursive: true })
      const folder = mkdtempSync(join(this.folder, 'scratch-'))
      this.fd = openSync(join(folder, 'pages'), 'wx+', 0o600)
      try {
        // Without a name it goes away with the process, however that ends.
        rmSync(folder, { recursive: true, force: true })
      } catch {
        // Windows keeps the folder of an open file; the system clears its temporary files.
      }
    }
    return this.fd
  }
}

function writeAll(fd: number, bytes: Uint8Array, position: number): void {
  let done = 0
  while (done < bytes.length) done += writeSync(fd, bytes, done, bytes.length - done, position + done)
}
