/** Sizes of memory as people write them. */
import { parseFloat64 } from './strconv.ts'

const BINARY = new Map([...'kmgtp'].map((unit, i) => [unit, 1024 ** (i + 1)]))

/** Bytes of `64m`, `1.5GiB`, `512` (go-units RAMInBytes). */
export function parseBytes(text: string): number {
  const end = /[0-9. ][^0-9. ]*$/.exec(text)?.index
  if (end === undefined) throw new Error(`invalid size: '${text}'`)
  const size = parseFloat64(text.slice(0, text[end] === ' ' ? end : end + 1))
  if (size < 0) throw new Error(`invalid size: '${text}'`)
  const given = text.slice(end + 1)
  const suffix = given.toLowerCase()
  if (suffix === '' || suffix === 'b') return Math.trunc(size)
  const scale = BINARY.get(suffix.charAt(0))
  if (scale === undefined || !/^.(b|ib)?$/.test(suffix)) {
    throw new Error(`invalid suffix: '${given.length > 3 ? given : suffix}'`)
  }
  return Math.trunc(size * scale)
}
