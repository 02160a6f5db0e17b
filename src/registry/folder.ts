/** A registry's files in a folder of this machine: blobs are streamed to and from it, never held whole. */
import { createHash, type Hash } from 'node:crypto'
import { once } from 'node:events'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { codeOf } from '../errors.ts'
import { replaceFile } from '../store/atomic.ts'
import {
  type BlobCall,
  type FileCall,
  type FilePart,
  type RegistryAnswer,
  type RegistryRequest,
  type RegistrySettings,
  streaming,
} from './serve.ts'

/** Uploads whose digest is worked out while they arrive; others are read once more at their end. */
const HASHES = 64
/** An upload is given up after so long without a byte, in ms. */
const ABANDONED = 168 * 3_600_000

export class RegistryFolder {
  readonly #root: string
  readonly #settings: RegistrySettings
  readonly #hashes = new Map<string, { hash: Hash; size: number }>()
  /** Uploads that are being written to: a second writer waits. */
  readonly #busy = new Map<string, Promise<void>>()

  /** `root` is the folder; it need not exist. */
  constructor(root: string, settings: RegistrySettings) {
    this.#root = root
    this.#settings = settings
  }

  /** Answers one request. @throws what the file system or the body throws */
  async answer(
    request: RegistryRequest,
    body: AsyncIterable<Uint8Array>,
  ): Promise<RegistryAnswer<Uint8Array | FilePart>> {
    const upload = /\/blobs\/uploads\/([0-9a-f-]{36})/.exec(request.path)?.[1]
    const before = upload === undefined ? undefined : this.#busy.get(upload)
    if (before) await before
    let done = (): void => {}
    if (upload !== undefined) this.#busy.set(upload, new Promise(resolve => (done = resolve)))
    try {
      const work = streaming(request, this.#settings)
      let step = work.next()
      while (!step.done) step = work.next(await this.#do(step.value, body))
      return step.value
    } finally {
      done()
      if (upload !== undefined) this.#busy.delete(upload)
    }
  }

  /** The bytes of an answer. */
  bytes({ path, start, length }: FilePart): AsyncIterable<Uint8Array> {
    if (length === 0) return none()
    return createReadStream(this.#at(path), { start, end: start + length - 1, highWaterMark: 1 << 18 })
  }

  /** Removes uploads that nobody has gone on with for a week, as `registry:2` does. `now`: ms since the epoch. */
  async sweep(now: number): Promise<void> {
    const files = await absent(readdir(this.#root, { recursive: true }), [])
    for (const path of files) {
      if (!/(?:^|\/)_uploads\/[^/]+\/data$/.test(path)) continue
      const { mtimeMs } = await stat(join(this.#root, path))
      if (now - mtimeMs > ABANDONED) await rm(dirname(join(this.#root, path)), { recursive: true, force: true })
    }
  }

  readonly #at = (path: string): string => join(this.#root, path)

  async #do(asked: FileCall | BlobCall, body: AsyncIterable<Uint8Array>): Promise<unknown> {
    switch (asked.op) {
      case 'read':
        return absent(readFile(this.#at(asked.path)), undefined)
      case 'list':
        return (await absent(readdir(this.#at(asked.path)), [])).sort()
      case 'size':
        return (await absent(stat(this.#at(asked.path)), undefined))?.size
      case 'write':
        return replaceFile(this.#at(asked.path), asked.data, true)
      case 'remove':
        this.#hashes.delete(asked.path)
        return rm(this.#at(asked.path), { recursive: true, force: true })
      case 'append':
        return this.#append(asked.path, body)
      case 'digest':
        return this.#digest(asked.path, asked.algorithm)
      case 'move':
        return this.#move(asked.from, asked.to)
      case 'body':
        return wholeBody(body, asked.limit)
    }
  }

  /** What arrived before a client broke off stays, so that it can go on from there. */
  async #append(path: string, body: AsyncIterable<Uint8Array>): Promise<number> {
    const before = (await stat(this.#at(path))).size
    const known = this.#hashes.get(path)
    const running = known?.size === before ? known : before === 0 ? { hash: createHash('sha256'), size: 0 } : undefined
    this.#hashes.delete(path)
    if (running && this.#hashes.size < HASHES) this.#hashes.set(path, running)
    const out = createWriteStream(this.#at(path), { flags: 'a', highWaterMark: 1 << 20 })
    const failed = once(out, 'error').then(([error]) => Promise.reject(error))
    failed.catch(() => {})
    try {
      for await (const bytes of body) {
        if (!out.write(bytes)) await Promise.race([once(out, 'drain'), failed])
        if (!running) continue
        running.hash.update(bytes)
        running.size += bytes.length
      }
    } finally {
      if (!out.errored) await Promise.race([new Promise<void>(resolve => out.end(resolve)), failed])
    }
    return (await stat(this.#at(path))).size
  }

  async #digest(path: string, algorithm: string): Promise<string> {
    const known = algorithm === 'sha256' ? this.#hashes.get(path) : undefined
    if (known && known.size === (await stat(this.#at(path))).size) return `sha256:${known.hash.copy().digest('hex')}`
    const hash = createHash(algorithm)
    for await (const bytes of createReadStream(this.#at(path), { highWaterMark: 1 << 20 })) hash.update(bytes as Buffer)
    return `${algorithm}:${hash.digest('hex')}`
  }

  async #move(from: string, to: string): Promise<void> {
    this.#hashes.delete(from)
    await mkdir(dirname(this.#at(to)), { recursive: true, mode: 0o700 })
    const file = await open(this.#at(from), 'r')
    try {
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(this.#at(from), this.#at(to))
  }
}

async function* none(): AsyncGenerator<Uint8Array, void> {}

/** What a call resolves to; `instead` when there is no such file. */
async function absent<T>(call: Promise<T>, instead: T): Promise<T> {
  try {
    return await call
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EISDIR'].includes(codeOf(error) ?? '')) return instead
    throw error
  }
}

async function wholeBody(body: AsyncIterable<Uint8Array>, limit: number): Promise<Uint8Array | undefined> {
  const parts: Uint8Array[] = []
  let length = 0
  for await (const part of body) {
    length += part.length
    if (length > limit) return undefined
    parts.push(part)
  }
  return Buffer.concat(parts)
}
