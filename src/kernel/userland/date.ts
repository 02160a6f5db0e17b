/** date: shows a time; setting the clock is refused, as in any container. */
import { isErrno } from '../../vfs/errno.ts'
import { command } from './lib/command.ts'
import { Failure, UsageError } from './lib/failure.ts'
import { Lines, openInput } from './lib/input.ts'
import { parseBusyboxDate, parseGnuDate, strptime } from './lib/parse-date.ts'
import { strftime } from './lib/strftime.ts'
import { breakDown, utc, zoneFor } from './lib/zone.ts'

export const options = {
  utc: '-u --utc --universal  work in UTC',
  date: '-d=TIME --date=TIME  show this time, not now',
  set: '-s=TIME --set=TIME  set the time',
  reference: '-r=FILE --reference=FILE  show when the file was last changed',
  rfc: '-R --rfc-email --rfc-2822  the format of e-mails',
  iso: '-I[=SPEC] --iso-8601[=SPEC]  ISO 8601; SPEC is date, hours, minutes, seconds or ns',
  rfc3339: 'gnu: --rfc-3339=SPEC  RFC 3339; SPEC is date, seconds or ns',
  file: 'gnu: -f=FILE --file=FILE  each line of the file as with -d',
  format: 'busybox: -D=FORMAT  how the time of -d and -s is written (strptime)',
}

const isoFormats: Record<string, string> = {
  date: '%Y-%m-%d',
  hours: '%Y-%m-%dT%H%:z',
  minutes: '%Y-%m-%dT%H:%M%:z',
  seconds: '%Y-%m-%dT%H:%M:%S%:z',
  ns: '%Y-%m-%dT%H:%M:%S,%N%:z',
}

export const program = command('date', options, function* ({ p, out, options: given, args, gnu, error }) {
  const zone = given.has('utc') ? utc : zoneFor(p.env.get('TZ'))
  const [first, second] = args
  let format = first?.startsWith('+') ? first.slice(1) : undefined
  const operand = format === undefined ? first : second
  if (gnu && format !== undefined && operand !== undefined) throw new UsageError(`extra operand '${operand}'`)
  const presets = (['rfc', 'iso', 'rfc3339'] as const).filter(key => given.has(key))
  if (gnu && presets.length + (format === undefined ? 0 : 1) > 1) throw new Failure('multiple output formats specified')
  // busybox: neither -d nor +FORMAT goes with -R or -I in a single way; the last one wins.
  if (given.has('iso')) {
    const spec = Object.keys(isoFormats).find(name => name.startsWith(given.value('iso') || 'date'))
    if (spec === undefined)
      throw new UsageError(
        gnu ? invalid(given.value('iso') ?? '', '--iso-8601', ['hours', 'minutes', 'date', 'seconds', 'ns']) : '',
      )
    format = isoFormats[spec] ?? ''
  } else if (given.has('rfc3339')) {
    const spec = given.value('rfc3339') ?? ''
    format = { date: '%Y-%m-%d', seconds: '%Y-%m-%d %H:%M:%S%:z', ns: '%Y-%m-%d %H:%M:%S.%N%:z' }[spec]
    if (format === undefined) throw new UsageError(invalid(spec, '--rfc-3339', ['date', 'seconds', 'ns']))
  } else if (given.has('rfc')) format = '%a, %d %b %Y %H:%M:%S %z'
  const show = (ms: number) =>
    out.write(`${strftime(format ?? '%a %b %e %H:%M:%S %Z %Y', breakDown(ms, zone), gnu || given.has('iso'))}\n`)
  const parse = (text: string, moved = false): number => {
    const layout = given.value('format')
    const found =
      layout !== undefined
        ? strptime(text, layout, zone)
        : gnu
          ? parseGnuDate(text, p.now(), zone)
          : parseBusyboxDate(text, p.now(), zone, moved)
    if (found === undefined) throw new Failure(`invalid date '${text}'`)
    return found
  }

  const reference = given.value('reference')
  if (reference !== undefined) {
    try {
      yield* show(p.stat(reference).mtime)
    } catch (thrown) {
      if (!isErrno(thrown)) throw thrown
      throw new Failure(gnu ? `${reference}: ${thrown.message}` : `can't stat '${reference}': ${thrown.message}`)
    }
    return 0
  }
  const listed = given.value('file')
  if (listed !== undefined) {
    const lines = new Lines(p, yield* openInput(listed))
    let status = 0
    for (let line = yield* lines.next(); line !== undefined; line = yield* lines.next()) {
      const ms = parseGnuDate(line, p.now(), zone)
      if (ms === undefined) {
        yield* error(`invalid date '${line}'`)
        status = 1
      } else yield* show(ms)
    }
    return status
  }
  const text = given.value('date')
  if (text !== undefined) {
    yield* show(parse(text))
    return 0
  }
  const wanted = given.value('set') ?? operand
  if (wanted === undefined) {
    yield* show(p.now())
    return 0
  }
  const moved = given.value('set') === undefined
  const ms = gnu && moved ? (parseBusyboxDate(wanted, p.now(), zone, true) ?? parse(wanted)) : parse(wanted, moved)
  try {
    p.settime()
  } catch (thrown) {
    if (!isErrno(thrown)) throw thrown
    yield* error(`${gnu ? 'cannot set date' : "can't set date"}: ${thrown.message}`)
    yield* show(ms)
    return gnu ? 1 : 0
  }
  throw new Failure("setting the machine's clock is not modelled")
})

function invalid(given: string, option: string, valid: readonly string[]): string {
  return `invalid argument '${given}' for '${option}'\nValid arguments are:\n${valid.map(word => `  - '${word}'`).join('\n')}`
}
