/** `explain mounts CONTAINER`: what lies where, and what of it is still there when the container is not. */
import type { ContainerInspect, MountPoint } from '../api/container.ts'
import type { Engine } from '../engine/engine.ts'
import type { Pen } from './pen.ts'
import type { MountsData } from './schema/mounts.ts'
import { topicOf } from './topic.ts'

type Row = MountsData['rows'][number]

/** What Docker labels a volume with that got its name from the engine. */
const anonymousLabel = 'com.docker.volume.anonymous'

export const topic = topicOf<MountsData>({
  async collect({ engine }, { args: [reference = ''] }) {
    const container = await engine.containers.inspect(reference, { size: true })
    const mounted = await Promise.all(container.Mounts.map(mount => rowOf(engine, container, mount)))
    const temporary = Object.keys(container.HostConfig.Tmpfs ?? {}).map(
      (path): Row => ({ ...base(path, 'tmpfs', 'memory'), survives: survives('tmpfs') }),
    )
    const writable = !container.HostConfig.ReadonlyRootfs
    return {
      container: {
        id: container.Id,
        name: container.Name.slice(1),
        image: container.Config.Image,
        autoRemove: container.HostConfig.AutoRemove,
      },
      rows: [
        { ...base('/', 'layer', 'the writable layer'), writable, survives: survives('layer') },
        ...[...mounted, ...temporary].sort((a, b) => (a.path < b.path ? -1 : 1)),
      ],
      writable: container.SizeRw ?? 0,
    }
  },
  draw,
  next({ container: { name }, rows }) {
    const volume = rows.find(row => row.kind === 'volume' || row.kind === 'anonymous volume')
    return [
      `diff ${name}`,
      volume
        ? `volume inspect ${volume.source}`
        : `run -d -v data:/data --name keeper ${name === 'keeper' ? 'nginx' : 'busybox'} sleep 1h`,
      volume ? `run --rm -v ${volume.source}:/data busybox ls -la /data` : 'explain mounts keeper',
    ]
  },
  demo: {
    files: { 'src/index.html': '<h1>mine</h1>\n' },
    steps: [
      [
        'run',
        '-d',
        '--name',
        'web',
        '-v',
        'data:/data',
        '-v',
        '/cache',
        '--tmpfs',
        '/scratch',
        '-v',
        './src:/src:ro',
        'busybox',
        'sleep',
        '1d',
      ],
      ['exec', 'web', 'sh', '-c', 'for d in /data /cache /scratch /tmp; do echo kept > $d/note; done'],
    ],
    show: ['web'],
  },
})

const base = (path: string, kind: Row['kind'], source: string): Omit<Row, 'survives'> => ({
  path,
  kind,
  source,
  writable: true,
  sharedWith: [],
})

/** What of each kind outlives what: stopping, `rm`, `rm -v`. */
function survives(kind: Row['kind']): Row['survives'] {
  switch (kind) {
    case 'layer':
      return { stop: true, rm: false, rmVolumes: false }
    case 'tmpfs':
      return { stop: false, rm: false, rmVolumes: false }
    case 'anonymous volume':
      return { stop: true, rm: true, rmVolumes: false }
    default:
      return { stop: true, rm: true, rmVolumes: true }
  }
}

async function rowOf(engine: Engine, { Id }: ContainerInspect, mount: MountPoint): Promise<Row> {
  const kind = await kindOf(engine, mount)
  const users =
    mount.Name === undefined ? [] : await engine.containers.list({ all: true, filters: { volume: [mount.Name] } })
  return {
    path: mount.Destination,
    kind,
    source: mount.Name ?? (mount.Source || 'memory'),
    writable: mount.RW,
    sharedWith: users.filter(other => other.Id !== Id).map(other => (other.Names[0] ?? '').slice(1)),
    survives: survives(kind),
  }
}

async function kindOf(engine: Engine, { Type, Name }: MountPoint): Promise<Row['kind']> {
  if (Type === 'tmpfs' || Type === 'image') return Type
  if (Type !== 'volume' || Name === undefined) return 'bind'
  const { Labels } = await engine.volumes.inspect(Name)
  return Labels && anonymousLabel in Labels ? 'anonymous volume' : 'volume'
}

function draw(data: MountsData, pen: Pen): string {
  const { signs, colors } = pen
  const mark = (stays: boolean): string => (stays ? colors.green(signs.yes) : colors.red(signs.no))
  const wide = pen.width >= 76
  const rows = data.rows.map(row => [
    row.path,
    `${row.kind}${row.writable ? '' : ' (ro)'}`,
    ...(wide ? [row.source] : []),
    mark(row.survives.stop),
    mark(row.survives.rm),
    mark(row.survives.rmVolumes),
  ])
  const shared = data.rows.filter(row => row.sharedWith.length > 0)
  return [
    pen.title(`Where ${data.container.name} (${data.container.image}) keeps its files`),
    '',
    pen.table(['path', 'what', ...(wide ? ['source'] : []), 'stop', 'rm', 'rm -v'], rows, {
      flexible: wide ? [2, 0] : [0, 1],
    }),
    '',
    pen.wrap(`${signs.yes} what is written there is still there after the command   ${signs.no} it is gone`),
    '',
    pen.wrap(
      `The writable layer holds ${pen.size(data.writable)}. It outlives stop and start, and goes with the container; a volume goes only when it is removed itself.`,
    ),
    pen.wrap(
      'The engine mounts files of its own over /etc/hostname, /etc/hosts and /etc/resolv.conf: what is written there is in no layer.',
    ),
    ...(data.container.autoRemove
      ? [pen.wrap('Made with --rm: it is removed as soon as it ends, its anonymous volumes with it, as by rm -v.')]
      : []),
    ...shared.map(row => pen.wrap(`${row.source} is also mounted in ${row.sharedWith.join(', ')}`)),
  ].join('\n')
}
