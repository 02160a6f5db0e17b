/** The records that ip prints. */
import { type Address, IFF, type Link, type Neighbour, type Route } from './interfaces.ts'

export interface IpStyle {
  family: string | undefined
  oneline: boolean
  brief: boolean
  statistics: boolean
  gnu: boolean
  /** Names of this namespace's interfaces: busybox takes the other end of a pair for one of them. */
  names?: ReadonlyMap<number, string>
}

/** `<LOOPBACK,UP,LOWER_UP>` */
export function flagNames(link: Link, gnu: boolean): string {
  const names: string[] = []
  const add = (bit: number, name: string) => {
    if ((link.flags & bit) !== 0) names.push(name)
  }
  add(IFF.LOOPBACK, 'LOOPBACK')
  add(IFF.BROADCAST, 'BROADCAST')
  add(IFF.POINTOPOINT, 'POINTOPOINT')
  add(IFF.MULTICAST, 'MULTICAST')
  add(IFF.NOARP, 'NOARP')
  add(IFF.PROMISC, 'PROMISC')
  add(IFF.UP, 'UP')
  if ((link.flags & IFF.UP) !== 0 && link.state !== 'down') names.push('LOWER_UP')
  // Busybox cannot see the other end of the pair, which is in another namespace.
  if (!gnu && link.peer !== link.index) names.push('M-DOWN')
  return `<${names.join(',')}>`
}

function label(link: Link, style: IpStyle): string {
  if (link.peer === link.index) return link.name
  return `${link.name}@${(style.gnu ? undefined : style.names?.get(link.peer)) ?? `if${link.peer}`}`
}

function stateName(link: Link): string {
  return link.state.toUpperCase()
}

function headLine(link: Link, style: IpStyle): string {
  const queue = link.queueLength > 0 ? `qlen ${link.queueLength}` : ''
  if (style.gnu) {
    return `${link.index}: ${label(link, style)}: ${flagNames(link, true)} mtu ${link.mtu} qdisc noqueue${link.master === '' ? '' : ` master ${link.master}`} state ${stateName(link)} mode DEFAULT group default ${queue}`
  }
  const qdisc = style.family === 'inet6' ? '' : 'qdisc noqueue '
  const master = link.master === '' ? '' : `master ${link.master} `
  return `${link.index}: ${label(link, style)}: ${flagNames(link, false)} mtu ${link.mtu} ${qdisc}${master}${queue}`
}

function hardwareLine(link: Link, gnu: boolean): string {
  const loopback = (link.flags & IFF.LOOPBACK) !== 0
  const broadcast = loopback ? '00:00:00:00:00:00' : 'ff:ff:ff:ff:ff:ff'
  const peer = gnu && link.peer !== link.index ? ' link-netnsid 0' : ''
  return `    link/${loopback ? 'loopback' : 'ether'} ${link.mac} brd ${broadcast}${peer}`
}

function joinLines(lines: string[], oneline: boolean): string {
  return `${lines.join(oneline ? '\\' : '\n')}\n`
}

export function linkLines(link: Link, style: IpStyle): string {
  const lines = [headLine(link, style), hardwareLine(link, style.gnu)]
  if (style.statistics) {
    const { rxBytes, rxPackets, txBytes, txPackets } = link.counters
    const row = (...cells: number[]) =>
      `    ${cells.map((cell, i) => String(cell).padEnd([10, 8, 6, 7, 7, 5][i] ?? 0)).join(' ')}`
    lines.push('    RX:  bytes packets errors dropped  missed   mcast           ', row(rxBytes, rxPackets, 0, 0, 0, 0))
    lines.push('    TX:  bytes packets errors dropped carrier collsns           ', row(txBytes, txPackets, 0, 0, 0, 0))
  }
  return joinLines(lines, style.oneline)
}

export function addressLines(link: Link, own: readonly Address[], style: IpStyle): string {
  if (style.oneline) {
    return own.map(a => `${link.index}: ${link.name}    ${addressText(a, link, style)}\\       ${lifetime}\n`).join('')
  }
  // `ip addr` leaves out the mode that `ip link` prints.
  const head = headLine(link, style).replace(' mode DEFAULT', '')
  const lines = [head]
  if (style.family === undefined || style.family === 'link') lines.push(hardwareLine(link, style.gnu))
  for (const a of own) lines.push(`    ${addressText(a, link, style)}`, `       ${lifetime}`)
  return joinLines(lines, false)
}

const lifetime = 'valid_lft forever preferred_lft forever'

function addressText(a: Address, link: Link, { gnu }: IpStyle): string {
  const broadcast = a.broadcast === undefined ? '' : ` brd ${a.broadcast}`
  if (a.family === 4) return `inet ${a.address}/${a.prefix}${broadcast} scope ${a.scope} ${link.name}`
  const state = (a.flags & 0x40) !== 0 ? 'tentative ' : ''
  const rest = (a.flags & 0x02) === 0 ? '' : gnu ? 'nodad ' : 'flags 02 '
  return `inet6 ${a.address}/${a.prefix} scope ${a.scope} ${state}${rest}`
}

export function briefLines(link: Link, own: readonly Address[], object: 'address' | 'link', style: IpStyle): string {
  const start = `${label(link, style).padEnd(16)} ${stateName(link).padEnd(14)} `
  if (object === 'link') return `${start}${link.mac} ${flagNames(link, style.gnu)} \n`
  return `${start}${own.map(a => `${a.address}/${a.prefix} `).join('')}\n`
}

export function routeLine(route: Route, source: string | undefined, gnu: boolean, deviceGiven: boolean): string {
  const to = route.prefix === 0 ? 'default' : `${route.network}/${route.prefix}`
  const via = route.gateway === '0.0.0.0' ? '' : ` via ${route.gateway}`
  const dev = deviceGiven ? '' : ` dev ${route.device}`
  const metric = route.metric > 0 ? ` metric ${route.metric}` : ''
  if (route.gateway !== '0.0.0.0') return `${to}${via}${dev}${metric} \n`
  const src = source === undefined ? '' : ` src ${source}`
  return gnu ? `${to}${dev} proto kernel scope link${src}${metric} \n` : `${to}${dev} scope link ${src}${metric} \n`
}

export function route6Line(route: Route, gnu: boolean, deviceGiven: boolean): string {
  const to = route.prefix === 0 ? 'default' : `${route.network}/${route.prefix}`
  const via = route.gateway === '::' ? '' : ` via ${route.gateway}`
  const dev = deviceGiven ? '' : ` dev ${route.device}`
  if (gnu) return `${to}${via}${dev}${via === '' ? ' proto kernel' : ''} metric ${route.metric} pref medium\n`
  return `${route.network.startsWith('ff') ? 'multicast ' : ''}${to}${via}${dev}  metric ${route.metric} \n`
}

export function neighbourLine(one: Neighbour, gnu: boolean): string {
  const known = (one.flags & 2) !== 0
  if (gnu)
    return known
      ? `${one.address} dev ${one.device} lladdr ${one.mac} REACHABLE \n`
      : `${one.address} dev ${one.device} FAILED \n`
  return known
    ? `${one.address} dev ${one.device} lladdr ${one.mac} ref 1 used 0/0/0 probes 1 REACHABLE\n`
    : `${one.address} dev ${one.device}  used 0/0/0 probes 6 FAILED\n`
}
