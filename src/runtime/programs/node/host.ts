/** What the inside may ask of the container at once: files, the clock, sums. One entry an operation. */
import { createHash, createHmac, pbkdf2Sync, scryptSync } from 'node:crypto'
import {
  brotliCompressSync,
  brotliDecompressSync,
  deflateRawSync,
  deflateSync,
  gunzipSync,
  gzipSync,
  inflateRawSync,
  inflateSync,
} from 'node:zlib'
import type { Proc } from '../../../kernel/program.ts'
import { Errno, errnoNumber, isErrno } from '../../../vfs/errno.ts'
import type { Stat } from '../../../vfs/filesystem.ts'
import { assetText } from '../../assets.ts'
import { readFileNow } from '../../whole-file.ts'
import { machineFacts } from './facts.ts'
import { signalNumbers } from './signals.ts'
import { syntaxProblem, watchPromises } from './source.ts'

type Args = readonly unknown[]
type Work = (...args: never[]) => unknown

const bytes = (text: unknown): Buffer => Buffer.from(String(text), 'latin1')
/** Paths inside are byte strings. */
const path = (text: unknown): string => Buffer.from(String(text), 'utf8').toString('latin1')
const name = (text: string): string => Buffer.from(text, 'latin1').toString('utf8')

const typeBits: Record<string, number> = {
  file: 0o100000,
  dir: 0o040000,
  symlink: 0o120000,
  fifo: 0o010000,
  socket: 0o140000,
  block: 0o060000,
  char: 0o020000,
}

function statOf(stat: Stat): Record<string, number> {
  const times = { atimeMs: stat.mtime, mtimeMs: stat.mtime, ctimeMs: stat.mtime, birthtimeMs: stat.mtime }
  return {
    dev: 2097153,
    mode: stat.mode | (typeBits[stat.type] ?? 0),
    nlink: stat.nlink,
    uid: stat.uid,
    gid: stat.gid,
    rdev: 0,
    blksize: 4096,
    ino: stat.ino,
    size: stat.size,
    blocks: Math.ceil(stat.size / 512),
    ...times,
  }
}

const lower: Record<string, string> = {
  ENOTEMPTY: 'directory not empty',
  EISDIR: 'illegal operation on a directory',
  EEXIST: 'file already exists',
  EADDRINUSE: 'address already in use',
  EBADF: 'bad file descriptor',
}

/** An errno as libuv words it. */
export function errnoValue(error: Errno, call?: string): { code: string; text: string; number: number; call?: string } {
  const text = lower[error.code] ?? error.message.toLowerCase()
  return { code: error.code, text, number: errnoNumber(error.code), ...(call !== undefined && { call }) }
}

/** Largest file that is read as a whole. */
const largest = 64 << 20

/** A failed call may have another name than the operation. */
class NamedErrno extends Errno {
  readonly call: string
  constructor(error: Errno, call: string) {
    super(error.code)
    this.call = call
  }
}

function as<T>(call: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (isErrno(error)) throw new NamedErrno(error, call)
    throw error
  }
}

export interface Asking {
  readonly p: Proc
  /** What has to wait for the engine: done between turns, in order. */
  queue(op: string, args: Args): void
}

