import { describe, expect, it } from 'vitest'
import type { DiskUsage, EventMessage } from '../../../src/api/system.ts'
import { notFound } from '../../../src/errors.ts'
import { fakeEngine } from '../fake-engine.ts'
import { runLine } from '../memory-context.ts'

const volume = (Name: string) => ({
  CreatedAt: '2026-11-23T14:00:00Z',
  Driver: 'local',
  Labels: null,
  Mountpoint: `/var/lib/docker/volumes/${Name}/_data`,
  Name,
  Options: null,
  Scope: 'local',
})

describe('inspect', () => {
  const engine = fakeEngine({
    containers: { inspect: async id => Promise.reject(notFound(`No such container: ${id}`)) },
    images: { inspect: async id => Promise.reject(notFound(`No such image: ${id}:latest`)) },
    networks: { inspect: async id => Promise.reject(notFound(`network ${id} not found`)) },
    volumes: {
      inspect: async name => {
        if (name === 'data') return volume('data')
        throw notFound(`get ${name}: no such volume`)
      },
    },
  })
  const run = (...argv: string[]) => runLine(['inspect', ...argv], { engine })

  it('looks through the kinds of objects', async () => {
    expect((await run('-f', '{{.Name}} {{.Labels}} {{json .Labels}}', 'data')).stdout).toBe('data map[] null\n')
  })

  it('indents by four', async () => {
    expect((await run('data')).stdout).toBe(`[
    {
        "CreatedAt": "2026-11-23T14:00:00Z",
        "Driver": "local",
        "Labels": null,
        "Mountpoint": "/var/lib/docker/volumes/data/_data",
        "Name": "data",
        "Options": null,
        "Scope": "local"
    }
]
`)
  })

  it.each([
    [['nope'], '[]\n', 'Error: No such object: nope\n', 1],
    [['--type', 'image', 'c1'], '[]\n', 'Error response from daemon: No such image: c1:latest\n', 1],
    [['--type', 'volume', 'nope'], '[]\n', 'Error response from daemon: get nope: no such volume\n', 1],
    [[''], '[]\n', 'invalid container name or ID: value is empty\n', 1],
    [['-f', '{{.Name', 'data'], '', 'template parsing error: template: :1: unclosed action\n', 64],
    [['-f', '{{.Name}}', 'x', 'data', 'y'], 'data\n', 'Error: No such object: x\nError: No such object: y\n', 1],
    [['-f', '{{.Name}}', 'x'], '\n', 'Error: No such object: x\n', 1],
    [
      ['--type', 'spoon', 'c1'],
      '',
      'unknown type: "spoon": must be one of "config", "container", "image", "network", "node", "plugin", "secret", "service", "task", "volume"\n',
      1,
    ],
  ])('%j fails as in Docker', async (argv, stdout, stderr, status) => {
    expect(await run(...argv)).toEqual({ stdout, stderr, status })
  })
})

describe('events', () => {
  const event: EventMessage = {
    status: 'die',
    id: 'ab4c',
    from: 'busybox',
    Type: 'container',
    Action: 'die',
    Actor: { ID: 'ab4c', Attributes: { name: 'svc', exitCode: '137', image: 'busybox' } },
    scope: 'local',
    time: 1_795_442_948,
    timeNano: 1_795_442_948_500_000_000,
  }
  const run = (...argv: string[]) => {
    const engine = fakeEngine({
      system: {
        async *events() {
          yield event
        },
      },
    })
    return runLine(['events', ...argv], { engine })
  }

  it('are a line each', async () => {
    expect((await run()).stdout).toBe(
      '2026-11-23T14:09:08.500000000Z container die ab4c (exitCode=137, image=busybox, name=svc)\n',
    )
  })

  it('go through templates by the names of Go', async () => {
    expect((await run('--format', '{{.Status}} {{.Scope}} {{.From}} {{.Actor.Attributes.exitCode}}')).stdout).toBe(
      'die local busybox 137\n',
    )
    expect((await run('--format', 'json')).stdout).toBe(
      '{"status":"die","id":"ab4c","from":"busybox","Type":"container","Action":"die","Actor":{"ID":"ab4c","Attributes":{"exitCode":"137","image":"busybox","name":"svc"}},"scope":"local","time":1795442948,"timeNano":1795442948500000000}\n',
    )
  })

  it('are refused for a time that is none', async () => {
    expect((await run('--since', 'whenever')).stderr).toBe('failed to parse value as time or duration: "whenever"\n')
  })
})

