/** nc: a pipe to another host, or a server for one connection (busybox; with the options of netcat-openbsd that scripts use). */
import { isErrno } from '../../vfs/errno.ts'
import type { Proc, Routine } from '../program.ts'
import { command, isDebianBusybox } from './lib/command.ts'
import { Failure, UsageError } from './lib/failure.ts'
import { readBytes } from './lib/input.ts'
import { connectTo, hostAddress, portNumber, requireSocket } from './lib/net-words.ts'
import { becomeProgram } from './lib/run.ts'
import { spawnProgram } from './lib/spawn.ts'

export const options = {
  listen: '-l  wait for a connection; -ll with -e: go on after it',
  port: '-p=PORT  local port',
  wait: '-w=SEC  how long to wait for the connection',
  interval: '-i=SEC  wait between lines',
  exec: 'busybox: -e=PROG  run this program on the connection; the rest of the line is its arguments',
  file: 'busybox: -f=FILE  a file instead of a connection',
  scan: '-z  only see whether something listens',
  verbose: '-v  say what happens',
  udp: '-u  UDP instead of TCP',
  numeric: '-n  addresses only, no names',
  keep: '-k  go on after a connection (with -l)',
  source: '-s=ADDR  local address',
  close: 'gnu: -N  shut the connection down at end of input',
  quit: 'gnu: -q=SEC  quit so much after end of input',
  four: 'gnu: -4  IPv4 only',
  six: 'gnu: -6  IPv6 only',
}

/** What busybox has only when it is built with the options of netcat 1.10, as Debian's is not. */
const extra = ['scan', 'verbose', 'udp', 'numeric', 'keep', 'source'] as const
const unknown = (key: (typeof extra)[number]): UsageError =>
  new UsageError(`invalid option -- '${options[key].charAt(1)}'`)

