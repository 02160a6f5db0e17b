/** Sockets as /proc/net/tcp, tcp6, udp, udp6 and unix list them, and who holds them. */
import { isErrno } from '../../../vfs/errno.ts'
import type { Proc, Routine } from '../../program.ts'
import { fromNumber, ipv6FromHex, textOf } from './interfaces.ts'

export interface Socket {
  readonly protocol: 'tcp' | 'tcp6' | 'udp' | 'udp6'
  readonly local: string
  readonly localPort: number
  readonly peer: string
  readonly peerPort: number
  /** ESTABLISHED, LISTEN, …; '' for an unconnected UDP socket. */
  readonly state: string
  readonly sendQueue: number
  readonly receiveQueue: number
  readonly uid: number
  readonly inode: number
}

const states = [
  '',
  'ESTABLISHED',
  'SYN_SENT',
  'SYN_RECV',
  'FIN_WAIT1',
  'FIN_WAIT2',
  'TIME_WAIT',
  'CLOSE',
  'CLOSE_WAIT',
  'LAST_ACK',
  'LISTEN',
  'CLOSING',
]

export function* sockets(p: Proc, protocol: Socket['protocol']): Routine<Socket[]> {
  const list: Socket[] = []
  for (const line of (yield* textOf(p, `/proc/net/${protocol}`)).split('\n').slice(1)) {
    const [, local = '', peer = '', state = '', queues = '', , , uid = '', , inode = ''] = line.trim().split(/\s+/)
    if (inode === '') continue
    const [send = '', receive = ''] = queues.split(':')
    const code = Number.parseInt(state, 16)
    list.push({
      protocol,
      local: address(local),
      localPort: port(local),
      peer: address(peer),
      peerPort: port(peer),
      state: protocol.startsWith('udp') ? (code === 1 ? 'ESTABLISHED' : '') : (states[code] ?? ''),
      sendQueue: Number.parseInt(send, 16),
      receiveQueue: Number.parseInt(receive, 16),
      uid: Number(uid),
      inode: Number(inode),
    })
  }
  return list
}

function address(text: string): string {
  const hex = text.split(':')[0] ?? ''
  if (hex.length === 8) return fromNumber(swap(hex))
  const words = (hex.match(/.{8}/g) ?? []).map(word => swap(word).toString(16).padStart(8, '0'))
  const full = ipv6FromHex(words.join(''))
  // An IPv4 peer of an IPv6 socket.
  return words[2] === '0000ffff' && words[0] === '00000000'
    ? `::ffff:${fromNumber(Number.parseInt(words[3] ?? '0', 16))}`
    : full
}

function port(text: string): number {
  return Number.parseInt(text.split(':')[1] ?? '0', 16)
}

function swap(hex: string): number {
  return Number.parseInt((hex.match(/../g) ?? []).reverse().join(''), 16)
}

/** Which process holds each socket, by inode: `PID/NAME`. Processes of others are left out, as for any user. */
export function* socketOwners(p: Proc): Routine<Map<number, { pid: number; name: string; fd: number }>> {
  const owners = new Map<number, { pid: number; name: string; fd: number }>()
  for (const { name: pid } of p.readdir('/proc')) {
    if (!/^\d+$/.test(pid)) continue
    let fds: string[] = []
    try {
      fds = p.readdir(`/proc/${pid}/fd`).map(entry => entry.name)
    } catch (error) {
      if (!isErrno(error)) throw error
    }
    for (const fd of fds) {
      const inode = socketInode(p, `/proc/${pid}/fd/${fd}`)
      if (inode === undefined || owners.has(inode)) continue
      const comm = (yield* textOf(p, `/proc/${pid}/comm`)).trim()
      owners.set(inode, { pid: Number(pid), name: comm, fd: Number(fd) })
    }
  }
  return owners
}

function socketInode(p: Proc, path: string): number | undefined {
  try {
    const match = /^socket:\[(\d+)\]$/.exec(p.readlink(path))
    return match ? Number(match[1]) : undefined
  } catch (error) {
    if (isErrno(error)) return undefined
    throw error
  }
}

/** Names of /etc/services for the ports that show up most. */
const services: ReadonlyMap<number, string> = new Map([
  [21, 'ftp'],
  [22, 'ssh'],
  [23, 'telnet'],
  [25, 'smtp'],
  [53, 'domain'],
  [80, 'http'],
  [110, 'pop3'],
  [143, 'imap2'],
  [443, 'https'],
])

/** The name of a port when the container has /etc/services, as getservbyport(3). */
export function* serviceNames(p: Proc): Routine<ReadonlyMap<number, string>> {
  const text = yield* textOf(p, '/etc/services')
  if (text === '') return new Map()
  const names = new Map(services)
  for (const match of text.matchAll(/^([\w-]+)\s+(\d+)\/tcp/gm)) {
    if (match[1] && !names.has(Number(match[2]))) names.set(Number(match[2]), match[1])
  }
  return names
}
