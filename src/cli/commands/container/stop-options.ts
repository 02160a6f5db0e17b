/** `-t` and `-s` of stop and restart; `--time` is the old name of `--timeout`. */
import { StatusError } from '../../errors.ts'
import type { Flags } from '../../flags.ts'

export function stopOptions(flags: Flags): { signal?: string; t?: number } {
  if (flags.changed('timeout') && flags.changed('time'))
    throw new StatusError(1, 'conflicting options: cannot specify both --timeout and --time')
  const name = flags.changed('timeout') ? 'timeout' : flags.changed('time') ? 'time' : undefined
  return {
    ...(flags.string('signal') !== '' && { signal: flags.string('signal') }),
    ...(name !== undefined && { t: flags.number(name) }),
  }
}
