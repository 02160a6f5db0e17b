/** What a tar says of an entry, between `tar-reader` and `tar-writer`. */
import type { LayerEntry } from './layer-index.ts'

/** An entry without its bytes. `path` and `target` are as written, but for the slash at a directory's end. */
export type TarHeader = Omit<LayerEntry, 'offset' | 'text' | 'base64'>

export const BLOCK = 512

/** Type flags of ustar. */
export const TYPE_FLAGS: Readonly<Record<Exclude<LayerEntry['type'], 'socket'>, string>> = {
  file: '0',
  link: '1',
  symlink: '2',
  char: '3',
  block: '4',
  dir: '5',
  fifo: '6',
}

/** `size` rounded up to whole blocks. */
export function padded(size: number): number {
  return Math.ceil(size / BLOCK) * BLOCK
}

/** Sum of a header's bytes with its checksum field taken as spaces. */
export function checksum(block: Uint8Array): number {
  let sum = 8 * 32
  for (let at = 0; at < BLOCK; at++) if (at < 148 || at >= 156) sum += block[at] ?? 0
  return sum
}
