/** Between the byte strings of programs and the names of file systems. */
import { decodeName, encodeName } from '../vfs/name-codec.ts'

const beyondAscii = /[\x80-\xff]/

/** A path from a program, as file systems name it. */
export const toName = (bytes: string): string =>
  beyondAscii.test(bytes) ? decodeName(Buffer.from(bytes, 'latin1')) : bytes

/** A file system's name as a program sees it. */
export function fromName(name: string): string {
  for (let at = 0; at < name.length; at++)
    if (name.charCodeAt(at) > 127) return Buffer.from(encodeName(name)).toString('latin1')
  return name
}
