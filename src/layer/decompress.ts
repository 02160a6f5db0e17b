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
 * The bytes of a stream, decompressed where they start as gzip or bzip2 do, or zstd on a Node that can (22.15).

 * Throws EngineError('invalid') for damaged data and for xz, which Docker itself leaves to an `xz` of its host.
 */
export async function* decompress(input: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const { head, rest } = await peek(input, 6)
  const kind = magics.find(([, bytes]) => bytes.every((byte, at) => head[at] === byte))?.[0]
  if (kind === undefined) {
    yield* rest
    return
  }
  if (kind === 'bzip2') return yield* bunzip2(rest)
  const unpacker = kind === 'gzip' ? zlib.createGunzip() : kind === 'zstd' ? zstdUnpacker() : undefined
  if (!unpacker) throw invalid(`unsupported compression: ${kind}`)
  yield* unpack(rest, unpacker, kind)
}

/** Node 20 has none. */
function zstdUnpacker(): Transform | undefined {
  const make = Reflect.get(zlib, 'createZstdDecompress') as (() => Transform) | undefined
  return make?.()
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
