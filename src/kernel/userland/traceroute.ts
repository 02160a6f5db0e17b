/** traceroute: the way to a host. A container's neighbour is one hop away; anything else is behind its gateway. */
import { isErrno } from '../../vfs/errno.ts'
import { command } from './lib/command.ts'
import { Failure } from './lib/failure.ts'
import { nameOfAddress, resolveName } from './lib/hosts.ts'
import { routes, routeTo } from './lib/interfaces.ts'

export const options = {
  numeric: '-n  addresses only',
  four: '-4  IPv4',
  six: '-6  IPv6',
  noFragment: '-F  accepted',
  icmp: '-I  accepted',
  ttl: '-l  accepted',
  bypass: '-r  accepted',
  verbose: '-v  accepted',
  first: '-f=N  first hop',
  max: '-m=N  most hops',
  probes: '-q=N  probes for each hop',
  port: '-p=N  base port',
  source: '-s=IP  source address',
  device: '-i=IFACE  interface',
  tos: '-t=N  type of service',
  wait: '-w=SEC  how long to wait for an answer',
  pause: '-z=MSEC  pause between probes',
}

export const program = command(
  'traceroute',
  options,
  function* ({ p, out, options: given, args, gnu }) {
    const [host = '', bytes] = args
    const [address] = yield* resolveName(p, host)
    if (address === undefined) {
      throw new Failure(
        gnu
          ? `${host}: Name or service not known\nCannot handle "host" cmdline arg \`${host}' on position 1 (argc 1)`
          : `bad address '${host}'`,
        gnu ? 2 : 1,
      )
    }
    const most = Number(given.value('max') ?? 30)
    const probes = Number(given.value('probes') ?? 3)
    const waitMs = Number(given.value('wait') ?? (gnu ? 5 : 3)) * 1000
    const route = routeTo(address, yield* routes(p))
    if (!route && !address.startsWith('127.'))
      throw new Failure(
        gnu ? 'connect: Network is unreachable' : `can't connect to remote host (${address}): Network is unreachable`,
      )
    yield* out.write(
      `traceroute to ${host} (${address}), ${most} hops max, ${gnu ? (bytes ?? 60) : Number(bytes ?? 38) + 8} byte packets\n`,
    )
    yield* out.flush()
    const hops = route && route.gateway !== '0.0.0.0' ? [route.gateway, address] : [address]
    for (let hop = Number(given.value('first') ?? 1); hop <= most; hop++) {
      const target = hops[Math.min(hop, hops.length) - 1] ?? address
      let line = String(hop).padStart(2)
      let named = false
      let reached = false
      for (let probe = 0; probe < probes; probe++) {
        let answer: { ms: number } | null = null
        try {
          answer = (yield { op: 'echo', address: target, timeoutMs: waitMs }) as { ms: number } | null
        } catch (error) {
          if (!isErrno(error)) throw error
          if (error.code === 'ENETUNREACH') throw new Failure(`sendto: ${error.message}`)
        }
        if (!answer) {
          line += '  *'
          continue
        }
        if (!named) {
          const name = given.has('numeric') ? undefined : ((yield* nameOfAddress(p, target)) ?? target)
          line += `  ${name === undefined ? target : `${name} (${target})`}`
          named = true
        }
        line += `  ${answer.ms.toFixed(3)} ms`
        reached = target === address
      }
      yield* out.write(`${line}\n`)
      yield* out.flush()
      if (reached) return 0
    }
    return 0
  },
  { operands: [1, 2] },
)
