/** bzip2, bunzip2 and bzcat: one program under three names (busybox and bzip2 1.0.8). */

import { isErrno } from '../../vfs/errno.ts'
import type { Stat } from '../../vfs/filesystem.ts'
import type { Routine } from '../program.ts'
import { Bzip2 } from './lib/bzip2-compress.ts'
import { Bunzip2, Bzip2Error } from './lib/bzip2-expand.ts'
import { command } from './lib/command.ts'
import { exists } from './lib/exists.ts'
import { readBytes, readSize } from './lib/input.ts'

export const options = {
  decompress: '-d --decompress  decompress',
  compress: 'gnu: -z --compress  compress, whatever the name',
  stdout: '-c --stdout  write to standard output, keep the files',
  force: '-f --force  replace files',
  keep: '-k --keep  keep the files',
  test: '-t --test  test the files',
  levels: '-1 -2 -3 -4 -5 -6 -7 -8 -9  size of the blocks in 100 kB',
  fast: 'gnu: --fast  as -1',
  best: 'gnu: --best  as -9',
  verbose: 'gnu: -v --verbose  say what is done',
  quiet: 'gnu: -q --quiet  no warnings',
  small: '-s --small  accepted',
}

/** Bytes of input that a processor works through in a millisecond. */
const packedPerMs = 15_000
const unpackedPerMs = 8000

/** What became of a stream: fine, what is wrong with it, or bytes behind it that belong to nothing. */
type Outcome = 'fine' | Bzip2Error['kind']

const suffixes: readonly (readonly [string, string])[] = [
  ['.bz2', ''],
  ['.bz', ''],
  ['.tbz2', '.tar'],
  ['.tbz', '.tar'],
]

