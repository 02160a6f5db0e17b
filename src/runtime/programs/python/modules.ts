/** The modules that are made of the host's side; others are Python in assets/python, or the container's own files. */
import { createHash, createHmac } from 'node:crypto'
import { isErrno } from '../../../vfs/errno.ts'
import { assetText } from '../../assets.ts'
import { guarded, latin, sourceIfThere, sourceOf, utf8 } from './builtins.ts'
import type { Interpreter } from './interp.ts'
import {
  ellipsis,
  type Kwargs,
  PyBytes,
  PyClass,
  PyDict,
  PyInstance,
  PyList,
  PyModule,
  PyNative,
  PyRaise,
  PyTuple,
  type Run,
  Scope,
  type Value,
} from './objects.ts'
import { processes } from './processes.ts'
import { traceback } from './traceback.ts'
import { floatText } from './words.ts'

type Call = (args: Value[], kwargs: Kwargs) => Run | Value

/** Python's own modules and packages that are written in Python here. */
const written =
  'collections functools itertools logging http http.server socketserver urllib urllib.request urllib.parse urllib.error flask redis requests datetime dataclasses enum abc typing contextlib string random pathlib argparse threading queue psycopg2 psycopg2.extras dotenv traceback textwrap operator copy warnings asyncio secrets statistics pprint shutil subprocess tempfile csv getpass configparser importlib inspect glob wsgiref sqlite3 gunicorn waitress werkzeug markupsafe jinja2 flask_cors concurrent types unittest decimal zoneinfo multiprocessing'.split(
    ' ',
  )
const available = new Set(
  '_options argparse asyncio copy csv fastapi fastapi.middleware fastapi.middleware.cors fastapi.responses flask.cli getpass glob gunicorn gunicorn.app gunicorn.app.wsgiapp importlib importlib.metadata inspect operator pprint pydantic queue secrets shutil statistics subprocess tempfile textwrap types uvicorn uvicorn.main warnings wsgiref wsgiref.simple_server collections functools itertools logging http http.server urllib urllib.request urllib.parse urllib.error flask redis redis.exceptions requests datetime dataclasses enum abc typing contextlib string random pathlib threading psycopg2 dotenv traceback flask_cors'.split(
    ' ',
  ),
)
/** Those that must be installed first. */
const installed = new Set(
  'flask redis requests psycopg2 dotenv fastapi flask_cors werkzeug jinja2 gunicorn pydantic uvicorn waitress markupsafe'.split(
    ' ',
  ),
)

