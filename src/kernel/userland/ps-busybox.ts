/** Busybox's ps. */
import type { Proc } from '../program.ts'
import { smart4, two } from './lib/columns.ts'
import { command } from './lib/command.ts'
import { Failure } from './lib/failure.ts'
import { commandLine, type ProcessInfo, processes } from './lib/processes.ts'
import { screenSize } from './lib/screen.ts'
import { type Accounts, groupName, readAccounts, userName } from './lib/users.ts'

export const options = {
  columns: '-o=COLUMNS  columns to show, each COL or COL=HEADER',
  threads: '-T  show threads',
  ignored: '-a -A -d -e -f -l  ignored: every process is shown, and never more about it',
}

interface Column {
  name: string
  width: number
  header: string
  /** Numbers are filled to the column's width on the left, everything else on the right. */
  number?: true
  value(info: ProcessInfo, context: Context): string
}

interface Context {
  p: Proc
  accounts: Accounts
}

const user = (uid: number, { accounts }: Context) => (userName(accounts, uid) ?? String(uid)).slice(0, 8)
const group = (gid: number, { accounts }: Context) => (groupName(accounts, gid) ?? String(gid)).slice(0, 8)
const minutes = (ms: number) => `${String(Math.floor(ms / 60_000)).padStart(3)}:${two((ms / 1000) % 60)}`

/** Names, widths and headers of busybox's procps/ps.c. */
const columns: readonly Column[] = [
  { name: 'user', width: 8, header: 'USER', value: (i, c) => user(i.euid, c) },
  { name: 'group', width: 8, header: 'GROUP', value: (i, c) => group(i.egid, c) },
  { name: 'comm', width: 16, header: 'COMMAND', value: i => i.comm },
  { name: 'args', width: 256, header: 'COMMAND', value: commandLine },
  { name: 'pid', width: 5, header: 'PID', number: true, value: i => String(i.pid) },
  { name: 'ppid', width: 5, header: 'PPID', number: true, value: i => String(i.ppid) },
  { name: 'pgid', width: 5, header: 'PGID', number: true, value: i => String(i.pgid) },
  { name: 'etime', width: 7, header: 'ELAPSED', value: (i, c) => minutes(c.p.uptimeMs() - i.startMs) },
  { name: 'nice', width: 5, header: 'NI', number: true, value: i => String(i.nice) },
  { name: 'rgroup', width: 8, header: 'RGROUP', value: (i, c) => group(i.gid, c) },
  { name: 'ruser', width: 8, header: 'RUSER', value: (i, c) => user(i.uid, c) },
  { name: 'time', width: 5, header: 'TIME', value: i => minutes(i.userMs + i.systemMs).slice(-5) },
  { name: 'tty', width: 6, header: 'TT', value: i => (i.tty === 0 ? '?' : `${(i.tty >> 8) & 0xfff},${i.tty & 0xff}`) },
  { name: 'vsz', width: 4, header: 'VSZ', value: i => smart4(Math.floor(i.vsize / 1024)) },
  { name: 'sid', width: 5, header: 'SID', number: true, value: i => String(i.sid) },
  { name: 'stat', width: 4, header: 'STAT', value: state },
  { name: 'rss', width: 4, header: 'RSS', value: i => smart4(Math.floor(i.rss / 1024)) },
]

export const program = command('ps', options, function* ({ p, out, options: given }) {
  // Debian builds its busybox (1.35.0) without these two.
  const lean = (p.marker.version ?? '1.35.0') === '1.35.0'
  const known = columns.filter(c => !lean || (c.name !== 'time' && c.name !== 'etime'))
  const specs = given.values('columns')
  const shown = specs.length > 0 ? specs.flatMap(spec => pick(spec, known)) : defaults(lean, known)
  const width = p.isatty(1) ? screenSize(p, 1).cols : Number.POSITIVE_INFINITY
  // When all headers are empty there is no line of them.
  if (shown.some(column => column.header !== ''))
    yield* out.write(
      `${line(
        shown.map(c => c.header),
        shown,
        width,
      )}\n`,
    )
  const context = { p, accounts: yield* readAccounts(p) }
  for (const info of yield* processes(p)) {
    const cells = shown.map(column => sized(column, column.value(info, context)))
    yield* out.write(`${line(cells, shown, width)}\n`)
  }
  return 0
})

function defaults(lean: boolean, known: readonly Column[]): Column[] {
  const names = lean ? ['pid', 'user', 'args'] : ['pid', 'user', 'time', 'args']
  return names.flatMap(name => known.filter(column => column.name === name))
}

function pick(spec: string, known: readonly Column[]): Column[] {
  const chosen: Column[] = []
  let rest = spec
  while (rest !== '') {
    const comma = rest.indexOf(',')
    const equals = rest.indexOf('=')
    const named = equals !== -1 && (comma === -1 || equals < comma)
    const name = named ? rest.slice(0, equals) : comma === -1 ? rest : rest.slice(0, comma)
    const column = known.find(c => c.name === name)
    if (!column) {
      const supported = known.map(c => c.name).join(',')
      throw new Failure(`bad -o argument '${name}', supported arguments: ${supported}`)
    }
    // A header of one's own sets the column's width, for its values too.
    const header = named ? rest.slice(equals + 1, comma === -1 ? undefined : comma) : column.header
    chosen.push(named ? { ...column, header, width: header === '' ? column.width : header.length } : column)
    rest = comma === -1 ? '' : rest.slice(comma + 1)
  }
  return chosen
}

function sized(column: Column, text: string): string {
  return column.number ? text.padStart(column.width) : text.slice(0, column.width)
}

function line(cells: string[], shown: readonly Column[], width: number): string {
  const text = cells.map((cell, i) => {
    const column = shown[i]
    if (!column || i === cells.length - 1) return cell
    return cell.padEnd(column.width)
  })
  return text.join(' ').slice(0, width)
}

function state(info: ProcessInfo): string {
  const extra = info.nice < 0 ? '<' : info.nice > 0 ? 'N' : ' '
  return `${info.state}${info.rss === 0 && info.state !== 'Z' ? 'W' : ' '}${extra} `
}
