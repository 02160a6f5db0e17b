/** ip: interfaces, addresses, routes and neighbours (busybox and iproute2). */
import { Errno, isErrno } from '../../vfs/errno.ts'
import { addressNumber, isWithin } from '../network-admin.ts'
import type { Routine } from '../program.ts'
import { command } from './lib/command.ts'
import { Failure, UsageError } from './lib/failure.ts'
import { addresses, links, neighbours, routes, routes6, routeTo } from './lib/interfaces.ts'
import {
  addressLines,
  briefLines,
  type IpStyle,
  linkLines,
  neighbourLine,
  route6Line,
  routeLine,
} from './lib/ip-show.ts'
import { requireSocket } from './lib/net-words.ts'

export const options = {
  family: '-f=FAMILY -family=FAMILY  inet, inet6 or link',
  four: '-4  as -f inet',
  six: '-6  as -f inet6',
  oneline: '-o -oneline  each record on one line',
  brief: 'gnu: -br -brief  one short line an interface',
  details: 'gnu: -d -details  accepted',
  statistics: 'gnu: -s -statistics  counters',
  color: 'gnu: -c -color  accepted',
}

const objects = ['address', 'route', 'link', 'neighbour', 'neigh', 'rule', 'tunnel']
const refused = 'RTNETLINK answers: Operation not permitted'

