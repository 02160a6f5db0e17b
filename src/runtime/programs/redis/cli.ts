/** redis-cli: a command, commands from standard input, or a prompt. */
import type { CoroutineProgram, Proc, Routine } from '../../../kernel/program.ts'
import { Lines } from '../../../kernel/userland/lib/input.ts'
import { isErrno } from '../../../vfs/errno.ts'
import { encodeRequest, type Reply, splitLine, takeReply } from './resp.ts'

interface Options {
  host: string
  port: number
  password: string | undefined
  user: string | undefined
  db: number
  raw: boolean
  repeat: number
  interval: number
  exitOnError: boolean
  args: string[]
}

const say = (fd: number, text: string) => ({ op: 'write' as const, fd, data: Buffer.from(text, 'latin1') })

export const program: CoroutineProgram = {
  kind: 'coroutine',
  name: 'redis-cli',
  *main(p) {
    const options = yield* parse(p)
    if (typeof options === 'number') return options
    const client = new Client(p, options)
    if (options.args.length === 0) return yield* prompt(p, client, options)
    const problem = yield* client.connect()
    if (problem !== undefined) {
      yield say(2, `${problem}\n`)
      return 1
    }
    let status = 0
    for (let turn = 0; turn < options.repeat; turn++) {
      if (turn > 0 && options.interval > 0) yield { op: 'sleep', ms: options.interval * 1000 }
      status = yield* once(client, options.args, options)
    }
    return status
  },
}

function* once(client: Client, args: string[], options: Options): Routine<number> {
  const name = (args[0] ?? '').toLowerCase()
  yield* client.send(args)
  for (;;) {
    const reply = yield* client.receive()
    if (!reply) return name === 'shutdown' ? 0 : 1
    const failed = 'error' in reply
    yield say(1, options.raw ? `${plain(reply)}\n` : `${format(reply)}\n`)
    // Those that listen go on until they are ended.
    if (!['monitor', 'subscribe', 'psubscribe'].includes(name) || failed) return failed && options.exitOnError ? 1 : 0
  }
}

function* parse(p: Proc): Routine<Options | number> {
  const version = p.marker['version'] ?? '7.4.4'
  const options: Options = {
    host: '127.0.0.1',
    port: 6379,
    password: p.env.get('REDISCLI_AUTH'),
    user: undefined,
    db: 0,
    raw: !p.isatty(1),
    repeat: 1,
    interval: 0,
    exitOnError: false,
    args: [],
  }
  const words = [...p.argv.slice(1)]
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    const value = (): string => words.shift() ?? ''
    if (word === '-h' && words.length > 0) options.host = value()
    else if (word === '-p') options.port = Number(value())
    else if (word === '-a' || word === '--pass') options.password = value()
    else if (word === '--user') options.user = value()
    else if (word === '-n') options.db = Number(value())
    else if (word === '-r') options.repeat = Math.max(1, Number(value()))
    else if (word === '-i') options.interval = Number(value())
    else if (word === '-u') {
      const match = /^rediss?:\/\/(?:(?:([^:@]*)?:)?([^@]*)@)?([^:/]+)(?::(\d+))?(?:\/(\d+))?/.exec(value())
      if (match) {
        options.host = match[3] ?? options.host
        options.port = Number(match[4] ?? options.port)
        options.password = match[2] ?? options.password
        options.db = Number(match[5] ?? 0)
      }
    } else if (word === '-e') options.exitOnError = true
    else if (word === '--raw') options.raw = true
    else if (word === '--no-raw') options.raw = false
    else if (word === '--no-auth-warning' || word === '-2' || word === '-3' || word === '--verbose') continue
    else if (word === '-v' || word === '--version') {
      yield say(1, `redis-cli ${version}\n`)
      return 0
    } else if (word === '--scan') options.args.push('keys', '*')
    else if (word === '--help') {
      yield say(
        1,
        `redis-cli ${version}\n\nUsage: redis-cli [OPTIONS] [cmd [arg [arg ...]]]\n  -h <hostname>      Server hostname (default: 127.0.0.1).\n  -p <port>          Server port (default: 6379).\n  -a <password>      Password to use when connecting to the server.\n  -n <db>            Database number.\n`,
      )
      return 0
    } else if (word.startsWith('-') && options.args.length === 0 && word.length > 1) {
      yield say(2, `Unrecognized option or bad number of args for: '${word}'\n`)
      return 1
    } else {
      options.args.push(word, ...words)
      break
    }
  }
  const given = p.argv.includes('-a') || p.argv.includes('--pass')
  if (given && !p.argv.includes('--no-auth-warning'))
    yield say(2, "Warning: Using a password with '-a' or '-u' option on the command line interface may not be safe.\n")
  return options
}

class Client {
  readonly #p: Proc
  readonly #options: Options
  #fd: number | undefined
  #text = ''
  db: number

  constructor(p: Proc, options: Options) {
    this.#p = p
    this.#options = options
    this.db = options.db
  }

  get connected(): boolean {
    return this.#fd !== undefined
  }

