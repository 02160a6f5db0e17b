import { Readable, type Transform } from 'node:stream'
import * as zlib from 'node:zlib'
import { codeOf, invalid, messageOf } from '../errors.ts'
import { bunzip2 } from './bzip2.ts'

const magics: readonly (readonly [name: string, bytes: readonly number[]])[] = [
  ['gzip', [0x1f, 0x8b, 0x08]],
  ['bzip2', [0x42, 0x5a, 0x68]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
]

/**
 * The bytes of a stream, decompressed where they start as gzip, bzip2 or zstd do.
 * Throws EngineError('invalid') for damaged data and for xz, which Docker itself leaves to an `xz` of its host.
 */
export async function* decompress(input: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const { head, rest } = await peek(input, 6)
  const kind = magics.find(([, bytes]) => bytes.every((byte, at) => head[at] === byte))?.[0]
  if (kind === undefined) {
    yield* rest
    return
  }
  if (kind === 'gzip') yield* unpack(rest, zlib.createGunzip({ chunkSize: CHUNK }), kind)
  else if (kind === 'bzip2') yield* bunzip2(rest)
  else if (kind === 'zstd') yield* unpackZstd(rest)
  else throw invalid(`unsupported compression: ${kind}`)
}

/** Bytes that come out at a time. */
const CHUNK = 1 << 18

async function* unpackZstd(input: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const make = Reflect.get(zlib, 'createZstdDecompress') as (() => Transform) | undefined
  if (make) {
    yield* unpack(input, make(), 'zstd')
    return
  }
  // Node has a decoder of its own from 22.15 on.
  const { Decompress } = await import('fzstd')
  const ready: Uint8Array[] = []
  const unpacker = new Decompress(bytes => void ready.push(bytes))
  const feed = (bytes: Uint8Array, last: boolean): void => {
    try {
      unpacker.push(bytes, last)
    } catch (error) {
      throw messageOf(error) === 'unexpected EOF' ? invalid('unexpected EOF') : invalid(`zstd: ${messageOf(error)}`)
    }
  }
  for await (const bytes of input) {
    feed(bytes, false)
    yield* ready.splice(0)
  }
  feed(new Uint8Array(0), true)
  yield* ready.splice(0)
}

/** The first bytes of a stream, and the whole of it. */
async function peek(
  input: AsyncIterable<Uint8Array>,
  length: number,
): Promise<{ head: Uint8Array; rest: AsyncGenerator<Uint8Array, void, undefined> }> {
  const iterator = input[Symbol.asyncIterator]()
  let head: Uint8Array = new Uint8Array(0)
  while (head.length < length) {
    const next = await iterator.next()
    if (next.done) break
    head = head.length === 0 ? next.value : Buffer.concat([head, next.value])
  }
  async function* rest(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      if (head.length > 0) yield head
      for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value
    } finally {
      await iterator.return?.()
    }
  }
  return { head, rest: rest() }
}

async function* unpack(
  input: AsyncIterable<Uint8Array>,
  unpacker: Transform,
  kind: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  const source = Readable.from(input, { objectMode: false })
  source.on('error', error => unpacker.destroy(error))
  source.pipe(unpacker)
  try {
    for await (const bytes of unpacker) yield bytes as Uint8Array
  } catch (error) {
    throw zlibError(error, kind) ?? error
  } finally {
    source.destroy()
  }
}

function zlibError(error: unknown, kind: string): Error | undefined {
  const code = codeOf(error) ?? ''
  if (code === 'Z_BUF_ERROR') return invalid('unexpected EOF')
  return /^(Z_|ZSTD_|ERR_ZSTD)/.test(code) ? invalid(`${kind}: ${messageOf(error)}`) : undefined
}
