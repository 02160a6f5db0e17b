/**
 * nginx: a master that reads the configuration, listens, and keeps workers; workers that answer. What it does of the
 * real one and what not is in docs/programs.md.
 */
import type { CoroutineProgram, Json, Proc, Routine } from '../../../kernel/program.ts'
import { backgroundTask, cleanEnv, sendToBackground } from '../../../kernel/userland/lib/daemon.ts'
import { fnmatch } from '../../../kernel/userland/lib/fnmatch.ts'
import { readAccounts } from '../../../kernel/userland/lib/users.ts'
import { errnoNumber, isErrno } from '../../../vfs/errno.ts'
import { textNow, writeFileNow } from '../../whole-file.ts'
import { ConfigError, type Directive, parseConfig } from './config.ts'
import { checkDirectives } from './directives.ts'
import { resolveHosts } from './resolve.ts'
import { makeSite, type Site, setting } from './site.ts'
import { checkVariables } from './variables.ts'
import { type Log, openLogs, say, work } from './worker.ts'

const prefix = '/etc/nginx'
/** What a worker is told: which listeners are its own. */
interface Task {
  role: 'master' | 'worker'
  configPath: string
  globals: string
  listeners: number[]
}

interface Options {
  test: boolean
  dump: boolean
  quiet: boolean
  signal: string | undefined
  configPath: string
  globals: string
}

export const program: CoroutineProgram = {
  kind: 'coroutine',
  name: 'nginx',
  *main(p, saved) {
    const version = p.marker['version'] ?? '1.27.5'
    const told = backgroundTask(p)
    const task = told === undefined ? undefined : (JSON.parse(told) as Task)
    if (task?.role === 'worker') return yield* worker(p, version, task, saved)
    if (saved !== undefined) return yield* rule(p, saved as unknown as Master)
    const options = yield* parseArguments(p, version)
    if (typeof options === 'number') return options
    return yield* start(p, version, options, task !== undefined)
  },
}

function* parseArguments(p: Proc, version: string): Routine<Options | number> {
  const options: Options = {
    test: false,
    dump: false,
    quiet: false,
    signal: undefined,
    configPath: '/etc/nginx/nginx.conf',
    globals: '',
  }
  const words = [...p.argv.slice(1)]
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    const flag = word.slice(0, 2)
    const value = (): string | undefined => (word && word.length > 2 ? word.slice(2) : words.shift())
    const refuse = function* (text: string): Routine<number> {
      yield* say(2, `nginx: ${text}\n`)
      return 1
    }
    if (!word.startsWith('-') || word === '-') return yield* refuse(`invalid option: "${word}"`)
    if (flag === '-v' || flag === '-V') {
      yield* say(2, `nginx version: nginx/${version}\n${flag === '-V' ? buildWords(p) : ''}`)
      return 0
    }
    if (flag === '-?' || flag === '-h') {
      yield* say(2, `nginx version: nginx/${version}\n${usage}`)
      return 0
    }
    if (flag === '-t') options.test = true
    else if (flag === '-T') options.test = options.dump = true
    else if (flag === '-q') options.quiet = true
    else if (flag === '-s') {
      options.signal = value()
      if (options.signal === undefined) return yield* refuse('option "-s" requires parameter')
      if (!['stop', 'quit', 'reopen', 'reload'].includes(options.signal))
        return yield* refuse(`invalid option: "-s ${options.signal}"`)
    } else if (flag === '-c') {
      const path = value()
      if (path === undefined) return yield* refuse('option "-c" requires file name')
      options.configPath = path.startsWith('/') ? path : `${prefix}/${path}`
    } else if (flag === '-g') {
      const text = value()
      if (text === undefined) return yield* refuse('option "-g" requires parameter')
      options.globals = text
    } else if (flag === '-p' || flag === '-e') {
      if (value() === undefined) return yield* refuse(`option "${flag}" requires directory name`)
    } else return yield* refuse(`invalid option: "${word.slice(1)}"`)
  }
  return options
}

