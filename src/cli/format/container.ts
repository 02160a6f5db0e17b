/** The list of containers (docker/cli formatter.ContainerContext). */
import type { ContainerSummary, PortSummary } from '../../api/container.ts'
import { quote } from '../../util/strconv.ts'
import type { ListSpec } from './formatter.ts'
import { labelsText } from './labels.ts'
import { ago, ellipsis, goTime, humanSize, shortId } from './units.ts'

export interface ContainerListOptions {
  noTrunc: boolean
  /** Whether the default table has a size. */
  size: boolean
  /** ms since the epoch. */
  now: number
}

const TABLE = 'table {{.ID}}\t{{.Image}}\t{{.Command}}\t{{.RunningFor}}\t{{.Status}}\t{{.Ports}}\t{{.Names}}'
const RAW =
  'container_id: {{.ID}}\nimage: {{.Image}}\ncommand: {{.Command}}\ncreated_at: {{.CreatedAt}}\nstate: {{.State}}\n' +
  'status: {{.Status}}\nnames: {{.Names}}\nlabels: {{- if .Labels}} {{.Labels}}{{- end}}\nports: {{- if .Ports}} {{.Ports}}{{- end}}\n'

/** How containers are listed. */
export const containerList = ({ noTrunc, size, now }: ContainerListOptions): ListSpec<ContainerSummary> => ({
  type: '*formatter.ContainerContext',
  table: size ? `${TABLE}\t{{.Size}}` : TABLE,
  quiet: '{{.ID}}',
  raw: size ? `${RAW}size: {{.Size}}\n` : RAW,
  headers: {
    ID: 'CONTAINER ID',
    Names: 'NAMES',
    Image: 'IMAGE',
    Command: 'COMMAND',
    CreatedAt: 'CREATED AT',
    RunningFor: 'CREATED',
    Ports: 'PORTS',
    State: 'STATE',
    Status: 'STATUS',
    Size: 'SIZE',
    Labels: 'LABELS',
    Mounts: 'MOUNTS',
    LocalVolumes: 'LOCAL VOLUMES',
    Networks: 'NETWORKS',
    Platform: 'PLATFORM',
  },
  columns: {
    ID: c => (noTrunc ? c.Id : shortId(c.Id)),
    Names: c => names(c.Names, noTrunc),
    Image: c => image(c, noTrunc),
    Command: c => quote(noTrunc ? c.Command : ellipsis(c.Command, 20)),
    CreatedAt: c => goTime(c.Created * 1000),
    RunningFor: c => ago(c.Created * 1000, now),
    Ports: c => displayablePorts(c.Ports),
    State: c => c.State,
    Status: c => c.Status,
    Size: c => sizes(c),
    Labels: c => labelsText(c.Labels),
    Mounts: c => c.Mounts.map(m => (noTrunc ? m.Name || m.Source : ellipsis(m.Name || m.Source, 15))).join(','),
    LocalVolumes: c => String(c.Mounts.filter(m => m.Driver === 'local').length),
    Networks: c => Object.keys(c.NetworkSettings.Networks).sort().join(','),
    Platform: () => null,
  },
  methods: { Label: (c, name) => c.Labels[name] ?? '' },
})

/** Without the names that links gave it, unless nothing is to be cut. */
function names(all: readonly string[], noTrunc: boolean): string {
  const plain = all.map(name => name.replace(/^\//, ''))
  const own = noTrunc ? undefined : plain.find(name => !name.includes('/'))
  return own ?? plain.join(',')
}

function image({ Image, ImageID }: ContainerSummary, noTrunc: boolean): string {
  if (Image === '') return '<no image>'
  if (noTrunc) return Image
  if (shortId(ImageID) === shortId(Image)) return shortId(Image)
  return Image.replace(/@[a-z0-9]+:[0-9a-f]+$/, '')
}

function sizes({ SizeRw = 0, SizeRootFs = 0 }: ContainerSummary): string {
  const own = humanSize(SizeRw, 3)
  return SizeRootFs > 0 ? `${own} (virtual ${humanSize(SizeRootFs, 3)})` : own
}

const hostPort = (ip: string, port: string): string => (ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`)

/** `0.0.0.0:8080->80/tcp, 443/tcp`; neighbouring ports with the same number on the host are a range. */
export function displayablePorts(ports: readonly PortSummary[]): string {
  const sorted = [...ports].sort(
    (a, b) =>
      a.PrivatePort - b.PrivatePort ||
      compare(a.IP ?? '', b.IP ?? '') ||
      (a.PublicPort ?? 0) - (b.PublicPort ?? 0) ||
      compare(a.Type, b.Type),
  )
  const groups = new Map<string, { ip: string; type: string; first: number; last: number }>()
  const ranges: string[] = []
  const mapped: string[] = []
  for (const { IP: ip = '', PrivatePort: port, PublicPort, Type: type } of sorted) {
    if (ip !== '' && PublicPort !== port) {
      mapped.push(`${hostPort(ip, String(PublicPort ?? 0))}->${port}/${type}`)
      continue
    }
    const key = `${ip}/${type}`
    const group = groups.get(key)
    if (group && port === group.last + 1) group.last = port
    else {
      if (group) ranges.push(rangeText(group))
      // Setting a known key keeps its place: Docker lists groups in the order in which they first came up.
      groups.set(key, { ip, type, first: port, last: port })
    }
  }
  return [...ranges, ...[...groups.values()].map(rangeText), ...mapped].join(', ')
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

function rangeText({ ip, type, first, last }: { ip: string; type: string; first: number; last: number }): string {
  const range = first === last ? String(first) : `${first}-${last}`
  return `${ip === '' ? range : `${hostPort(ip, range)}->${range}`}/${type}`
}
