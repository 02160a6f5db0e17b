/** mysqld and mariadbd: initializing a data directory, starting, and what they log of it. */
import type { CoroutineProgram, Proc, Routine } from '../../../kernel/program.ts'
import { backgroundTask, sendToBackground } from '../../../kernel/userland/lib/daemon.ts'
import { isErrno } from '../../../vfs/errno.ts'
import { readFileNow, writeFileNow } from '../../whole-file.ts'
import { secretOf } from './accounts.ts'
import { compact, innodb, log, note, remove, revision, say } from './log.ts'
import { socketPort } from './protocol.ts'
import { type Kept, Server } from './server.ts'
import { serverVersion } from './session.ts'
import { defaultSocket, flavourOf, optionFiles, plainName, unknownOption } from './settings.ts'
import { readMeta, writeMeta } from './storage.ts'
import type { Flavour } from './types.ts'

export const program: CoroutineProgram = {
  kind: 'coroutine',
  name: 'mysqld',
  *main(p, saved) {
    if (saved !== undefined) return yield* new Server(p, saved as unknown as Kept).serve()
    const flavour = flavourOf(p)
    const args = p.argv.slice(1)
    if (args.includes('--version') || args.includes('-V')) {
      const machine = p.uname().machine
      yield say(
        1,
        flavour.maria
          ? `mariadbd  Ver ${serverVersion(flavour)} for debian-linux-gnu on ${machine} (mariadb.org binary distribution)\n`
          : `${p.exe}  Ver ${flavour.version} for Linux on ${machine} (MySQL Community Server - GPL)\n`,
      )
      return 0
    }
    const options = optionFiles(p, [
      'mysqld',
      'server',
      flavour.maria ? 'mariadb' : `mysqld-${flavour.version.slice(0, 3)}`,
    ])
    for (const word of args) {
      const [, name = '', , value = ''] = /^--([\w-]+)(=([\s\S]*))?$/.exec(word) ?? []
      if (name !== '') options.set(plainName(name), value)
    }
    const wrong = unknownOption(args, flavour)
    if (wrong !== undefined) {
      if (flavour.maria) yield* note(p, `mariadbd: ${wrong}`, 'ERROR')
      else yield* log(p, 'ERROR', wrong.startsWith('unknown option') ? 'MY-000068' : 'MY-000067', `${wrong}.`)
      return yield* abort(p, flavour)
    }
    if (options.has('help')) {
      yield say(
        1,
        `${p.exe}  Ver ${serverVersion(flavour)} for Linux on ${p.uname().machine}\nStarts the database server.\n\nUsage: ${p.name} [OPTIONS]\n`,
      )
      return 0
    }
    if (p.cred.uid === 0) {
      if (flavour.maria)
        yield* note(p, 'Please consult the Knowledge Base to find out how to run mysqld as root!', 'ERROR')
      else
        yield* log(
          p,
          'ERROR',
          'MY-010123',
          'Fatal error: Please read "Security" section of the manual to find out how to run mysqld as root!',
        )
      return yield* abort(p, flavour)
    }
    const data = (options.get('datadir') ?? '/var/lib/mysql').replace(/\/$/, '')
    if (options.has('initialize_insecure') || options.has('initialize'))
      return yield* initialize(p, flavour, data, !options.has('initialize_insecure'))
    if (options.has('daemonize') && backgroundTask(p) === undefined) return yield* daemonize(p, options)
    return yield* start(p, flavour, data, options)
  },
}

function* abort(p: Proc, flavour: Flavour): Routine<number> {
  if (flavour.maria) yield* note(p, 'Aborting', 'ERROR')
  else yield* log(p, 'ERROR', 'MY-010119', 'Aborting')
  return 1
}

/** The parent of a server in the background ends when that is ready. */
function* daemonize(p: Proc, options: ReadonlyMap<string, string>): Routine<number> {
  const pid = sendToBackground(p, 'serve', { keepStreams: true })
  const socket = options.get('socket') ?? defaultSocket
  for (let turn = 0; turn < 1200; turn++) {
    try {
      p.stat(socket)
      return 0
    } catch (error) {
      if (!isErrno(error)) throw error
    }
    if (p.tryWait(pid)) return 1
    yield { op: 'sleep', ms: 50 }
  }
  return 1
}

const folders = ['mysql', 'performance_schema', 'sys']