export const program = command(
  'nc',
  options,
  function* (call) {
    const { p, options: given, args, gnu, error } = call
    if (!gnu && isDebianBusybox(p)) for (const key of extra) if (given.has(key)) throw unknown(key)
    const saved = (call.saved ?? null) as { socket: number; port: number } | null
    const seconds = given.value('wait')
    if (seconds !== undefined && !/^\d+$/.test(seconds)) throw new Failure(`invalid number '${seconds}'`)
    const waitMs = seconds === undefined ? undefined : Number(seconds) * 1000
    const protocol = given.has('udp') ? 'udp' : 'tcp'
    const argv = given.has('exec') ? [given.value('exec') ?? '', ...execArgs(p.argv)] : undefined
    if (given.has('listen')) {
      const text = given.value('port') ?? args.at(-1)
      if (text === undefined && gnu) throw new UsageError('missing port with option -l')
      // Busybox listens on any free port then.
      const port = saved?.port ?? (text === undefined ? 0 : yield* portNumber(p, text))
      const address = given.value('source') ?? (args.length > 1 ? args[0] : undefined) ?? '0.0.0.0'
      return yield* listen(port, address)
    }
    const [host, text] = args
    if (host === undefined || (text === undefined && gnu)) throw new UsageError(gnu ? 'missing host or port' : '')
    if (gnu || given.has('scan')) return yield* scan(host, args.slice(1))
    // Without a port, busybox connects to port 0, which nobody listens on.
    const port = text === undefined ? 0 : yield* portNumber(p, text)
    const address = yield* hostAddress(p, host)
    if (!gnu) requireSocket(p, address.includes(':') ? 'inet6' : 'inet', protocol === 'tcp' ? 'stream' : 'dgram')
    const fd = yield* connectTo(address, port, { protocol, ...(waitMs === undefined ? {} : { timeoutMs: waitMs }) })
    return yield* serve(fd)

    function* listen(port: number, address: string): Routine<number> {
      let socket: number
      try {
        socket = saved?.socket ?? p.listen(address, port, protocol)
      } catch (thrown) {
        if (!isErrno(thrown)) throw thrown
        throw new Failure(gnu ? thrown.message : `bind: ${thrown.message}`)
      }
      const forever = given.has('keep') || (given.count('listen') > 1 && argv !== undefined)
      if (given.has('verbose') && !saved)
        yield* error(gnu ? `Listening on ${address} ${port}` : `listening on ${address}:${port} ...`)
      for (;;) {
        if (forever) p.checkpoint({ socket, port })
        if (waitMs !== undefined && !gnu) {
          const ready = (yield { op: 'poll', fds: [{ fd: socket, event: 'in' }], ms: waitMs }) as number[]
          if (ready.length === 0) throw new Failure('timed out')
        }
        const fd = (yield { op: 'accept', fd: socket }) as number
        const { peer } = p.sockname(fd)
        if (given.has('verbose'))
          yield* error(
            gnu
              ? `Connection received on ${peer?.address} ${peer?.port}`
              : `connect to ${address}:${port} from ${peer?.address} (${peer?.address}:${peer?.port})`,
          )
        if (!forever) {
          p.close(socket)
          return yield* serve(fd)
        }
        if (argv) {
          spawnProgram(p, argv, {
            fds: new Map([
              [0, fd],
              [1, fd],
              [2, fd],
            ]),
          })
          p.close(fd)
          while (reap(p));
        } else {
          yield* relay(p, fd, {})
          p.close(fd)
        }
      }
    }

    function* serve(fd: number): Routine<number> {
      if (argv) {
        for (const stream of [0, 1, 2]) p.dup2(fd, stream)
        p.close(fd)
        return yield* becomeProgram(p, argv)
      }
      yield* relay(p, fd, {
        ...(gnu && waitMs !== undefined ? { idleMs: waitMs } : {}),
        ...(given.has('quit') ? { quitMs: Number(given.value('quit')) * 1000 } : {}),
      })
      return 0
    }

    function* scan(host: string, ports: string[]): Routine<number> {
      const address = yield* hostAddress(p, host)
      let status = 1
      for (const text of ports) {
        const [from, to = from] = /^\d+-\d+$/.test(text) ? text.split('-').map(Number) : [yield* portNumber(p, text)]
        for (let port = from ?? 0; port <= (to ?? 0); port++) {
          try {
            const fd = (yield {
              op: 'connect',
              address,
              port,
              protocol,
              ...(waitMs === undefined ? {} : { timeoutMs: waitMs }),
            }) as number
            status = 0
            if (given.has('verbose')) {
              yield* error(
                gnu
                  ? `Connection to ${host} ${port} port [${protocol}/*] succeeded!`
                  : `${host} (${address}:${port}) open`,
              )
            }
            if (!given.has('scan')) return yield* serve(fd)
            p.close(fd)
          } catch (thrown) {
            if (!isErrno(thrown)) throw thrown
            if (given.has('verbose')) {
              yield* error(
                gnu
                  ? `connect to ${host} (${address}) port ${port} (${protocol}) failed: ${thrown.message}`
                  : `${host} (${address}:${port}): ${thrown.message}`,
              )
            }
          }
        }
      }
      return status
    }
  },
  { rewrite: cutExec },
)

/** After -e PROG everything belongs to the program. */
function cutExec(args: string[], gnu: boolean): string[] {
  const at = gnu ? -1 : args.findIndex(arg => /^-[a-z]*e$/.test(arg))
  return at === -1 ? args : args.slice(0, at + 2)
}

function execArgs(argv: readonly string[]): string[] {
  const at = argv.findIndex(arg => /^-[a-z]*e$/.test(arg))
  return at === -1 ? [] : argv.slice(at + 2)
}

function reap(p: Proc): boolean {
  try {
    return p.tryWait(-1) !== undefined
  } catch (error) {
    if (isErrno(error, 'ECHILD')) return false
    throw error
  }
}

/** Copies both ways until the peer has ended; the end of standard input is passed on. */
function* relay(p: Proc, fd: number, limits: { idleMs?: number; quitMs?: number }): Routine<void> {
  let input = true
  for (;;) {
    const fds: { fd: number; event: 'in' }[] = [{ fd, event: 'in' }]
    if (input) fds.push({ fd: 0, event: 'in' })
    const ms = (input ? undefined : limits.quitMs) ?? limits.idleMs ?? Number.POSITIVE_INFINITY
    const ready = (yield { op: 'poll', fds, ms }) as number[]
    if (ready.length === 0) return
    if (ready.includes(fd)) {
      const data = yield* readBytes(fd, 8192)
      if (data.length === 0) return
      yield { op: 'write', fd: 1, data }
    }
    if (input && ready.includes(0)) {
      const data = yield* readBytes(0, 8192)
      if (data.length > 0) yield { op: 'write', fd, data }
      else {
        input = false
        p.shutdown(fd)
      }
    }
  }
}
