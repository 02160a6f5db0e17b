/** /proc/net: interfaces, routes, addresses and sockets of a network namespace, in the kernel's formats. */
import type { FileObject } from './files.ts'
import type { Kernel } from './kernel.ts'
import type { Sandbox } from './sandbox.ts'

interface Route {
  device: string
  network: number
  prefix: number
  gateway: number
}

interface Local {
  device: string
  address: number
  prefix: number
}

/** The files by name; each gives its text when it is read. */
export function netFiles(kernel: Kernel, sandbox: Sandbox): Record<string, () => string> {
  return {
    dev: () => deviceTable(sandbox),
    route: () =>
      [
        'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT',
        ...routes(sandbox).map(
          ({ device, network, prefix, gateway }) =>
            `${device}\t${hex(network)}\t${hex(gateway)}\t${gateway === 0 ? '0001' : '0003'}\t0\t0\t0\t${hex(mask(prefix))}\t0\t0\t0`,
        ),
      ]
        .map(line => `${line.padEnd(127)}\n`)
        .join(''),
    arp: () => 'IP address       HW type     Flags       HW address            Mask     Device\n',
    fib_trie: () => fibTrie(sandbox),
    if_inet6: () =>
      ipv6(sandbox)
        .map(({ device, index, address, prefix }) => {
          const scope = device === 'lo' ? '10' : address.startsWith('fe80') ? '20' : '00'
          const flags = addressFlags(scope, kernel.time - sandbox.bootTime)
          return `${address} ${byte(index)} ${byte(prefix)} ${scope} ${byte(flags)} ${device.padStart(8)}\n`
        })
        .join(''),
    ipv6_route: () => routes6(sandbox),
    tcp: () => socketTable(kernel, sandbox, 'tcp', false),
    tcp6: () => socketTable(kernel, sandbox, 'tcp', true),
    udp: () => socketTable(kernel, sandbox, 'udp', false),
    udp6: () => socketTable(kernel, sandbox, 'udp', true),
    unix: () => 'Num       RefCount Protocol Flags    Type St Inode Path\n',
  }
}

function deviceTable(sandbox: Sandbox): string {
  const head =
    'Inter-|   Receive                                                |  Transmit\n face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n'
  const zeros =
    '       0       0    0    0    0     0          0         0        0       0    0    0    0     0       0          0'
  return (
    head + ['lo', ...sandbox.interfaces.map(each => each.name)].map(name => `${name.padStart(6)}: ${zeros}\n`).join('')
  )
}

/** IPv4 addresses with their prefix lengths, loopback first. */
function locals(sandbox: Sandbox): Local[] {
  const own = sandbox.interfaces.flatMap(({ name, addresses }) =>
    addresses
      .filter(text => !text.includes(':'))
      .map(text => {
        const [address = '', bits = '32'] = text.split('/')
        return { device: name, address: toNumber(address), prefix: Number(bits) }
      }),
  )
  return [{ device: 'lo', address: toNumber('127.0.0.1'), prefix: 8 }, ...own]
}

function routes(sandbox: Sandbox): Route[] {
  const list = locals(sandbox)
    .filter(({ device }) => device !== 'lo')
    .map(({ device, address, prefix }) => ({ device, network: (address & mask(prefix)) >>> 0, prefix, gateway: 0 }))
    .concat(sandbox.routes ?? [])
    .sort((a, b) => a.network - b.network)
  const defaults = sandbox.interfaces.flatMap(({ name, gateway }) =>
    gateway === undefined || gateway.includes(':')
      ? []
      : [{ device: name, network: 0, prefix: 0, gateway: toNumber(gateway) }],
  )
  return [...defaults, ...list]
}

