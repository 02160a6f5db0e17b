/** sha384sum: SHA384 digests of files. */
import { digestCommand, digestOptions } from './lib/digest.ts'

export const options = digestOptions

export const program = digestCommand('sha384sum', 'sha384')
