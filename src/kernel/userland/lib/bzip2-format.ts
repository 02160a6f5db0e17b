/** What both directions of bzip2 share: the marks of its format, and its checksum. */

/** The digits of pi begin a block, those of its square root end the stream. */
export const blockMagic: readonly number[] = [0x31, 0x41, 0x59, 0x26, 0x53, 0x59]
export const endMagic: readonly number[] = [0x17, 0x72, 0x45, 0x38, 0x50, 0x90]

const table = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24
  for (let bit = 0; bit < 8; bit++) crc = crc < 0 ? (crc << 1) ^ 0x04c11db7 : crc << 1
  return crc
})

/** CRC-32 with the highest bit first: starts with -1, and is inverted at the end. */
export const updateCrc = (crc: number, byte: number): number => (crc << 8) ^ (table[((crc >>> 24) ^ byte) & 255] ?? 0)
