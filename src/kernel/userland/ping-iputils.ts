/** The ping of iputils. */
import { isErrno } from '../../vfs/errno.ts'
import { toBytes } from './lib/bytes.ts'
import { command } from './lib/command.ts'
import { echoRounds, firstRound, statistics, storedRounds } from './lib/echo-rounds.ts'
import { Failure } from './lib/failure.ts'
import { isIPv4, isIPv6, nameOfAddress, resolveName } from './lib/hosts.ts'
import { addresses, routes, routeTo } from './lib/interfaces.ts'
import { parseSeconds } from './lib/seconds.ts'

export const options = {
  four: '-4  IPv4 only',
  six: '-6  IPv6 only',
  count: '-c=CNT  stop after CNT answers',
  size: '-s=SIZE  bytes of data in a packet (default 56)',
  interval: '-i=SECS  time between requests',
  adaptive: '-A  send as soon as an answer is there',
  ttl: '-t=TTL  time to live',
  source: '-I=IFACE  interface or address to send from',
  wait: '-W=SEC  how long to wait for an answer',
  deadline: '-w=SEC  stop after this time',
  quiet: '-q  only the first line and the statistics',
  numeric: '-n  no names for addresses',
  flood: '-f  flood',
  timestamps: '-D  time stamps in front of lines',
  verbose: '-v  verbose',
}

export const program = command(
  'ping',
  options,
  function* ({ p, out, options: given, args, saved }) {
    const host = args[0]
    if (host === undefined) {
      yield { op: 'write', fd: 2, data: toBytes(`${p.name}: usage error: Destination address required\n`) }
      return 1
    }
    const number = (key: 'count' | 'size' | 'wait' | 'deadline' | 'interval', standard: number) => {
      const text = given.value(key)
      if (text === undefined) return standard
      const value = parseSeconds(text)
      if (value === undefined) throw new Failure(`invalid argument: '${text}'`, 1)
      return value
    }
    const count = number('count', 0)
    const size = number('size', 56)
    const deadline = given.has('deadline') ? number('deadline', 0) * 1000 : undefined
    let state = storedRounds(saved)
    const family = given.has('six') ? 6 : given.has('four') ? 4 : undefined
    const [address] = state ? [state.address] : yield* resolveName(p, host, family)
    if (address === undefined) {
      yield { op: 'write', fd: 2, data: toBytes(`${p.name}: ${host}: Name or service not known\n`) }
      return 2
    }
    const six = isIPv6(address)
    const named = !isIPv4(host) && !isIPv6(host)
    const name = state
      ? (state.name ?? undefined)
      : named && !given.has('numeric')
        ? yield* nameOfAddress(p, address)
        : undefined
    const from = name === undefined ? address : `${name} (${address})`
    if (!state) {
      const title = six ? `PING ${host}(${from})` : `PING ${host} (${address})`
      yield* out.write(`${title} ${six ? `${size} data bytes` : `${size}(${size + 28}) bytes of data.`}\n`)
      yield* out.flush()
      state = firstRound(p, address, name ?? null)
    }
    const first = state
    const quiet = given.has('quiet')
    try {
      const done = yield* echoRounds(
        p,
        {
          count: deadline === undefined ? count : 0,
          intervalMs: number('interval', 1) * 1000,
          waitMs: number('wait', 10) * 1000,
          deadlineMs: deadline,
          ...(count > 0 ? { answers: count } : {}),
          adaptive: given.has('adaptive') || given.has('flood'),
        },
        first,
        function* (event) {
          if (quiet) return
          const own = (yield* addresses(p)).find(a => a.family === 4 && a.scope === 'global')
          const stamp = given.has('timestamps') ? `[${(p.now() / 1000).toFixed(6)}] ` : ''
          yield* out.write(
            event.kind === 'answer'
              ? `${stamp}${size + 8} bytes from ${from}: icmp_seq=${event.seq + 1} ttl=64 time=${short(event.ms)} ms\n`
              : `${stamp}From ${own?.address ?? address} icmp_seq=${event.seq + 1} ${event.text}\n`,
          )
          yield* out.flush()
        },
      )
      const got = done.times.length
      const elapsed = Math.round(p.now() - done.began)
      const loss = done.sent === 0 ? 0 : ((done.sent - got) * 100) / done.sent
      let text = `\n--- ${host} ping statistics ---\n${done.sent} packets transmitted, ${got} received, `
      if (done.errors > 0) text += `+${done.errors} errors, `
      text += `${Number(loss.toPrecision(6))}% packet loss, time ${elapsed}ms\n`
      if (got > 0) {
        const { min, avg, max, mdev } = statistics(done.times)
        text += `rtt min/avg/max/mdev = ${[min, avg, max, mdev].map(n => n.toFixed(3)).join('/')} ms\n`
      } else text += '\n'
      yield* out.write(text)
      return got === 0 || (deadline !== undefined && count > 0 && got < count) ? 1 : 0
    } catch (error) {
      if (!isErrno(error)) throw error
      if (error.code === 'EPERM') throw new Failure('socktype: SOCK_RAW\nping: socket: Operation not permitted', 2)
      const attached = routeTo(address, yield* routes(p))
      throw new Failure(attached ? `sendmsg: ${error.message}` : 'connect: Network is unreachable', 2)
    }
  },
  { gnuErrorStatus: 2 },
)

/** Three significant digits, as iputils prints a round trip: 0.043, 1.25, 12.3, 123. */
function short(ms: number): string {
  if (ms >= 100) return ms.toFixed(0)
  if (ms >= 10) return ms.toFixed(1)
  return ms >= 1 ? ms.toFixed(2) : ms.toFixed(3)
}