const usage = `Usage: nginx [-?hvVtTq] [-s signal] [-p prefix]
             [-e filename] [-c filename] [-g directives]

Options:
  -?,-h         : this help
  -v            : show version and exit
  -V            : show version and configure options then exit
  -t            : test configuration and exit
  -T            : test configuration, dump it and exit
  -q            : suppress non-error messages during configuration testing
  -s signal     : send signal to a master process: stop, quit, reopen, reload
  -p prefix     : set prefix path (default: /etc/nginx/)
  -e filename   : set error log file (default: /var/log/nginx/error.log)
  -c filename   : set configuration file (default: /etc/nginx/nginx.conf)
  -g directives : set global directives out of configuration file

`

const builtBy = (p: Proc): string =>
  textNow(p, '/etc/alpine-release') === undefined
    ? 'gcc 12.2.0 (Debian 12.2.0-14+deb12u1)'
    : 'gcc 14.2.0 (Alpine 14.2.0)'

const buildWords = (p: Proc): string =>
  `built by ${builtBy(p)} \nbuilt with OpenSSL 3.0.16 11 Feb 2025\nTLS SNI support enabled\nconfigure arguments: --prefix=/etc/nginx --sbin-path=/usr/sbin/nginx --modules-path=/usr/lib/nginx/modules --conf-path=/etc/nginx/nginx.conf --error-log-path=/var/log/nginx/error.log --http-log-path=/var/log/nginx/access.log --pid-path=/run/nginx.pid --lock-path=/run/nginx.lock --http-client-body-temp-path=/var/cache/nginx/client_temp --http-proxy-temp-path=/var/cache/nginx/proxy_temp --user=nginx --group=nginx --with-compat --with-file-aio --with-threads --with-http_ssl_module --with-http_v2_module\n`

/** What a master keeps between its signals. */
interface Master {
  configPath: string
  globals: string
  log: Log
  listeners: Record<string, number>
  workers: number[]
  /** Workers of an earlier configuration that finish their work. */
  leaving: number[]
  ending: boolean
  pidFile: string
  count: number
}

interface Loaded {
  directives: Directive[]
  site: Site
  files: [path: string, text: string][]
}

/** Reads and checks everything that does not need the network. Throws ConfigError. */
function loadConfig(p: Proc, configPath: string, globals: string): Loaded {
  const files: [string, string][] = []
  const directives = parseConfig(
    {
      read(path) {
        if (path === '#globals') return { text: globals }
        const text = textNow(p, path)
        if (text === undefined) {
          try {
            const { type } = p.stat(path)
            return type === 'dir' ? { error: '21: Is a directory' } : { error: '13: Permission denied' }
          } catch (error) {
            return { error: isErrno(error, 'EACCES') ? '13: Permission denied' : '2: No such file or directory' }
          }
        }
        files.push([path, text])
        return { text }
      },
      glob: wanted => globFiles(p, wanted),
    },
    configPath,
    prefix,
  )
  if (globals !== '')
    directives.unshift(
      ...parseConfig(
        { read: () => ({ text: `${globals};`.replace(/;\s*;$/, ';') }), glob: () => [] },
        'command line',
        prefix,
      ),
    )
  checkDirectives(directives, 'main')
  if (!directives.some(each => each.name === 'events')) throw new ConfigError('no "events" section in configuration')
  const site = makeSite(directives)
  checkVariables(directives, site.http)
  return { directives, site, files }
}

function globFiles(p: Proc, wanted: string): string[] {
  const slash = wanted.lastIndexOf('/')
  const folder = wanted.slice(0, slash)
  try {
    return p
      .readdir(folder)
      .map(each => each.name)
      .filter(name => !name.startsWith('.') && fnmatch(wanted.slice(slash + 1), name))
      .sort()
      .map(name => `${folder}/${name}`)
  } catch (error) {
    if (isErrno(error)) return []
    throw error
  }
}

