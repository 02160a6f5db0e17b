/** xargs: runs commands with arguments from standard input. */
import { isErrno } from '../../vfs/errno.ts'
import type { ExitStatus, Routine } from '../program.ts'
import { toBytes } from './lib/bytes.ts'
import { type Call, command } from './lib/command.ts'
import { Failure, UsageError } from './lib/failure.ts'
import { openInput, readAll } from './lib/input.ts'
import { confirm } from './lib/prompt.ts'
import { spawnProgram } from './lib/spawn.ts'

export const options = {
  zero: '-0 --null  input ends with NUL',
  file: '-a --arg-file=FILE  read from FILE',
  noRun: '-r --no-run-if-empty  do not run without arguments',
  verbose: '-t --verbose  print the command first',
  ask: '-p --interactive  ask before each command',
  tty: '-o --open-tty  ignored',
  delimiter: 'gnu: -d --delimiter=CHAR  what ends an argument',
  endOfFile: '-E=STR  this argument ends the input',
  endOfFileOld: '-e[=STR]  like -E',
  replace: '-I=STR  replace STR by each line',
  replaceOld: '-i[=STR]  like -I {}',
  count: '-n --max-args=N  at most N arguments each',
  lines: '-L --max-lines=N  at most N lines each',
  procs: '-P --max-procs=N  run up to N at once',
  size: '-s --max-chars=N  at most N bytes each',
  exit: '-x --exit  end when a command line is too long',
}

type XargsCall = Call<typeof options>

export const program = command(
  'xargs',
  options,
  function* (call) {
    const { p, options: given, args, gnu } = call
    const number = (key: 'count' | 'lines' | 'procs' | 'size', otherwise: number) => {
      const text = given.value(key)
      if (text === undefined) return otherwise
      const least = key === 'procs' ? 0 : 1
      if (/^\d+$/.test(text) && Number(text) >= least) return Number(text)
      if (gnu)
        throw new UsageError(
          /^\d+$/.test(text)
            ? `value ${text} for -${key === 'count' ? 'n' : key === 'lines' ? 'L' : 's'} option should be >= 1`
            : `invalid number "${text}" for -${key === 'count' ? 'n' : key === 'procs' ? 'P' : 's'} option`,
        )
      throw new Failure(
        /^\d+$/.test(text)
          ? `number ${text} is not in 1..32768 range`.replace('32768', String(2 ** 31 - 1))
          : `invalid number '${text}'`,
      )
    }
    const [count, lines, procs, size] = [
      number('count', 0),
      number('lines', 0),
      number('procs', 1),
      number('size', 131_072),
    ]
    const replace = given.value('replace') ?? (given.has('replaceOld') ? given.value('replaceOld') || '{}' : undefined)
    const base = args.length === 0 ? ['echo'] : args
    const file = given.value('file')
    const fd = file === undefined ? 0 : yield* openInput(file)
    const items = splitInput(call, yield* readAll(p, fd), replace !== undefined)
    const run = new Runner(call, Math.max(1, procs || 1_000))
    if (items.length === 0) {
      if (given.has('noRun') || replace !== undefined) return 0
      yield* run.start(base)
      return yield* run.finish()
    }
    if (replace !== undefined) {
      for (const item of items) {
        if (run.stopped) break
        yield* run.start(base.map(word => word.replaceAll(replace, item.text)))
      }
      return yield* run.finish()
    }
    const room = size - base.reduce((sum, word) => sum + word.length + 1, 0)
    for (let at = 0; at < items.length && !run.stopped; ) {
      const batch: string[] = []
      let used = 0
      for (let linesTaken = 0; at < items.length; ) {
        const item = items[at]
        if (!item || (count > 0 && batch.length >= count)) break
        if (used + item.text.length + 1 > room && batch.length > 0) break
        if (item.text.length + 1 > room) throw new Failure(gnu ? 'argument line too long' : 'argument line too long')
        used += item.text.length + 1
        batch.push(item.text)
        at++
        if (item.endsLine && lines > 0 && ++linesTaken >= lines) break
      }
      yield* run.start([...base, ...batch])
    }
    return yield* run.finish()
  },
  { stopAtOperand: true },
)

/** Starts commands, as many at once as asked for, and gathers their statuses into one. */
class Runner {
  stopped = false
  private status = 0
  private running = 0
  private name = ''
  private readonly call: XargsCall
  private readonly most: number

