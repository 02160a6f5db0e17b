/** bash's mapfile (readarray): lines into an array. */
import { arrayOf, assignElement } from '../arrays.ts'
import { type Handler, type Shell, valueOf } from '../machine.ts'
import type { Frame } from '../state.ts'
import { type Builtin, options } from './builtin.ts'
import { checkName } from './declare.ts'
import { context } from './variables.ts'

export const mapfile: Record<string, Builtin> = { mapfile: mapfileBuiltin, readarray: mapfileBuiltin }

function mapfileBuiltin(sh: Shell, args: string[]): void {
  const { given, rest } = options(sh, 'mapfile', args, 'd:n:O:s:tu:C:c:')
  const name = rest[0] ?? 'MAPFILE'
  checkName(sh, 'mapfile', name)
  const number = (letter: string): number => Number(given.get(letter) ?? 0) || 0
  sh.push({
    k: 'mapping',
    name,
    fd: number('u'),
    limit: number('n'),
    skip: number('s'),
    origin: given.has('O') ? number('O') : null,
    trim: given.has('t'),
    end: given.has('d') ? (given.get('d')?.[0] ?? '\0') : '\n',
    lines: [],
    text: '',
    c: true,
  })
}

/** Takes in the lines of a mapfile, a byte at a time where not all of the input is wanted. */
export const mapping: Handler = (sh, frame, answer) => {
  const lines = frame.lines as string[]
  const wanted = frame.limit === 0 ? Number.POSITIVE_INFINITY : (frame.limit as number) + (frame.skip as number)
  const read = { op: 'read' as const, fd: frame.fd as number, length: frame.limit === 0 ? 65_536 : 1 }
  if (!answer) return read
  if ('error' in answer) {
    if (answer.error.code === 'EINTR') return read
    sh.pop()
    sh.state.status = 1
    return sh.complain('mapfile', `${frame.fd}: invalid file descriptor: ${answer.error.message}`)
  }
  const data = Buffer.from(valueOf<Uint8Array>(answer)).toString('latin1')
  const pieces = ((frame.text as string) + data).split(frame.end as string)
  const last = pieces.pop() ?? ''
  for (const piece of pieces) lines.push(piece + (frame.end as string))
  frame.text = last
  if (data !== '' && lines.length < wanted) return read
  if (data === '' && last !== '' && lines.length < wanted) lines.push(last)
  sh.pop()
  store(sh, frame, lines)
}

function store(sh: Shell, frame: Frame, lines: readonly string[]): void {
  const name = frame.name as string
  const end = frame.end as string
  const variable = arrayOf(context(sh), name)
  if (frame.origin === null) variable.items = {}
  const chosen = lines.slice(frame.skip as number)
  for (const [at, line] of chosen.entries()) {
    const text = frame.trim === true && line.endsWith(end) ? line.slice(0, -1) : line
    assignElement(context(sh), name, String(((frame.origin as number | null) ?? 0) + at), text)
  }
  sh.state.status = 0
}
