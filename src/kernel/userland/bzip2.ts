/** bzip2, bunzip2, bzcat. */
import { notModelled } from './lib/unpackers.ts'

export const options = {}
export const program = notModelled('bzip2', 'bzip2')
