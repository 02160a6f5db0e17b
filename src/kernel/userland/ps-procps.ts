/** The ps of procps, as Debian, Fedora and their like have it. */
import { toBytes } from './lib/bytes.ts'
import { command } from './lib/command.ts'
import { memoryInfo, type ProcessInfo, processes, ttyName } from './lib/processes.ts'
import { type Column, columnNamed, compareBy, type PsContext } from './lib/ps-columns.ts'
import { type PsAsk, parsePs } from './lib/ps-options.ts'
import { screenSize } from './lib/screen.ts'
import { type Accounts, findUid, readAccounts } from './lib/users.ts'
import { zoneFor } from './lib/zone.ts'

export const options = {
  all: '-e -A  every process',
  notLeaders: '-a -d  without session leaders',
  full: '-f -F -l -j  full, extra full, long, jobs format',
  columns: '-o=COLUMNS --format=COLUMNS  columns to show, each COL or COL=HEADER',
  pids: '-p=PIDS --pid=PIDS  only these processes',
  users: '-u=USERS --user=USERS  only these users',
  commands: '-C=NAMES  only these command names',
  sort: '--sort=KEYS  order, each KEY or -KEY',
  forest: '-H --forest  a tree of parents and children',
  headers: '--no-headers  no line of headers',
}

const usage = `
Usage:
 ps [options]

 Try 'ps --help <simple|list|output|threads|misc|all>'
  or 'ps --help <s|l|o|t|m|a>'
 for additional help text.

For more details see ps(1).
`

const formats: Record<PsAsk['format'], string> = {
  default: 'pid,tname,time,ucmd',
  full: 'uname=UID,pid,ppid,c,stime,tname,time,cmd',
  extraFull: 'uname=UID,pid,ppid,c,sz,rss,psr,stime,tname,time,cmd',
  long: 'f,s,uid,pid,ppid,c,opri,ni,addr_sz,wchan,tname,time,ucmd',
  jobs: 'pid,pgid,sid,tname,time,ucmd',
  bsd: 'pid,tname,stat,bsdtime,args',
  bsdUser: 'uname,pid,%cpu,%mem,vsz,rss,tname,stat,start_time,bsdtime,args',
  bsdJobs: 'ppid,pid,pgid,sid,tname,tpgid,stat,uid,bsdtime,args',
  bsdLong: 'f,uid,pid,ppid,opri,ni,vsz,rss,wchan,stat,tname,bsdtime,args',
}

export const program = command(
  'ps',
  options,
  function* ({ p, out, args }) {
    const ask = parsePs(args)
    const complaint = 'error' in ask ? ask.error : unknownColumn(ask)
    if ('error' in ask || complaint !== undefined) {
      yield { op: 'write', fd: 2, data: toBytes(`error: ${complaint}\n${usage}`) }
      return 1
    }
    if (ask.help) {
      yield* out.write(usage)
      return 0
    }
    const accounts = yield* readAccounts(p)
    const all = yield* processes(p)
    const context = {
      accounts,
      now: p.now(),
      bootTime: p.now() - p.uptimeMs(),
      memoryTotal: (yield* memoryInfo(p)).get('MemTotal') ?? 0,
      zone: zoneFor(p.env.get('TZ')),
      prefix: new Map<number, string>(),
    }
    const { columns, rows } = listProcesses(ask, all, context, { uid: p.cred.uid, pid: p.pid })
    const width =
      p.isatty(1) && ask.wide < 2 ? (ask.width ?? screenSize(p, 1).cols) : (ask.width ?? Number.POSITIVE_INFINITY)
    if (ask.headers && columns.some(column => column.header !== '')) {
      yield* out.write(
        `${row(
          columns,
          columns.map(column => column.header),
        ).slice(0, width)}\n`,
      )
    }
    for (const cells of rows) yield* out.write(`${row(columns, cells).slice(0, width)}\n`)
    return rows.length > 0 ? 0 : 1
  },
  { raw: true },
)