/** Words at a level, to the log and, while the program has no log of its own yet, to its standard error. */
function* complain(p: Proc, log: Log, level: string, text: string, alsoTerminal = true): Routine<void> {
  yield* log.write(p, level, text)
  if (alsoTerminal) yield* say(2, `nginx: [${level}] ${text}\n`)
}

function* start(p: Proc, version: string, options: Options, inBackground: boolean): Routine<number> {
  const log = openLogs(p)
  const failed = function* (text: string): Routine<number> {
    yield* complain(p, log, 'emerg', text)
    if (options.test) yield* say(2, `nginx: configuration file ${options.configPath} test failed\n`)
    return 1
  }
  let loaded: Loaded
  try {
    loaded = loadConfig(p, options.configPath, options.globals)
    if (options.signal !== undefined) return yield* sendSignal(p, log, loaded.directives, options.signal)
    const root = p.cred.uid === 0
    const user = loaded.directives.find(each => each.name === 'user')
    if (!root && user)
      yield* complain(
        p,
        log,
        'warn',
        `the "user" directive makes sense only if the master process runs with super-user privileges, ignored in ${user.file}:${user.line}`,
      )
    yield* resolveHosts(loaded.site)
    for (const warning of loaded.site.warnings) yield* complain(p, log, 'warn', warning)
    checkCertificates(p, loaded.directives)
    checkUser(loaded.directives, yield* readAccounts(p), root)
  } catch (error) {
    if (error instanceof ConfigError) return yield* failed(error.message)
    throw error
  }
  if (options.test && !options.quiet)
    yield* say(2, `nginx: the configuration file ${options.configPath} syntax is ok\n`)
  try {
    yield* makeFolders(p, loaded.directives)
  } catch (error) {
    if (error instanceof ConfigError) return yield* failed(error.message)
    throw error
  }
  const pidFile = loaded.directives.find(each => each.name === 'pid')?.args[0] ?? '/run/nginx.pid'
  if (options.test) {
    const problem = writePid(p, pidFile, '')
    if (problem !== undefined) return yield* failed(problem)
    if (!options.quiet || options.dump)
      yield* say(2, `nginx: configuration file ${options.configPath} test is successful\n`)
    if (options.dump)
      yield* say(1, loaded.files.map(([path, text]) => `# configuration file ${path}:\n${text}\n`).join(''))
    return 0
  }
  const daemon = setting({ directives: loaded.directives }, 'daemon') !== 'off'
  const listeners: Record<string, number> = {}
  if (!inBackground || !daemon) {
    const problem = yield* listenAll(p, log, loaded.site, listeners)
    if (problem !== undefined) return yield* failed(problem)
  }
  if (daemon && !inBackground) {
    for (const fd of Object.values(listeners)) p.close(fd)
    const task: Task = { role: 'master', configPath: options.configPath, globals: options.globals, listeners: [] }
    sendToBackground(p, JSON.stringify(task), { keepStreams: true })
    return 0
  }
  if (inBackground) {
    const problem = yield* listenAll(p, log, loaded.site, listeners)
    if (problem !== undefined) return yield* failed(problem)
  }
  const problem = writePid(p, pidFile, `${p.pid}\n`)
  if (problem !== undefined) return yield* failed(problem)
  for (const signal of ['QUIT', 'TERM', 'INT', 'HUP', 'USR1', 'USR2', 'WINCH', 'CHLD']) p.sigaction(signal, 'catch')
  p.memory(5_500_000)
  p.setTitle('nginx', [`nginx: master process ${p.argv.map(word => word).join(' ')}`])
  const { configPath, globals } = options
  const master: Master = {
    configPath,
    globals,
    log,
    listeners,
    workers: [],
    leaving: [],
    ending: false,
    pidFile,
    count: 0,
  }
  yield* log.write(p, 'notice', 'using the "epoll" event method')
  yield* log.write(p, 'notice', `nginx/${version}`)
  yield* log.write(p, 'notice', `built by ${builtBy(p)} `)
  yield* log.write(p, 'notice', `OS: Linux ${p.uname().release}`)
  const files = p.getrlimit('nofile')
  yield* log.write(p, 'notice', `getrlimit(RLIMIT_NOFILE): ${files.soft}:${files.hard}`)
  yield* startWorkers(p, master, loaded.directives)
  p.checkpoint(master as unknown as Json)
  return yield* rule(p, master)
}

