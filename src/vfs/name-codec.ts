/**
 * File names and paths between bytes and strings. Linux names are bytes; the file systems use strings. A byte
 * that is not UTF-8 becomes a lone surrogate (U+DC80 to U+DCFF, Python's "surrogateescape"), so that every
 * name goes through unchanged, also through JSON.
 */

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
/** Lone surrogates only: with the u flag a pair is one character. */
const escaped = /[\uDC80-\uDCFF]/u

/** The string for a name's bytes. Never throws; `encodeName` gives the same bytes back. */
export function decodeName(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes)
  } catch {
    return decodeEscaping(bytes)
  }
}

/** The bytes of a name. */
export function encodeName(name: string): Uint8Array {
  if (!escaped.test(name)) return Buffer.from(name, 'utf8')
  const parts: Uint8Array[] = []
  for (const char of name) {
    const code = char.codePointAt(0) ?? 0
    parts.push(code >= 0xdc80 && code <= 0xdcff ? Uint8Array.of(code - 0xdc00) : Buffer.from(char, 'utf8'))
  }
  return Buffer.concat(parts)
}

/** Whether a name has bytes that are not UTF-8. */
export function hasRawBytes(name: string): boolean {
  return escaped.test(name)
}

/** Number of bytes that a name takes. */
export function nameBytes(name: string): number {
  return escaped.test(name) ? encodeName(name).length : Buffer.byteLength(name, 'utf8')
}

function decodeEscaping(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes, at)
    text += length > 0 ? strict.decode(bytes.subarray(at, at + length)) : String.fromCharCode(0xdc00 + (bytes[at] ?? 0))
    at += Math.max(1, length)
  }
  return text
}

/** Length of the well-formed UTF-8 sequence at `at`, 0 if there is none. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0
  const length = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2
  try {
    strict.decode(bytes.subarray(at, at + length))
    return Math.min(length, bytes.length - at)
  } catch {
    return 0
  }
}
