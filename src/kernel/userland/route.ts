/** route: the routing table (busybox and net-tools). */
import { isErrno } from '../../vfs/errno.ts'
import { addressNumber } from '../network-admin.ts'
import type { Proc } from '../program.ts'
import { command } from './lib/command.ts'
import { Failure } from './lib/failure.ts'
import { routes } from './lib/interfaces.ts'
import { routeTable } from './lib/route-table.ts'

export const options = {
  numeric: '-n  no names',
  more: '-e  other columns',
  family: '-A=FAMILY  inet or inet6',
  net: '-net -host  kind of target',
}

export const program = command(
  'route',
  options,
  function* ({ p, out, options: given, args }) {
    const [verb] = args
    if (verb === 'add' || verb === 'del' || verb === 'delete') {
      changeTable(p, verb === 'add' ? 'add' : 'del', args.slice(1))
      return 0
    }
    if (given.value('family') === 'inet6') {
      yield* out.write(
        'Kernel IPv6 routing table\nDestination                                 Next Hop                                Flags Metric Ref    Use Iface\n',
      )
      return 0
    }
    yield* out.write(routeTable(yield* routes(p), { numeric: given.has('numeric'), netstat: given.has('more') }))
    return 0
  },
  { rewrite: args => args.map(arg => (arg === '-net' || arg === '-host' ? arg.slice(1) : arg)) },
)

/** `[net|host] TARGET [netmask MASK] [gw GATEWAY] [dev NAME]`, or `default`. */
function changeTable(p: Proc, verb: 'add' | 'del', words: string[]): void {
  const kind = words[0] === 'net' || words[0] === 'host' ? words.shift() : undefined
  const target = words.shift() ?? ''
  const valueOf = (word: string): string | undefined => {
    const at = words.indexOf(word)
    return at === -1 ? undefined : words[at + 1]
  }
  const [address = '', bits] = (target === 'default' ? '0.0.0.0/0' : target).split('/')
  const netmask = valueOf('netmask')
  const ones = netmask === undefined ? undefined : addressNumber(netmask).toString(2).replaceAll('0', '').length
  const prefix = kind === 'host' ? 32 : (ones ?? Number(bits ?? 32))
  const [gateway, device] = [valueOf('gw'), valueOf('dev')]
  try {
    p.changeRoute(verb, {
      network: addressNumber(address),
      prefix,
      gateway: gateway === undefined ? 0 : addressNumber(gateway),
      ...(device !== undefined && { device }),
    })
  } catch (error) {
    if (!isErrno(error)) throw error
    throw new Failure(`${verb === 'add' ? 'SIOCADDRT' : 'SIOCDELRT'}: ${error.message}`)
  }
}
