/** `--ulimit name=soft[:hard]` (go-units ParseUlimit). */
import type { Ulimit } from '../../api/container.ts'
import { quote } from '../../util/strconv.ts'

const NAMES = new Set(
  'core cpu data fsize locks memlock msgqueue nice nofile nproc rss rtprio rttime sigpending stack'.split(' '),
)

/** Reads a limit; a missing hard limit is the soft one. -1 is unlimited. */
export function parseUlimit(text: string): Ulimit {
  const equals = text.indexOf('=')
  if (equals < 0) throw new Error(`invalid ulimit argument: ${text}`)
  const name = text.slice(0, equals)
  if (!NAMES.has(name)) throw new Error(`invalid ulimit type: ${name}`)
  const values = text.slice(equals + 1).split(':')
  if (values.length > 2) {
    throw new Error(
      `too many limit value arguments - ${text.slice(equals + 1)}, can only have up to two, \`soft[:hard]\``,
    )
  }
  const [soft = 0, hard = soft] = values.map(number)
  const tooMuch = soft === -1 ? `soft: -1 (unlimited), hard: ${hard}` : `${soft} > ${hard}`
  if (hard >= 0 && (soft > hard || soft === -1)) {
    throw new Error(`ulimit soft limit must be less than or equal to hard limit: ${tooMuch}`)
  }
  return { Name: name, Hard: hard, Soft: soft }
}

function number(text: string): number {
  if (/^[+-]?\d+$/.test(text)) return Number(text)
  throw new Error(`strconv.ParseInt: parsing ${quote(text)}: invalid syntax`)
}
