/** mongod as far as it starts, listens, logs and ends; mongosh as far as it asks whether the server is there. */
import type { CoroutineProgram, Proc, Routine } from '../../kernel/program.ts'
import { backgroundTask, sendToBackground } from '../../kernel/userland/lib/daemon.ts'
import { isErrno } from '../../vfs/errno.ts'
import { writeFileNow } from '../whole-file.ts'
import { answers, holdConnections, type Listening } from './listener.ts'

const PORT = 27017

const out = (fd: number, text: string) => ({ op: 'write' as const, fd, data: Buffer.from(text, 'latin1') })

/** A line of mongod's structured log. */
const logLine = (p: Proc, component: string, id: number, context: string, msg: string, attr?: object): string =>
  `${JSON.stringify({ t: { $date: new Date(p.now()).toISOString().replace('Z', '+00:00') }, s: 'I', c: component, id, ctx: context, msg, ...(attr && { attr }) })}\n`

export const mongod: CoroutineProgram = {
  kind: 'coroutine',
  name: 'mongod',
  *main(p, saved) {
    const state = (saved as unknown as (Listening & { log: number }) | undefined) ?? (yield* start(p))
    if (typeof state === 'number') return state
    yield* holdConnections(p, state)
    yield out(
      state.log,
      logLine(p, 'CONTROL', 23377, 'SignalHandler', 'Received signal', { signal: 15, error: 'Terminated' }),
    )
    yield out(state.log, logLine(p, 'CONTROL', 20565, 'SignalHandler', 'Now exiting'))
    yield out(state.log, logLine(p, 'CONTROL', 23138, 'SignalHandler', 'Shutting down', { exitCode: 0 }))
    return 0
  },
}

function* start(p: Proc): Routine<(Listening & { log: number }) | number> {
  const value = (name: string): string | undefined => {
    const at = p.argv.findIndex(word => word === name || word.startsWith(`${name}=`))
    const word = p.argv[at]
    return word?.includes('=') ? word.slice(name.length + 1) : at < 0 ? undefined : p.argv[at + 1]
  }
  const version = p.marker['version'] ?? '8.0.10'
  if (p.argv.includes('--version')) {
    yield out(1, `db version v${version}\n`)
    return 0
  }
  const data = value('--dbpath') ?? '/data/db'
  if (p.argv.includes('--shutdown')) return yield* shutDown(p, data)
  if (p.argv.includes('--fork') && backgroundTask(p) === undefined) {
    const child = sendToBackground(p, 'serve', { keepStreams: true })
    yield out(
      1,
      `about to fork child process, waiting until server is ready for connections.\nforked process: ${child}\nchild process started successfully, parent exiting\n`,
    )
    yield { op: 'sleep', ms: 200 }
    return 0
  }
  const path = value('--logpath')
  let log = 1
  try {
    if (path !== undefined) log = p.open(path, { write: true, append: true, create: true }, 0o644)
    p.mkdir(`${data}/journal`)
  } catch (error) {
    if (!isErrno(error)) throw error
    if (error.code !== 'EEXIST') {
      yield out(
        log,
        logLine(p, 'CONTROL', 20557, 'initandlisten', 'DBException in initAndListen, terminating', {
          error: `NonExistentPath: Data directory ${data} not found or not writable`,
        }),
      )
      return 100
    }
  }
  yield out(
    log,
    logLine(p, 'CONTROL', 4615611, 'initandlisten', 'MongoDB starting', {
      pid: p.pid,
      port: PORT,
      dbPath: data,
      architecture: '64-bit',
      host: p.uname().nodename,
    }),
  )
  yield out(log, logLine(p, 'CONTROL', 23403, 'initandlisten', 'Build Info', { buildInfo: { version } }))
  for (const signal of ['TERM', 'INT']) p.sigaction(signal, 'catch')
  try {
    const address = p.argv.includes('--bind_ip_all') ? '0.0.0.0' : (value('--bind_ip') ?? '127.0.0.1')
    const port = Number(value('--port') ?? PORT)
    const listeners = [p.listen(address, port, 'tcp')]
    writeFileNow(p, `${data}/WiredTiger`, 'WiredTiger\nWiredTiger 12.0.0: (November 15, 2024)\n', 0o600)
    writeFileNow(p, `${data}/mongod.lock`, `${p.pid}\n`, 0o600)
    p.memory(150_000_000)
    yield out(log, logLine(p, 'NETWORK', 23015, 'listener', 'Listening on', { address }))
    yield out(log, logLine(p, 'NETWORK', 23016, 'listener', 'Waiting for connections', { port, ssl: 'off' }))
    return { listeners, clients: [], log }
  } catch (error) {
    if (!isErrno(error)) throw error
    yield out(
      log,
      logLine(p, 'NETWORK', 9384, 'initandlisten', 'Failed to set up listener', {
        error: `SocketException: ${error.message}`,
      }),
    )
    return 48
  }
}

function* shutDown(p: Proc, data: string): Routine<number> {
  try {
    const fd = p.open(`${data}/mongod.lock`, { read: true })
    const pid = Number(Buffer.from(p.readNow(fd, 32)).toString('latin1').trim())
    p.close(fd)
    yield out(1, `killing process with pid: ${pid}\n`)
    p.kill(pid, 'TERM')
    while (yield* answers(PORT)) yield { op: 'sleep', ms: 20 }
    return 0
  } catch (error) {
    if (!isErrno(error)) throw error
    yield out(1, `There doesn't seem to be a server running with dbpath: ${data}\n`)
    return 1
  }
}

export const mongosh: CoroutineProgram = {
  kind: 'coroutine',
  name: 'mongosh',
  *main(p) {
    const version = p.marker['version'] ?? '2.5.2'
    if (p.argv.includes('--version')) {
      yield out(1, `${version}\n`)
      return 0
    }
    const at = p.argv.findIndex(word => word === '--eval' || word.startsWith('--eval='))
    const word = p.argv[at]
    const script = at < 0 ? undefined : word?.includes('=') ? word.slice('--eval='.length) : p.argv[at + 1]
    if (!(yield* answers(PORT))) {
      yield out(2, `MongoNetworkError: connect ECONNREFUSED 127.0.0.1:${PORT}\n`)
      return 1
    }
    const reply = script === undefined ? undefined : REPLIES.find(([test]) => test.test(script.trim()))?.[1]
    if (reply !== undefined) {
      yield out(1, `${reply}\n`)
      return 0
    }
    yield out(2, 'mongosh: minidock models only pings and the creation of users, no queries\n')
    return 126
  },
}

/** What is answered. Documents are not modelled. */
const REPLIES: readonly [RegExp, string][] = [
  [
    /^(db\.(runCommand|adminCommand)\(\s*(\{\s*['"]?ping['"]?\s*:\s*1\s*\}|['"]ping['"])\s*\)|rs\.status\(\)\.ok);?$/,
    '{ ok: 1 }',
  ],
  [/^db\.(runCommand|adminCommand)\(.*ping.*\)\.ok;?$/, '1'],
  [/^db\.createUser\(/, '{ ok: 1 }'],
]