export const program = command('bzip2', options, function* ({ p, out, options: given, args, gnu, error }) {
  const cat = p.name === 'bzcat'
  const unpack = !given.has('compress') && (given.has('decompress') || given.has('test') || cat || p.name === 'bunzip2')
  const level = levelOf(p.argv.slice(1), gnu)
  const toOutput = given.has('stdout') || given.has('test') || cat
  let status = 0
  for (const file of args.length === 0 ? ['-'] : args)
    status = Math.max(status, yield* file === '-' ? stream(0, 1, '(stdin)') : one(file))
  return status

  function* one(file: string): Routine<number> {
    let stat: Stat
    try {
      stat = p.stat(file)
    } catch (thrown) {
      if (!isErrno(thrown)) throw thrown
      yield* error(gnu ? `Can't open input file ${file}: ${thrown.message}.` : `${file}: ${thrown.message}`)
      return 1
    }
    if (stat.type === 'dir' && gnu) {
      yield* error(`Input file ${file} is a directory.`)
      return 1
    }
    const target = unpack ? unpackedName(file, gnu) : `${file}.bz2`
    if (!gnu && !toOutput && target === undefined) {
      yield* error(`${file}: unknown suffix - ignored`)
      return 1
    }
    if (gnu && !unpack && !toOutput && suffixes.some(([suffix]) => file.endsWith(suffix))) {
      const suffix = suffixes.find(([each]) => file.endsWith(each))?.[0] ?? ''
      yield* error(`Input file ${file} already has ${suffix} suffix.`)
      return 1
    }
    if (gnu && unpack && !toOutput && target === undefined)
      yield* error(`Can't guess original name for ${file} -- using ${file}.out`)
    const to = target ?? `${file}.out`
    if (!toOutput && exists(p, to) && !given.has('force')) {
      yield* error(gnu ? `Output file ${to} already exists.` : `can't open '${to}': File exists`)
      return 1
    }
    let from: number
    try {
      from = p.open(file, { read: true })
    } catch (thrown) {
      if (!isErrno(thrown)) throw thrown
      yield* error(gnu ? `Can't open input file ${file}: ${thrown.message}.` : `${file}: ${thrown.message}`)
      return 1
    }
    if (toOutput) {
      const code = yield* stream(from, given.has('test') ? undefined : 1, file)
      p.close(from)
      return code
    }
    const fd = p.open(to, { write: true, create: true, truncate: true }, 0o600)
    const code = yield* stream(from, fd, file)
    p.close(from)
    p.close(fd)
    if (code !== 0) {
      p.unlink(to)
      return code
    }
    p.setattr(to, { mode: stat.mode & 0o7777, mtime: stat.mtime, atime: stat.atime })
    if (!given.has('keep')) p.unlink(file)
    return 0
  }

  /** Copies one stream, compressed or decompressed; without `to` it is only checked. */
  function* stream(from: number, to: number | undefined, name: string): Routine<number> {
    if (gnu && given.has('verbose')) yield* say(`  ${name}: `)
    const sizes = { in: 0, out: 0 }
    let outcome: Outcome
    try {
      outcome = yield* convert(from, given.has('test') ? undefined : to, sizes)
    } catch (thrown) {
      if (!isErrno(thrown, 'EISDIR')) throw thrown
      yield* error(`read error: ${thrown.message}`)
      return 1
    }
    if (outcome !== 'fine') {
      yield* gnu ? complain(outcome, name) : error(busyboxWords[outcome])
      return gnu ? 2 : 1
    }
    if (gnu && given.has('verbose')) yield* say(unpack ? (given.has('test') ? 'ok\n' : 'done\n') : ratios(sizes))
    return 0
  }

  function* convert(from: number, to: number | undefined, sizes: { in: number; out: number }): Routine<Outcome> {
    const coder = unpack ? new Bunzip2() : new Bzip2(level)
    try {
      for (;;) {
        const data = yield* readBytes(from)
        sizes.in += data.length
        if (data.length >= readSize / 2) yield { op: 'cpu', ms: data.length / (unpack ? unpackedPerMs : packedPerMs) }
        for (const piece of coder.push(data, data.length === 0)) {
          sizes.out += piece.length
          if (to !== undefined) yield { op: 'write', fd: to, data: piece, given: true }
        }
        if (data.length === 0) return 'fine'
      }
    } catch (thrown) {
      if (thrown instanceof Bzip2Error) return thrown.kind
      throw thrown
    }
  }

  function* complain(kind: Exclude<Outcome, 'fine'>, name: string): Routine<void> {
    if (kind === 'magic')
      return yield* given.has('verbose') ? say('not a bzip2 file.\n') : error(`${name} is not a bzip2 file.`)
    const file = name === '(stdin)' ? '(stdin)' : name
    const to = name === '(stdin)' || toOutput ? '(stdout)' : (unpackedName(name, true) ?? `${name}.out`)
    const what =
      kind === 'short' || kind === 'empty'
        ? `Compressed file ends unexpectedly;\n\tperhaps it is corrupted?  *Possible* reason follows.\n${p.name}: Inappropriate ioctl for device`
        : `Data integrity error when decompressing.`
    yield* say(`\n${p.name}: ${what}\n\tInput file = ${file}, output file = ${to}\n${advice}`)
  }

  function* say(text: string): Routine<void> {
    yield* out.flush()
    yield { op: 'write', fd: 2, data: Buffer.from(text, 'latin1') }
  }
})

const busyboxWords = {
  empty: 'invalid magic',
  magic: 'invalid magic',
  short: 'bunzip error -3',
  block: 'bunzip error -2',
  data: 'bunzip error -5',
  crc: 'CRC error',
}

const advice = `
It is possible that the compressed file(s) have become corrupted.
You can use the -tvv option to test integrity of such files.

You can use the \`bzip2recover' program to attempt to recover
data from undamaged sections of corrupted files.

`

/** Of several levels the last holds; busybox takes the least. */
function levelOf(words: readonly string[], gnu: boolean): number {
  const digits = words
    .filter(word => /^-[^-]/.test(word))
    .join('')
    .match(/[1-9]/g)
  if (words.includes('--fast')) return 1
  return Number((gnu ? digits : digits?.sort().reverse())?.at(-1) ?? 9)
}

function unpackedName(file: string, gnu: boolean): string | undefined {
  for (const [suffix, instead] of gnu ? suffixes : suffixes.slice(0, 1))
    if (file.endsWith(suffix)) return file.slice(0, -suffix.length) + instead
  return undefined
}

/** What -v tells: how much smaller it has become. */
function ratios({ in: before, out: after }: { in: number; out: number }): string {
  if (before === 0) return 'no data compressed.\n'
  const saved = 100 * (1 - after / before)
  return `${(before / after).toFixed(3).padStart(6)}:1, ${((8 * after) / before).toFixed(3).padStart(6)} bits/byte, ${saved.toFixed(2).padStart(5)}% saved, ${before} in, ${after} out.\n`
}
