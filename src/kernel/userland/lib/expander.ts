/** Decompressing by what a stream begins with. */
import { Bunzip2 } from './bzip2-expand.ts'
import { Gunzip } from './gzip-stream.ts'

/** What takes a stream's input as it comes and gives its output; undefined for one that is not compressed. */
export function expanderFor(data: Uint8Array): Gunzip | Bunzip2 | undefined {
  if (data[0] === 0x1f && data[1] === 0x8b) return new Gunzip()
  return data[0] === 0x42 && data[1] === 0x5a && data[2] === 0x68 ? new Bunzip2() : undefined
}
