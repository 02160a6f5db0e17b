/** diff: how two files, or two trees, differ. Busybox prints unified differences always. */
import { isErrno } from '../../vfs/errno.ts'
import type { Stat } from '../../vfs/filesystem.ts'
import type { Routine } from '../program.ts'
import { type Call, command } from './lib/command.ts'
import { normalText, unifiedText } from './lib/diff-format.ts'
import { diffLines } from './lib/diff-lines.ts'
import { UsageError } from './lib/failure.ts'
import { readFile } from './lib/input.ts'
import { strftime } from './lib/strftime.ts'
import { baseName, joinPath, sortedNames } from './lib/walk.ts'
import { breakDown, zoneFor } from './lib/zone.ts'

export const options = {
  text: '-a --text  treat all files as text',
  blanks: '-b --ignore-space-change  differences in blanks do not count',
  blankLines: '-B --ignore-blank-lines  changes of empty lines do not count',
  minimal: '-d --minimal  ignored',
  ignoreCase: '-i --ignore-case  no difference between cases',
  label: '-L --label=LABEL  instead of a file name',
  newFile: '-N --new-file  a missing file is empty',
  brief: '-q --brief  only whether they differ',
  recursive: '-r --recursive  directories too',
  start: '-S --starting-file=FILE  begin at FILE',
  report: '-s --report-identical-files  say when they are the same',
  tabs: '-t --expand-tabs  tabs to blanks',
  align: '-T --initial-tab  a tab before each line',
  unified: '-u  unified format',
  context: '-U --unified=N  unified format with N lines around',
  allBlanks: '-w --ignore-all-space  blanks do not count',
  normal: 'gnu: --normal  normal format',
  side: 'gnu: -y --side-by-side  two columns (printed as normal format)',
  color: 'gnu: --color[=WHEN]  ignored',
  strip: 'gnu: --strip-trailing-cr  ignored',
}

type DiffCall = Call<typeof options>

export const program = command(
  'diff',
  options,
  function* (call) {
    const { args, gnu, error } = call
    if (args.length !== 2) {
      if (!gnu) throw new UsageError('')
      throw new UsageError(
        args.length < 2 ? `missing operand after '${args.at(-1) ?? 'diff'}'` : `extra operand '${args[2] ?? ''}'`,
      )
    }
    let [left = '', right = ''] = args
    const [a, b] = [statOf(call, left), statOf(call, right)]
    for (const [path, stat] of [
      [left, a],
      [right, b],
    ] as const) {
      if (stat !== undefined || call.options.has('newFile')) continue
      yield* error(gnu ? `${path}: No such file or directory` : `can't stat '${path}': No such file or directory`)
      if (!gnu) return 2
    }
    if ((a === undefined || b === undefined) && !call.options.has('newFile')) return 2
    if (a?.type === 'dir' && b?.type === 'dir') return yield* diffDirs(call, left, right, '')
    if (a?.type === 'dir') left = joinPath(left, baseName(right))
    else if (b?.type === 'dir') right = joinPath(right, baseName(left))
    return yield* diffFiles(call, left, right)
  },
  { errorStatus: 2, usageStatus: 1, gnuTryNamed: true },
)

function statOf({ p }: DiffCall, path: string): Stat | undefined {
  if (path === '-') return p.fstat(0)
  try {
    return p.stat(path)
  } catch (thrown) {
    if (!isErrno(thrown)) throw thrown
    return undefined
  }
}

