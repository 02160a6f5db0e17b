/** Busybox's ping and ping6. */
import { capabilitySet } from '../../security/capabilities.ts'
import { isErrno } from '../../vfs/errno.ts'
import { command } from './lib/command.ts'
import { echoRounds, firstRound, statistics, storedRounds } from './lib/echo-rounds.ts'
import { Failure } from './lib/failure.ts'
import { hasSocket, hostAddress } from './lib/net-words.ts'
import { parseSeconds } from './lib/seconds.ts'

const rawSockets = capabilitySet(['NET_RAW'])

export const options = {
  four: '-4  IPv4 only',
  six: '-6  IPv6 only',
  count: '-c=CNT  send only CNT requests',
  size: '-s=SIZE  bytes of data in a packet (default 56)',
  interval: '-i=SECS  time between requests',
  adaptive: '-A  send as soon as an answer is there',
  ttl: '-t=TTL  time to live',
  source: '-I=IFACE  interface or address to send from',
  wait: '-W=SEC  how long to wait for the first answer, after all requests (default 10)',
  deadline: '-w=SEC  stop after this time',
  quiet: '-q  only the first line and the statistics',
  pattern: '-p=HEX  payload',
}

export const program = command(
  'ping',
  options,
  function* ({ p, out, options: given, args, saved }) {
    const number = (text: string | undefined, standard: number) => {
      if (text === undefined) return standard
      if (!/^\d+$/.test(text)) throw new Failure(`invalid number '${text}'`)
      return Number(text)
    }
    const count = number(given.value('count'), 0)
    const size = number(given.value('size'), 56)
    const interval = given.value('interval')
    const intervalMs = interval === undefined ? 1000 : (parseSeconds(interval, false) ?? Number.NaN) * 1000
    if (Number.isNaN(intervalMs)) throw new Failure(`invalid number '${interval}'`)
    const waitMs = number(given.value('wait'), 10) * 1000
    const deadline = given.value('deadline')
    const host = args[0] ?? ''
    const six = given.has('six') || p.name === 'ping6'
    let state = storedRounds(saved)
    const address =
      state?.address ?? (yield* hostAddress(p, host, six ? { family: 6 } : given.has('four') ? { family: 4 } : {}))
    if (!state) {
      yield* out.write(`PING ${host} (${address}): ${size} data bytes\n`)
      yield* out.flush()
      // busybox asks for a raw socket, and knows of no other.
      if ((p.cred.caps & rawSockets) === 0n || !hasSocket(p, six ? 'inet6' : 'inet', 'raw'))
        throw new Failure('permission denied (are you root?)')
      state = firstRound(p, address)
    }
    const first = state
    const quiet = given.has('quiet')
    const ttl = 64
    function* round() {
      return yield* echoRounds(
        p,
        {
          count,
          intervalMs,
          waitMs,
          deadlineMs: deadline === undefined ? undefined : number(deadline, 0) * 1000,
          adaptive: given.has('adaptive'),
        },
        first,
        function* (event) {
          if (event.kind !== 'answer' || quiet) return
          yield* out.write(
            `${size + 8} bytes from ${address}: seq=${event.seq} ttl=${ttl} time=${event.ms.toFixed(3)} ms\n`,
          )
          yield* out.flush()
        },
      )
    }
    try {
      const state = yield* round()
      const got = state.times.length
      const loss = state.sent === 0 ? 0 : Math.floor(((state.sent - got) * 100) / state.sent)
      let text = `\n--- ${host} ping statistics ---\n`
      text += `${state.sent} packets transmitted, ${got} packets received, ${loss}% packet loss\n`
      if (got > 0) {
        const { min, avg, max } = statistics(state.times)
        text += `round-trip min/avg/max = ${min.toFixed(3)}/${avg.toFixed(3)}/${max.toFixed(3)} ms\n`
      }
      yield* out.write(text)
      return got === 0 || (deadline !== undefined && count > 0 && got < count) ? 1 : 0
    } catch (error) {
      if (!isErrno(error)) throw error
      const reason = error.message
      throw new Failure(error.code === 'EPERM' ? 'permission denied (are you root?)' : `sendto: ${reason}`)
    }
  },
  { operands: [1, 1] },
)
