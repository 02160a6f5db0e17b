/** lsof: open files of processes (busybox: three columns; lsof proper under `gnu`). */
import { isErrno } from '../../vfs/errno.ts'
import type { Proc } from '../program.ts'
import { command } from './lib/command.ts'
import type { ProcessInfo } from './lib/processes.ts'
import { processes } from './lib/processes.ts'
import { type Socket, sockets } from './lib/sockets.ts'
import { readAccounts, userName } from './lib/users.ts'

export const options = {
  internet: 'gnu: -i[=ADDRESS]  network connections, of this address or port',
  pid: 'gnu: -p=PIDS  only these processes',
  command: 'gnu: -c=NAME  only commands that begin with this',
  user: 'gnu: -u=USER  only this user',
  terse: 'gnu: -t  process numbers only',
  numeric: 'gnu: -n -P  no names for hosts, for ports',
  state: 'gnu: -s=STATE  only sockets in this state',
  and: 'gnu: -a  all conditions together',
}

export const program = command('lsof', options, function* ({ p, out, options: given, args, gnu }) {
  const all = yield* processes(p)
  if (!gnu) {
    for (const info of all) {
      for (const { target } of descriptors(p, info.pid))
        yield* out.write(`${info.pid}\t${executable(p, info)}\t${target}\n`)
    }
    return 0
  }
  const accounts = yield* readAccounts(p)
  const open = new Map<number, Socket>()
  for (const kind of ['tcp', 'tcp6', 'udp', 'udp6'] as const)
    for (const socket of yield* sockets(p, kind)) open.set(socket.inode, socket)
  const address = given.value('internet')
  const pids = given.value('pid')?.split(',').map(Number)
  const rows: string[][] = []
  for (const info of all) {
    if (pids && !pids.includes(info.pid)) continue
    if (given.has('command') && !info.comm.startsWith(given.value('command') ?? '')) continue
    const user = userName(accounts, info.euid) ?? String(info.euid)
    if (given.has('user') && given.value('user') !== user) continue
    for (const { fd, target, path } of descriptors(p, info.pid)) {
      const inode = Number(/^socket:\[(\d+)\]$/.exec(target)?.[1])
      const socket = open.get(inode)
      if (
        given.has('internet') &&
        (!socket ||
          !belongs(socket, address ?? '') ||
          (given.has('state') && !given.value('state')?.toUpperCase().includes(socket.state)))
      )
        continue
      if (args.length > 0 && !args.includes(target)) continue
      rows.push([info.comm.slice(0, 9), String(info.pid), user, fd, ...columns(p, target, path, socket)])
    }
  }
  if (given.has('terse')) {
    const found = [...new Set(rows.map(row => row[1] ?? ''))]
    yield* out.write(found.map(pid => `${pid}\n`).join(''))
    return found.length > 0 ? 0 : 1
  }
  if (rows.length === 0) return 1
  const head = ['COMMAND', 'PID', 'USER', 'FD', 'TYPE', 'DEVICE', 'SIZE/OFF', 'NODE', 'NAME']
  const widths = head.map((name, i) => Math.max(name.length, ...rows.map(row => (row[i] ?? '').length)))
  const rightAligned = new Set([1, 2, 3, 5, 6, 7])
  for (const row of [head, ...rows]) {
    yield* out.write(
      `${row.map((cell, i) => (i === row.length - 1 ? cell : rightAligned.has(i) ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0))).join(' ')}\n`,
    )
  }
  return 0
})

function belongs(socket: Socket, address: string): boolean {
  const match = /^(4|6)?(tcp|udp)?@?([^:]*)?(?::(.+))?$/i.exec(address)
  if (!match) return true
  if (match[2] && !socket.protocol.startsWith(match[2].toLowerCase())) return false
  const port = match[4]
  return (
    port === undefined ||
    port.split(',').some(one => Number(one) === socket.localPort || Number(one) === socket.peerPort)
  )
}

function columns(p: Proc, target: string, path: string, socket: Socket | undefined): string[] {
  if (socket) {
    const end = (host: string, port: number) =>
      `${host === '0.0.0.0' || host === '::' ? '*' : host}:${port === 0 ? '*' : port}`
    const peer = socket.peerPort === 0 ? '' : `->${end(socket.peer, socket.peerPort)}`
    const name = `${end(socket.local, socket.localPort)}${peer}${socket.state === '' ? '' : ` (${socket.state})`}`
    return [
      socket.protocol.endsWith('6') ? 'IPv6' : 'IPv4',
      String(socket.inode),
      '0t0',
      socket.protocol.slice(0, 3).toUpperCase(),
      name,
    ]
  }
  try {
    const stat = p.stat(path)
    const type = { file: 'REG', dir: 'DIR', char: 'CHR', block: 'BLK', fifo: 'FIFO', socket: 'unix', symlink: 'LINK' }[
      stat.type
    ]
    return [
      type,
      stat.rdev ? stat.rdev.join(',') : '0,1',
      stat.type === 'file' || stat.type === 'dir' ? String(stat.size) : '0t0',
      String(stat.ino),
      target,
    ]
  } catch (error) {
    if (!isErrno(error)) throw error
    return ['unknown', '', '', '', target]
  }
}

function executable(p: Proc, info: ProcessInfo): string {
  try {
    return p.readlink(`/proc/${info.pid}/exe`)
  } catch (error) {
    if (!isErrno(error)) throw error
    return info.comm
  }
}

function descriptors(p: Proc, pid: number): { fd: string; target: string; path: string }[] {
  try {
    return p.readdir(`/proc/${pid}/fd`).map(({ name }) => {
      const path = `/proc/${pid}/fd/${name}`
      return { fd: `${name}u`, target: p.readlink(path), path }
    })
  } catch (error) {
    if (isErrno(error)) return []
    throw error
  }
}
