/** tail: the last lines or bytes of files; -f follows them as they grow. */
import { type Errno, isErrno } from '../../vfs/errno.ts'
import type { Routine } from '../program.ts'
import { type Call, command } from './lib/command.ts'
import { Failure } from './lib/failure.ts'
import { type Followed, followFiles } from './lib/follow.ts'
import { busyboxSuffixes, gnuSuffixes, parseSize } from './lib/human.ts'
import { openInput } from './lib/input.ts'
import { type End, printEnd } from './lib/tail-end.ts'

export const options = {
  lines: '-n --lines=N  the last N lines; +N: from line N on',
  bytes: '-c --bytes=N  the last N bytes; +N: from byte N on',
  follow: '-f --follow[=HOW]  print what is added',
  retryFollow: '-F  like -f, opening a file again when it is replaced',
  quiet: '-q --quiet --silent  no headers',
  verbose: '-v --verbose  always headers',
  interval: '-s --sleep-interval=SECONDS  how often to look with -f',
  pid: 'gnu: --pid=PID  with -f, end when this process ends',
  retry: 'gnu: --retry  go on trying to open a file',
  zero: 'gnu: -z --zero-terminated  lines end with NUL',
}

export const program = command(
  'tail',
  options,
  function* (call) {
    const { p, out, options: given, args, gnu } = call
    const end = endOf(call)
    const following = given.has('follow') || given.has('retryFollow')
    const byName = given.has('retryFollow') || given.value('follow') === 'name'
    const interval = Number(given.value('interval') ?? 1) * 1000 || 0
    if (call.saved !== undefined) {
      return yield* followFiles(call, call.saved as unknown as Followed, { byName, interval, pid: given.value('pid') })
    }
    const headers = given.has('verbose') || (operandsWithHeader(call) > 1 && !given.has('quiet'))
    const state: Followed = { files: [], current: -1, status: 0, headers }
    let first = true
    for (const path of args.length === 0 ? ['-'] : args) {
      const name = path === '-' ? 'standard input' : path
      try {
        const fd = yield* openInput(path)
        if (headers) yield* out.write(`${first ? '' : '\n'}==> ${name} <==\n`)
        first = false
        state.current = state.files.length
        state.files.push({ fd, path, ino: p.fstat(fd).ino })
        yield* printEnd(call, fd, end)
      } catch (thrown) {
        if (!isErrno(thrown)) throw thrown
        yield* cannotUse(call, path, thrown)
        state.status = 1
        if (byName) state.files.push({ fd: -1, path, ino: -1 })
      }
    }
    if (state.files.length === 0 && !gnu) throw new Failure('no files')
    if (!following || state.files.length === 0) {
      if (following && gnu) throw new Failure('no files remaining')
      return state.status
    }
    yield* out.flush()
    return yield* followFiles(call, state, { byName, interval, pid: given.value('pid') })
  },
  { rewrite: oldForms },
)

/** Busybox opens all files first and counts those it could open. */
function operandsWithHeader({ p, args, gnu }: Call<typeof options>): number {
  return gnu ? args.length : args.filter(path => path === '-' || p.access(path, { read: true })).length
}

function* cannotUse({ gnu, error }: Call<typeof options>, path: string, thrown: Errno): Routine<void> {
  if (!gnu && thrown.code === 'EISDIR') yield* error(`read error: ${thrown.message}`)
  else if (!gnu) yield* error(`can't open '${path}': ${thrown.message}`)
  else if (thrown.code === 'EISDIR') yield* error(`error reading '${path}': ${thrown.message}`)
  else yield* error(`cannot open '${path}' for reading: ${thrown.message}`)
}

function endOf({ options: given, gnu }: Call<typeof options>): End {
  const unit = given.last('lines', 'bytes') ?? 'lines'
  const text = given.value(unit) ?? '10'
  const count = parseSize(text.replace(/^[-+]/, ''), gnu ? gnuSuffixes : busyboxSuffixes)
  if (count === undefined) {
    throw new Failure(gnu ? `invalid number of ${unit}: '${text.replace(/^-/, '')}'` : `invalid number '${text}'`)
  }
  return { unit, count, fromStart: text.startsWith('+'), delimiter: given.has('zero') ? '\0' : '\n' }
}

/** `-5`, `-5f`, `+5` as the first argument. */
function oldForms(args: string[]): string[] {
  const match = /^([-+])(\d+)([lc]?)(f?)$/.exec(args[0] ?? '')
  if (!match) return args
  const unit = match[3] === 'c' ? '-c' : '-n'
  return [unit, (match[1] === '+' ? '+' : '') + match[2], ...(match[4] ? ['-f'] : []), ...args.slice(1)]
}
