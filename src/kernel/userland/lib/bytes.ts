/** Byte strings: text in which one character stands for one byte (see `../../program.ts`). */

/** The bytes of a byte string. */
export function toBytes(text: string): Uint8Array {
  return Buffer.from(text, 'latin1')
}

/** The byte string of some bytes. */
export function fromBytes(data: Uint8Array): string {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('latin1')
}

/** Order of two byte strings as `strcmp` in the C locale. */
export function compareBytes(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
