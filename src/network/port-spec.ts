/** `-p` and `--expose` (docker/go-connections nat.ParsePortSpec). */
import type { PortBinding, PortMap } from '../api/container.ts'

const protocols = ['tcp', 'udp', 'sctp']

/** Reads every `-p`: the exposed ports and their bindings, ranges spelled out. */
export function parsePublish(specs: readonly string[]): { exposed: string[]; bindings: PortMap } {
  const exposed = new Set<string>()
  const bindings: Record<string, PortBinding[]> = {}
  for (const spec of specs) {
    for (const { container, binding } of spec.includes('=') && !spec.includes(':')
      ? parseLong(spec)
      : parseShort(spec)) {
      exposed.add(container)
      ;(bindings[container] ??= []).push(binding)
    }
  }
  return { exposed: [...exposed], bindings }
}

/** Reads an `--expose`: a port or a range, with a protocol. */
export function parseExpose(spec: string): string[] {
  if (spec.includes(':')) throw new Error(`invalid port format for --expose: ${spec}`)
  const [ports = '', protocol = 'tcp'] = spec.split('/')
  const [first, last] = parseRange(
    ports,
    reason => new Error(`invalid range format for --expose: ${ports}, error: ${reason}`),
  )
  return Array.from({ length: last - first + 1 }, (_, at) => `${first + at}/${protocol}`)
}

/** `published=8080,target=80,protocol=tcp`. */
function parseLong(spec: string): { container: string; binding: PortBinding }[] {
  let [target, published, protocol] = ['', '', 'tcp']
  for (const field of spec.split(',')) {
    const [key = '', value = ''] = field.split('=')
    if (key === 'target') target = value
    else if (key === 'published') published = value
    else if (key === 'protocol') protocol = value
    else if (key !== 'mode') break
  }
  return parseShort(`${published}:${target}/${protocol}`)
}

function parseShort(spec: string): { container: string; binding: PortBinding }[] {
  const slash = spec.indexOf('/')
  // Go's SplitProtoPort: what comes after a second slash is ignored, and nothing at all means tcp.
  const protocol = (slash < 0 ? 'tcp' : spec.slice(slash + 1).split('/')[0] || 'tcp').toLowerCase()
  const address = slash < 0 ? spec : spec.slice(0, slash)
  const [ip, host, container] = splitAddress(address)
  if (ip !== '' && !isAddress(ip)) throw new Error(`Invalid ip address: ${ip}`)
  if (container === '') throw new Error(`No port specified: ${spec}<empty>`)
  const [first, last] = parseRange(container, () => new Error(`Invalid containerPort: ${container}`))
  const [hostFirst, hostLast] = host === '' ? [0, 0] : parseRange(host, () => new Error(`Invalid hostPort: ${host}`))
  const count = last - first
  // A single container port may take any host port of a range.
  if (host !== '' && hostLast - hostFirst !== count && count !== 0)
    throw new Error(`Invalid ranges specified for container and host Ports: ${container} and ${host}`)
  if (!protocols.includes(protocol)) throw new Error(`Invalid proto: ${spec.slice(slash + 1)}`)
  return Array.from({ length: count + 1 }, (_, at) => ({
    container: `${first + at}/${protocol}`,
    binding: {
      HostIp: ip,
      HostPort:
        host === '' ? '' : count === 0 && hostLast > hostFirst ? `${hostFirst}-${hostLast}` : String(hostFirst + at),
    },
  }))
}

/** `ip:host:container`, where an IPv6 address is in brackets; the words are those of Go's net.SplitHostPort. */
function splitAddress(address: string): [ip: string, host: string, container: string] {
  const parts = address.split(':')
  const raw = parts.slice(0, -2).join(':')
  const rest: [host: string, container: string] = [parts.at(-2) ?? '', parts.at(-1) ?? '']
  const failed = (reason: string): Error => new Error(`Invalid ip address ${raw}: address ${raw}:: ${reason}`)
  if (!raw.startsWith('[')) {
    if (raw.includes(':')) throw failed('too many colons in address')
    return [raw, ...rest]
  }
  if (!raw.includes(']')) throw failed("missing ']' in address")
  if (!raw.endsWith(']')) throw failed('missing port in address')
  return [raw.slice(1, -1), ...rest]
}

function parseRange(text: string, error: (reason: string) => Error): [first: number, last: number] {
  const [from = '', to = from, extra] = text.split('-')
  const read = (part: string): number => {
    if (!/^\d+$/.test(part))
      throw error(
        part === '' ? 'empty string specified for ports' : `strconv.ParseUint: parsing "${part}": invalid syntax`,
      )
    if (Number(part) > 65535) throw error(`strconv.ParseUint: parsing "${part}": value out of range`)
    return Number(part)
  }
  if (extra !== undefined) throw error(`strconv.ParseUint: parsing "${to}-${extra}": invalid syntax`)
  const range: [number, number] = [read(from), read(to)]
  if (range[1] < range[0]) throw error(`Invalid range specified for the Port: ${text}`)
  return range
}

function isAddress(text: string): boolean {
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(text)) return text.split('.').every(part => Number(part) < 256)
  return /^[0-9a-fA-F:.]*:[0-9a-fA-F:.]*$/.test(text)
}
