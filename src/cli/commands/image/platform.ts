import { messageOf } from '../../../errors.ts'
import { parsePlatform } from '../../../image/platform.ts'
import { StatusError } from '../../errors.ts'

/** What `--platform` says, before anybody is asked; '' is none. Throws StatusError. */
export function checkPlatform(text: string, prefix = 'invalid platform: '): void {
  if (text === '') return
  try {
    parsePlatform(text)
  } catch (error) {
    throw new StatusError(1, `${prefix}${messageOf(error)}`)
  }
}
