/** netstat: sockets, routes and interfaces (busybox and net-tools). */
import type { Routine } from '../program.ts'
import { command } from './lib/command.ts'
import { links, routes, textOf } from './lib/interfaces.ts'
import { routeTable } from './lib/route-table.ts'
import { type Socket, serviceNames, socketOwners, sockets } from './lib/sockets.ts'

export const options = {
  routes: '-r --route  the routing table',
  all: '-a --all  all sockets',
  listening: '-l --listening  listening sockets',
  tcp: '-t --tcp  TCP',
  udp: '-u --udp  UDP',
  raw: '-w --raw  raw sockets',
  unix: '-x --unix  UNIX sockets',
  extend: '-e --extend  more columns',
  numeric: '-n --numeric  no names',
  programs: '-p --programs  which process holds it',
  wide: '-W --wide  do not cut addresses',
  interfaces: 'gnu: -i --interfaces  interfaces',
  statistics: 'gnu: -s --statistics  accepted',
  four: 'gnu: -4  IPv4 only',
  six: 'gnu: -6  IPv6 only',
  continuous: 'gnu: -c --continuous  accepted',
}

export const program = command('netstat', options, function* ({ p, out, options: given, gnu, error }) {
  const numeric = given.has('numeric')
  if (given.has('routes')) {
    yield* out.write(routeTable(yield* routes(p), { numeric, netstat: true }))
    return 0
  }
  if (given.has('interfaces')) {
    yield* out.write(
      'Kernel Interface table\nIface      MTU    RX-OK RX-ERR RX-DRP RX-OVR    TX-OK TX-ERR TX-DRP TX-OVR Flg\n',
    )
    for (const link of yield* links(p)) {
      const { rxPackets, txPackets } = link.counters
      const cells = [rxPackets, 0, 0, 0].map((n, i) => String(n).padStart(i === 0 ? 8 : 6))
      const sent = [txPackets, 0, 0, 0].map((n, i) => String(n).padStart(i === 0 ? 8 : 6))
      yield* out.write(
        `${link.name.padEnd(8)} ${String(link.mtu).padStart(5)} ${cells.join(' ')} ${sent.join(' ')} ${link.name === 'lo' ? 'LRU' : 'BMRU'}\n`,
      )
    }
    return 0
  }
  const picked = (['tcp', 'udp', 'raw', 'unix'] as const).filter(key => given.has(key))
  const wants = (key: (typeof picked)[number]) => picked.length === 0 || picked.includes(key)
  const which = given.has('all') ? 'servers and established' : given.has('listening') ? 'only servers' : 'w/o servers'
  const services = numeric ? new Map<number, string>() : yield* serviceNames(p)
  const owners = given.has('programs') ? yield* socketOwners(p) : undefined
  if (owners && p.cred.uid !== 0) {
    if (gnu)
      yield {
        op: 'write',
        fd: 2,
        data: Buffer.from(
          '(Not all processes could be identified, non-owned process info\n will not be shown, you would have to be root to see it all.)\n',
        ),
      }
    else yield* error('showing only processes with your user ID')
  }
  if (wants('tcp') || wants('udp')) {
    yield* out.write(`Active Internet connections (${which})\n`)
    const more = given.has('extend') ? 'User       Inode      ' : ''
    yield* out.write(
      `Proto Recv-Q Send-Q Local Address           Foreign Address         State       ${more}${owners ? 'PID/Program name' : ''}${owners && gnu ? '    ' : ''}\n`,
    )
    for (const protocol of ['tcp', 'tcp6', 'udp', 'udp6'] as const) {
      if (!wants(protocol.startsWith('tcp') ? 'tcp' : 'udp')) continue
      for (const socket of yield* sockets(p, protocol)) if (isShown(socket)) yield* out.write(line(socket))
    }
  }
  if (wants('unix')) yield* unixSockets()
  return 0

  function isShown(socket: Socket): boolean {
    if (given.has('all')) return true
    const server = socket.state === 'LISTEN' || (socket.protocol.startsWith('udp') && socket.state === '')
    return given.has('listening') === server
  }

  function line(s: Socket): string {
    const end = (address: string, port: number) => {
      const host =
        !numeric && address === '127.0.0.1' ? 'localhost' : !numeric && gnu && address === '::' ? '[::]' : address
      return `${host}:${port === 0 ? '*' : (services.get(port) ?? String(port))}`.padEnd(23)
    }
    const proto = gnu ? s.protocol : s.protocol.replace('6', '')
    const head = `${proto.padEnd(5)} ${String(s.receiveQueue).padStart(6)} ${String(s.sendQueue).padStart(6)}`
    const extra = given.has('extend') ? `${String(s.uid).padEnd(10)} ${String(s.inode).padEnd(10)} ` : ''
    const owner = owners?.get(s.inode)
    const program = owners ? (owner ? `${owner.pid}/${owner.name}` : '-').padEnd(gnu ? 20 : 0) : ''
    return `${head} ${end(s.local, s.localPort)} ${end(s.peer, s.peerPort)} ${s.state.padEnd(11)} ${extra}${program}\n`
  }

  function* unixSockets(): Routine<void> {
    yield* out.write(
      `Active UNIX domain sockets (${which})\nProto RefCnt Flags       Type       State         I-Node Path\n`,
    )
    for (const text of (yield* textOf(p, '/proc/net/unix')).split('\n').slice(1)) {
      const [, count = '', , flags = '', type = '', state = '', inode, path = ''] = text.trim().split(/\s+/)
      if (inode === undefined) continue
      const server = flags === '00010000'
      if (!given.has('all') && given.has('listening') !== server) continue
      const kind = type === '0001' ? 'STREAM' : type === '0002' ? 'DGRAM' : 'SEQPACKET'
      const status = server ? 'LISTENING' : state === '03' ? 'CONNECTED' : ''
      yield* out.write(
        `unix  ${String(Number.parseInt(count, 16)).padEnd(6)} ${(server ? '[ ACC ]' : '[ ]').padEnd(11)} ${kind.padEnd(10)} ${status.padEnd(13)} ${inode.padStart(6)} ${path}\n`,
      )
    }
  }
})