  /** Why it is not connected; undefined when it is. */
  *connect(): Routine<string | undefined> {
    const { host, port, password, user } = this.#options
    const addresses = /^[\d.]+$/.test(host) ? [host] : ((yield { op: 'resolve', name: host }) as string[])
    const where = `Could not connect to Redis at ${host}:${port}: `
    const [address] = addresses
    if (address === undefined) return `${where}Name or service not known`
    try {
      this.#fd = (yield { op: 'connect', address, port, protocol: 'tcp' }) as number
    } catch (error) {
      if (!isErrno(error) || error.code === 'EINTR') throw error
      return where + error.message
    }
    this.#text = ''
    if (password !== undefined) {
      yield* this.send(user === undefined ? ['AUTH', password] : ['AUTH', user, password])
      const reply = yield* this.receive()
      if (reply && 'error' in reply) yield say(2, `AUTH failed: ${reply.error}\n`)
    }
    if (this.db !== 0) {
      yield* this.send(['SELECT', String(this.db)])
      yield* this.receive()
    }
    return undefined
  }

  *send(args: readonly string[]): Routine<void> {
    if (this.#fd === undefined) return
    try {
      yield { op: 'write', fd: this.#fd, data: Buffer.from(encodeRequest(args), 'latin1') }
    } catch (error) {
      if (!isErrno(error)) throw error
      this.#close()
    }
  }

  /** undefined when the server has gone. */
  *receive(): Routine<Reply | undefined> {
    for (;;) {
      const found = takeReply(this.#text)
      if (found) {
        this.#text = this.#text.slice(found.next)
        return found.reply
      }
      if (this.#fd === undefined) return undefined
      const data = (yield { op: 'read', fd: this.#fd, length: 65_536 }) as Uint8Array
      if (data.length === 0) {
        this.#close()
        return undefined
      }
      this.#text += Buffer.from(data).toString('latin1')
    }
  }

  #close(): void {
    if (this.#fd !== undefined) this.#p.close(this.#fd)
    this.#fd = undefined
  }
}

function* prompt(p: Proc, client: Client, options: Options): Routine<number> {
  const terminal = p.isatty(0)
  const problem = yield* client.connect()
  if (problem !== undefined) {
    yield say(2, `${problem}\n`)
    if (!terminal) return 1
  }
  const lines = new Lines(p, 0)
  let status = 0
  let inside = false
  for (;;) {
    if (terminal) {
      const where = client.connected
        ? `${options.host}:${options.port}${client.db === 0 ? '' : `[${client.db}]`}`
        : 'not connected'
      yield say(1, `${where}${inside ? '(TX)' : ''}> `)
    }
    const line = yield* lines.next()
    if (line === undefined) {
      if (terminal) yield say(1, '\n')
      return status
    }
    const words = splitLine(line.trim())
    if (!words) {
      yield say(1, 'Invalid argument(s)\n')
      continue
    }
    const [first = ''] = words
    const name = first.toLowerCase()
    if (name === '') continue
    if (name === 'quit' || name === 'exit') return status
    if (name === 'clear') {
      yield say(1, '\x1b[H\x1b[2J')
      continue
    }
    if (name === 'help' || name === '?') {
      yield say(
        1,
        `redis-cli ${p.marker['version'] ?? '7.4.4'}\nTo get help about Redis commands type:\n      "help @<group>" to get a list of commands in <group>\n      "help <command>" for help on <command>\n      "help <tab>" to get a list of possible help topics\n      "quit" to exit\n`,
      )
      continue
    }
    if (!client.connected) {
      const again = yield* client.connect()
      if (again !== undefined) {
        yield say(2, `${again}\n`)
        status = 1
        continue
      }
    }
    yield* client.send(words)
    const reply = yield* client.receive()
    if (!reply) {
      if (name === 'shutdown') continue
      yield say(2, 'Error: Server closed the connection\n')
      continue
    }
    if (name === 'select' && 'simple' in reply) client.db = Number(words[1])
    if (name === 'multi' && 'simple' in reply) inside = true
    if (name === 'exec' || name === 'discard') inside = false
    yield say(1, options.raw ? `${plain(reply)}\n` : `${format(reply)}\n`)
    if (['monitor', 'subscribe', 'psubscribe'].includes(name))
      for (let more = yield* client.receive(); more; more = yield* client.receive())
        yield say(1, `${options.raw ? plain(more) : format(more)}\n`)
  }
}

/** As a pipe gets it. */
function plain(reply: Reply): string {
  if ('simple' in reply) return reply.simple
  if ('error' in reply) return `${reply.error}\n`
  if ('number' in reply) return String(reply.number)
  if ('bulk' in reply) return reply.bulk ?? ''
  return (reply.list ?? []).map(plain).join('\n')
}

/** As a terminal gets it. */
function format(reply: Reply, prefix = ''): string {
  if ('simple' in reply) return reply.simple
  if ('error' in reply) return `(error) ${reply.error}`
  if ('number' in reply) return `(integer) ${reply.number}`
  if ('bulk' in reply) return reply.bulk === null ? '(nil)' : quote(reply.bulk)
  if (reply.list === null) return '(nil)'
  if (reply.list.length === 0) return '(empty array)'
  const width = String(reply.list.length).length
  return reply.list
    .map((each, index) => {
      const label = `${String(index + 1).padStart(width)}) `
      return (index === 0 ? '' : prefix) + label + format(each, prefix + ' '.repeat(label.length))
    })
    .join('\n')
}

function quote(text: string): string {
  const body = [...text]
    .map(char => {
      const code = char.charCodeAt(0)
      const short = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\x07': '\\a', '\b': '\\b', '"': '\\"', '\\': '\\\\' }[
        char
      ]
      return short ?? (code < 32 || code > 126 ? `\\x${code.toString(16).padStart(2, '0')}` : char)
    })
    .join('')
  return `"${body}"`
}