export const program = command(
  'ip',
  options,
  function* ({ p, out, args, gnu, error }) {
    const rest = [...args]
    // Busybox has the objects as applets, too: ipaddr, iplink, …
    const applet = /^ip(addr|link|route|rule|neigh|tunnel)$/.exec(p.name)?.[1]
    if (applet !== undefined) rest.unshift(applet)
    const style: IpStyle = { family: undefined, oneline: false, brief: false, statistics: false, gnu }
    for (let arg = rest[0]; arg?.startsWith('-') && arg.length > 1; arg = rest[0]) {
      rest.shift()
      const name = arg.replace(/^--?/, '')
      if (name === '4') style.family = 'inet'
      else if (name === '6') style.family = 'inet6'
      else if (name === '0') style.family = 'link'
      else if (name !== '' && ('family'.startsWith(name) || name === 'f')) style.family = rest.shift() ?? ''
      else if ('oneline'.startsWith(name)) style.oneline = true
      else if (gnu && (name === 'V' || name === 'Version')) {
        yield* out.write(`ip utility, iproute2-${p.marker.version ?? '6.1.0'}\n`)
        return 0
      } else if (gnu && 'brief'.startsWith(name)) style.brief = true
      else if (gnu && 'statistics'.startsWith(name)) style.statistics = true
      else if (
        !gnu ||
        ![
          'c',
          'color',
          'd',
          'details',
          'h',
          'human',
          'r',
          'resolve',
          'n',
          'N',
          'a',
          'all',
          'j',
          'json',
          'p',
          'pretty',
        ].includes(name)
      ) {
        if (gnu) throw new Failure(`Option "${arg}" is unknown, try "ip -help".`, 255)
        throw new UsageError('')
      }
    }
    const object = objects.find(name => rest[0] !== undefined && rest[0] !== '' && name.startsWith(rest[0]))
    if (object === undefined) {
      if (!gnu || rest[0] === undefined) {
        if (gnu) return yield* gnuUsage()
        throw new UsageError('')
      }
      throw new Failure(`Object "${rest[0]}" is unknown, try "ip help".`, 1)
    }
    rest.shift()
    requireSocket(p, 'netlink', 'raw')
    switch (object) {
      case 'address':
        return yield* address()
      case 'link':
        return yield* link()
      case 'route':
        return yield* route()
      case 'rule':
        return yield* rule()
      case 'tunnel':
        return 0
      default:
        return yield* neighbour()
    }

    function* deny(text = refused): Routine<number> {
      if (gnu) yield { op: 'write', fd: 2, data: Buffer.from(`${text}\n`) }
      else yield* error(text)
      return 2
    }

    /** Does what only those with CAP_NET_ADMIN may, or tells what the kernel says. */
    function* administer(act: () => void): Routine<number> {
      try {
        act()
        return 0
      } catch (thrown) {
        if (!isErrno(thrown)) throw thrown
        return yield* deny(`RTNETLINK answers: ${thrown.message}`)
      }
    }

    /** `ADDRESS[/PREFIX] … dev NAME`. */
    function* changedAddress(verb: 'add' | 'del'): Routine<number> {
      const name = valueOf('dev')
      const address = rest.find(word => /^\d+(\.\d+){3}(\/\d+)?$/.test(word))
      if (name === undefined || address === undefined) return yield* deny()
      if (!(yield* links(p)).some(each => each.name === name))
        throw new Failure(gnu ? `Cannot find device "${name}"` : `can't find device '${name}'`, 1)
      return yield* administer(() => p.changeAddress(verb, name, address.includes('/') ? address : `${address}/32`))
    }

    /** `default|NETWORK[/PREFIX] [via GATEWAY] [dev NAME]`. */
    function* changedRoute(verb: 'add' | 'del'): Routine<number> {
      const [to = ''] = rest
      const [network = '', prefix = '32'] = (to === 'default' ? '0.0.0.0/0' : to).split('/')
      if (!/^\d+(\.\d+){3}$/.test(network)) return yield* deny()
      const device = valueOf('dev')
      const via = valueOf('via')
      return yield* administer(() =>
        p.changeRoute(verb, {
          network: addressNumber(network),
          prefix: Number(prefix),
          gateway: via === undefined ? 0 : addressNumber(via),
          ...(device !== undefined && { device }),
        }),
      )
    }

    function valueOf(word: string): string | undefined {
      const at = rest.indexOf(word)
      return at === -1 ? undefined : rest[at + 1]
    }

    function* gnuUsage(): Routine<number> {
      yield {
        op: 'write',
        fd: 2,
        data: Buffer.from(
          'Usage: ip [ OPTIONS ] OBJECT { COMMAND | help }\nwhere  OBJECT := { address | link | neighbour | route | rule }\n       OPTIONS := { -s[tatistics] | -br[ief] | -o[neline] | -4 | -6 | -f[amily] { inet | inet6 | link } }\n',
        ),
      }
      return 255
    }

    /** The word after the object; `show` when there is none. */
    function verb(known: string[]): string {
      const word = rest[0]
      if (word === undefined) return 'show'
      const found = known.find(name => name.startsWith(word))
      if (found !== undefined) rest.shift()
      return found ?? (['dev', 'up', 'default', 'table'].includes(word) ? 'show' : 'unknown')
    }

    /** `[dev] NAME` and `up` of a show. */
    function* device(status = 1): Routine<{ name: string | undefined; up: boolean }> {
      let name: string | undefined
      let up = false
      while (rest.length > 0) {
        const word = rest.shift() ?? ''
        if (word === 'up') up = true
        else if (word === 'to' || word === 'scope' || word === 'label' || word === 'type' || word === 'master')
          rest.shift()
        else name = word === 'dev' ? rest.shift() : word
      }
      if (name !== undefined && !(yield* links(p)).some(l => l.name === name)) {
        throw new Failure(gnu ? `Device "${name}" does not exist.` : `can't find device '${name}'`, gnu ? 1 : status)
      }
      return { name, up }
    }

    function* address(): Routine<number> {
      const what = verb(['show', 'list', 'lst', 'add', 'del', 'delete', 'change', 'replace', 'flush'])
      if (what === 'unknown') return bad('address', 1)
      if (what === 'add' || what === 'del' || what === 'delete')
        return yield* changedAddress(what === 'add' ? 'add' : 'del')
      if (!['show', 'list', 'lst'].includes(what)) return yield* deny()
      const { name, up } = yield* device()
      const all = yield* addresses(p)
      const found = yield* links(p)
      style.names = new Map(found.map(each => [each.index, each.name]))
      for (const one of found) {
        if ((name !== undefined && one.name !== name) || (up && (one.flags & 1) === 0)) continue
        const own = all.filter(
          a => a.device === one.name && (style.family === undefined || (style.family === 'inet' ? 4 : 6) === a.family),
        )
        if (style.family !== undefined && style.family !== 'link' && own.length === 0) continue
        yield* out.write(style.brief ? briefLines(one, own, 'address', style) : addressLines(one, own, style))
      }
      return 0
    }

    function* link(): Routine<number> {
      const what = verb(['show', 'list', 'lst', 'set', 'add', 'delete'])
      if (what === 'unknown') return bad('link', 2)
      if (what === 'set') return yield* setLink()
      // The machine's kernel has no drivers for links of its own making.
      if (what === 'add')
        return yield* administer(() => {
          p.setLink('lo', {})
          throw new Errno('EOPNOTSUPP')
        })
      if (!['show', 'list', 'lst'].includes(what)) return yield* deny()
      const { name, up } = yield* device(2)
      const found = yield* links(p)
      style.names = new Map(found.map(each => [each.index, each.name]))
      for (const one of found) {
        if ((name !== undefined && one.name !== name) || (up && (one.flags & 1) === 0)) continue
        yield* out.write(style.brief ? briefLines(one, [], 'link', style) : linkLines(one, style))
      }
      return 0
    }

    /** `ip link set [dev] NAME up|down|mtu N`. */
    function* setLink(): Routine<number> {
      const change: { up?: boolean; mtu?: number } = {}
      let name = ''
      while (rest.length > 0) {
        const word = rest.shift() ?? ''
        if (word === 'up' || word === 'down') change.up = word === 'up'
        else if (word === 'mtu') change.mtu = Number(rest.shift())
        else if (word === 'dev') name = rest.shift() ?? ''
        else if (name === '') name = word
        else return yield* deny()
      }
      try {
        p.setLink(name, change)
        return 0
      } catch (thrown) {
        if (!isErrno(thrown)) throw thrown
        if (thrown.code === 'ENODEV')
          throw new Failure(gnu ? `Cannot find device "${name}"` : `can't find device '${name}'`, gnu ? 1 : 2)
        if (gnu) return yield* deny()
        throw new Failure(`${change.mtu === undefined ? 'SIOCSIFFLAGS' : 'SIOCSIFMTU'}: ${thrown.message}`, 2)
      }
    }

    function bad(name: string, status: number): never {
      if (gnu) throw new Failure(`Command "${rest[0]}" is unknown, try "ip ${name} help".`, 255)
      throw new Failure(`invalid argument '${rest[0]}' to 'ip'`, status)
    }

    function* route(): Routine<number> {
      const what = verb([
        'show',
        'list',
        'lst',
        'get',
        'add',
        'append',
        'del',
        'delete',
        'change',
        'replace',
        'flush',
        'test',
      ])
      if (what === 'unknown') return bad('route', 1)
      const six = style.family === 'inet6'
      const table = six ? yield* routes6(p) : yield* routes(p)
      const own = (yield* addresses(p)).filter(a => a.family === 4)
      if (what === 'get' && !six) {
        const target = rest.find(word => /^\d+\.\d+\.\d+\.\d+/.test(word)) ?? ''
        const local = own.some(a => a.address === target) || target.startsWith('127.')
        const found = routeTo(target, table)
        if (!found && !local) {
          if (gnu) yield { op: 'write', fd: 2, data: Buffer.from('RTNETLINK answers: Network is unreachable\n') }
          else yield* error('RTNETLINK answers: Network is unreachable')
          return 2
        }
        const source = local ? target : (own.find(a => a.device === found?.device)?.address ?? '')
        const via = found && !local && found.gateway !== '0.0.0.0' ? ` via ${found.gateway}` : ''
        const dev = local ? 'lo' : (found?.device ?? '')
        yield* out.write(
          gnu
            ? `${local ? 'local ' : ''}${target}${via} dev ${dev} src ${source} uid ${p.cred.uid} \n    cache ${local ? '<local> ' : ''}\n`
            : `${local ? 'local ' : ''}${target}${via} dev ${dev}  src ${source} \n`,
        )
        return 0
      }
      if (!six && (what === 'add' || what === 'del' || what === 'delete'))
        return yield* changedRoute(what === 'add' ? 'add' : 'del')
      if (!['show', 'list', 'lst'].includes(what)) return yield* deny()
      /** Of several addresses of an interface the one in the route's own network. */
      const sourceOf = ({ device, network, prefix }: (typeof table)[number]): string | undefined => {
        const all = own.filter(a => a.device === device)
        const within = all.find(a => isWithin(addressNumber(a.address), addressNumber(network), prefix))
        return (within ?? all[0])?.address
      }
      const only = rest.includes('dev') ? rest[rest.indexOf('dev') + 1] : undefined
      const byDefault = gnu && rest[0] === 'default'
      for (const one of table) {
        if ((only !== undefined && one.device !== only) || (byDefault && one.prefix !== 0)) continue
        // ip(8) leaves the multicast route to the table `local`.
        if (six && gnu && one.network.startsWith('ff')) continue
        if (six) yield* out.write(route6Line(one, gnu, only !== undefined))
        else yield* out.write(routeLine(one, sourceOf(one), gnu, only !== undefined))
      }
      return 0
    }

    function* rule(): Routine<number> {
      const what = verb(['show', 'list', 'lst', 'add', 'del', 'delete'])
      if (!['show', 'list', 'lst'].includes(what)) return yield* deny()
      const end = gnu ? '' : ' '
      yield* out.write(
        `0:\tfrom all lookup local${end}\n32766:\tfrom all lookup main${end}\n32767:\tfrom all lookup default${end}\n`,
      )
      return 0
    }

    function* neighbour(): Routine<number> {
      const what = verb(['show', 'list', 'lst', 'add', 'del', 'delete', 'change', 'replace', 'flush'])
      if (what === 'unknown') return bad('neigh', 1)
      if (!['show', 'list', 'lst'].includes(what)) return yield* deny()
      const { name } = yield* device()
      for (const one of yield* neighbours(p)) {
        if (name === undefined || one.device === name) yield* out.write(neighbourLine(one, gnu))
      }
      return 0
    }
  },
  { raw: true },
)
