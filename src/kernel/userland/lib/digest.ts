/** md5sum, sha1sum, sha256sum and their like: digests of files, and checking them. */
import { createHash } from 'node:crypto'
import { isErrno } from '../../../vfs/errno.ts'
import type { CoroutineProgram, Routine } from '../../program.ts'
import { type Call, command } from './command.ts'
import { Failure } from './failure.ts'
import { Lines, openInput, Pieces } from './input.ts'

export const digestOptions = {
  check: '-c --check  check the sums listed in the files',
  silent: '-s --status  print nothing, only the exit status',
  warn: '-w --warn  say which lines are no sums',
  binary: 'gnu: -b --binary  mark names with *',
  text: 'gnu: -t --text  ignored',
  tag: 'gnu: --tag  BSD style',
  quiet: 'gnu: --quiet  with -c, only failures',
  strict: 'gnu: --strict  with -c, fail for lines that are no sums',
  ignoreMissing: 'gnu: --ignore-missing  with -c, pass over missing files',
  zero: 'gnu: -z --zero  NUL at line ends',
}

type DigestCall = Call<typeof digestOptions>

/** A command that prints digests made by `algorithm` (a name of node:crypto). */
export function digestCommand(name: string, algorithm: string): CoroutineProgram {
  return command(name, digestOptions, function* (call) {
    if (call.options.has('check')) return yield* check(call, algorithm)
    const { p, out, args, options: given } = call
    let status = 0
    for (const file of args.length === 0 ? ['-'] : args) {
      const digest = yield* digestOf(call, file, algorithm)
      if (digest === undefined) {
        status = 1
        continue
      }
      const end = given.has('zero') ? '\0' : '\n'
      const tag = p.name.replace(/sum$/, '').toUpperCase()
      yield* out.write(
        given.has('tag')
          ? `${tag} (${file}) = ${digest}${end}`
          : `${digest} ${given.has('binary') ? '*' : ' '}${file}${end}`,
      )
    }
    return status
  })
}

/** The digest in hex; undefined, and a message, for a file that cannot be read. */
function* digestOf({ p, gnu, error }: DigestCall, file: string, algorithm: string): Routine<string | undefined> {
  try {
    const fd = yield* openInput(file)
    try {
      const hash = createHash(algorithm)
      const pieces = new Pieces(fd)
      for (let data = yield* pieces.next(); data.length > 0; data = yield* pieces.next()) hash.update(data)
      return hash.digest('hex')
    } finally {
      if (fd !== 0) p.close(fd)
    }
  } catch (thrown) {
    if (!isErrno(thrown)) throw thrown
    const reading = thrown.code === 'EISDIR'
    yield* error(
      gnu
        ? `${file}: ${thrown.message}`
        : reading
          ? `can't read '${file}': ${thrown.message}`
          : `can't open '${file}': ${thrown.message}`,
    )
    return undefined
  }
}

function* check(call: DigestCall, algorithm: string): Routine<number> {
  const { p, out, args, options: given, gnu, error } = call
  let status = 0
  for (const list of args.length === 0 ? ['-'] : args) {
    let fd: number
    try {
      fd = yield* openInput(list)
    } catch (thrown) {
      if (!isErrno(thrown)) throw thrown
      throw new Failure(gnu ? `${list}: ${thrown.message}` : `${list}: ${thrown.message}`)
    }
    const counts = { good: 0, bad: 0, unreadable: 0, malformed: 0 }
    const lines = new Lines(p, fd)
    for (let line = yield* lines.next(); line !== undefined; line = yield* lines.next()) {
      const match = /^([0-9a-fA-F]{32,}) {1,2}\*?(.+)$/s.exec(line)
      const [, wanted = '', file = ''] = match ?? []
      if (!match) {
        counts.malformed++
        continue
      }
      const digest = yield* digestOf(call, file, algorithm)
      const fine = digest === wanted.toLowerCase()
      if (digest === undefined) counts.unreadable++
      else if (fine) counts.good++
      else counts.bad++
      if (given.has('silent') || (fine && given.has('quiet'))) continue
      yield* out.write(`${file}: ${fine ? 'OK' : digest === undefined && gnu ? 'FAILED open or read' : 'FAILED'}\n`)
    }
    if (fd !== 0) p.close(fd)
    // Busybox counts lines that are no sums as failed.
    if (!gnu) counts.bad += counts.malformed
    const total = counts.good + counts.bad + counts.unreadable
    if (counts.bad + counts.unreadable > 0 || (total === 0 && gnu)) status = 1
    if (gnu) yield* summary(call, list, counts, total)
    else if (!given.has('silent') && counts.bad + counts.unreadable > 0) {
      yield* error(`WARNING: ${counts.bad + counts.unreadable} of ${total} computed checksums did NOT match`)
    } else if (total === 0) {
      yield* error('no checksum lines found')
      status = 1
    }
  }
  return status
}

function* summary(
  { error }: DigestCall,
  list: string,
  counts: { bad: number; unreadable: number; malformed: number },
  total: number,
): Routine<void> {
  if (total === 0)
    return yield* error(`${list === '-' ? "'standard input'" : list}: no properly formatted checksum lines found`)
  const say = (count: number, one: string, many: string) => error(`WARNING: ${count} ${count === 1 ? one : many}`)
  if (counts.malformed > 0)
    yield* say(counts.malformed, 'line is improperly formatted', 'lines are improperly formatted')
  if (counts.unreadable > 0)
    yield* say(counts.unreadable, 'listed file could not be read', 'listed files could not be read')
  if (counts.bad > 0) yield* say(counts.bad, 'computed checksum did NOT match', 'computed checksums did NOT match')
}