/** Operations that are answered at once. */
export function operations({ p }: Asking): Record<string, Work> {
  const kind = (at: string): string | null => {
    try {
      return p.stat(path(at)).type
    } catch (error) {
      if (isErrno(error)) return null
      throw error
    }
  }
  const remove = (at: string): void => {
    if (p.lstat(at).type !== 'dir') return as('unlink', () => p.unlink(at))
    for (const entry of p.readdir(at)) remove(`${at}/${entry.name}`)
    as('rmdir', () => p.rmdir(at))
  }
  const write = (at: string, data: string, flag: string, mode: number): void => {
    const append = flag.startsWith('a')
    const fd = as('open', () =>
      p.open(
        path(at),
        {
          write: true,
          create: flag !== 'r+',
          truncate: !append && flag !== 'r+',
          append,
          exclusive: flag.includes('x'),
        },
        mode,
      ),
    )
    try {
      const content = bytes(data)
      if (content.length === 0) return
      try {
        p.writeNow(fd, content)
      } catch (error) {
        if (!isErrno(error, 'EINVAL')) throw error
        throw new Errno('ESPIPE')
      }
    } finally {
      p.close(fd)
    }
  }
  return {
    now: () => p.now(),
    cwd: () => name(p.cwd()),
    chdir: (at: string) => p.chdir(path(at)),
    umask: (mask?: number) => p.umask(mask),
    kind: (at: string) => kind(at),
    read(at: string) {
      const given = path(at)
      if (as('open', () => p.stat(given)).type === 'dir') throw new NamedErrno(new Errno('EISDIR'), 'read')
      return Buffer.from(as('open', () => readFileNow(p, given, largest))).toString('latin1')
    },
    write,
    stat: (at: string, call = 'stat') => as(call, () => statOf(p.stat(path(at)))),
    lstat: (at: string) => statOf(p.lstat(path(at))),
    access(at: string, mode: number) {
      p.stat(path(at))
      if (!p.access(path(at), { read: (mode & 4) !== 0, write: (mode & 2) !== 0, execute: (mode & 1) !== 0 }))
        throw new Errno('EACCES')
    },
    scandir: (at: string) =>
      p
        .readdir(path(at))
        .map(entry => [name(entry.name), p.lstat(`${path(at)}/${entry.name}`).type])
        .sort((a, b) => ((a[0] ?? '') < (b[0] ?? '') ? -1 : 1)),
    mkdir(at: string, recursive: boolean, mode: number) {
      const given = path(at)
      if (!recursive) return void p.mkdir(given, mode)
      let first: string | undefined
      for (let slash = given.indexOf('/', 1); ; slash = given.indexOf('/', slash + 1)) {
        const part = slash < 0 ? given : given.slice(0, slash)
        if (kind(name(part)) !== 'dir') {
          p.mkdir(part, mode)
          first ??= part
        }
        if (slash < 0) return first === undefined ? undefined : name(first)
      }
    },
    mkdtemp(prefix: string) {
      const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
      const made = prefix + [...p.random(6)].map(byte => letters[byte % letters.length]).join('')
      p.mkdir(path(made), 0o700)
      return made
    },
    rmdir: (at: string) => p.rmdir(path(at)),
    unlink: (at: string) => p.unlink(path(at)),
    rm(at: string, recursive: boolean, force: boolean) {
      if (kind(at) === null) {
        try {
          p.lstat(path(at))
        } catch (error) {
          if (force && isErrno(error, 'ENOENT')) return
          throw error
        }
      }
      if (!recursive && p.lstat(path(at)).type === 'dir') throw new Errno('EISDIR')
      remove(path(at))
    },
    rename: (from: string, to: string) => p.rename(path(from), path(to)),
    copyfile(from: string, to: string) {
      const mode = p.stat(path(from)).mode & 0o777
      write(to, Buffer.from(readFileNow(p, path(from), largest)).toString('latin1'), 'w', mode)
    },
    realpath: (at: string) => name(p.realpath(path(at))),
    readlink: (at: string) => name(p.readlink(path(at))),
    symlink: (target: string, at: string) => p.symlink(path(target), path(at)),
    link: (from: string, to: string) => p.link(path(from), path(to)),
    chmod: (at: string, mode: number) => p.setattr(path(at), { mode }),
    chown: (at: string, uid: number, gid: number) => p.setattr(path(at), { uid, gid }),
    utimes: (at: string, _: number, mtime: number) => p.setattr(path(at), { mtime }),
    truncate: (at: string, size: number) => p.truncate(path(at), size),
    setuid: (uid: number) => p.setCred({ uid }),
    setgid: (gid: number) => p.setCred({ gid }),
    listen: (address: string, port: number) => {
      const wanted = address === '::' ? '0.0.0.0' : address
      return p.listen(wanted, port, 'tcp')
    },
    sockname: (fd: number) => p.sockname(fd),
    kill(pid: number, signal: string | 0) {
      p.kill(pid, signal === 0 ? 0 : signal.replace(/^SIG/, ''))
    },
    catch: (signal: string) => p.sigaction(signal.replace(/^SIG/, ''), 'catch'),
    random: (size: number) => Buffer.from(p.random(Math.min(size, 1 << 20))).toString('latin1'),
    digest(algorithm: string, data: string, key?: string | null) {
      const hash = key === undefined || key === null ? createHash(algorithm) : createHmac(algorithm, bytes(key))
      return hash.update(bytes(data)).digest().toString('latin1')
    },
    pbkdf2: (password: string, salt: string, rounds: number, length: number, digest: string) =>
      pbkdf2Sync(bytes(password), bytes(salt), Math.min(rounds, 200_000), Math.min(length, 1 << 16), digest).toString(
        'latin1',
      ),
    scrypt: (password: string, salt: string, length: number) =>
      scryptSync(bytes(password), bytes(salt), Math.min(length, 1 << 16)).toString('latin1'),
    zlib(kindOf: string, data: string) {
      const limit = { maxOutputLength: largest }
      const works: Record<string, (input: Buffer) => Buffer> = {
        gzip: input => gzipSync(input),
        gunzip: input => gunzipSync(input, limit),
        deflate: input => deflateSync(input),
        inflate: input => inflateSync(input, limit),
        deflateRaw: input => deflateRawSync(input),
        inflateRaw: input => inflateRawSync(input, limit),
        brotliCompress: input => brotliCompressSync(input),
        brotliDecompress: input => brotliDecompressSync(input, limit),
      }
      return works[kindOf]?.(bytes(data)).toString('latin1')
    },
    os: () => machineFacts(p),
    cpu: () => p.rusage('self').userMs,
    syntax: (file: string, text: string, bare = false) => syntaxProblem(file, text, bare) ?? null,
    watched: (text: string, module: boolean) => watchPromises(text, module),
    lib: libText,
    shim: (package_: string) => assetText(`node/packages/${package_.replaceAll('/', '+')}.js`),
  }
}

