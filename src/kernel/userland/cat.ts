/** cat: files one after another (POSIX; -A -b -e -n -s -t -v as in GNU and busybox). */
import { isErrno } from '../../vfs/errno.ts'
import type { Proc, Routine } from '../program.ts'
import { type Call, command } from './lib/command.ts'
import { Lines, openInput, Pieces } from './lib/input.ts'
import type { Out } from './lib/out.ts'

export const options = {
  number: '-n --number  number the lines',
  nonblank: '-b --number-nonblank  number the lines that are not empty',
  visible: '-v --show-nonprinting  show control characters as ^X and M-X',
  tabs: '-t  like -v, and tabs as ^I',
  ends: '-e  like -v, and line ends as $',
  all: '-A --show-all  like -vte',
  showEnds: 'gnu: -E --show-ends  line ends as $',
  showTabs: 'gnu: -T --show-tabs  tabs as ^I',
  squeeze: 'gnu: -s --squeeze-blank  at most one empty line in a row',
  unbuffered: '-u  ignored',
}

/** How lines are changed on their way; undefined when they are not. */
interface Style {
  number: 'all' | 'nonblank' | undefined
  visible: boolean
  tabs: boolean
  ends: boolean
  squeeze: boolean
}

export const program = command('cat', options, function* (call) {
  const { p, out, args, error } = call
  const style = styleOf(call)
  const files = args.length === 0 ? ['-'] : args
  // A restart goes on where the last checkpoint was: the file's descriptor is still open.
  const saved = (call.saved ?? null) as { at: number; fd: number; status: number; line: number } | null
  const state = { line: saved?.line ?? 0, blank: false, open: false }
  let status = saved?.status ?? 0
  for (let at = saved?.at ?? 0; at < files.length; at++) {
    const file = files[at] ?? ''
    let fd: number
    try {
      fd = saved?.at === at ? saved.fd : yield* openInput(file)
    } catch (thrown) {
      if (!isErrno(thrown)) throw thrown
      yield* error(call.gnu ? `${file}: ${thrown.message}` : `can't open '${file}': ${thrown.message}`)
      status = 1
      continue
    }
    try {
      if (style) yield* copyLines(p, fd, out, style, state, call.gnu)
      else {
        const pieces = new Pieces(fd)
        for (let data = yield* pieces.next(); data.length > 0; data = yield* pieces.next()) {
          yield* out.bytes(data)
          p.checkpoint({ at, fd, status, line: 0 })
        }
      }
    } catch (thrown) {
      if (!isErrno(thrown) || !['EISDIR', 'EBADF', 'EBADFD'].includes(thrown.code)) throw thrown
      yield* error(call.gnu ? `${file}: ${thrown.message}` : `read error: ${thrown.message}`)
      status = 1
    }
    if (fd !== 0) p.close(fd)
  }
  return status
})

function styleOf({ options: given, gnu }: Call<typeof options>): Style | undefined {
  const all = given.has('all')
  const style: Style = {
    number: given.has('nonblank') ? 'nonblank' : given.has('number') ? 'all' : undefined,
    visible: all || given.has('visible') || given.has('tabs') || given.has('ends'),
    tabs: all || given.has('tabs') || (gnu && given.has('showTabs')),
    ends: all || given.has('ends') || (gnu && given.has('showEnds')),
    squeeze: gnu && given.has('squeeze'),
  }
  return style.number || style.visible || style.tabs || style.ends || style.squeeze ? style : undefined
}

function* copyLines(
  p: Proc,
  fd: number,
  out: Out,
  style: Style,
  state: { line: number; blank: boolean; open: boolean },
  gnu: boolean,
): Routine<void> {
  const lines = new Lines(p, fd)
  for (let line = yield* lines.next(); line !== undefined; line = lines.take() ?? (yield* lines.next())) {
    const blank = line === ''
    if (blank && state.blank && style.squeeze) continue
    state.blank = blank
    const numbered = style.number === 'all' || (style.number === 'nonblank' && !blank)
    // In GNU a line without an end goes on in the next file; busybox ends it.
    const prefix = numbered && !state.open ? `${String(++state.line).padStart(6)}\t` : ''
    const ended = lines.terminated || (style.number !== undefined && !gnu)
    state.open = !ended
    out.put(prefix + show(line, style) + (ended ? (style.ends ? '$\n' : '\n') : ''))
    if (out.full) yield* out.flush()
  }
}

function show(line: string, style: Style): string {
  if (!style.visible) return style.tabs ? line.replaceAll('\t', '^I') : line
  return line.replace(/[^ -~]/g, char => (char === '\t' && !style.tabs ? char : visible(char.charCodeAt(0))))
}

/** ^X for control characters, M-… for bytes from 128 on. */
function visible(code: number): string {
  if (code >= 128) return `M-${visible(code - 128)}`
  if (code < 32) return `^${String.fromCharCode(code + 64)}`
  return code === 127 ? '^?' : String.fromCharCode(code)
}
