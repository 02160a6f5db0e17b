/** grep, egrep, fgrep: lines that match. */
import { isErrno } from '../../vfs/errno.ts'
import type { Proc, Routine } from '../program.ts'
import { type Call, command } from './lib/command.ts'
import { Failure, UsageError } from './lib/failure.ts'
import { fnmatch } from './lib/fnmatch.ts'
import { Lines, openInput, readFile } from './lib/input.ts'
import { Matcher } from './lib/line-matcher.ts'
import { RegexError } from './lib/regex/regex.ts'
import { baseName, joinPath, sortedNames } from './lib/walk.ts'

export const options = {
  withName: '-H --with-filename  file name before each line',
  noName: '-h --no-filename  no file name before lines',
  lineNumber: '-n --line-number  line number before each line',
  filesWith: '-l --files-with-matches  names of files with a match',
  filesWithout: '-L --files-without-match  names of files without a match',
  count: '-c --count  number of lines',
  only: '-o --only-matching  only what matched',
  quiet: '-q --quiet --silent  print nothing',
  invert: '-v --invert-match  lines that do not match',
  noMessages: '-s --no-messages  no messages about files',
  recursive: '-r --recursive  through directories',
  dereference: '-R --dereference-recursive  like -r, following symbolic links',
  ignoreCase: '-i --ignore-case  no difference between cases',
  ignoreCaseOld: 'gnu: -y  like -i',
  word: '-w --word-regexp  whole words only',
  line: '-x --line-regexp  whole lines only',
  fixed: '-F --fixed-strings  the pattern is text',
  extended: '-E --extended-regexp  the pattern is an extended regular expression',
  basic: 'gnu: -G --basic-regexp  the pattern is a basic regular expression',
  perl: 'gnu: -P --perl-regexp  the pattern is a Perl expression',
  zero: '-z --null-data  lines end with NUL',
  max: '-m --max-count=N  at most N lines of each file',
  after: '-A --after-context=N  N lines after each match',
  before: '-B --before-context=N  N lines before each match',
  context: '-C --context=N  N lines around each match',
  pattern: '-e --regexp=PATTERN  a pattern',
  file: '-f --file=FILE  patterns from a file, one a line',
  byteOffset: 'gnu: -b --byte-offset  byte offset before each line',
  text: 'gnu: -a --text  binary files are text',
  skipBinary: 'gnu: -I  binary files do not match',
  lineBuffered: 'gnu: --line-buffered  write after each line',
  include: 'gnu: --include=GLOB  only files called so',
  exclude: 'gnu: --exclude=GLOB  no files called so',
  excludeDir: 'gnu: --exclude-dir=GLOB  no directories called so',
  color: '--color[=WHEN] --colour[=WHEN]  highlight on a terminal',
  directories: 'gnu: -d --directories=ACTION  read, recurse or skip',
  nullName: 'gnu: -Z --null  NUL after file names',
}

type GrepCall = Call<typeof options>

interface Search {
  matcher: Matcher
  names: boolean
  before: number
  after: number
  max: number
  /** Something was printed: the next group of context lines needs a separator. */
  printed: boolean
  matched: boolean
  failed: boolean
}

