/** route: the routing table (busybox and net-tools). Changing it is refused. */
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
    if (verb === 'add') throw new Failure('SIOCADDRT: Operation not permitted')
    if (verb === 'del' || verb === 'delete') throw new Failure('SIOCDELRT: Operation not permitted')
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
