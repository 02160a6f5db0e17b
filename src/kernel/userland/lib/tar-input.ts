/** Reading a tar member by member from a descriptor, compressed or not. */
import { BLOCK } from '../../../layer/tar-header.ts'
import type { Routine } from '../../program.ts'
import { fromBytes } from './bytes.ts'
import { Bunzip2 } from './bzip2-expand.ts'
import { expanderFor } from './expander.ts'
import { Gunzip } from './gzip-stream.ts'
import { readBytes } from './input.ts'
import { decodeHeader, paxRecords, type TarMember } from './tar-format.ts'

/** Largest long name or pax header. */
const specialLimit = 1024 * 1024

/** Something wrong with the archive: nothing in it, less than a block, cut off, no archive, a compression without code or one that should have been said. */
export class TarError extends Error {
  override readonly name = 'TarError'
  readonly kind: 'empty' | 'stub' | 'short' | 'bad' | 'unsupported' | 'gzip' | 'bzip2'

  constructor(kind: TarError['kind']) {
    super(kind)
    this.kind = kind
  }
}

export class TarInput {
  private readonly fd: number
  private readonly pieces: Uint8Array[] = []
  private ended = false
  private left = 0
  private padding = 0
  private any = false
  private expander: Gunzip | Bunzip2 | undefined

  /**
   * @param format decompress in any case; otherwise gzip and bzip2 are known by their first bytes unless `plain`
   * @param told compression that nobody has told of is an error
   */
  constructor(fd: number, options: { format?: 'gzip' | 'bzip2' | undefined; plain?: boolean; told?: boolean } = {}) {
    this.fd = fd
    if (options.format) this.expander = options.format === 'gzip' ? new Gunzip() : new Bunzip2()
    this.plain = options.plain ?? false
    this.told = options.told ?? false
  }

  private readonly plain: boolean
  private readonly told: boolean;

  /** The next member; undefined at the end. Throws TarError, GzipError, Bzip2Error. */
  *next(): Routine<TarMember | undefined> {
    yield* this.skip()
    let name: string | undefined
    let target: string | undefined
    let pax = new Map<string, string>()
    for (;;) {
      const block = yield* this.exactly(BLOCK)
      if (!block) {
        if (this.any && name === undefined) return undefined
        throw new TarError(this.any ? 'short' : 'empty')
      }
      if (!this.any && block[0] === 0xfd && block[1] === 0x37 && block[2] === 0x7a) throw new TarError('unsupported')
      const decoded = decodeHeader(block)
      if (decoded.kind === 'bad') throw new TarError('bad')
      this.any = true
      if (decoded.kind === 'zero') {
        // Reading on keeps the writer of a pipe from an EPIPE, as the real ones do.
        while ((yield* this.some()) !== undefined);
        return undefined
      }
      if (decoded.kind !== 'member') {
        if (decoded.size > specialLimit) throw new TarError('bad')
        const size = Math.ceil(decoded.size / BLOCK) * BLOCK
        const data = yield* this.exactly(size)
        if (!data) throw new TarError('short')
        const text = fromBytes(data.subarray(0, decoded.size))
        if (decoded.kind === 'long') name = text.replace(/\0.*$/s, '')
        else if (decoded.kind === 'longLink') target = text.replace(/\0.*$/s, '')
        else if (decoded.kind === 'pax') pax = paxRecords(text)
        continue
      }
      const { member } = decoded
      member.name = pax.get('path') ?? name ?? member.name
      member.target = pax.get('linkpath') ?? target ?? member.target
      if (pax.has('size') && member.type === 'file') member.size = Number(pax.get('size'))
      if (pax.has('mtime')) member.mtime = Number(pax.get('mtime'))
      if (pax.has('uid')) member.uid = Number(pax.get('uid'))
      if (pax.has('gid')) member.gid = Number(pax.get('gid'))
      this.left = member.size
      this.padding = (BLOCK - (member.size % BLOCK)) % BLOCK
      return member
    }
  }

  /** The next bytes of the member's content; undefined when they are all read. */
  *content(): Routine<Uint8Array | undefined> {
    if (this.left === 0) return undefined
    const piece = yield* this.some()
    if (!piece) throw new TarError('short')
    const part = piece.subarray(0, this.left)
    if (part.length < piece.length) this.pieces.unshift(piece.subarray(part.length))
    this.left -= part.length
    return part
  }

  private *skip(): Routine<void> {
    while (yield* this.content());
    if (this.padding > 0 && !(yield* this.exactly(this.padding))) throw new TarError('short')
    this.padding = 0
  }

  private *exactly(size: number): Routine<Uint8Array | undefined> {
    const parts: Uint8Array[] = []
    let have = 0
    while (have < size) {
      const piece = yield* this.some()
      if (!piece) {
        if (have > 0) throw new TarError(this.any ? 'short' : 'stub')
        return undefined
      }
      const part = piece.subarray(0, size - have)
      if (part.length < piece.length) this.pieces.unshift(piece.subarray(part.length))
      parts.push(part)
      have += part.length
    }
    return parts.length === 1 ? parts[0] : Buffer.concat(parts)
  }

  private *some(): Routine<Uint8Array | undefined> {
    for (;;) {
      const ready = this.pieces.shift()
      if (ready) return ready
      if (this.ended) return undefined
      const data = yield* readBytes(this.fd)
      this.ended = data.length === 0
      if (!this.any && !this.plain && !this.expander) {
        this.expander = expanderFor(data)
        if (this.told && this.expander) throw new TarError(this.expander instanceof Gunzip ? 'gzip' : 'bzip2')
      }
      if (this.expander) this.pieces.push(...this.expander.push(data, this.ended))
      else if (data.length > 0) this.pieces.push(data)
    }
  }
}
