/** base64: base 64, there and back. */
import { baseCommand, baseOptions } from './lib/base-encoding.ts'

export const options = baseOptions

export const program = baseCommand('base64', 64)