/** What ps shows of a process table: the rows' cells, column by column. */
export function listProcesses(
  ask: PsAsk,
  all: readonly ProcessInfo[],
  context: PsContext & { prefix: Map<number, string> },
  caller: { uid: number; pid: number },
): { columns: Column[]; rows: string[][] } {
  const chosen = all.filter(picker(caller, ask, all, context.accounts))
  for (const key of ask.sort.toReversed()) {
    const down = key.startsWith('-')
    const compare = compareBy(key.replace(/^[+-]/, ''), context)
    chosen.sort(down ? (a, b) => compare(b, a) : compare)
  }
  const shown = ask.tree === 'none' ? chosen : tree(chosen, ask.tree, context.prefix)
  const columns = columnsOf(ask)
  return { columns, rows: shown.map(info => columns.map(column => column.value(info, context))) }
}

/** The complaint about a column that ps does not have. */
export function unknownColumn(ask: PsAsk): string | undefined {
  const unknown = ask.columns.find(column => !columnNamed(column.name))
  return unknown && `unknown user-defined format specifier "${unknown.name}"`
}

function columnsOf(ask: PsAsk): Column[] {
  const wanted =
    ask.columns.length > 0
      ? ask.columns
      : formats[ask.format].split(',').map(spec => {
          const [name = '', header] = spec.split('=')
          return header === undefined ? { name } : { name, header }
        })
  return wanted.flatMap(({ name, header }) => {
    const column = columnNamed(name)
    if (!column) return []
    return [header === undefined ? column : { ...column, header, width: Math.max(column.width, header.length) }]
  })
}

function row(columns: readonly Column[], cells: readonly string[]): string {
  return columns
    .map((column, i) => {
      const cell = cells[i] ?? ''
      if (column.right) return cell.padStart(column.width)
      return i === columns.length - 1 ? cell : cell.slice(0, Math.max(column.width, 1)).padEnd(column.width)
    })
    .join(' ')
}

/** Which processes are shown: those in any list, else those of the scope. */
function picker(
  caller: { uid: number; pid: number },
  ask: PsAsk,
  all: readonly ProcessInfo[],
  accounts: Accounts,
): (info: ProcessInfo) => boolean {
  const self = all.find(info => info.pid === caller.pid)
  const ids = (names: string[]) => names.map(name => findUid(accounts, name))
  const [users, realUsers] = [ids(ask.users), ids(ask.realUsers)]
  const terminals = ask.terminals.map(name => name.replace(/^\/dev\//, ''))
  const listed = [ask.pids, ask.parents, users, realUsers, ask.commands, terminals, ask.sessions].some(
    l => l.length > 0,
  )
  const inScope = (info: ProcessInfo): boolean => {
    switch (ask.scope) {
      case 'all':
        return true
      case 'notLeaders':
        return info.sid !== info.pid
      case 'withTty':
        return info.tty !== 0
      case 'withTtyNotLeaders':
        return info.tty !== 0 && info.sid !== info.pid
      case 'own':
        return info.euid === caller.uid
      case 'mine':
        return info.euid === caller.uid && info.tty === (self?.tty ?? 0)
    }
  }
  const inLists = (info: ProcessInfo): boolean =>
    ask.pids.includes(info.pid) ||
    ask.parents.includes(info.ppid) ||
    users.includes(info.euid) ||
    realUsers.includes(info.uid) ||
    ask.commands.includes(info.comm) ||
    terminals.includes(ttyName(info.tty)) ||
    ask.sessions.includes(info.sid)
  return info => (listed ? inLists(info) || (ask.scope === 'all' && inScope(info)) : inScope(info)) !== ask.negate
}

/** Children under their parents, with the branches that go before their command lines. */
function tree(list: readonly ProcessInfo[], style: 'forest' | 'indent', prefix: Map<number, string>): ProcessInfo[] {
  const known = new Set(list.map(info => info.pid))
  const ordered: ProcessInfo[] = []
  const visit = (info: ProcessInfo, lead: string, depth: number, last: boolean) => {
    const forest = depth === 0 ? '' : `${lead} \\_ `
    prefix.set(info.pid, style === 'indent' ? '  '.repeat(depth) : forest)
    ordered.push(info)
    const children = list.filter(child => child.ppid === info.pid && child.pid !== info.pid)
    const below = depth === 0 ? '' : lead + (last ? '    ' : ' |  ')
    for (const child of children) visit(child, below, depth + 1, child === children.at(-1))
  }
  for (const info of list) if (!known.has(info.ppid) || info.ppid === info.pid) visit(info, '', 0, true)
  return ordered
}