/** `below`: where in the trees, for busybox's messages. */
function* diffDirs(call: DiffCall, left: string, right: string, below: string): Routine<number> {
  const { p, out, options: given, gnu } = call
  const names = new Set([...sortedNames(p, left), ...sortedNames(p, right)])
  let status = 0
  for (const name of [...names].sort()) {
    const [leftPath, rightPath] = [joinPath(left, name), joinPath(right, name)]
    const [a, b] = [statOf(call, leftPath), statOf(call, rightPath)]
    if (a?.type === 'dir' && b?.type === 'dir') {
      if (given.has('recursive'))
        status = Math.max(status, yield* diffDirs(call, leftPath, rightPath, `${below}${name}/`))
      else yield* out.write(`Common subdirectories: ${leftPath} and ${rightPath}\n`)
    } else if ((!a || !b) && !given.has('newFile')) {
      const top = (dir: string) => (below === '' ? dir : dir.slice(0, dir.length - below.length))
      yield* out.write(
        gnu ? `Only in ${a ? left : right}: ${name}\n` : `Only in ${top(a ? left : right)}: ${below}${name}\n`,
      )
      status = Math.max(status, 1)
    } else if (a && b && (a.type === 'dir') !== (b.type === 'dir')) {
      const kind = (stat: Stat) =>
        stat.type === 'dir' ? 'directory' : stat.size === 0 && gnu ? 'regular empty file' : 'regular file'
      yield* out.write(`File ${leftPath} is a ${kind(a)} while file ${rightPath} is a ${kind(b)}\n`)
      status = Math.max(status, 1)
    } else {
      const flags = p.argv.slice(1).filter(word => word.startsWith('-'))
      const header = `${['diff', ...flags].join(' ')} ${leftPath} ${rightPath}\n`
      status = Math.max(status, yield* diffFiles(call, leftPath, rightPath, gnu ? header : ''))
    }
  }
  return status
}

function* diffFiles(call: DiffCall, left: string, right: string, header = ''): Routine<number> {
  const { p, out, options: given, gnu, error } = call
  const texts: string[] = []
  for (const path of [left, right]) {
    try {
      texts.push(statOf(call, path) === undefined && given.has('newFile') ? '' : yield* readFile(p, path))
    } catch (thrown) {
      if (!isErrno(thrown)) throw thrown
      yield* error(gnu ? `${path}: ${thrown.message}` : `can't stat '${path}': ${thrown.message}`)
      return gnu ? 2 : 1
    }
  }
  const [a = '', b = ''] = texts
  if (a === b) {
    if (given.has('report')) yield* out.write(`Files ${left} and ${right} are identical\n`)
    return 0
  }
  if (!given.has('text') && (a.slice(0, 4096).includes('\0') || b.slice(0, 4096).includes('\0'))) {
    yield* out.write(
      given.has('brief') || !gnu ? `Files ${left} and ${right} differ\n` : `Binary files ${left} and ${right} differ\n`,
    )
    return 1
  }
  const [x, y] = [linesOf(a), linesOf(b)]
  let changes = diffLines(x, y, sameness(given))
  if (given.has('blankLines')) {
    changes = changes.filter(({ aFrom, aTo, bFrom, bTo }) =>
      [...x.slice(aFrom, aTo), ...y.slice(bFrom, bTo)].some(line => line.trim() !== ''),
    )
  }
  if (changes.length === 0) return 0
  if (given.has('brief')) {
    yield* out.write(`Files ${left} and ${right} differ\n`)
    return 1
  }
  yield* out.write(header)
  if (gnu && !given.has('unified') && !given.has('context')) {
    yield* out.write(normalText(x, y, changes))
    return 1
  }
  const labels = given.values('label')
  const named = (path: string, label: string | undefined) => label ?? path + (gnu ? stampOf(call, path) : '')
  yield* out.write(`--- ${named(left, labels[0])}\n+++ ${named(right, labels[1])}\n`)
  for (const text of unifiedText(x, y, changes, Number(given.value('context') ?? 3))) yield* out.write(text)
  return 1
}

function stampOf(call: DiffCall, path: string): string {
  const time = statOf(call, path)?.mtime ?? 0
  return `\t${strftime('%Y-%m-%d %H:%M:%S.%N %z', breakDown(time, zoneFor(call.p.env.get('TZ'))), true)}`
}

/** Lines with their newlines; the last may have none. */
function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? []
}

/** What makes two lines the same. */
function sameness(given: DiffCall['options']): (line: string) => string {
  return line => {
    let key = line
    if (given.has('allBlanks')) key = key.replace(/[ \t\r\v\f\n]+/g, '')
    else if (given.has('blanks')) key = key.replace(/[ \t\r\v\f]+(?=\n|$)/g, '').replace(/[ \t\r\v\f]+/g, ' ')
    return given.has('ignoreCase') ? key.toLowerCase() : key
  }
}
