import { closeSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { Errno } from './errno.ts'

/** `length` bytes at `at` of the data file with a number. Throws EIO when the file is damaged or missing. */
export function readDataFile(folder: string, file: number, at: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  let fd: number
  try {
    fd = openSync(join(folder, String(file)), 'r')
  } catch {
    throw new Errno('EIO')
  }
  try {
    for (let done = 0; done < length; ) {
      const count = readSync(fd, bytes, done, length - done, at + done)
      if (count === 0) throw new Errno('EIO')
      done += count
    }
  } finally {
    closeSync(fd)
  }
  return bytes
}
