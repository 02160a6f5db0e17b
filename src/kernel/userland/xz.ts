/** xz, unxz, xzcat, lzma, unlzma, lzcat. */
import { notModelled } from './lib/unpackers.ts'

export const options = {}
export const program = notModelled('xz', 'xz')