/** The forwarding table: what ip(8) would ask over netlink; tools find the local addresses in it. */
function fibTrie(sandbox: Sandbox): string {
  const nets = locals(sandbox).flatMap(({ address, prefix, device }) => {
    const network = (address & mask(prefix)) >>> 0
    const leaf = (value: number, ...says: string[]) => [
      `        |-- ${dotted(value)}`,
      ...says.map(text => `           ${text}`),
    ]
    return [
      `     +-- ${dotted(network)}/${prefix} 2 0 2`,
      ...leaf(network, `/${prefix} ${device === 'lo' ? 'host LOCAL' : 'link UNICAST'}`),
      ...leaf(address, '/32 host LOCAL'),
      ...leaf((network | ~mask(prefix)) >>> 0, '/32 link BROADCAST'),
    ]
  })
  const universe = routes(sandbox).some(route => route.prefix === 0)
    ? ['     |-- 0.0.0.0', '        /0 universe UNICAST']
    : []
  const table = ['  +-- 0.0.0.0/0 3 0 5', ...universe, ...nets].join('\n')
  return `Main:\n${table}\nLocal:\n${table}\n`
}

function ipv6(sandbox: Sandbox): { device: string; index: number; address: string; prefix: number }[] {
  const own = sandbox.interfaces.flatMap(({ name, index, addresses }) =>
    addresses
      .filter(text => text.includes(':'))
      .map(text => {
        const [address = '', bits = '128'] = text.split('/')
        return { device: name, index, address: groups(address), prefix: Number(bits) }
      }),
  )
  return [{ device: 'lo', index: 1, address: '1'.padStart(32, '0'), prefix: 128 }, ...own]
}

/** How long the kernel looks for another owner of an address that it made up (RFC 4862), in ms. */
const duplicateDetection = 1500

/** IFA_F_ bits: permanent; NODAD on what Docker sets; tentative for link-local addresses of young interfaces. */
function addressFlags(scope: string, age: number): number {
  if (scope === '10') return 0x80
  return scope === '00' ? 0x82 : age < duplicateDetection ? 0xc0 : 0x80
}

/** The IPv6 routing table: target, its length, source, its length, gateway, metric, counters, flags, device. */
function routes6(sandbox: Sandbox): string {
  const none = '0'.repeat(32)
  const line = (to: string, bits: number, via: string, metric: number, flags: number, device: string): string =>
    `${to} ${byte(bits)} ${none} 00 ${via} ${word(metric)} 00000001 00000000 ${word(flags)} ${device.padStart(8)}\n`
  const own = sandbox.interfaces.filter(each => each.addresses.some(text => text.includes(':')))
  const attached = own.flatMap(({ name, addresses }) =>
    addresses
      .filter(text => text.includes(':'))
      .map(text => {
        const [address = '', bits = '64'] = text.split('/')
        const network = groups(address)
          .slice(0, Number(bits) / 4)
          .padEnd(32, '0')
        return { network, line: line(network, Number(bits), none, 256, 1, name) }
      }),
  )
  return [
    ...attached.sort((a, b) => (a.network < b.network ? -1 : a.network > b.network ? 1 : 0)).map(each => each.line),
    ...sandbox.interfaces.flatMap(({ name, gateway6 }) =>
      gateway6 === undefined ? [] : [line(none, 0, groups(gateway6), 1024, 3, name)],
    ),
    ...own.map(({ name }) => line('ff'.padEnd(32, '0'), 8, none, 256, 1, name)),
  ].join('')
}

const word = (value: number): string => value.toString(16).padStart(8, '0')

/** 32 hexadecimal digits of an IPv6 address. */
function groups(address: string): string {
  const [head = '', tail] = address.split('::')
  const words = (text: string) => (text === '' ? [] : text.split(':'))
  const front = words(head)
  const back = tail === undefined ? [] : words(tail)
  const zeros = Array<string>(Math.max(0, 8 - front.length - back.length)).fill('0')
  return [...front, ...zeros, ...back].map(word => word.padStart(4, '0')).join('')
}

type Socket = FileObject & { kind: 'listener' | 'socket' }

