/** sha224sum: SHA224 digests of files. */
import { digestCommand, digestOptions } from './lib/digest.ts'

export const options = digestOptions

export const program = digestCommand('sha224sum', 'sha224')
