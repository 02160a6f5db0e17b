/** ss: sockets (iproute2). */
import { command } from './lib/command.ts'
import { type Socket, serviceNames, socketOwners, sockets } from './lib/sockets.ts'

export const options = {
  all: '-a --all  all sockets',
  listening: '-l --listening  listening sockets',
  tcp: '-t --tcp  TCP',
  udp: '-u --udp  UDP',
  unix: '-x --unix  UNIX sockets',
  numeric: '-n --numeric  no service names',
  processes: '-p --processes  which process holds it',
  four: '-4 --ipv4  IPv4 only',
  six: '-6 --ipv6  IPv6 only',
  noHeader: '-H --no-header  no header',
  summary: '-s --summary  totals only',
  extend: '-e --extended  accepted',
  info: '-i --info  accepted',
  options: '-o --options  accepted',
}

export const program = command('ss', options, function* ({ p, out, options: given }) {
  const protocols = (['udp', 'tcp'] as const).filter(key => (!given.has('tcp') && !given.has('udp')) || given.has(key))
  const all: Socket[] = []
  for (const protocol of protocols) {
    for (const kind of [protocol, `${protocol}6`] as const) {
      if ((given.has('four') && kind.endsWith('6')) || (given.has('six') && !kind.endsWith('6'))) continue
      all.push(...(yield* sockets(p, kind)))
    }
  }
  if (given.has('summary')) {
    const tcp = all.filter(s => s.protocol.startsWith('tcp'))
    const open = tcp.filter(s => s.state === 'ESTABLISHED').length
    yield* out.write(`Total: ${all.length}\nTCP:   ${tcp.length} (estab ${open}, closed 0, orphaned 0, timewait 0)\n`)
    return 0
  }
  const services = given.has('numeric') ? new Map<number, string>() : yield* serviceNames(p)
  const owners = given.has('processes') ? yield* socketOwners(p) : undefined
  const shown = all.filter(s => {
    const server = s.state === 'LISTEN' || s.state === ''
    return given.has('all') || given.has('listening') === server
  })
  const both = protocols.length > 1
  const rows = shown.map(s => ({
    net: s.protocol.replace('6', ''),
    state:
      { LISTEN: 'LISTEN', ESTABLISHED: 'ESTAB', '': 'UNCONN', TIME_WAIT: 'TIME-WAIT', CLOSE_WAIT: 'CLOSE-WAIT' }[
        s.state
      ] ?? s.state.replace('_', '-'),
    receive: String(s.receiveQueue),
    send: String(s.state === 'LISTEN' ? 4096 : s.sendQueue),
    local: host(s.local),
    localPort: port(s.localPort),
    peer: host(s.peer),
    peerPort: port(s.peerPort),
    process: owner(s),
  }))
  const width = (least: number, of: (row: (typeof rows)[number]) => string) =>
    Math.max(least, ...rows.map(row => of(row).length))
  const widths = {
    state: width(6, r => r.state),
    local: width(14, r => r.local),
    localPort: width(4, r => r.localPort),
    peer: width(13, r => r.peer),
    peerPort: width(4, r => r.peerPort),
  }
  if (!given.has('noHeader')) {
    yield* out.write(
      `${both ? 'Netid ' : ''}${'State'.padEnd(widths.state)} Recv-Q Send-Q ${'Local Address:'.padStart(widths.local + 1)}${'Port'.padEnd(widths.localPort)} ${'Peer Address:'.padStart(widths.peer + 1)}${'Port'.padEnd(widths.peerPort)}${owners ? 'Process' : ''}\n`,
    )
  }
  for (const row of rows) {
    yield* out.write(
      `${both ? row.net.padEnd(6) : ''}${row.state.padEnd(widths.state)} ${row.receive.padEnd(6)} ${row.send.padEnd(6)} ${row.local.padStart(widths.local)}:${row.localPort.padEnd(widths.localPort)} ${row.peer.padStart(widths.peer)}:${row.peerPort.padEnd(widths.peerPort)}${row.process}\n`,
    )
  }
  return 0

  function host(address: string): string {
    if (address === '::') return given.has('numeric') ? '[::]' : '*'
    return address.includes(':') ? `[${address}]` : address
  }

  function port(number: number): string {
    return number === 0 ? '*' : (services.get(number) ?? String(number))
  }

  function owner(s: Socket): string {
    const found = owners?.get(s.inode)
    return found ? `users:(("${found.name}",pid=${found.pid},fd=${found.fd}))` : ''
  }
})
