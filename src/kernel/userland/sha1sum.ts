/** sha1sum: SHA1 digests of files. */
import { digestCommand, digestOptions } from './lib/digest.ts'

export const options = digestOptions

export const program = digestCommand('sha1sum', 'sha1')