/** Modules that are whole files; the others are entries of small.js. */
const files = new Set(
  'assert buffer child_process console crypto events fetch fs http https main net path process readline small stream url util'.split(
    ' ',
  ),
)

function libText(module: string): string {
  return files.has(module)
    ? assetText(`node/lib/${module}.js`)
    : `module.exports = internal.lib('small').small[${JSON.stringify(module)}]()`
}

export const builtins =
  'assert assert/strict async_hooks buffer child_process cluster console constants crypto diagnostics_channel dns dns/promises events fs fs/promises http https inspector module net os path path/posix perf_hooks process punycode querystring readline readline/promises stream stream/promises string_decoder sys timers timers/promises tty url util util/types v8 vm worker_threads zlib'.split(
    ' ',
  )

/** Packages that are modelled; their installed files are not looked at. */
export const packages =
  'express fastify redis ioredis pg cors morgan dotenv dotenv/config body-parser cookie-parser uuid axios chalk lodash nanoid helmet compression node-fetch debug koa ms pino express-session'.split(
    ' ',
  )

/** Answers one operation; errors become texts that the inside throws again. */
export function answerOperation(works: Record<string, Work>, asking: Asking, op: string, text: string): string {
  const args = JSON.parse(text) as unknown[]
  const work = Object.hasOwn(works, op) ? works[op] : undefined
  if (!work) {
    asking.queue(op, args)
    return '{"value":null}'
  }
  try {
    return JSON.stringify({ value: (work as (...given: unknown[]) => unknown)(...args) ?? null })
  } catch (error) {
    if (isErrno(error))
      return JSON.stringify({ errno: errnoValue(error, error instanceof NamedErrno ? error.call : undefined) })
    if (error instanceof Error)
      return JSON.stringify({ errno: { code: 'ERR_FAILED', text: error.message, number: 1, call: op } })
    throw error
  }
}

export const signalTable: Readonly<Record<string, number>> = signalNumbers