export const program = command(
  'grep',
  options,
  function* (call) {
    const { p, out, options: given } = call
    const number = (key: 'after' | 'before' | 'context' | 'max', otherwise: number) => {
      const text = given.value(key)
      if (text === undefined) return otherwise
      if (/^\d+$/.test(text)) return Number(text)
      if (call.gnu && key === 'max' && /^-\d+$/.test(text)) return Number.POSITIVE_INFINITY
      throw new Failure(
        call.gnu
          ? key === 'max'
            ? 'invalid max count'
            : `${text}: invalid context length argument`
          : `invalid number '${text}'`,
      )
    }
    const context = number('context', 0)
    const [before, after, max] = [
      number('before', context),
      number('after', context),
      number('max', Number.POSITIVE_INFINITY),
    ]
    const operands = [...call.args]
    const patterns = yield* readPatterns(call, operands)
    const recursive = given.has('recursive') || given.has('dereference') || given.value('directories') === 'recurse'
    const files = operands.length > 0 ? operands : [recursive && call.gnu ? '.' : '-']
    const search: Search = {
      matcher: makeMatcher(call, patterns),
      names:
        given.last('withName', 'noName') === 'withName' ||
        (given.last('withName', 'noName') === undefined &&
          (files.length > 1 || (recursive && isDir(p, files[0] ?? '')))),
      before,
      after,
      max,
      printed: false,
      matched: false,
      failed: false,
    }
    if (search.max === 0) return 1
    for (const file of files) {
      if (recursive && file !== '-' && isDir(p, file)) yield* searchTree(call, search, file)
      else yield* searchFile(call, search, file)
      if (search.matched && given.has('quiet')) {
        yield* out.flush()
        return 0
      }
    }
    return search.failed ? 2 : search.matched ? 0 : 1
  },
  { errorStatus: 2, digits: 'context', gnuUsage: 'Usage: grep [OPTION]... PATTERNS [FILE]...\n' },
)

/** Patterns of -e and -f, or the first operand, which is taken away. A pattern with newlines is several. */
function* readPatterns(call: GrepCall, operands: string[]): Routine<string[]> {
  const { p, options: given } = call
  const patterns: string[] = []
  for (const { key, value } of given.given) {
    if (key === 'pattern') patterns.push(...value.split('\n'))
    if (key !== 'file') continue
    try {
      const text = yield* readFile(p, value)
      patterns.push(
        ...text
          .replace(/\n$/, '')
          .split('\n')
          .slice(text === '' ? 1 : 0),
      )
    } catch (error) {
      if (!isErrno(error)) throw error
      throw new Failure(`${value}: ${error.message}`)
    }
  }
  if (given.has('pattern') || given.has('file')) return patterns
  const first = operands.shift()
  if (first === undefined) throw new UsageError('')
  return first.split('\n')
}

function makeMatcher({ p, options: given, gnu }: GrepCall, patterns: string[]): Matcher {
  const kind = given.last('fixed', 'extended', 'basic', 'perl')
  const fixed = kind === 'fixed' || (kind === undefined && p.name === 'fgrep')
  const extended = kind === 'extended' || kind === 'perl' || (kind === undefined && p.name === 'egrep')
  try {
    return new Matcher(patterns, {
      syntax: fixed ? 'fixed' : extended ? 'extended' : 'basic',
      perl: kind === 'perl',
      ignoreCase: given.has('ignoreCase') || given.has('ignoreCaseOld'),
      whole: given.has('line') ? 'line' : given.has('word') ? 'word' : undefined,
    })
  } catch (error) {
    if (!(error instanceof RegexError)) throw error
    throw new Failure(gnu ? error.message : `bad regex '${error.pattern ?? ''}'`)
  }
}

function isDir(p: Proc, path: string): boolean {
  try {
    return p.stat(path).type === 'dir'
  } catch {
    return false
  }
}

function* searchTree(call: GrepCall, search: Search, dir: string): Routine<void> {
  const { p, options: given, gnu, error } = call
  let names: string[]
  try {
    names = gnu ? sortedNames(p, dir) : p.readdir(dir).map(entry => entry.name)
  } catch (thrown) {
    if (!isErrno(thrown)) throw thrown
    if (!given.has('noMessages')) yield* error(`${dir}: ${thrown.message}`)
    search.failed = true
    return
  }
  for (const name of names) {
    const path = dir === '.' && call.args.length <= 1 && gnu ? name : joinPath(dir, name)
    const stat = given.has('dereference') ? p.stat(path) : p.lstat(path)
    if (stat.type === 'dir') {
      if (!given.values('excludeDir').some(glob => fnmatch(glob, name))) yield* searchTree(call, search, path)
    } else if (stat.type === 'file') {
      const includes = given.values('include')
      if (includes.length > 0 && !includes.some(glob => fnmatch(glob, baseName(path)))) continue
      if (given.values('exclude').some(glob => fnmatch(glob, baseName(path)))) continue
      yield* searchFile(call, search, path)
    }
  }
}