export function install(interp: Interpreter, argv: string[], executable: string): void {
  const { p } = interp
  const module = (name: string, entries: Record<string, Value | Call>): PyModule => {
    const made = new PyModule(
      name,
      new Map(
        Object.entries(entries).map(([key, value]) => [
          key,
          typeof value === 'function' ? new PyNative(key, value as Call) : (value as Value),
        ]),
      ),
    )
    interp.modules.set(name, made)
    return made
  }
  files(interp, module)
  const [major = '3', minor = '11', micro = '0'] = interp.version.split('.')
  const stream = (fd: number, mode: string): PyInstance => {
    const made = new PyInstance(interp.modules.get('io')?.names.get('TextIOWrapper') as PyClass)
    made.native = { path: `<fd ${fd}>`, mode, binary: false, at: 0, text: '', closed: false, fd }
    return made
  }
  const exec = (code: Value | undefined): never => {
    throw interp.error('SystemExit', ...(code === undefined ? [] : [code]))
  }
  module('sys', {
    argv: new PyList(argv),
    version: `${interp.version} (main, Jun 11 2025, 03:10:48) [GCC 12.2.0]`,
    version_info: new PyTuple([BigInt(major), BigInt(minor), BigInt(micro), 'final', 0n]),
    platform: 'linux',
    executable,
    path: new PyList(interp.path),
    modules: interp.loaded,
    maxsize: 9223372036854775807n,
    stdout: stream(1, 'w'),
    stderr: stream(2, 'w'),
    stdin: stream(0, 'r'),
    byteorder: 'little',
    exit: ([code]) => exec(code),
    getrecursionlimit: () => 1000n,
    setrecursionlimit: () => null,
    getsizeof: () => 64n,
    exc_info: () =>
      interp.handling ? new PyTuple([interp.handling.cls, interp.handling, null]) : new PyTuple([null, null, null]),
    flags: null,
  })
  const environ = new PyDict()
  for (const [key, value] of p.env) interp.set(environ, utf8(key), utf8(value))
  const join = ([first, ...parts]: Value[]): string =>
    parts.reduce<string>(
      (path, part) =>
        String(part).startsWith('/')
          ? String(part)
          : path === '' || path.endsWith('/')
            ? path + String(part)
            : `${path}/${part}`,
      String(first),
    )
  const kind = (path: Value | undefined): string | undefined => {
    try {
      return p.stat(latin(String(path))).type
    } catch (error) {
      if (isErrno(error)) return undefined
      throw error
    }
  }
  const normal = (path: string): string => {
    const parts: string[] = []
    for (const part of path.split('/')) {
      if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop()
      else if (part !== '' && part !== '.') parts.push(part)
    }
    return (path.startsWith('/') ? '/' : '') + parts.join('/') || '.'
  }
  const absolute = (path: Value | undefined): string =>
    normal(String(path).startsWith('/') ? String(path) : `${utf8(p.cwd())}/${path}`)
  const base = (path: Value | undefined): string => String(path).slice(String(path).lastIndexOf('/') + 1)
  const folder = (path: Value | undefined): string =>
    String(path).slice(0, Math.max(0, String(path).lastIndexOf('/'))) || (String(path).startsWith('/') ? '/' : '')
  const path = module('os.path', {
    join,
    exists: ([at]) => kind(at) !== undefined,
    isfile: ([at]) => kind(at) === 'file',
    isdir: ([at]) => kind(at) === 'dir',
    abspath: ([at]) => absolute(at),
    realpath: ([at]) => absolute(at),
    basename: ([at]) => base(at),
    dirname: ([at]) => folder(at),
    getsize: ([at]) => BigInt(p.stat(latin(String(at))).size),
    getmtime: ([at]) => p.stat(latin(String(at))).mtime / 1000,
    isabs: ([at]) => String(at).startsWith('/'),
    normpath: ([at]) => normal(String(at)),
    expanduser: ([at]) => String(at).replace(/^~(?=\/|$)/, p.env.get('HOME') ?? '/root'),
    splitext: ([at]) => {
      const name = base(at)
      const dot = name.lastIndexOf('.')
      const cut = dot <= 0 ? String(at).length : String(at).length - name.length + dot
      return new PyTuple([String(at).slice(0, cut), String(at).slice(cut)])
    },
    split: ([at]) => new PyTuple([folder(at), base(at)]),
    sep: '/',
  })
  const withPath = (work: (at: string, args: Value[]) => Value): Call =>
    function* (args) {
      const at = String(args[0] ?? '.')
      // biome-ignore lint/correctness/useYield: done at once
      return yield* guarded(interp, at, function* () {
        return work(latin(at), args)
      })
    }
  const uname = p.uname()
  module('os', {
    environ,
    path,
    name: 'posix',
    sep: '/',
    linesep: '\n',
    getcwd: () => utf8(p.cwd()),
    getenv: ([key, fallback]) => interp.get(environ, key as Value) ?? fallback ?? null,
    getpid: () => BigInt(p.pid),
    getppid: () => BigInt(p.ppid),
    getuid: () => BigInt(p.cred.uid),
    getgid: () => BigInt(p.cred.gid),
    geteuid: () => BigInt(p.cred.uid),
    cpu_count: () => 2n,
    getlogin: () => 'root',
    listdir: withPath(at => new PyList(p.readdir(at).map(each => utf8(each.name)))),
    mkdir: withPath(at => (p.mkdir(at), null)),
    makedirs: withPath((at, [, , exist]) => {
      void exist
      for (let slash = at.indexOf('/', 1); ; slash = at.indexOf('/', slash + 1)) {
        const part = slash < 0 ? at : at.slice(0, slash)
        if (kind(utf8(part)) !== 'dir') p.mkdir(part)
        if (slash < 0) return null
      }
    }),
    remove: withPath(at => (p.unlink(at), null)),
    unlink: withPath(at => (p.unlink(at), null)),
    rmdir: withPath(at => (p.rmdir(at), null)),
    rename: withPath((at, [, to]) => (p.rename(at, latin(String(to))), null)),
    chdir: withPath(at => (p.chdir(at), null)),
    chmod: withPath((at, [, mode]) => (p.setattr(at, { mode: Number(mode) }), null)),
    urandom: ([size]) => new PyBytes(Buffer.from(p.random(Number(size))).toString('latin1')),
    uname: () => new PyTuple([uname.sysname, uname.nodename, uname.release, uname.version, uname.machine]),
    kill: ([pid, signal]) => (
      p.kill(Number(pid), { 9: 'KILL', 15: 'TERM', 2: 'INT', 1: 'HUP', 10: 'USR1' }[Number(signal)] ?? 'TERM'), null
    ),
    _exit: ([code]) => exec(code),
    *system([command]) {
      const run = yield* interp.importModule('subprocess')
      return yield* interp.call(run.names.get('call') as Value, [command as Value], new Map([['shell', true]]))
    },
  })
  const started = p.now()
  module('time', {
    time: () => p.now() / 1000,
    time_ns: () => BigInt(p.now()) * 1_000_000n,
    monotonic: () => (p.now() - started) / 1000 + 1,
    perf_counter: () => (p.now() - started) / 1000 + 1,
    process_time: () => p.rusage('self').userMs / 1000,
    *sleep([seconds]) {
      const until = p.now() + Number(seconds) * 1000
      for (;;) {
        try {
          yield { op: 'sleep', ms: Math.max(0, until - p.now()) }
          return null
        } catch (error) {
          if (!isErrno(error, 'EINTR')) throw error
          yield* interp.signals()
        }
      }
    },
    ctime: ([at]) => ctime(at === undefined ? p.now() : Number(at) * 1000),
    strftime: ([format, at]) =>
      strftime(
        String(format),
        at instanceof PyTuple
          ? Date.UTC(
              Number(at.items[0]),
              Number(at.items[1]) - 1,
              Number(at.items[2]),
              Number(at.items[3]),
              Number(at.items[4]),
              Number(at.items[5]),
            )
          : p.now(),
      ),
    localtime: ([at]) => timeTuple(at === undefined || at === null ? p.now() : Number(at) * 1000),
    gmtime: ([at]) => timeTuple(at === undefined || at === null ? p.now() : Number(at) * 1000),
    tzname: new PyTuple(['UTC', 'UTC']),
    timezone: 0n,
  })
  module('_time', {
    now: () => p.now() / 1000,
    strftime: ([format, at]) => strftime(String(format), Number(at) * 1000),
    parts: ([at]) => timeTuple(Number(at) * 1000),
    utc: args =>
      Date.UTC(
        Number(args[0]),
        Number(args[1]) - 1,
        Number(args[2]),
        Number(args[3] ?? 0),
        Number(args[4] ?? 0),
        Number(args[5] ?? 0),
      ) / 1000,
    parse: ([text]) =>
      Date.parse(
        `${String(text).replace(' ', 'T')}${/[Z+]/.test(String(text)) ? '' : String(text).length > 10 ? 'Z' : ''}`,
      ) / 1000,
  })
  const random = (): number => {
    const bytes = p.random(7)
    let value = 0
    for (const byte of bytes) value = (value + byte) / 256
    return value
  }
  module('_random', { random: () => random() })
  module('_traceback', {
    *text() {
      return interp.handling ? yield* traceback(interp, interp.handling, 0) : 'NoneType: None\n'
    },
  })
  const unary =
    (work: (x: number) => number): Call =>
    ([x]) =>
      work(Number(x))
  module('math', {
    pi: Math.PI,
    e: Math.E,
    inf: Infinity,
    nan: Number.NaN,
    tau: 2 * Math.PI,
    sqrt: ([x]) => {
      if (Number(x) < 0) throw interp.error('ValueError', 'math domain error')
      return Math.sqrt(Number(x))
    },
    floor: ([x]) => (typeof x === 'bigint' ? x : BigInt(Math.floor(Number(x)))),
    ceil: ([x]) => (typeof x === 'bigint' ? x : BigInt(Math.ceil(Number(x)))),
    trunc: ([x]) => BigInt(Math.trunc(Number(x))),
    sin: unary(Math.sin),
    cos: unary(Math.cos),
    tan: unary(Math.tan),
    atan: unary(Math.atan),
    exp: unary(Math.exp),
    log2: unary(Math.log2),
    log10: unary(Math.log10),
    radians: unary(x => (x * Math.PI) / 180),
    fabs: unary(Math.abs),
    log: ([x, by]) => (by === undefined ? Math.log(Number(x)) : Math.log(Number(x)) / Math.log(Number(by))),
    pow: ([x, y]) => Number(x) ** Number(y),
    hypot: args => Math.hypot(...args.map(Number)),
    isnan: ([x]) => Number.isNaN(Number(x)),
    factorial: ([x]) => {
      let made = 1n
      for (let at = 2n; at <= (x as bigint) && at < 5000n; at++) made *= at
      return made
    },
    gcd: ([a, b]) => {
      let [x, y] = [a as bigint, b as bigint]
      while (y !== 0n) [x, y] = [y, x % y]
      return x < 0n ? -x : x
    },
  })
  const decodeError = new PyClass('JSONDecodeError', [interp.exceptions.get('ValueError') as PyClass])
  decodeError.module = 'json.decoder'
  module('json', {
    *dumps([value], kwargs) {
      return yield* dump(interp, value as Value, kwargs, 0)
    },
    *dump([value, file], kwargs) {
      return yield* interp.callMethod(file as Value, 'write', [yield* dump(interp, value as Value, kwargs, 0)])
    },
    loads: ([text]) => load(interp, decodeError, text instanceof PyBytes ? utf8(text.text) : String(text)),
    *load([file]) {
      return load(interp, decodeError, String(yield* interp.callMethod(file as Value, 'read', [])))
    },
    JSONDecodeError: decodeError,
  })
  module('platform', {
    node: () => uname.nodename,
    system: () => 'Linux',
    release: () => uname.release,
    machine: () => uname.machine,
    python_version: () => interp.version,
    platform: () => `Linux-${uname.release}-${uname.machine}-with-glibc2.36`,
  })
  const signals: Record<string, bigint> = {
    SIGHUP: 1n,
    SIGINT: 2n,
    SIGQUIT: 3n,
    SIGKILL: 9n,
    SIGUSR1: 10n,
    SIGUSR2: 12n,
    SIGTERM: 15n,
  }
  module('signal', {
    ...signals,
    SIG_DFL: 0n,
    SIG_IGN: 1n,
    signal: ([number, handler]) => {
      const name =
        Object.entries(signals)
          .find(([, each]) => each === number)?.[0]
          .slice(3) ?? 'TERM'
      if (handler === 0n || handler === 1n) {
        interp.handlers.delete(name)
        p.sigaction(name, handler === 1n ? 'ignore' : 'default')
      } else {
        interp.handlers.set(name, handler as Value)
        p.sigaction(name, 'catch')
      }
      return null
    },
    *pause() {
      try {
        yield { op: 'pause' }
      } catch (error) {
        if (!isErrno(error, 'EINTR')) throw error
        yield* interp.signals()
      }
      return null
    },
  })
  const digest = (name: string, given: Value | undefined): Value => {
    const cls = new PyClass(name, [interp.objectClass])
    const made = new PyInstance(cls)
    let data = given instanceof PyBytes ? given.text : ''
    made.dict.set(
      'update',
      new PyNative('update', ([more]) => ((data += more instanceof PyBytes ? more.text : ''), null)),
    )
    const hash = () => createHash(name).update(Buffer.from(data, 'latin1'))
    made.dict.set('hexdigest', new PyNative('hexdigest', () => hash().digest('hex')))
    made.dict.set('digest', new PyNative('digest', () => new PyBytes(hash().digest().toString('latin1'))))
    return made
  }
  module(
    'hashlib',
    Object.fromEntries(
      ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'].map(name => [
        name,
        ([data]: Value[]) => digest(name, data),
      ]),
    ),
  )
  module('hmac', {
    digest: ([key, data, name]) =>
      new PyBytes(
        createHmac(String(name), Buffer.from((key as PyBytes).text, 'latin1'))
          .update(Buffer.from((data as PyBytes).text, 'latin1'))
          .digest()
          .toString('latin1'),
      ),
  })
  module('base64', {
    b64encode: ([data]) => new PyBytes(Buffer.from((data as PyBytes).text, 'latin1').toString('base64')),
    b64decode: ([data]) =>
      new PyBytes(Buffer.from(data instanceof PyBytes ? data.text : String(data), 'base64').toString('latin1')),
  })
  const uuid = (): string => {
    const bytes = Buffer.from(p.random(16))
    bytes[6] = ((bytes[6] ?? 0) & 15) | 64
    bytes[8] = ((bytes[8] ?? 0) & 63) | 128
    return bytes.toString('hex').replace(/(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
  }
  module('uuid', { uuid4: () => uuid(), uuid1: () => uuid() })
  module('_import', {
    /** A file as a module, whatever its name. */
    *file([name, path]) {
      const file = String(path)
      return yield* guarded(interp, file, () => run(interp, String(name), sourceOf(p, file), file, false))
    },
  })
  processes(interp, module)
  sockets(interp, module)
  expressions(interp, module)
  interp.loadModule = load_
}

function* write(fd: number, data: Uint8Array): Run<void> {
  yield { op: 'write', fd, data }
}

function files(interp: Interpreter, module: (name: string, entries: Record<string, Value | Call>) => PyModule): void {
  const { p } = interp
  const cls = new PyClass('TextIOWrapper', [interp.objectClass])
  cls.module = '_io'
  interface State {
    path: string
    mode: string
    binary: boolean
    at: number
    text: string
    closed: boolean
    fd?: number
  }
  const of = (self: PyInstance): State => self.native as State
  const out = (state: State, text: string): Value => (state.binary ? new PyBytes(text) : text)
  /** Standard input comes as it is asked for. */
  const fill = function* (state: State, enough: () => boolean): Run<void> {
    if (state.fd !== 0) return
    while (!enough()) {
      const data = (yield { op: 'read', fd: 0, length: 65_536 }) as Uint8Array
      if (data.length === 0) return
      state.text += Buffer.from(data).toString('utf8')
    }
  }
  const line = function* (state: State): Run<string> {
    yield* fill(state, () => state.text.indexOf('\n', state.at) >= 0)
    const end = state.text.indexOf('\n', state.at)
    const text = end < 0 ? state.text.slice(state.at) : state.text.slice(state.at, end + 1)
    state.at += text.length
    return text
  }
  const readable = (state: State): void => {
    if (state.closed) throw interp.error('ValueError', 'I/O operation on closed file.')
    if (!/[r+]/.test(state.mode)) throw interp.error('OSError', 'not readable')
  }
  interp.methods?.natives.set(cls, {
    *read(self) {
      const state = of(self)
      readable(state)
      yield* fill(state, () => false)
      const text = state.text.slice(state.at)
      state.at = state.text.length
      return out(state, text)
    },
    *readline(self) {
      readable(of(self))
      return out(of(self), yield* line(of(self)))
    },
    *readlines(self) {
      const lines: Value[] = []
      for (let each = yield* line(of(self)); each !== ''; each = yield* line(of(self))) lines.push(out(of(self), each))
      return new PyList(lines)
    },
    *__iter__(self) {
      const lines: Value[] = []
      for (let each = yield* line(of(self)); each !== ''; each = yield* line(of(self))) lines.push(out(of(self), each))
      return new PyList(lines)
    },
    *write(self, [value]) {
      const state = of(self)
      if (state.closed) throw interp.error('ValueError', 'I/O operation on closed file.')
      if (typeof value !== 'string' && !state.binary)
        throw interp.error(
          'TypeError',
          `write() argument must be str, not ${(value as PyInstance)?.cls?.name ?? 'bytes'}`,
        )
      const bytes = value instanceof PyBytes ? Buffer.from(value.text, 'latin1') : Buffer.from(String(value), 'utf8')
      if (state.fd !== undefined) {
        if (state.fd === 1 && interp.buffered) yield* interp.hold(bytes)
        else yield* guarded(interp, undefined, () => write(state.fd as number, bytes))
        return BigInt(bytes.length)
      }
      if (!/[wax+]/.test(state.mode)) throw interp.error('OSError', 'not writable')
      // biome-ignore lint/correctness/useYield: done at once
      return yield* guarded(interp, state.path, function* () {
        const fd = p.open(latin(state.path), { write: true, append: true, create: true }, 0o666)
        try {
          p.writeNow(fd, bytes)
        } finally {
          p.close(fd)
        }
        return BigInt(String(value).length)
      })
    },
    *writelines(self, [lines]) {
      for (const each of yield* interp.list(lines as Value)) yield* interp.callMethod(self, 'write', [each])
      return null
    },
    *flush(self) {
      if (of(self).fd === 1) yield* interp.flush()
      return null
    },
    close: self => ((of(self).closed = true), null),
    fileno: self => BigInt(of(self).fd ?? 3),
    isatty: self => of(self).fd !== undefined && p.isatty(of(self).fd as number),
    seek: (self, [at]) => ((of(self).at = Number(at)), at ?? 0n),
    __enter__: self => self,
    __exit__: self => ((of(self).closed = true), false),
    reconfigure: () => null,
  })
  module('io', { TextIOWrapper: cls })
}

function sockets(interp: Interpreter, module: (name: string, entries: Record<string, Value | Call>) => PyModule): void {
  const { p } = interp
  const cls = new PyClass('socket', [interp.objectClass])
  cls.module = 'socket'
  const gai = new PyClass('gaierror', [interp.exceptions.get('OSError') as PyClass])
  gai.module = 'socket'
  interface State {
    fd?: number
    bound?: [string, number]
    timeout?: number
  }
  const of = (self: PyInstance): State => self.native as State
  const resolve = function* (host: string): Run<string> {
    if (/^[\d.]+$/.test(host)) return host
    if (host === '') return '0.0.0.0'
    const found = (yield { op: 'resolve', name: host }) as string[]
    if (found[0] !== undefined) return found[0]
    const raised = new PyInstance(gai)
    raised.dict.set('args', new PyTuple([-2n, 'Name or service not known']))
    throw new PyRaise(raised)
  }
  const again = function* <T>(work: () => Run<T>): Run<T> {
    for (;;) {
      try {
        return yield* work()
      } catch (error) {
        if (!isErrno(error, 'EINTR')) throw error
        yield* interp.signals()
      }
    }
  }
  const wrap = (fd: number): PyInstance => new PyInstance(cls, { fd } satisfies State)
  const connect = function* (self: PyInstance, [address]: Value[]): Run {
    const [host, port] = (address as PyTuple).items
    const to = yield* resolve(String(host))
    of(self).fd = yield* guarded(interp, undefined, function* () {
      return (yield {
        op: 'connect',
        address: to,
        port: Number(port),
        protocol: 'tcp',
        ...(of(self).timeout !== undefined && { timeoutMs: of(self).timeout as number }),
      }) as number
    })
    return null
  }
  const send = function* (self: PyInstance, [data]: Value[]): Run {
    const { fd } = of(self)
    if (fd === undefined) throw interp.error('BrokenPipeError', 32n, 'Broken pipe')
    yield* guarded(interp, undefined, function* () {
      yield { op: 'write', fd, data: Buffer.from((data as PyBytes).text, 'latin1') }
    })
    return BigInt((data as PyBytes).text.length)
  }
  interp.methods?.natives.set(cls, {
    connect,
    send,
    sendall: send,
    *recv(self, [size]) {
      const { fd } = of(self)
      if (fd === undefined) return new PyBytes('')
      return yield* guarded(interp, undefined, function* () {
        const data = yield* again(function* () {
          return (yield { op: 'read', fd, length: Number(size) }) as Uint8Array
        })
        return new PyBytes(Buffer.from(data).toString('latin1'))
      })
    },
    *bind(self, [address]) {
      const [host, port] = (address as PyTuple).items
      of(self).bound = [yield* resolve(String(host)), Number(port)]
      // biome-ignore lint/correctness/useYield: done at once
      yield* guarded(interp, undefined, function* () {
        of(self).fd = p.listen(of(self).bound?.[0] ?? '0.0.0.0', Number(port), 'tcp')
      })
      return null
    },
    listen: () => null,
    *accept(self) {
      const fd = yield* again(function* () {
        return (yield { op: 'accept', fd: of(self).fd as number }) as number
      })
      const { peer } = p.sockname(fd)
      return new PyTuple([wrap(fd), new PyTuple([peer?.address ?? '', BigInt(peer?.port ?? 0)])])
    },
    close(self) {
      const { fd } = of(self)
      if (fd !== undefined) p.close(fd)
      delete of(self).fd
      return null
    },
    setsockopt: () => null,
    fileno: self => BigInt(of(self).fd ?? -1),
    settimeout: (self, [seconds]) => {
      if (seconds === null) delete of(self).timeout
      else of(self).timeout = Number(seconds) * 1000
      return null
    },
    shutdown(self) {
      if (of(self).fd !== undefined) p.shutdown(of(self).fd as number)
      return null
    },
    getsockname: self => {
      const { local } = p.sockname(of(self).fd as number)
      return new PyTuple([local.address, BigInt(local.port)])
    },
    __enter__: self => self,
    __exit__(self) {
      const { fd } = of(self)
      if (fd !== undefined) p.close(fd)
      delete of(self).fd
      return false
    },
  })
  module('socket', {
    socket: () => new PyInstance(cls, {}),
    fromfd: ([fd]) => wrap(Number(fd)),
    AF_INET: 2n,
    SOCK_STREAM: 1n,
    SOL_SOCKET: 1n,
    SO_REUSEADDR: 2n,
    SHUT_WR: 1n,
    SHUT_RDWR: 2n,
    error: interp.exceptions.get('OSError') as Value,
    timeout: interp.exceptions.get('TimeoutError') as Value,
    gaierror: gai,
    gethostname: () => p.uname().nodename,
    getfqdn: () => p.uname().nodename,
    *gethostbyname([name]) {
      return yield* resolve(String(name))
    },
    *create_connection([address]) {
      const made = new PyInstance(cls, {})
      yield* connect(made, [address as Value])
      return made
    },
  })
}

/** re, over JavaScript's regular expressions. */
function expressions(
  interp: Interpreter,
  module: (name: string, entries: Record<string, Value | Call>) => PyModule,
): void {
  const patternClass = new PyClass('Pattern', [interp.objectClass])
  const matchClass = new PyClass('Match', [interp.objectClass])
  patternClass.module = matchClass.module = 're'
  const make = (source: Value | undefined, flags: Value | undefined): RegExp => {
    if (source instanceof PyInstance) return source.native as RegExp
    const bits = typeof flags === 'bigint' ? Number(flags) : 0
    const text = String(source)
      .replace(/\(\?P<(\w+)>/g, '(?<$1>')
      .replace(/\(\?P=(\w+)\)/g, '\\k<$1>')
      .replace(/\\A/g, '^')
      .replace(/\\Z/g, '$')
    const inline = /^\(\?([ims]+)\)/.exec(text)
    try {
      return new RegExp(
        inline ? text.slice(inline[0].length) : text,
        `${bits & 2 || inline?.[1]?.includes('i') ? 'i' : ''}${bits & 8 || inline?.[1]?.includes('m') ? 'm' : ''}${bits & 16 || inline?.[1]?.includes('s') ? 's' : ''}g`,
      )
    } catch {
      throw interp.error('ValueError', 'bad regular expression')
    }
  }
  const wrap = (match: RegExpExecArray | null): Value => (match ? new PyInstance(matchClass, match) : null)
  const at = (pattern: RegExp, text: string, how: 'search' | 'match' | 'fullmatch'): Value => {
    const found = new RegExp(
      how === 'search' ? pattern.source : how === 'match' ? `^(?:${pattern.source})` : `^(?:${pattern.source})$`,
      pattern.flags.replace('g', '').replace(how === 'search' ? '' : 'm', ''),
    ).exec(text)
    return wrap(found)
  }
  const groupsOf = (match: RegExpExecArray): Value =>
    match.length === 1
      ? match[0]
      : match.length === 2
        ? (match[1] ?? '')
        : new PyTuple(match.slice(1).map(each => each ?? ''))
  const sub = function* (pattern: RegExp, replacement: Value, text: string, count: number): Run {
    let made = ''
    let last = 0
    let done = 0
    for (const match of text.matchAll(pattern)) {
      if (count > 0 && done >= count) break
      done++
      made += text.slice(last, match.index)
      made +=
        typeof replacement === 'string'
          ? replacement.replace(/\\(\d|g<(\w+)>|n|t|\\)/g, (_, code: string, name?: string) =>
              code === 'n'
                ? '\n'
                : code === 't'
                  ? '\t'
                  : code === '\\'
                    ? '\\'
                    : name !== undefined
                      ? /^\d+$/.test(name)
                        ? (match[Number(name)] ?? '')
                        : (match.groups?.[name] ?? '')
                      : (match[Number(code)] ?? ''),
            )
          : yield* interp.str(yield* interp.call(replacement, [wrap(match as RegExpExecArray)]))
      last = match.index + match[0].length
    }
    return made + text.slice(last)
  }
  const verbs: Record<string, (pattern: RegExp, args: Value[]) => Run | Value> = {
    search: (pattern, [text]) => at(pattern, String(text), 'search'),
    match: (pattern, [text]) => at(pattern, String(text), 'match'),
    fullmatch: (pattern, [text]) => at(pattern, String(text), 'fullmatch'),
    findall: (pattern, [text]) =>
      new PyList([...String(text).matchAll(pattern)].map(each => groupsOf(each as RegExpExecArray))),
    finditer: (pattern, [text]) =>
      new PyList([...String(text).matchAll(pattern)].map(each => wrap(each as RegExpExecArray))),
    split: (pattern, [text]) =>
      new PyList(
        String(text)
          .split(new RegExp(pattern.source, pattern.flags.replace('g', '')))
          .map(each => each ?? null),
      ),
  }
  interp.methods?.natives.set(patternClass, {
    ...Object.fromEntries(
      Object.entries(verbs).map(([name, work]) => [
        name,
        (self: PyInstance, args: Value[]) => work(self.native as RegExp, args),
      ]),
    ),
    sub: (self, [to, text, count]) => sub(self.native as RegExp, to as Value, String(text), Number(count ?? 0n)),
  })
  const one = (match: RegExpExecArray, key: Value): Value =>
    typeof key === 'string' ? (match.groups?.[key] ?? null) : (match[Number(key)] ?? null)
  interp.methods?.natives.set(matchClass, {
    group: (self, keys) =>
      keys.length > 1
        ? new PyTuple(keys.map(each => one(self.native as RegExpExecArray, each)))
        : one(self.native as RegExpExecArray, keys[0] ?? 0n),
    __getitem__: (self, [key]) => one(self.native as RegExpExecArray, key as Value),
    groups: self => new PyTuple((self.native as RegExpExecArray).slice(1).map(each => each ?? null)),
    groupdict: self => {
      const made = new PyDict()
      for (const [key, value] of Object.entries((self.native as RegExpExecArray).groups ?? {}))
        interp.set(made, key, value ?? null)
      return made
    },
    start: self => BigInt((self.native as RegExpExecArray).index),
    end: self => BigInt((self.native as RegExpExecArray).index + (self.native as RegExpExecArray)[0].length),
  })
  module('re', {
    ...Object.fromEntries(
      Object.entries(verbs).map(([name, work]) => [
        name,
        ([pattern, ...rest]: Value[]) => work(make(pattern, rest[1]), rest),
      ]),
    ),
    sub: ([pattern, to, text, count]) => sub(make(pattern, undefined), to as Value, String(text), Number(count ?? 0n)),
    compile: ([pattern, flags]) => new PyInstance(patternClass, make(pattern, flags)),
    escape: ([text]) => String(text).replace(/[.*+?^${}()|[\]\\]/g, '\\$&'),
    IGNORECASE: 2n,
    I: 2n,
    MULTILINE: 8n,
    M: 8n,
    DOTALL: 16n,
    S: 16n,
    error: interp.exceptions.get('ValueError') as Value,
  })
}

/** A module of the container's files, or of those written here. */
function* load_(name: string, interp: Interpreter): Run<PyModule | undefined> {
  const { p } = interp
  const relative = name.replaceAll('.', '/')
  for (const folder of interp.path) {
    if (installed.has(name.split('.')[0] ?? '') && folder.endsWith('site-packages')) continue
    const base = folder === '' ? p.cwd() : folder
    for (const [file, isPackage] of [
      [`${base}/${relative}.py`, false],
      [`${base}/${relative}/__init__.py`, true],
    ] as const) {
      const text = sourceIfThere(p, file)
      if (text !== undefined) return yield* run(interp, name, text, file, isPackage)
    }
  }
  const top = name.split('.')[0] ?? ''
  if (installed.has(top) && !isInstalled(interp, top)) return undefined
  if (available.has(name))
    return yield* run(
      interp,
      name,
      assetText(`python/${name}.py`),
      `/usr/local/lib/python${interp.version.split('.').slice(0, 2).join('.')}/${relative}.py`,
      false,
    )
  if (written.includes(top) || isInstalled(interp, top))
    throw interp.error('ImportError', `minidock: the module ${name} is not modelled`)
  return undefined
}

const distribution: Record<string, string> = {
  psycopg2: 'psycopg2_binary',
  dotenv: 'python_dotenv',
  flask_cors: 'flask_cors',
}

function isInstalled(interp: Interpreter, name: string): boolean {
  const { p } = interp
  for (const folder of interp.path) {
    if (!/(?:site|dist)-packages$/.test(folder)) continue
    try {
      const names = p.readdir(latin(folder)).map(each => each.name.toLowerCase())
      const wanted = name.toLowerCase()
      if (
        names.some(
          each =>
            each === wanted ||
            each === `${wanted}.py` ||
            each.startsWith(`${wanted}-`) ||
            each.replaceAll('-', '_').startsWith(`${distribution[name] ?? wanted}-`.replaceAll('-', '_')),
        )
      )
        return true
    } catch (error) {
      if (!isErrno(error)) throw error
    }
  }
  return false
}

function* run(interp: Interpreter, name: string, text: string, file: string, isPackage: boolean): Run<PyModule> {
  const scope = new Scope(undefined)
  const made = new PyModule(name, scope.names)
  scope.names.set('__name__', name)
  scope.names.set('__file__', file)
  scope.names.set('__package__', isPackage ? name : name.split('.').slice(0, -1).join('.'))
  interp.modules.set(name, made)
  interp.set(interp.loaded, name, made)
  try {
    yield* interp.runModule(text, file, scope)
  } catch (error) {
    interp.modules.delete(name)
    interp.loaded.map.delete(name)
    throw error
  }
  return made
}

function* dump(interp: Interpreter, value: Value, kwargs: Kwargs, level: number): Run<string> {
  const given = kwargs.get('indent')
  const indent = typeof given === 'bigint' ? ' '.repeat(Number(given)) : typeof given === 'string' ? given : undefined
  const separators = kwargs.get('separators')
  const [comma, colon] =
    separators instanceof PyTuple ? separators.items.map(String) : [indent === undefined ? ', ' : ',', ': ']
  const ascii = kwargs.get('ensure_ascii') !== false
  const text = (each: string): string =>
    ascii
      ? JSON.stringify(each).replace(
          /[\u0080-\uffff]/g,
          char => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
        )
      : JSON.stringify(each)
  const wrap = (parts: string[], open: string, close: string): string => {
    if (parts.length === 0) return open + close
    if (indent === undefined) return open + parts.join(comma) + close
    const pad = `\n${indent.repeat(level + 1)}`
    return `${open}${pad}${parts.join(`${comma}${pad}`)}\n${indent.repeat(level)}${close}`
  }
  if (value === null) return 'null'
  if (typeof value === 'boolean') return String(value)
  if (typeof value === 'bigint') return value.toString()
  if (typeof value === 'number')
    return Number.isFinite(value)
      ? floatText(value)
      : Number.isNaN(value)
        ? 'NaN'
        : value > 0
          ? 'Infinity'
          : '-Infinity'
  if (typeof value === 'string') return text(value)
  if (value instanceof PyList || value instanceof PyTuple) {
    const parts: string[] = []
    for (const each of value.items) parts.push(yield* dump(interp, each, kwargs, level + 1))
    return wrap(parts, '[', ']')
  }
  if (value instanceof PyDict) {
    let entries = [...value.map.values()]
    if (kwargs.get('sort_keys') === true) entries = entries.sort((a, b) => (String(a[0]) < String(b[0]) ? -1 : 1))
    const parts: string[] = []
    for (const [key, each] of entries)
      parts.push(
        `${text(typeof key === 'string' ? key : key === null ? 'null' : typeof key === 'boolean' ? String(key) : yield* interp.str(key))}${colon}${yield* dump(interp, each, kwargs, level + 1)}`,
      )
    return wrap(parts, '{', '}')
  }
  const fallback = kwargs.get('default')
  if (fallback !== undefined && fallback !== null)
    return yield* dump(interp, yield* interp.call(fallback, [value]), kwargs, level)
  if (value === ellipsis) return 'null'
  throw interp.error(
    'TypeError',
    `Object of type ${value instanceof PyInstance ? value.cls.name : (interp.methods?.plainRepr(value) ?? '')} is not JSON serializable`,
  )
}

function load(interp: Interpreter, failure: PyClass, text: string): Value {
  const convert = (value: unknown): Value => {
    if (value === null || typeof value === 'boolean' || typeof value === 'string') return value
    if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : value
    if (Array.isArray(value)) return new PyList(value.map(convert))
    const made = new PyDict()
    for (const [key, each] of Object.entries(value as object)) interp.set(made, key, convert(each))
    return made
  }
  try {
    return convert(JSON.parse(text))
  } catch {
    const at = Math.max(0, text.search(/\S/))
    const raised = new PyInstance(failure)
    const inside = /^\{\s*[^"}\s]/.exec(text)
    const [words, where] = inside
      ? ['Expecting property name enclosed in double quotes', inside[0].length - 1]
      : ['Expecting value', at]
    raised.dict.set('args', new PyTuple([`${words}: line 1 column ${where + 1} (char ${where})`]))
    throw new PyRaise(raised)
  }
}

const days = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']
const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]
const two = (n: number): string => String(n).padStart(2, '0')

function timeTuple(ms: number): PyTuple {
  const at = new Date(ms)
  return new PyTuple(
    [
      at.getUTCFullYear(),
      at.getUTCMonth() + 1,
      at.getUTCDate(),
      at.getUTCHours(),
      at.getUTCMinutes(),
      at.getUTCSeconds(),
      (at.getUTCDay() + 6) % 7,
      1,
      0,
    ].map(BigInt),
  )
}

const ctime = (ms: number): string => strftime('%a %b %e %H:%M:%S %Y', ms)

function strftime(format: string, ms: number): string {
  const at = new Date(ms)
  const day = (at.getUTCDay() + 6) % 7
  const month = months[at.getUTCMonth()] ?? ''
  const values: Record<string, string> = {
    Y: String(at.getUTCFullYear()),
    m: two(at.getUTCMonth() + 1),
    d: two(at.getUTCDate()),
    e: String(at.getUTCDate()).padStart(2),
    H: two(at.getUTCHours()),
    M: two(at.getUTCMinutes()),
    S: two(at.getUTCSeconds()),
    f: String(Math.floor((((ms % 1000) + 1000) % 1000) * 1000)).padStart(6, '0'),
    y: two(at.getUTCFullYear() % 100),
    a: days[day] ?? '',
    A: ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'][day] ?? '',
    b: month.slice(0, 3),
    B: month,
    I: two(at.getUTCHours() % 12 || 12),
    p: at.getUTCHours() < 12 ? 'AM' : 'PM',
    Z: 'UTC',
    z: '+0000',
    j: '001',
    T: `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())}`,
    F: `${at.getUTCFullYear()}-${two(at.getUTCMonth() + 1)}-${two(at.getUTCDate())}`,
    '%': '%',
    c: '',
    x: '',
    X: '',
  }
  return format.replace(/%([a-zA-Z%])/g, (whole, code: string) => values[code] ?? whole)
}