  constructor(call: XargsCall, most: number) {
    this.call = call
    this.most = most
  }

  *start(argv: string[]): Routine<void> {
    const { p, options: given, error } = this.call
    if (given.has('ask')) {
      if (!(yield* confirm(`${argv.join(' ')} ?...`))) return
    } else if (given.has('verbose')) yield { op: 'write', fd: 2, data: toBytes(`${argv.join(' ')}\n`) }
    while (this.running >= this.most) yield* this.reap()
    if (this.stopped) return
    this.name = argv[0] ?? ''
    try {
      spawnProgram(p, argv)
      this.running++
    } catch (thrown) {
      if (!isErrno(thrown)) throw thrown
      yield* error(`${argv[0] ?? ''}: ${thrown.message}`)
      this.status = thrown.code === 'ENOENT' ? 127 : 126
      this.stopped = true
    }
    if (this.most === 1 && this.running > 0) yield* this.reap()
  }

  *finish(): Routine<number> {
    while (this.running > 0) yield* this.reap()
    return this.status
  }

  private *reap(): Routine<void> {
    const { error } = this.call
    const { status } = (yield { op: 'wait', pid: -1 }) as { status: ExitStatus }
    this.running--
    if ('signal' in status) {
      yield* error(`command terminated by signal`)
      this.status = 125
      this.stopped = true
    } else if (status.code === 255) {
      yield* error(`${this.name}: exited with status 255; aborting`)
      this.status = 124
      this.stopped = true
    } else if (status.code !== 0) this.status = 123
  }
}

interface Item {
  text: string
  endsLine: boolean
}

function splitInput({ options: given, gnu }: XargsCall, text: string, byLine: boolean): Item[] {
  const delimiter = given.has('zero')
    ? '\0'
    : gnu
      ? given.value('delimiter')?.replace('\\n', '\n').replace('\\t', '\t').replace('\\0', '\0')
      : undefined
  const stop = given.value('endOfFile') ?? (given.value('endOfFileOld') || undefined)
  if (delimiter !== undefined) {
    const parts = text.split(delimiter)
    if (parts.at(-1) === '') parts.pop()
    return parts.map(part => ({ text: part, endsLine: true }))
  }
  if (byLine) {
    const lines = text.split('\n').map(line => unquote(line.replace(/^[ \t]+/, ''), gnu))
    return cutAt(
      lines.filter(line => line !== '').map(line => ({ text: line, endsLine: true })),
      stop,
    )
  }
  const items: Item[] = []
  let word = ''
  let inWord = false
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at)
    if (char === '\\' && at + 1 < text.length) {
      word += text.charAt(++at)
      inWord = true
    } else if (char === "'" || char === '"') {
      const end = text.indexOf(char, at + 1)
      const line = text.indexOf('\n', at + 1)
      if (end === -1 || (line !== -1 && line < end)) throw unmatched(char, gnu)
      word += text.slice(at + 1, end)
      inWord = true
      at = end
    } else if (char === ' ' || char === '\t' || char === '\n') {
      if (inWord) items.push({ text: word, endsLine: char === '\n' })
      else if (char === '\n') {
        const last = items.at(-1)
        if (last) last.endsLine = true
      }
      word = ''
      inWord = false
    } else {
      word += char
      inWord = true
    }
  }
  if (inWord) items.push({ text: word, endsLine: true })
  return cutAt(items, stop)
}

function unmatched(char: string, gnu: boolean): Failure {
  const kind = char === "'" ? 'single' : 'double'
  return new Failure(
    gnu
      ? `unmatched ${kind} quote; by default quotes are special to xargs unless you use the -0 option`
      : `unmatched ${kind} quote`,
  )
}

function cutAt(items: Item[], stop: string | undefined): Item[] {
  const at = stop === undefined ? -1 : items.findIndex(item => item.text === stop)
  return at === -1 ? items : items.slice(0, at)
}

/** Quotes and backslashes of a whole line (-I). */
function unquote(line: string, gnu: boolean): string {
  let result = ''
  for (let at = 0; at < line.length; at++) {
    const char = line.charAt(at)
    if (char === '\\' && at + 1 < line.length) result += line.charAt(++at)
    else if (char === "'" || char === '"') {
      const end = line.indexOf(char, at + 1)
      if (end === -1) throw unmatched(char, gnu)
      result += line.slice(at + 1, end)
      at = end
    } else result += char
  }
  return result
}
