/** head: the first lines or bytes of files. */
import type { Errno } from '../../vfs/errno.ts'
import type { Proc, Routine } from '../program.ts'
import { command } from './lib/command.ts'
import { Failure } from './lib/failure.ts'
import { cannotOpenForReading, eachInput } from './lib/files.ts'
import { busyboxSuffixes, gnuSuffixes, parseSize } from './lib/human.ts'
import { Lines, readChunk } from './lib/input.ts'
import type { Out } from './lib/out.ts'

export const options = {
  lines: '-n --lines=N  the first N lines; -N: all but the last N',
  bytes: '-c --bytes=N  the first N bytes; -N: all but the last N',
  quiet: '-q --quiet --silent  no headers',
  verbose: '-v --verbose  always headers',
  zero: 'gnu: -z --zero-terminated  lines end with NUL',
}

export const program = command(
  'head',
  options,
  function* (call) {
    const { p, out, options: given, args, gnu } = call
    const unit = given.last('lines', 'bytes') ?? 'lines'
    const text = given.value(unit) ?? '10'
    const fromEnd = text.startsWith('-')
    const count = parseSize(text.replace(gnu ? /^[-+]/ : /^-/, ''), gnu ? gnuSuffixes : busyboxSuffixes)
    if (count === undefined) {
      throw new Failure(gnu ? `invalid number of ${unit}: '${text.replace(/^-/, '')}'` : `invalid number '${text}'`)
    }
    const headers = given.has('verbose') || (args.length > 1 && !given.has('quiet'))
    const delimiter = given.has('zero') ? '\0' : '\n'
    let first = true
    const fine = yield* eachInput(
      call,
      args,
      function* (fd, file) {
        if (headers) yield* out.write(`${first ? '' : '\n'}==> ${file === '-' ? 'standard input' : file} <==\n`)
        first = false
        if (unit === 'bytes') yield* fromEnd ? allButBytes(fd, out, count) : firstBytes(fd, out, count)
        else yield* fromEnd ? allButLines(p, fd, out, count, delimiter) : firstLines(p, fd, out, count, delimiter)
      },
      gnu
        ? {
            cannotOpen: cannotOpenForReading,
            cannotRead: (f: string, e: Errno) => `error reading '${f}': ${e.message}`,
          }
        : { cannotRead: (f: string) => `${f}: Input/output error` },
    )
    return fine ? 0 : 1
  },
  { digits: 'lines', shortOnly: false },
)

function* firstLines(p: Proc, fd: number, out: Out, count: number, delimiter: string): Routine<void> {
  const lines = new Lines(p, fd, delimiter)
  for (let n = 0; n < count; n++) {
    const line = lines.take() ?? (yield* lines.next())
    if (line === undefined) return
    yield* out.write(lines.terminated ? line + delimiter : line)
  }
}

function* firstBytes(fd: number, out: Out, count: number): Routine<void> {
  for (let left = count; left > 0; ) {
    const part = yield* readChunk(fd, Math.min(left, 65_536))
    if (part === '') return
    yield* out.write(part)
    left -= part.length
  }
}

function* allButLines(p: Proc, fd: number, out: Out, count: number, delimiter: string): Routine<void> {
  const lines = new Lines(p, fd, delimiter)
  const held: string[] = []
  let next = 0
  for (let line = yield* lines.next(); line !== undefined; line = yield* lines.next()) {
    if (held.length < count) held.push(line)
    else if (count === 0) yield* out.write(lines.terminated ? line + delimiter : line)
    else {
      yield* out.write((held[next] ?? '') + delimiter)
      held[next] = line
      next = (next + 1) % count
    }
  }
}

function* allButBytes(fd: number, out: Out, count: number): Routine<void> {
  let held = ''
  for (let part = yield* readChunk(fd); part !== ''; part = yield* readChunk(fd)) {
    held += part
    if (held.length > count) {
      yield* out.write(held.slice(0, held.length - count))
      held = held.slice(held.length - count)
    }
  }
}