function writePid(p: Proc, path: string, text: string): string | undefined {
  try {
    if (text !== '') writeFileNow(p, path, text)
    else p.close(p.open(path, { write: true, create: true }, 0o644))
    return undefined
  } catch (error) {
    if (!isErrno(error)) throw error
    const number = { EROFS: 30, EACCES: 13, ENOENT: 2 }[error.code as string] ?? 5
    return `open() "${path}" failed (${number}: ${error.message})`
  }
}

function checkCertificates(p: Proc, directives: readonly Directive[]): void {
  for (const each of directives) {
    if (each.name === 'ssl_certificate') {
      const path = each.args[0] ?? ''
      if (textNow(p, path.startsWith('/') ? path : `${prefix}/${path}`) === undefined)
        throw new ConfigError(
          `cannot load certificate "${path}": BIO_new_file() failed (SSL: error:80000002:system library::No such file or directory:calling fopen(${path}, r) error:10000080:BIO routines::no such file)`,
        )
    }
    if (each.block) checkCertificates(p, each.block)
  }
}

function checkUser(
  directives: readonly Directive[],
  accounts: { users: readonly { name: string }[] },
  root: boolean,
): void {
  const user = directives.find(each => each.name === 'user')
  if (root && user && !accounts.users.some(each => each.name === user.args[0]))
    throw new ConfigError(`getpwnam("${user.args[0]}") failed`, user)
}

const folders = ['client_temp', 'proxy_temp', 'fastcgi_temp', 'uwsgi_temp', 'scgi_temp']
const CACHE = '/var/cache/nginx'

/** The folders for bodies that do not fit into memory belong to the workers' user. */
function* makeFolders(p: Proc, directives: readonly Directive[]): Routine<void> {
  const name = directives.find(each => each.name === 'user')?.args[0] ?? 'nginx'
  const uid = (yield* readAccounts(p)).users.find(each => each.name === name)?.uid
  for (const folder of folders) {
    const path = `${CACHE}/${folder}`
    const failed = (call: string, error: { code: string; message: string }): ConfigError => {
      const number = { EPERM: 1, ENOENT: 2, EACCES: 13, EROFS: 30, ENOSPC: 28 }[error.code] ?? 5
      return new ConfigError(`${call} failed (${number}: ${error.message})`)
    }
    try {
      p.mkdir(path, 0o700)
    } catch (error) {
      if (!isErrno(error)) throw error
      if (error.code !== 'EEXIST') throw failed(`mkdir() "${path}"`, error)
    }
    if (p.cred.uid !== 0 || uid === undefined || p.stat(path).uid === uid) continue
    try {
      p.setattr(path, { uid })
    } catch (error) {
      if (!isErrno(error)) throw error
      throw failed(`chown("${path}", ${uid})`, error)
    }
  }
}

/** Opens what the site listens on and `listeners` does not have; closes what it no longer needs. The error, if any. */
function* listenAll(p: Proc, log: Log, site: Site, listeners: Record<string, number>): Routine<string | undefined> {
  const wanted = new Map(
    site.servers.flatMap(server => server.listens).map(each => [`${each.address}:${each.port}`, each]),
  )
  for (const [key, listen] of wanted) {
    if (listeners[key] !== undefined || listen.address.startsWith('unix:')) continue
    // A socket of all IPv4 addresses answers on IPv6 as well here.
    if (
      listen.address === '::' &&
      (wanted.has(`0.0.0.0:${listen.port}`) || listeners[`0.0.0.0:${listen.port}`] !== undefined)
    )
      continue
    const shown = listen.address.includes(':') ? `[${listen.address}]:${listen.port}` : key
    for (let attempt = 0; listeners[key] === undefined; attempt++) {
      try {
        listeners[key] = p.listen(listen.address, listen.port, 'tcp')
      } catch (error) {
        if (!isErrno(error)) throw error
        const number = errnoNumber(error.code)
        const text = `bind() to ${shown} failed (${number}: ${error.message})`
        if (error.code !== 'EADDRINUSE') return text
        yield* complain(p, log, 'emerg', text)
        yield* log.write(p, 'notice', 'try again to bind() after 500ms')
        if (attempt >= 4) return 'still could not bind()'
        yield { op: 'sleep', ms: 500 }
      }
    }
  }
  for (const [key, fd] of Object.entries(listeners)) {
    if (wanted.has(key)) continue
    p.close(fd)
    delete listeners[key]
  }
  return undefined
}