/** Writes an empty data directory with root's account. Throws Errno. */
export function writeInitial(p: Proc, flavour: Flavour, data: string, password: string): void {
  for (const name of flavour.maria ? folders : ['#innodb_redo', '#innodb_temp', ...folders])
    p.mkdir(`${data}/${name}`, 0o750)
  const files = flavour.maria
    ? ['aria_log.00000001', 'aria_log_control', 'ib_buffer_pool', 'ib_logfile0', 'undo001', 'undo002', 'undo003']
    : [
        'binlog.000001',
        'binlog.index',
        'ca-key.pem',
        'ca.pem',
        'client-cert.pem',
        'client-key.pem',
        'ib_buffer_pool',
        'private_key.pem',
        'public_key.pem',
        'server-cert.pem',
        'server-key.pem',
        'undo_001',
        'undo_002',
      ]
  for (const file of files) writeFileNow(p, `${data}/${file}`, '', 0o640)
  const id = Buffer.from(p.random(16))
    .toString('hex')
    .replace(/(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
  if (!flavour.maria) writeFileNow(p, `${data}/auto.cnf`, `[auto]\nserver-uuid=${id}\n`, 0o640)
  writeFileNow(p, `${data}/ibdata1`, '', 0o640)
  const all = { grants: { '*.*': ['ALL'] }, grantOption: ['*.*'] }
  const locked = {
    secret: '*THISISNOTAVALIDPASSWORDTHATCANBEUSEDHERE',
    locked: true,
    grantOption: [],
    host: 'localhost',
  }
  writeMeta(p, data, {
    databases: [],
    tables: [],
    accounts: [
      { user: 'root', host: 'localhost', secret: secretOf(password), locked: false, ...all },
      ...(flavour.maria
        ? [{ user: 'mariadb.sys', grants: { 'mysql.global_priv': ['SELECT', 'DELETE'] }, ...locked }]
        : ['mysql.infoschema', 'mysql.session', 'mysql.sys'].map(user => ({
            user,
            grants: { 'sys.sys_config': ['SELECT'] },
            ...locked,
          }))),
    ],
  })
}

function* initialize(p: Proc, flavour: Flavour, data: string, withPassword: boolean): Routine<number> {
  yield* log(p, 'System', 'MY-015017', 'MySQL Server Initialization - start.')
  yield* log(
    p,
    'System',
    'MY-013169',
    `${p.exe} (mysqld ${flavour.version}) initializing of server in progress as process ${p.pid}`,
  )
  let found: string[]
  try {
    found = p.readdir(data).map(each => each.name)
  } catch (error) {
    if (!isErrno(error)) throw error
    found = []
  }
  if (found.some(each => each !== 'lost+found')) {
    yield* log(p, 'ERROR', 'MY-010457', '--initialize specified but the data directory has files in it. Aborting.')
    yield* log(
      p,
      'ERROR',
      'MY-013236',
      `The designated data directory ${data}/ is unusable. You can remove all files that the server added to it.`,
    )
    return yield* abort(p, flavour)
  }
  yield* log(p, 'System', 'MY-013576', 'InnoDB initialization has started.', 'InnoDB', 1)
  yield { op: 'cpu', ms: 150 }
  const password = withPassword ? Buffer.from(p.random(9)).toString('base64') : ''
  try {
    writeInitial(p, flavour, data, password)
  } catch (error) {
    if (!isErrno(error)) throw error
    yield* log(p, 'ERROR', 'MY-010187', `Could not open file '${data}/is_writable' for error logging: ${error.message}`)
    return yield* abort(p, flavour)
  }
  yield* log(p, 'System', 'MY-013577', 'InnoDB initialization has ended.', 'InnoDB', 1)
  yield { op: 'cpu', ms: 250 }
  if (withPassword)
    yield* log(p, 'Note', 'MY-010454', `A temporary password is generated for root@localhost: ${password}`, 'Server', 6)
  else
    yield* log(
      p,
      'Warning',
      'MY-010453',
      'root@localhost is created with an empty password ! Please consider switching off the --initialize-insecure option.',
      'Server',
      6,
    )
  yield* log(p, 'System', 'MY-015018', 'MySQL Server Initialization - end.')
  return 0
}

function* start(p: Proc, flavour: Flavour, data: string, options: ReadonlyMap<string, string>): Routine<number> {
  const { maria, version } = flavour
  const port = Number(options.get('port') || 3306)
  const socket = options.get('socket') ?? defaultSocket
  const clean = wasClean(p, data)
  if (maria) {
    yield* note(
      p,
      `Starting MariaDB ${serverVersion(flavour)} source revision ${revision(version)} server_uid ${Buffer.from(data.padEnd(20, version)).toString('base64').slice(0, 27)}= as process ${p.pid}`,
    )
    for (const line of innodb(version)) yield* note(p, `InnoDB: ${line}`)
  } else {
    yield* log(p, 'System', 'MY-015015', 'MySQL Server - start.')
    if (options.has('default_authentication_plugin'))
      yield* log(
        p,
        'Warning',
        'MY-010918',
        "'default_authentication_plugin' is deprecated and will be removed in a future release. Please use authentication_policy instead.",
      )
    yield* log(p, 'System', 'MY-010116', `${p.exe} (mysqld ${version}) starting as process ${p.pid}`)
    yield* log(p, 'System', 'MY-013576', 'InnoDB initialization has started.', 'InnoDB', 1)
  }
  yield { op: 'cpu', ms: 120 }
  const meta = readMeta(p, data)
  if (meta === undefined) {
    const words = 'Could not open the mysql.plugin table. Some plugins may be not loaded'
    if (maria) {
      yield* note(p, words, 'ERROR')
      yield* note(p, "Fatal error: Can't open and lock privilege tables: Table 'mysql.db' doesn't exist", 'ERROR')
    } else {
      yield* log(p, 'ERROR', 'MY-011011', 'Failed to find valid data directory.')
      yield* log(p, 'ERROR', 'MY-010020', 'Data Dictionary initialization failed.')
    }
    return yield* abort(p, flavour)
  }
  if (maria) {
    if (!clean) yield* note(p, 'InnoDB: Starting crash recovery from checkpoint LSN=47763')
    yield* note(p, 'InnoDB: log sequence number 47763; transaction id 14')
    yield* note(p, "Plugin 'FEEDBACK' is disabled.")
    if (Number(version.split('.')[0]) >= 11) yield* note(p, "Plugin 'wsrep-provider' is disabled.")
    yield* note(p, `InnoDB: Loading buffer pool(s) from ${data}/ib_buffer_pool`)
  } else {
    yield* log(p, 'System', 'MY-013577', 'InnoDB initialization has ended.', 'InnoDB', 1)
    if (!clean) {
      yield* log(p, 'System', 'MY-010229', 'Starting XA crash recovery...')
      yield* log(p, 'System', 'MY-010232', 'XA crash recovery finished.')
    }
    yield* log(p, 'Warning', 'MY-010068', 'CA certificate ca.pem is self signed.')
    yield* log(
      p,
      'System',
      'MY-013602',
      'Channel mysql_main configured to support TLS. Encrypted connections are now supported for this channel.',
    )
    yield* log(
      p,
      'Warning',
      'MY-011810',
      "Insecure configuration for --pid-file: Location '/var/run/mysqld' in the path is accessible to all OS users. Consider choosing a different directory.",
    )
  }
  const listeners: Kept['listeners'] = []
  const networking = !options.has('skip_networking')
  const bind = options.get('bind_address')
  const address = bind === undefined || bind === '*' || bind === '::' ? '::' : bind
  try {
    if (networking) {
      listeners.push({ fd: p.listen(address, port, 'tcp'), local: false })
      if (!maria) listeners.push({ fd: p.listen(address, 33_060, 'tcp'), local: false })
    }
    listeners.push({ fd: p.listen('127.0.0.1', socketPort(socket), 'tcp'), local: true })
  } catch (error) {
    if (!isErrno(error)) throw error
    const words = `Can't start server: Bind on TCP/IP port${maria ? `. Got error: 98` : ''}: ${error.message}`
    if (maria) {
      yield* note(p, words, 'ERROR')
      yield* note(p, `Do you already have another server running on port: ${port} ?`, 'ERROR')
    } else {
      yield* log(p, 'ERROR', 'MY-010262', words)
      yield* log(p, 'ERROR', 'MY-010257', `Do you already have another mysqld server running on port: ${port} ?`)
    }
    return yield* abort(p, flavour)
  }
  if (maria && networking) {
    if (address === '::') yield* note(p, `Server socket created on IP: '0.0.0.0', port: '${port}'.`)
    yield* note(p, `Server socket created on IP: '${address}', port: '${port}'.`)
  }
  remove(p, socket)
  try {
    p.mknod(socket, 'socket', 0o777)
    writeFileNow(p, socket.replace(/\.sock$/, '.pid'), `${p.pid}\n`, 0o640)
    writeFileNow(p, `${data}/ibtmp1`, '', 0o640)
    p.truncate(`${data}/ibtmp1`, 12 << 20)
  } catch (error) {
    if (!isErrno(error)) throw error
  }
  for (const signal of ['TERM', 'INT', 'QUIT', 'HUP']) p.sigaction(signal, 'catch')
  p.memory(maria ? 82_000_000 : 340_000_000)
  const shown = networking ? port : 0
  if (maria) {
    yield* note(p, 'mariadbd: Event Scheduler: Loaded 0 events')
    yield* note(p, 'mariadbd: ready for connections.')
    yield say(
      2,
      `Version: '${serverVersion(flavour)}'  socket: '${socket.replace('/var/run', '/run')}'  port: ${shown}  mariadb.org binary distribution\n`,
    )
    yield* note(p, `InnoDB: Buffer pool(s) load completed at ${compact(p)}`)
  } else {
    const bound = networking ? `Bind-address: '${address}' port: 33060, socket: ` : 'Socket: '
    yield* log(p, 'System', 'MY-011323', `X Plugin ready for connections. ${bound}/var/run/mysqld/mysqlx.sock`)
    yield* log(
      p,
      'System',
      'MY-010931',
      `${p.exe}: ready for connections. Version: '${version}'  socket: '${socket}'  port: ${shown}  MySQL Community Server - GPL.`,
    )
  }
  const kept: Kept = {
    data,
    socket,
    flavour,
    listeners,
    connections: [],
    nextId: maria ? 3 : 8,
    questions: 0,
    startedAt: p.now(),
  }
  return yield* new Server(p, kept).serve()
}

/** Whether the server ended as it should last time; the file is there while it runs. */
function wasClean(p: Proc, data: string): boolean {
  try {
    readFileNow(p, `${data}/ibtmp1`, 1)
    return false
  } catch (error) {
    if (!isErrno(error)) throw error
    return true
  }
}