describe('system df', () => {
  const usage: DiskUsage = {
    LayersSize: 1_983_000,
    Images: [
      {
        Id: 'sha256:2a84dbfc3670e99966ac51dc58123e44adadaa71862b8a5062d3c938ffb0ebed',
        ParentId: '',
        RepoTags: ['busybox:latest'],
        RepoDigests: [],
        Created: 1_795_430_000,
        Size: 1_983_000,
        SharedSize: 0,
        Containers: 0,
        Labels: null,
      },
    ],
    Containers: [],
    Volumes: [
      { ...volume('data'), UsageData: { Size: 2048, RefCount: 1 } },
      { ...volume('old'), UsageData: { Size: 2048, RefCount: 0 } },
    ],
    BuildCache: [],
  }
  const run = (...argv: string[]) =>
    runLine(['system', 'df', ...argv], {
      engine: fakeEngine({ system: { df: async () => usage } }),
      now: 1_795_442_948_000,
    })

  it('sums up what is used and what could be freed', async () => {
    expect((await run()).stdout).toBe(`TYPE            TOTAL     ACTIVE    SIZE      RECLAIMABLE
Images          1         0         1.983MB   1.983MB (100%)
Containers      0         0         0B        0B
Local Volumes   2         1         4.096kB   2.048kB (50%)
Build Cache     0         0         0B        0B
`)
  })

  it('shows each object', async () => {
    expect((await run('-v')).stdout).toBe(`Images space usage:

REPOSITORY   TAG       IMAGE ID       CREATED       SIZE      SHARED SIZE   UNIQUE SIZE   CONTAINERS
busybox      latest    2a84dbfc3670   4 hours ago   1.98MB    0B            1.983MB       0

Containers space usage:

CONTAINER ID   IMAGE     COMMAND   LOCAL VOLUMES   SIZE      CREATED   STATUS    NAMES

Local Volumes space usage:

VOLUME NAME   LINKS     SIZE
data          1         2.048kB
old           0         2.048kB

Build cache usage: 0B

CACHE ID   CACHE TYPE   SIZE      CREATED   LAST USED   USAGE     SHARED
`)
  })
})

describe('system prune', () => {
  it('asks with the list of what goes', async () => {
    const { stdout } = await runLine(['system', 'prune', '-a', '--volumes', '--filter', 'label=a=b'], {
      engine: fakeEngine({}),
    })
    expect(stdout).toBe(`WARNING! This will remove:
  - all stopped containers
  - all networks not used by at least one container
  - all anonymous volumes not used by at least one container
  - all images without at least one container associated to them
  - all build cache

  Items to be pruned will be filtered with:
  - label=a=b

Are you sure you want to continue? [y/N] `)
  })

  it('reports what went', async () => {
    const engine = fakeEngine({
      containers: { prune: async () => ({ Deleted: ['c1'], SpaceReclaimed: 1000 }) },
      networks: { prune: async () => [] },
      images: {
        prune: async () => ({ ImagesDeleted: [{ Untagged: 'a:1' }, { Deleted: 'sha256:1' }], SpaceReclaimed: 500 }),
        pruneCache: async () => [],
      },
    })
    expect((await runLine(['system', 'prune', '-f'], { engine })).stdout).toBe(
      'Deleted Containers:\nc1\n\nDeleted Images:\nuntagged: a:1\ndeleted: sha256:1\n\nTotal reclaimed space: 1.5kB\n',
    )
  })
})
