/** ifconfig: interfaces in the old style (busybox and net-tools). Addresses cannot be changed. */
import { isErrno } from '../../vfs/errno.ts'
import { command } from './lib/command.ts'
import { Failure } from './lib/failure.ts'
import { type Address, addresses, fromNumber, IFF, type Link, links, mask } from './lib/interfaces.ts'
import { requireSocket } from './lib/net-words.ts'

export const options = { all: '-a  interfaces that are down, too' }

export const program = command(
  'ifconfig',
  options,
  function* ({ p, out, args, gnu }) {
    const names = args.filter(arg => arg !== '-a')
    const [name, ...change] = names
    requireSocket(p, 'inet', 'dgram')
    const all = yield* links(p)
    const own = yield* addresses(p)
    if (change.length > 0) {
      const [verb = ''] = change
      if (name !== undefined && (verb === 'up' || verb === 'down')) {
        try {
          p.setLink(name, { up: verb === 'up' })
          return 0
        } catch (error) {
          if (!isErrno(error)) throw error
          throw new Failure(`SIOCSIFFLAGS: ${error.message}`)
        }
      }
      const flag = ['up', 'down', 'promisc', '-promisc', 'arp', '-arp'].includes(change[0] ?? '')
      throw new Failure(`${flag ? 'SIOCSIFFLAGS' : 'SIOCSIFADDR'}: Operation not permitted`)
    }
    const shown =
      name === undefined ? [...all].sort((a, b) => (a.name < b.name ? -1 : 1)) : all.filter(link => link.name === name)
    if (name !== undefined && shown.length === 0)
      throw new Failure(`${name}: error fetching interface information: Device not found`)
    for (const link of shown) {
      const list = own.filter(a => a.device === link.name)
      yield* out.write(gnu ? netTools(link, list) : busybox(link, list))
    }
    return 0
  },
  { raw: true },
)

function busybox(link: Link, own: readonly Address[]): string {
  const loopback = (link.flags & IFF.LOOPBACK) !== 0
  const lines = [
    `${link.name.padEnd(9)} Link encap:${loopback ? 'Local Loopback  ' : `Ethernet  HWaddr ${link.mac.toUpperCase()}  `}`,
  ]
  for (const a of own) {
    if (a.family === 4) {
      const broadcast = a.broadcast === undefined ? '' : `  Bcast:${a.broadcast}`
      lines.push(`inet addr:${a.address}${broadcast}  Mask:${fromNumber(mask(a.prefix))}`)
    } else
      lines.push(
        `inet6 addr: ${a.address}/${a.prefix} Scope:${{ host: 'Host', link: 'Link', global: 'Global' }[a.scope]}`,
      )
  }
  const { rxBytes, rxPackets, txBytes, txPackets } = link.counters
  lines.push(
    `${flags(link).join(' ')}  MTU:${link.mtu}  Metric:1`,
    `RX packets:${rxPackets} errors:0 dropped:0 overruns:0 frame:0`,
    `TX packets:${txPackets} errors:0 dropped:0 overruns:0 carrier:0`,
    `collisions:0 txqueuelen:${link.queueLength} `,
    `RX bytes:${rxBytes} (${units(rxBytes)})  TX bytes:${txBytes} (${units(txBytes)})`,
  )
  return `${lines.map((line, i) => (i === 0 ? line : `          ${line}`)).join('\n')}\n\n`
}

function netTools(link: Link, own: readonly Address[]): string {
  const loopback = (link.flags & IFF.LOOPBACK) !== 0
  const { rxBytes, rxPackets, txBytes, txPackets } = link.counters
  const running = link.flags | IFF.RUNNING
  const lines = [`${link.name}: flags=${running & 0xffff}<${flags(link).join(',')}>  mtu ${link.mtu}`]
  for (const a of own) {
    if (a.family === 4) {
      const broadcast = a.broadcast === undefined ? '' : `  broadcast ${a.broadcast}`
      lines.push(`inet ${a.address}  netmask ${fromNumber(mask(a.prefix))}${broadcast}`)
    } else
      lines.push(
        `inet6 ${a.address}  prefixlen ${a.prefix}  scopeid ${{ host: '0x10<host>', link: '0x20<link>', global: '0x0<global>' }[a.scope]}`,
      )
  }
  lines.push(
    loopback
      ? `loop  txqueuelen ${link.queueLength}  (Local Loopback)`
      : `ether ${link.mac}  txqueuelen ${link.queueLength}  (Ethernet)`,
    `RX packets ${rxPackets}  bytes ${rxBytes} (${units(rxBytes)})`,
    'RX errors 0  dropped 0  overruns 0  frame 0',
    `TX packets ${txPackets}  bytes ${txBytes} (${units(txBytes)})`,
    'TX errors 0  dropped 0 overruns 0  carrier 0  collisions 0',
  )
  return `${lines.map((line, i) => (i === 0 ? line : `        ${line}`)).join('\n')}\n\n`
}

function flags(link: Link): string[] {
  const bits: [number, string][] = [
    [IFF.UP, 'UP'],
    [IFF.BROADCAST, 'BROADCAST'],
    [IFF.LOOPBACK, 'LOOPBACK'],
    [IFF.UP, 'RUNNING'],
    [IFF.MULTICAST, 'MULTICAST'],
  ]
  return bits.filter(([bit]) => (link.flags & bit) !== 0).map(([, name]) => name)
}

/** "486.0 B", "27.6 KiB", "2.8 MiB". */
function units(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 1024 && unit < 4) {
    value /= 1024
    unit++
  }
  return `${(Math.floor(value * 10) / 10).toFixed(1)} ${['B', 'KiB', 'MiB', 'GiB', 'TiB'][unit]}`
}