function* searchFile(call: GrepCall, search: Search, file: string): Routine<void> {
  const { p, options: given, gnu, error } = call
  try {
    const fd = yield* openInput(file)
    try {
      if (gnu && fd !== 0 && given.value('directories') === 'skip' && p.fstat(fd).type === 'dir') return
      yield* searchLines(call, search, fd, file === '-' ? '(standard input)' : file)
    } finally {
      if (fd !== 0) p.close(fd)
    }
  } catch (thrown) {
    if (!isErrno(thrown) || thrown.code === 'EPIPE') throw thrown
    if (!gnu && thrown.code === 'EISDIR') return
    if (!given.has('noMessages')) yield* error(`${file}: ${thrown.message}`)
    search.failed = true
  }
}

function* searchLines(call: GrepCall, search: Search, fd: number, name: string): Routine<void> {
  const { p, out, options: given, gnu } = call
  const end = given.has('zero') ? '\0' : '\n'
  const lines = new Lines(p, fd, end)
  const silent = given.has('quiet') || given.has('filesWith') || given.has('filesWithout') || given.has('count')
  const label = search.names ? name : ''
  const held: string[] = []
  let [number, count, afterLeft, lastPrinted, offset] = [0, 0, 0, 0, 0]
  const print = (text: string, mark: string, at: number, start: number) => {
    const fields = [
      label,
      given.has('lineNumber') ? String(at) : '',
      gnu && given.has('byteOffset') ? String(start) : '',
    ]
    out.put(fields.map(field => (field === '' ? '' : field + mark)).join('') + text + end)
    lastPrinted = at
    search.printed = true
  }
  for (let line = yield* lines.next(); line !== undefined; line = lines.take() ?? (yield* lines.next())) {
    number++
    const start = offset
    offset += line.length + 1
    if (search.matcher.test(line) !== given.has('invert')) {
      count++
      if (gnu && !silent && !given.has('text') && line.includes('\0') && end === '\n') {
        if (!given.has('skipBinary')) yield* out.write(`${p.name}: ${name}: binary file matches\n`)
        search.matched = true
        return
      }
      if (silent) {
        if (!given.has('count')) break
      } else if (given.has('only')) {
        if (!given.has('invert'))
          for (const [from, to] of search.matcher.spans(line)) print(line.slice(from, to), ':', number, start + from)
      } else {
        const first = number - held.length
        if (search.printed && first > lastPrinted + 1 && search.before + search.after > 0) out.put(`--\n`)
        for (const [index, text] of held.entries()) print(text, '-', first + index, 0)
        held.length = 0
        print(line, ':', number, start)
        afterLeft = search.after
      }
      if (out.full || given.has('lineBuffered')) yield* out.flush()
      if (count >= search.max) {
        if (afterLeft === 0) break
        for (; afterLeft > 0; afterLeft--) {
          const next = yield* lines.next()
          if (next === undefined) break
          print(next, '-', ++number, 0)
        }
        break
      }
    } else if (afterLeft > 0 && !silent) {
      afterLeft--
      print(line, '-', number, start)
    } else if (search.before > 0 && !silent) {
      held.push(line)
      if (held.length > search.before) held.shift()
    }
  }
  yield* summarize(call, search, name, count)
}

function* summarize(call: GrepCall, search: Search, name: string, count: number): Routine<void> {
  const { out, options: given, gnu } = call
  const after = gnu && given.has('nullName') ? '\0' : '\n'
  if (given.has('filesWithout')) {
    if (count === 0) {
      if (!given.has('quiet')) yield* out.write(name + after)
      search.matched = true
    }
    return
  }
  if (count > 0) search.matched = true
  if (given.has('quiet')) return
  if (given.has('filesWith')) {
    if (count > 0) yield* out.write(name + after)
  } else if (given.has('count')) yield* out.write(`${search.names ? `${name}:` : ''}${count}\n`)
}
