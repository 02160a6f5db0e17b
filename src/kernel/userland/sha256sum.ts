/** sha256sum: SHA256 digests of files. */
import { digestCommand, digestOptions } from './lib/digest.ts'

export const options = digestOptions

export const program = digestCommand('sha256sum', 'sha256')
