/**
 * Uploads of blobs whose digest is known only when they have been sent (the distribution spec's "pushing a blob in
 * chunks"): streamed in one request; after a break the registry is asked how far it came, and the rest goes in chunks.
 */
import { createHash } from 'node:crypto'
import { EngineError } from '../errors.ts'
import { type Answer, type Call, headerOf } from './http.ts'

/** What an upload needs of its registry; all for one repository. */
export interface UploadWire {
  /** Sends a call as who may push. */
  send(call: Call): Promise<Answer>
  /** @throws EngineError for another status, in the registry's words */
  expect(answer: Answer, status: number): Promise<void>
  /** Where an answer says that the upload goes on. */
  location(answer: Answer): string
  sleep(ms: number): Promise<void>
}

/** How often one blob is sent or gone on with. */
const ATTEMPTS = 4
/** Bytes of a chunk; more where the registry wants more (`OCI-Chunk-Min-Length`), within reason. */
const CHUNK = 8 << 20
const CHUNK_MAX = 256 << 20

/**
 * Uploads a blob. `open` gives its bytes from the start, the same each time: what the registry has already is skipped.
 * @throws EngineError when the registry refuses it or breaks off for good
 */
export async function uploadBlob(
  wire: UploadWire,
  path: string,
  open: () => AsyncIterable<Uint8Array>,
): Promise<{ digest: string; size: number }> {
  let upload = await start(wire, path)
  let has: number | undefined
  for (let attempt = 1; ; attempt++) {
    try {
      const sent =
        has === undefined ? await inOneGo(wire, upload.location, open()) : await inChunks(wire, upload, open(), has)
      const done = await wire.send({
        method: 'PUT',
        path: withDigest(sent.location, sent.digest),
        headers: { 'content-length': '0' },
      })
      await wire.expect(done, 201)
      return { digest: sent.digest, size: sent.size }
    } catch (error) {
      const again = error instanceof EngineError && (error.kind === 'unavailable' || error.kind === 'system')
      if (!again || attempt === ATTEMPTS) {
        await cancel(wire, upload.location)
        throw error
      }
      await wire.sleep(attempt * 1000)
      const status = await progress(wire, upload.location)
      if (!status) upload = await start(wire, path)
      else upload = { ...upload, location: status.location }
      has = status?.has
    }
  }
}

/** The path of a blob's last request. */
export const withDigest = (location: string, digest: string): string =>
  `${location}${location.includes('?') ? '&' : '?'}digest=${encodeURIComponent(digest)}`

/** An upload that was begun: where it goes on, and the length of its chunks in bytes. */
interface Upload {
  location: string
  chunk: number
}

async function start(wire: UploadWire, path: string): Promise<Upload> {
  const headers = { 'content-length': '0' }
  const answer = await wire.send({ method: 'POST', path: `/v2/${path}/blobs/uploads/`, headers })
  await wire.expect(answer, 202)
  const least = Number(headerOf(answer, 'oci-chunk-min-length')) || 0
  return { location: wire.location(answer), chunk: Math.min(CHUNK_MAX, Math.max(CHUNK, least)) }
}

/** Lets the registry forget an upload that is given up; whether it does is its own affair. */
async function cancel(wire: UploadWire, location: string): Promise<void> {
  try {
    const answer = await wire.send({ method: 'DELETE', path: location, headers: { 'content-length': '0' } })
    answer.drop()
  } catch {}
}

/** How many bytes the registry has; undefined where the upload is gone or it does not say. */
async function progress(wire: UploadWire, location: string): Promise<{ location: string; has: number } | undefined> {
  try {
    const answer = await wire.send({ method: 'GET', path: location })
    answer.drop()
    // `0-0` is what registries say of an upload without a byte, too: such a one is begun anew.
    const last = Number(/^(?:bytes=)?0-(\d{1,15})$/.exec(headerOf(answer, 'range'))?.[1] ?? 0)
    if (answer.status !== 204 || last === 0) return undefined
    return { location: headerOf(answer, 'location') === '' ? location : wire.location(answer), has: last + 1 }
  } catch {
    return undefined
  }
}

interface Sent {
  location: string
  digest: string
  size: number
}

async function inOneGo(wire: UploadWire, location: string, data: AsyncIterable<Uint8Array>): Promise<Sent> {
  const hash = createHash('sha256')
  let size = 0
  async function* measured(): AsyncGenerator<Uint8Array, void> {
    for await (const piece of data) {
      hash.update(piece)
      size += piece.length
      yield piece
    }
  }
  const headers = { 'content-type': 'application/octet-stream' }
  const answer = await wire.send({ method: 'PATCH', path: location, headers, body: measured() })
  await wire.expect(answer, 202)
  return { location: wire.location(answer), digest: `sha256:${hash.digest('hex')}`, size }
}

/** Sends what follows the first `has` bytes, each chunk with its place. */
async function inChunks(
  wire: UploadWire,
  { location, chunk }: Upload,
  data: AsyncIterable<Uint8Array>,
  has: number,
): Promise<Sent> {
  const hash = createHash('sha256')
  let size = 0
  let at = has
  let next = location
  let waiting: Uint8Array[] = []
  let length = 0
  const flush = async (): Promise<void> => {
    const body = Buffer.concat(waiting)
    const headers = {
      'content-type': 'application/octet-stream',
      'content-length': String(body.length),
      'content-range': `${at}-${at + body.length - 1}`,
    }
    const answer = await wire.send({ method: 'PATCH', path: next, headers, body })
    if (answer.status === 416) {
      // A chunk whose answer was lost is there already: the registry is asked again how far it is.
      answer.drop()
      throw new EngineError('unavailable', 'the registry is at another place of the upload')
    }
    await wire.expect(answer, 202)
    next = wire.location(answer)
    at += body.length
    waiting = []
    length = 0
  }
  for await (const piece of data) {
    hash.update(piece)
    const skipped = Math.min(piece.length, Math.max(0, has - size))
    size += piece.length
    if (skipped === piece.length) continue
    waiting.push(piece.subarray(skipped))
    length += piece.length - skipped
    if (length >= chunk) await flush()
  }
  if (length > 0) await flush()
  return { location: next, digest: `sha256:${hash.digest('hex')}`, size }
}
