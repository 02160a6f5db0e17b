/**
 * Blobs by the sha256 of their bytes, as in an OCI layout: `blobs/sha256/<hex>`. A blob is complete and right, or it
 * is not there: it is written under another name, hashed meanwhile, and renamed.
 */
import { createHash } from 'node:crypto'
import {
  closeSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  statSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { codeOf, EngineError } from '../errors.ts'
import { hostError, isTemporary, makerOf, removeQuietly, temporaryName } from '../store/atomic.ts'

const keptOpen = 16
/** An unfinished blob that grows no more may be from another PID namespace, where its writer cannot be seen, in ms. */
const abandoned = 600_000
const digestPattern = /^sha256:[0-9a-f]{64}$/

export interface BlobWriter {
  write(bytes: Uint8Array): void
  /** Keeps the blob. Throws EngineError('invalid') when digest or size are not as expected; nothing is kept then. */
  commit(expected?: { digest?: string; size?: number }): { digest: string; size: number }
  abort(): void
}

export class ContentStore {
  readonly #root: string
  readonly #open = new Map<string, number>()
  #swept = false

  /** `root` is the store's folder. */
  constructor(root: string) {
    this.#root = root
  }

  #path(digest: string): string {
    if (!digestPattern.test(digest)) throw new EngineError('invalid', `invalid digest: ${digest}`)
    return join(this.#root, 'blobs', 'sha256', digest.slice('sha256:'.length))
  }

  has(digest: string): boolean {
    return this.size(digest) !== undefined
  }

  /** Bytes; undefined when it is not there. */
  size(digest: string): number | undefined {
    try {
      return statSync(this.#path(digest)).size
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined
      throw hostError(error, 'stat', this.#path(digest))
    }
  }

  /** At most `length` bytes from `offset`; fewer only at the end. */
  readAt(digest: string, offset: number, length: number): Uint8Array {
    const fd = this.#descriptor(digest)
    const out = Buffer.allocUnsafe(length)
    let done = 0
    try {
      while (done < length) {
        const read = readSync(fd, out, done, length - done, offset + done)
        if (read === 0) break
        done += read
      }
    } catch (error) {
      throw hostError(error, 'read', this.#path(digest))
    }
    return out.subarray(0, done)
  }

  #descriptor(digest: string): number {
    const known = this.#open.get(digest)
    if (known !== undefined) return known
    if (this.#open.size >= keptOpen) this.close()
    try {
      const fd = openSync(this.#path(digest), 'r')
      this.#open.set(digest, fd)
      return fd
    } catch (error) {
      if (codeOf(error) === 'ENOENT')
        throw new EngineError('dataLoss', `the blob ${digest} is missing from the store: run 'minidock system check'`)
      throw hostError(error, 'open', this.#path(digest))
    }
  }

  /** The whole blob, verified. Throws EngineError('dataLoss') when its bytes are not what its name says. */
  get(digest: string): Uint8Array {
    const bytes = this.readAt(digest, 0, this.size(digest) ?? 0)
    if (digestOf(bytes) !== digest)
      throw new EngineError('dataLoss', `the blob ${digest} is damaged: run 'minidock system check'`)
    return bytes
  }

  put(bytes: Uint8Array): string {
    const digest = digestOf(bytes)
    if (this.has(digest)) return digest
    const writer = this.writer()
    writer.write(bytes)
    return writer.commit({ digest }).digest
  }

  /** Takes a blob in, piece by piece. */
  writer(): BlobWriter {
    const temporary = temporaryName(join(this.#root, 'blobs', 'ingest'))
    const fd = openNew(temporary)
    if (!this.#swept) this.#sweep(fstatSync(fd).mtimeMs)
    const hash = createHash('sha256')
    let size = 0
    let open = true
    const abort = (): void => {
      if (!open) return
      open = false
      closeSync(fd)
      removeQuietly(temporary)
    }
    return {
      write(bytes) {
        if (!open) throw new Error('a blob that is closed was written to')
        try {
          for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done)
        } catch (error) {
          abort()
          throw hostError(error, 'write', dirname(temporary))
        }
        hash.update(bytes)
        size += bytes.length
      },
      abort,
      commit: expected => {
        if (!open) throw new Error('a blob that is closed was committed')
        const digest = `sha256:${hash.digest('hex')}`
        if (expected?.digest !== undefined && expected.digest !== digest) {
          abort()
          throw new EngineError('invalid', `filesystem layer verification failed for digest ${expected.digest}`)
        }
        if (expected?.size !== undefined && expected.size !== size) {
          abort()
          throw new EngineError('invalid', `unexpected size ${size} of blob ${digest}, expected ${expected.size}`)
        }
        open = false
        try {
          try {
            fsyncSync(fd)
          } finally {
            closeSync(fd)
          }
          mkdirSync(dirname(this.#path(digest)), { recursive: true, mode: 0o700 })
          renameSync(temporary, this.#path(digest))
        } catch (error) {
          removeQuietly(temporary)
          throw hostError(error, 'write', this.#path(digest))
        }
        return { digest, size }
      },
    }
  }

  /** Gives back the space of what killed pulls and loads have left. `now`: ms, by the file system's clock. */
  #sweep(now: number): void {
    this.#swept = true
    const folder = join(this.#root, 'blobs')
    for (const name of readdirSync(folder)) {
      if (!isTemporary(name) || makerOf(name) !== 'gone') continue
      const changed = statSync(join(folder, name), { throwIfNoEntry: false })?.mtimeMs ?? now
      if (now - changed > abandoned) removeQuietly(join(folder, name))
    }
  }

  /** Digests of all blobs. */
  list(): string[] {
    try {
      return readdirSync(join(this.#root, 'blobs', 'sha256'))
        .map(name => `sha256:${name}`)
        .filter(digest => digestPattern.test(digest))
    } catch {
      return []
    }
  }

  remove(digest: string): void {
    const fd = this.#open.get(digest)
    if (fd !== undefined) closeSync(fd)
    this.#open.delete(digest)
    removeQuietly(this.#path(digest))
  }

  /** Gives the open files back. */
  close(): void {
    for (const fd of this.#open.values()) closeSync(fd)
    this.#open.clear()
  }
}

/** `sha256:<hex>` of bytes. */
export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}

function openNew(path: string): number {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    return openSync(path, 'wx', 0o600)
  } catch (error) {
    throw hostError(error, 'write', dirname(path))
  }
}
