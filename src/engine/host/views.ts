/** What runs and listens on the simulated host, and its bridges, as its tools print them. */
import { readIndex } from '../../container/containers.ts'
import { userName } from '../../kernel/userland/lib/users.ts'
import type { StoreReader } from '../../store/types.ts'
import type { EngineContext } from '../context.ts'
import type { Live } from '../live.ts'
import { runs, topologyOf } from '../network/topology.ts'
import { daemons } from './daemons.ts'
import { hostBridges } from './interfaces.ts'

/** `brctl show`. */
export function brctl(reader: StoreReader, args: readonly string[]): string {
  if (args[0] !== undefined && args[0] !== 'show') return 'brctl: only "brctl show" is modelled\n'
  const rows = hostBridges(reader).flatMap(({ name, mac, members }) => {
    const [first = '', ...rest] = members
    return [
      `${name}\t\t8000.${mac.replaceAll(':', '')}\tno\t\t${first}`.trimEnd(),
      ...rest.map(each => `\t\t\t\t\t\t\t${each}`),
    ]
  })
  return ['bridge name\tbridge id\t\tSTP enabled\tinterfaces', ...rows, ''].join('\n')
}

interface Row {
  user: string
  pid: number
  ppid: number
  command: string
}

/** `ps -ef` of the host: the daemon, containerd, a shim and the processes of each container, a proxy for each port. */
export async function hostProcesses(ctx: EngineContext): Promise<string> {
  return ctx.machine.change(async live => {
    const rows: Row[] = daemons.map(({ pid, ppid, argv }) => ({ user: 'root', pid, ppid, command: argv.join(' ') }))
    const daemon = daemons.find(({ comm }) => comm === 'dockerd')?.pid ?? 1
    for (const [at, port] of topologyOf(live.tx).published.entries())
      rows.push({
        user: 'root',
        pid: 1000 + at,
        ppid: daemon,
        command: `/usr/bin/docker-proxy -proto ${port.protocol} -host-ip ${port.hostAddress} -host-port ${port.hostPort} -container-ip ${port.address} -container-port ${port.port} -use-listen-fd`,
      })
    for (const entry of running(live)) {
      const { all, accounts } = (await live.world(live.record(entry.id))).processes()
      const shim = Math.min(...all.map(process => process.ppid))
      rows.push({
        user: 'root',
        pid: shim,
        ppid: 1,
        command: `/usr/bin/containerd-shim-runc-v2 -namespace moby -id ${entry.id} -address /run/containerd/containerd.sock`,
      })
      for (const { euid, pid, ppid, argv } of all)
        rows.push({ user: userName(accounts, euid) ?? String(euid), pid, ppid, command: argv.join(' ') })
    }
    const lines = rows.map(
      ({ user, pid, ppid, command }) =>
        `${user.padEnd(8)} ${String(pid).padStart(7)} ${String(ppid).padStart(7)}  ${command}`,
    )
    return ['UID          PID    PPID  CMD', ...lines, ''].join('\n')
  })
}

const running = (live: Live) =>
  Object.values(readIndex(live.tx).entries)
    .filter(runs)
    .sort((a, b) => a.sequence - b.sequence)

/** `ss -ltn`: docker-proxy's sockets, and those of containers in the host's namespace. `-u` shows udp. */
export async function hostSockets(ctx: EngineContext, args: readonly string[]): Promise<string> {
  const udp = args.some(arg => /^-[a-z]*u/.test(arg))
  const protocol = udp ? 'udp' : 'tcp'
  return ctx.machine.change(async live => {
    for (const entry of running(live)) if (entry.networkMode === 'host') await live.world(live.record(entry.id))
    const proxies = topologyOf(live.tx)
      .published.filter(port => port.protocol === protocol)
      .map(port => ({ address: port.hostAddress, port: port.hostPort }))
    const sockets = [...proxies, ...live.worlds.listenersOf('host', protocol)]
    const rows = sockets.map(({ address, port }) => {
      const six = address.includes(':')
      const local = `${six ? `[${address}]` : address}:${port}`
      return `${udp ? 'UNCONN' : 'LISTEN'} 0      ${udp ? '0   ' : '4096'}   ${local.padStart(18)} ${(six ? '[::]:*' : '0.0.0.0:*').padStart(17)}`
    })
    return ['State  Recv-Q Send-Q Local Address:Port Peer Address:Port', ...rows, ''].join('\n')
  })
}
