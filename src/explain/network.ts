/** `explain network [FROM TO]`: who is plugged in where; and the way of a packet with the rule that decided each hop. */
import type { NetworkTrace } from '../engine/engine.ts'
import { invalid } from '../errors.ts'
import { count, type Pen } from './pen.ts'
import type { NetworkData } from './schema/network.ts'
import { topicOf } from './topic.ts'

type Wire = NetworkData['networks'][number]
type Published = NetworkData['published'][number]

export const topic = topicOf<NetworkData>({
  async collect({ engine, internals }, { args: [from, to] }) {
    if (from !== undefined && to === undefined)
      throw invalid('a packet goes from one place to another: name both, as in web db:5432, or host web:80')
    const view = await internals.hostNetwork()
    if (from === undefined || to === undefined) return view
    return { ...view, trace: traced(await engine.host.trace(from, to)) }
  },
  draw,
  next({ networks, published, trace }) {
    const ends = networks.flatMap(network => network.ends)
    const [first, second] = ends
    const port = published[0]
    return [
      ...(trace || !first || !second ? [] : [`explain network ${first.container} ${second.container}`]),
      ...(trace ? ['explain network'] : []),
      ...(port ? [`explain network host ${port.container}:${port.port}`, 'host iptables -t nat -S'] : ['host ip addr']),
      ...(first ? [`exec ${first.container} cat /etc/resolv.conf`] : ['run -d --name web -p 8080:80 nginx:alpine']),
    ].slice(0, 3)
  },
  demo: {
    steps: [
      ['network', 'create', 'shop'],
      ['run', '-d', '--name', 'db', '--network', 'shop', 'redis:7-alpine'],
      ['run', '-d', '--name', 'web', '--network', 'shop', '-p', '8080:80', 'nginx:alpine'],
      ['run', '-d', '--name', 'alone', 'busybox', 'sleep', '1h'],
    ],
    show: ['web', 'db:6379'],
  },
})

/** The engine's trace without the fields that are not set. */
const traced = (trace: NetworkTrace): NonNullable<NetworkData['trace']> => ({
  ...trace,
  Hops: trace.Hops.map(hop => ({ ...hop })),
})

function draw(data: NetworkData, pen: Pen): string {
  const { signs } = pen
  const ends = data.networks.reduce((sum, network) => sum + network.ends.length, 0)
  const { interface: own } = data
  return [
    pen.title('The network of the host and its containers'),
    '',
    `internet ${signs.arrow} ${own.gateway} ${signs.arrow} ${own.name} ${own.address} of the host`,
    pen.wrap(
      `${count(data.networks.length, 'network')} with ${count(ends, 'cable')}: each a veth pair, one end in the container, the other in a bridge of the host.`,
    ),
    '',
    ...data.networks.flatMap(network => [box(network, data.published, pen), '']),
    ...outside(data, pen),
    ...(data.trace ? ['', ...way(data.trace, pen)] : []),
  ]
    .join('\n')
    .replaceAll('\n\n\n', '\n\n')
    .trimEnd()
}

function box(network: Wire, published: readonly Published[], pen: Pen): string {
  const { signs, colors } = pen
  const names = Math.max(0, ...network.ends.map(end => end.container.length))
  const cable = `${signs.line}${signs.line}`
  const ends = network.ends.flatMap(end => [
    `${colors.bold(end.container.padEnd(names))}  ${end.interface} ${colors.cyan(end.ipv4.padEnd(15))} ${cable} ${end.veth} ${cable} ${network.bridge}`,
    ...(end.names.length > 0 ? [`${' '.repeat(names + 2)}DNS: ${end.names.join(', ')}`] : []),
    ...published
      .filter(port => port.address === end.ipv4)
      .map(
        port =>
          `${' '.repeat(names + 2)}host ${port.host}:${port.hostPort} ${signs.arrow} DNAT ${signs.arrow} ${port.address}:${port.port}/${port.protocol}`,
      ),
  ])
  const about = [
    network.dns
      ? 'containers find one another by name: 127.0.0.11 answers'
      : 'by address only: the default bridge has no DNS of names',
    ...(network.internal ? ['internal: no way out, no published ports'] : []),
  ]
  const title = [network.network, network.bridge, ...network.subnets, ...network.gateways.map(at => `gateway ${at}`)]
  return pen.box(title.filter(word => word !== '').join('  '), [
    ...(ends.length > 0 ? ends : ['nothing is plugged in']),
    ...about.map(line => colors.dim(line)),
  ])
}

function outside({ onHost, without }: NetworkData, pen: Pen): string[] {
  return [
    ...(onHost.length > 0 ? [pen.wrap(`On the host's own network, without a wall: ${onHost.join(', ')}`)] : []),
    ...(without.length > 0 ? [pen.wrap(`With no network but lo: ${without.join(', ')}`)] : []),
  ]
}

function way(trace: NonNullable<NetworkData['trace']>, pen: Pen): string[] {
  const { signs, colors } = pen
  const port = trace.Port === 0 ? '' : `:${trace.Port}`
  const width = Math.max(4, ...trace.Hops.map(hop => hop.at.length))
  const indent = ' '.repeat(width + 6)
  return [
    pen.title(`A packet from ${trace.From} to ${trace.Address}${port} (${trace.Protocol})`),
    ...trace.Hops.flatMap(({ at, what, rule, table }, index) => [
      ...(index > 0 ? [`    ${colors.dim(signs.side)}`] : []),
      ...hang(`${String(index + 1).padStart(3)} ${at.padEnd(width)}  `, what, pen),
      ...(rule === undefined
        ? []
        : pen
            .wrap(`${table ? `${table}: ` : ''}${rule}`, indent)
            .split('\n')
            .map(line => colors.cyan(line))),
    ]),
    trace.Reached
      ? colors.green(`${signs.yes} reached: ${trace.Result}`)
      : colors.red(`${signs.no} not reached: ${trace.Result}`),
  ]
}

/** A text that is wrapped beside its label. */
function hang(label: string, text: string, pen: Pen): string[] {
  const lines = pen.wrap(text, ' '.repeat(label.length)).split('\n')
  return lines.map((line, at) => (at === 0 ? label + line.slice(label.length) : line))
}