function* sendSignal(p: Proc, log: Log, directives: readonly Directive[], name: string): Routine<number> {
  const pidFile = directives.find(each => each.name === 'pid')?.args[0] ?? '/run/nginx.pid'
  yield* log.write(p, 'notice', 'signal process started')
  const text = textNow(p, pidFile)
  const failed = function* (words: string): Routine<number> {
    yield* log.write(p, 'error', words)
    yield* say(2, `nginx: [error] ${words}\n`)
    return 1
  }
  if (text === undefined) return yield* failed(`open() "${pidFile}" failed (2: No such file or directory)`)
  const pid = Number(text.trim())
  if (!Number.isInteger(pid) || pid < 1) return yield* failed(`invalid PID number "${text.trim()}" in "${pidFile}"`)
  const signal = { stop: 'TERM', quit: 'QUIT', reopen: 'USR1', reload: 'HUP' }[name] ?? 'TERM'
  try {
    p.kill(pid, signal)
    return 0
  } catch (error) {
    if (!isErrno(error)) throw error
    const number = { ESRCH: 3, EPERM: 1 }[error.code as string] ?? 22
    yield* complain(
      p,
      log,
      'alert',
      `kill(${pid}, ${{ TERM: 15, QUIT: 3, USR1: 10, HUP: 1 }[signal]}) failed (${number}: ${error.message})`,
    )
    return 1
  }
}

function* startWorkers(p: Proc, master: Master, directives: readonly Directive[]): Routine<void> {
  yield* master.log.write(p, 'notice', 'start worker processes')
  const wanted = directives.find(each => each.name === 'worker_processes')?.args[0] ?? '1'
  const count =
    wanted === 'auto'
      ? (textNow(p, '/proc/cpuinfo')?.match(/^processor/gm)?.length ?? 1)
      : Math.min(64, Number(wanted) || 1)
  master.count = count
  for (let each = 0; each < count; each++) yield* startWorker(p, master)
}

function* startWorker(p: Proc, master: Master): Routine<void> {
  const listeners = Object.values(master.listeners)
  const task: Task = { role: 'worker', configPath: master.configPath, globals: master.globals, listeners }
  const fds = new Map<number, number>([0, 1, 2, ...listeners, ...master.log.fds()].map(fd => [fd, fd]))
  const env = cleanEnv(p).set('minidock_background', JSON.stringify(task))
  try {
    const pid = p.spawn({ path: p.exe, argv: ['nginx: worker process'], env, fds })
    master.workers.push(pid)
    yield* master.log.write(p, 'notice', `start worker process ${pid}`)
  } catch (error) {
    if (!isErrno(error)) throw error
    yield* master.log.write(p, 'alert', `fork() failed while spawning "worker process" (11: ${error.message})`)
  }
}

const numbers: Record<string, number> = { HUP: 1, INT: 2, QUIT: 3, USR1: 10, USR2: 12, TERM: 15, CHLD: 17, WINCH: 28 }
const meanings: Record<string, string> = {
  HUP: ', reconfiguring',
  INT: ', exiting',
  TERM: ', exiting',
  QUIT: ', shutting down',
  USR1: ', reopening logs',
}