/** TCP or UDP sockets of the namespace. A socket bound to `::` is one of IPv6, whatever connects to it. */
function socketTable(kernel: Kernel, sandbox: Sandbox, protocol: 'tcp' | 'udp', six: boolean): string {
  const head = six
    ? '  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n'
    : `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode${protocol === 'udp' ? ' ref pointer drops' : ''}\n`
  const rows: string[] = []
  const own = sandbox.resolver?.[protocol]
  if (own !== undefined && !six)
    rows.push(
      `   0: 0B00007F:${own.toString(16).toUpperCase()} 00000000:0000 ${protocol === 'tcp' ? '0A' : '07'} 00000000:00000000 00:00000000 00000000     0        0 ${own} 1 0000000000000000 100 0 0 10 0`,
    )
  if (sandbox.net === 'host')
    for (const { address, port } of kernel.hooks.proxies?.(protocol) ?? []) {
      if (address.includes(':') !== six) continue
      const [local, peer] = six ? [words(groups(address)), words(groups('::'))] : [hex(toNumber(address)), hex(0)]
      const state = protocol === 'tcp' ? '0A' : '07'
      rows.push(
        `${String(rows.length).padStart(4)}: ${local}:${port.toString(16).toUpperCase().padStart(4, '0')} ${peer}:0000 ${state} 00000000:00000000 00:00000000 00000000     0        0 ${port} 1 0000000000000000 100 0 0 10 0`,
      )
    }
  const seen = new Set<number>()
  for (const other of kernel.sandboxes.values()) {
    if (other.net !== sandbox.net) continue
    for (const process of other.processes.values()) {
      for (const { file } of process.fds.values()) {
        const { object } = file
        if (
          (object.kind !== 'listener' && object.kind !== 'socket') ||
          object.protocol !== protocol ||
          seen.has(file.id)
        )
          continue
        seen.add(file.id)
        if (object.local.address.includes(':') !== six) continue
        rows.push(
          `${String(rows.length).padStart(4)}: ${socketRow(object, six, protocol)} ${String(process.cred.uid).padStart(5)}        0 ${file.id} 1 0000000000000000 100 0 0 10 0`,
        )
      }
    }
  }
  return head + rows.map(row => `${row.padEnd(149)}\n`).join('')
}

function socketRow(object: Socket, six: boolean, protocol: 'tcp' | 'udp'): string {
  const end = ({ address, port }: { address: string; port: number }) =>
    `${six ? words(groups(address)) : hex(toNumber(address))}:${port.toString(16).toUpperCase().padStart(4, '0')}`
  const peer = object.kind === 'socket' ? object.peer : { address: six ? '::' : '0.0.0.0', port: 0 }
  const state = object.kind === 'socket' ? '01' : protocol === 'tcp' ? '0A' : '07'
  const waiting = object.kind === 'listener' ? object.backlog.length : 0
  return `${end(object.local)} ${end(peer)} ${state} 00000000:${waiting.toString(16).toUpperCase().padStart(8, '0')} 00:00000000 00000000`
}

/** An IPv6 address as four words in the machine's order. */
function words(digits: string): string {
  return (digits.match(/.{8}/g) ?? []).map(word => (word.match(/../g) ?? []).reverse().join('').toUpperCase()).join('')
}

function toNumber(address: string): number {
  return address.split('.').reduce((sum, part) => ((sum << 8) | Number(part)) >>> 0, 0)
}

function dotted(value: number): string {
  return [24, 16, 8, 0].map(shift => (value >>> shift) & 255).join('.')
}

function mask(prefix: number): number {
  return prefix === 0 ? 0 : (-1 << (32 - prefix)) >>> 0
}

/** An IPv4 address as the kernel prints it: hexadecimal, lowest byte first. */
function hex(value: number): string {
  return [0, 8, 16, 24]
    .map(shift => byte((value >>> shift) & 255))
    .join('')
    .toUpperCase()
}

function byte(value: number): string {
  return value.toString(16).padStart(2, '0')
}
