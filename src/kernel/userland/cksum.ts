/** cksum: POSIX CRC and size. */
import { command } from './lib/command.ts'
import { eachInput } from './lib/files.ts'
import { readBytes } from './lib/input.ts'

export const options = {}

const table = Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000_0000 ? (crc << 1) ^ 0x04c1_1db7 : crc << 1
  return crc >>> 0
})

export const program = command('cksum', options, function* (call) {
  const { out, args } = call
  const fine = yield* eachInput(call, args, function* (fd, file) {
    let crc = 0
    let size = 0
    const add = (byte: number) => {
      crc = ((crc << 8) ^ (table[((crc >>> 24) ^ byte) & 255] ?? 0)) >>> 0
    }
    for (let data = yield* readBytes(fd); data.length > 0; data = yield* readBytes(fd)) {
      for (const byte of data) add(byte)
      size += data.length
    }
    for (let rest = size; rest > 0; rest = Math.floor(rest / 256)) add(rest % 256)
    yield* out.write(`${~crc >>> 0} ${size}${args.length === 0 ? '' : ` ${file}`}\n`)
  })
  return fine ? 0 : 1
})