/** The master's life: signals, and workers that end. */
function* rule(p: Proc, kept: Master): Routine<number> {
  const master: Master = { ...kept, log: openLogs(p, kept.log.fd, kept.log.level) }
  const store = (): void =>
    p.checkpoint({ ...master, log: { fd: master.log.fd, level: master.log.level } } as unknown as Json)
  for (;;) {
    store()
    try {
      yield { op: 'pause' }
    } catch (error) {
      if (!isErrno(error, 'EINTR')) throw error
    }
    // Signals of one kind that wait at the same time are one.
    const signals = new Set<string>()
    for (let signal = p.takeSignal(); signal !== undefined; signal = p.takeSignal()) signals.add(signal)
    for (const signal of signals) {
      const sender = p.signalSender()
      yield* master.log.write(
        p,
        'notice',
        `signal ${numbers[signal] ?? 0} (SIG${signal}) received${sender > 0 ? ` from ${sender}` : ''}${meanings[signal] ?? ''}`,
      )
      if (signal === 'CHLD') {
        yield* reap(p, master)
        // The workers that stay are told over a channel, which makes itself heard.
        if (!master.ending || master.workers.length + master.leaving.length > 0)
          yield* master.log.write(p, 'notice', 'signal 29 (SIGIO) received')
      } else if (signal === 'HUP') yield* reload(p, master)
      else if (signal !== 'USR1' && signal !== 'USR2' && signal !== 'WINCH') {
        master.ending = true
        for (const pid of [...master.workers, ...master.leaving]) tell(p, pid, signal === 'QUIT' ? 'QUIT' : 'TERM')
      }
    }
    if (master.ending && master.workers.length === 0 && master.leaving.length === 0) {
      yield* master.log.write(p, 'notice', 'exit')
      try {
        p.unlink(master.pidFile)
      } catch (error) {
        if (!isErrno(error)) throw error
      }
      return 0
    }
  }
}

function tell(p: Proc, pid: number, signal: string): void {
  try {
    p.kill(pid, signal)
  } catch (error) {
    if (!isErrno(error)) throw error
  }
}

function* reap(p: Proc, master: Master): Routine<void> {
  for (;;) {
    let ended: ReturnType<Proc['tryWait']>
    try {
      ended = p.tryWait(-1)
    } catch (error) {
      if (!isErrno(error)) throw error
      return
    }
    if (!ended) return
    const { pid, status } = ended
    const mine = master.workers.includes(pid)
    master.workers = master.workers.filter(each => each !== pid)
    master.leaving = master.leaving.filter(each => each !== pid)
    const how = 'code' in status ? `exited with code ${status.code}` : `exited on signal ${numbers[status.signal] ?? 9}`
    yield* master.log.write(p, 'code' in status ? 'notice' : 'alert', `worker process ${pid} ${how}`)
    if (!mine || master.ending) continue
    // A worker that could not even begin would only fail again.
    if ('code' in status && status.code === 2)
      yield* master.log.write(p, 'alert', `worker process ${pid} exited with fatal code 2 and cannot be respawned`)
    else yield* startWorker(p, master)
  }
}

function* reload(p: Proc, master: Master): Routine<void> {
  if (master.ending) return
  yield* master.log.write(p, 'notice', 'reconfiguring')
  try {
    const { directives, site } = loadConfig(p, master.configPath, master.globals)
    yield* resolveHosts(site)
    const problem = yield* listenAll(p, master.log, site, master.listeners)
    if (problem !== undefined) throw new ConfigError(problem)
    yield* master.log.write(p, 'notice', 'using the "epoll" event method')
    const old = master.workers
    master.workers = []
    yield* startWorkers(p, master, directives)
    master.leaving.push(...old)
    for (const pid of old) tell(p, pid, 'QUIT')
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    yield* master.log.write(p, 'emerg', error.message)
  }
}

function* worker(p: Proc, version: string, task: Task, saved: Json | undefined): Routine<number> {
  return yield* work(p, version, task, saved, () => loadConfig(p, task.configPath, task.globals))
}
