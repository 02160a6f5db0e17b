/** md5sum: MD5 digests of files. */
import { digestCommand, digestOptions } from './lib/digest.ts'

export const options = digestOptions

export const program = digestCommand('md5sum', 'md5')
