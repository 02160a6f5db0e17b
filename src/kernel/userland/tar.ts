/** tar: makes, lists and unpacks archives (busybox and GNU). */
import { isErrno } from '../../vfs/errno.ts'
import type { Proc, Routine } from '../program.ts'
import { Bzip2Error } from './lib/bzip2-expand.ts'
import { type Call, command } from './lib/command.ts'
import { Failure, UsageError } from './lib/failure.ts'
import { GzipError } from './lib/gzip-stream.ts'
import { readFile } from './lib/input.ts'
import { findProgram } from './lib/spawn.ts'
import { createArchive } from './lib/tar-create.ts'
import { extractArchive } from './lib/tar-extract.ts'
import { TarError } from './lib/tar-input.ts'
import { tarOptions } from './lib/tar-options.ts'

export const options = tarOptions

export const program = command(
  'tar',
  options,
  function* (call) {
    const { options: given, gnu, args } = call
    const modes = (['create', 'extract', 'list', 'append'] as const).filter(key => given.has(key))
    if (modes.length === 0) {
      if (!gnu) throw new UsageError('')
      throw new UsageError("You must specify one of the '-Acdtrux', '--delete' or '--test-label' options", 2)
    }
    if (modes.length > 1) {
      throw new UsageError(
        gnu ? "You may not specify more than one '-Acdtrux', '--delete' or  '--test-label' option" : '',
        gnu ? 2 : 1,
      )
    }
    const compression = given.last('gzip', 'bzip2', 'xz', 'lzma', 'compress', 'zstd')
    // GNU tar runs the program, which an image may lack.
    if (gnu && compression !== undefined && !isRunnable(call.p, compression)) {
      yield* cannotExec(call, compression)
      return 2
    }
    if (compression !== undefined && compression !== 'gzip' && compression !== 'bzip2')
      throw new Failure(`${compression} is not modelled by minidock: use gzip (-z)`, gnu ? 2 : 1)
    if (modes[0] === 'append') throw new Failure('appending is not modelled by minidock', 2)
    const names = [...(yield* listedNames(call, 'files')), ...args]
    const exclude = [...given.values('exclude'), ...(yield* listedNames(call, 'excludeFrom'))]
    try {
      if (modes[0] === 'create') return yield* createArchive(call, names, exclude)
      return yield* extractArchive(call, modes[0] === 'list', names, exclude)
    } catch (thrown) {
      if (thrown instanceof TarError) return yield* broken(call, thrown)
      if (thrown instanceof Bzip2Error) {
        const magic = thrown.kind === 'magic' || thrown.kind === 'empty'
        if (gnu) {
          yield* say(
            magic ? 'bzip2: (stdin) is not a bzip2 file.\n' : '\nbzip2: Data integrity error when decompressing.\n',
          )
          yield* call.error('Child returned status 2')
          yield* call.error('Error is not recoverable: exiting now')
          return 2
        }
        yield* call.error(magic ? 'invalid magic' : 'bunzip error -5')
        yield* call.error('short read')
        return 1
      }
      if (thrown instanceof GzipError) {
        if (gnu) {
          yield* say(`\ngzip: stdin: ${thrown.kind === 'magic' ? 'not in gzip format' : 'unexpected end of file'}\n`)
          yield* call.error('Child returned status 1')
          yield* call.error('Error is not recoverable: exiting now')
          return 2
        }
        yield* call.error(thrown.kind === 'magic' ? 'invalid magic' : 'corrupted data')
        yield* call.error('short read')
        return 1
      }
      throw thrown
    }
  },
  {
    gnuErrorStatus: 2,
    // The first word may be a bundle of letters without a dash; each that takes an argument gets the next word.
    rewrite: args => {
      const [first, ...rest] = args
      if (first === undefined || first === '' || first.startsWith('-')) return args
      const letters = [...first]
      const taking = letters.filter(letter => 'fCTXb'.includes(letter))
      const plain = letters.filter(letter => !'fCTXb'.includes(letter)).join('')
      const words = taking.flatMap(letter => {
        const value = rest.shift()
        return value === undefined ? [`-${letter}`] : [`-${letter}`, value]
      })
      return [...(plain === '' ? [] : [`-${plain}`]), ...words, ...rest]
    },
  },
)

function* say(text: string): Routine<void> {
  yield { op: 'write', fd: 2, data: Buffer.from(text, 'latin1') }
}

function isRunnable(p: Proc, name: string): boolean {
  try {
    return findProgram(p, name) !== ''
  } catch (error) {
    if (isErrno(error)) return false
    throw error
  }
}

function* cannotExec(call: Call<typeof options>, name: string): Routine<void> {
  yield* say(`tar (child): ${name}: Cannot exec: No such file or directory\n`)
  yield* say('tar (child): Error is not recoverable: exiting now\n')
  yield* call.error('Child returned status 2')
  yield* call.error('Error is not recoverable: exiting now')
}

function* listedNames(call: Call<typeof options>, key: 'files' | 'excludeFrom'): Routine<string[]> {
  const names: string[] = []
  for (const file of call.options.values(key)) {
    try {
      names.push(
        ...(yield* readFile(call.p, file)).split(call.options.has('null') ? '\0' : '\n').filter(line => line !== ''),
      )
    } catch (error) {
      if (!isErrno(error)) throw error
      throw new Failure(
        call.gnu
          ? `${file}: Cannot open: ${error.message}\ntar: Error is not recoverable: exiting now`
          : `can't open '${file}': ${error.message}`,
      )
    }
  }
  return names
}

function* broken(call: Call<typeof options>, thrown: TarError): Routine<number> {
  const unsupported = 'xz is not modelled by minidock'
  if (!call.gnu) {
    const words = {
      empty: 'short read',
      stub: 'short read',
      short: 'short read',
      bad: 'invalid tar magic',
      gzip: 'invalid tar magic',
      bzip2: 'invalid tar magic',
      unsupported,
    }
    yield* call.error(words[thrown.kind])
    return 1
  }
  if (thrown.kind === 'empty') return 0
  const none = 'This does not look like a tar archive'
  yield* call.error(
    {
      stub: none,
      short: 'Unexpected EOF in archive',
      bad: none,
      gzip: 'Archive is compressed. Use -z option',
      bzip2: 'Archive is compressed. Use -j option',
      unsupported,
    }[thrown.kind],
  )
  const goesOn = thrown.kind === 'bad' || thrown.kind === 'stub'
  yield* call.error(
    goesOn ? 'Exiting with failure status due to previous errors' : 'Error is not recoverable: exiting now',
  )
  return 2
}
