/** base32: base 32, there and back. */
import { baseCommand, baseOptions } from './lib/base-encoding.ts'

export const options = baseOptions

export const program = baseCommand('base32', 32)
