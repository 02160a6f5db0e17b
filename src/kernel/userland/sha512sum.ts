/** sha512sum: SHA512 digests of files. */
import { digestCommand, digestOptions } from './lib/digest.ts'

export const options = digestOptions

export const program = digestCommand('sha512sum', 'sha512')
