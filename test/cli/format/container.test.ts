import { describe, expect, it } from 'vitest'
import type { ContainerSummary } from '../../../src/api/container.ts'
import { containerList, displayablePorts } from '../../../src/cli/format/container.ts'
import { wantsSize } from '../../../src/cli/format/container-format.ts'
import { listText } from '../../../src/cli/format/formatter.ts'

const now = Date.UTC(2026, 10, 23, 15, 2, 0)
const container: ContainerSummary = {
  Id: '4c21471743d9'.padEnd(64, '0'),
  Names: ['/web/alias', '/p1'],
  Image: 'busybox',
  ImageID: `sha256:${'2a84dbfc3670'.padEnd(64, '0')}`,
  Command: 'sh -c "while true; do sleep 1; done"',
  Created: now / 1000 - 90,
  Ports: [{ IP: '0.0.0.0', PrivatePort: 80, PublicPort: 8080, Type: 'tcp' }],
  SizeRw: 0,
  SizeRootFs: 1_983_000,
  Labels: { b: '2', 'a.b': '1' },
  State: 'running',
  Status: 'Up About a minute',
  HostConfig: { NetworkMode: 'default' },
  NetworkSettings: { Networks: {} },
  Mounts: [
    {
      Type: 'volume',
      Name: '71e86528f2940c91',
      Source: '',
      Destination: '/data',
      Driver: 'local',
      Mode: '',
      RW: true,
      Propagation: '',
    },
    { Type: 'bind', Source: '/src', Destination: '/x', Mode: '', RW: true, Propagation: '' },
  ],
}
const text = (format: string, options: { noTrunc?: boolean; size?: boolean; quiet?: boolean } = {}) =>
  listText(containerList({ noTrunc: false, size: false, now, ...options }), [container], {
    format,
    quiet: options.quiet ?? false,
  })

describe('the list of containers', () => {
  it('is a table', async () => {
    expect(
      await text(''),
    ).toBe(`CONTAINER ID   IMAGE     COMMAND                   CREATED              STATUS              PORTS                  NAMES
4c21471743d9   busybox   "sh -c \\"while true; …"   About a minute ago   Up About a minute   0.0.0.0:8080->80/tcp   p1
`)
  })

  it('shows sizes in a column of their own', async () => {
    expect((await text('', { size: true })).split('\n')[1]?.slice(-25)).toBe('p1        0B (virtual 1.98MB)'.slice(-25))
  })

  it('has every column in its JSON', async () => {
    expect(JSON.parse(await text('json'))).toEqual({
      Command: '"sh -c \\"while true; …"',
      CreatedAt: '2026-11-23 15:00:30 +0000 UTC',
      ID: '4c21471743d9',
      Image: 'busybox',
      Labels: 'a.b=1,b=2',
      LocalVolumes: '1',
      Mounts: '71e86528f2940c…,/src',
      Names: 'p1',
      Networks: '',
      Platform: null,
      Ports: '0.0.0.0:8080->80/tcp',
      RunningFor: 'About a minute ago',
      Size: '0B (virtual 1.98MB)',
      State: 'running',
      Status: 'Up About a minute',
    })
  })

  it.each([
    ['{{.Names}} {{.Label "a.b"}}|{{.Label "x"}}|', 'p1 1||\n'],
    ['table {{.Names}}\\t{{upper .State}}', 'NAMES     STATE\np1        RUNNING\n'],
    ['table {{.Platform}}\\t{{.Names}}', 'PLATFORM   NAMES\n<nil>      p1\n'],
    ['raw', 'container_id: 4c21471743d9\nimage: busybox\n'],
  ])('goes through the template %s', async (format, start) => {
    expect((await text(format)).slice(0, start.length)).toBe(start)
  })

  it('is ids where it is to be quiet, in full where nothing is to be cut', async () => {
    expect(await text('', { quiet: true, noTrunc: true })).toBe(`${container.Id}\n`)
    expect(await text('{{.Names}}', { noTrunc: true })).toBe('web/alias,p1\n')
  })

  it('refuses a column that is not there', async () => {
    await expect(text('{{.Nope}}')).rejects.toThrow(
      `template parsing error: template: :1:2: executing "" at <.Nope>: can't evaluate field Nope in type *formatter.ContainerContext`,
    )
  })
})

describe('ports', () => {
  const port = (PrivatePort: number, PublicPort?: number, IP?: string, Type = 'tcp') => ({
    PrivatePort,
    Type,
    ...(PublicPort === undefined ? {} : { PublicPort }),
    ...(IP === undefined ? {} : { IP }),
  })
  it('that follow one another are ranges', () => {
    const ports = [
      port(53, 53, '127.0.0.1', 'udp'),
      ...[443, 444].flatMap(n => [port(n, n, '0.0.0.0'), port(n, n, '::')]),
      ...[9000, 9001, 9002].map(n => port(n)),
      ...[port(80, 8080, '0.0.0.0'), port(80, 8080, '::')],
    ]
    expect(displayablePorts(ports)).toBe(
      '127.0.0.1:53->53/udp, 0.0.0.0:443-444->443-444/tcp, [::]:443-444->443-444/tcp, 9000-9002/tcp, 0.0.0.0:8080->80/tcp, [::]:8080->80/tcp',
    )
  })
})

describe('the format of ps', () => {
  it.each([
    ['{{.ID}}', false],
    ['table {{.Names}}\\t{{.Size}}', true],
    ['{{json .}}', true],
    ['json', false],
    ['{{if .Names}}{{.Size}}{{end}}', false],
  ])('%s: whether it shows sizes', (format, size) => {
    expect(wantsSize(format)).toBe(size)
  })

  it.each([
    ['{{', 'failed to parse template: template: :1: unclosed action'],
    [
      'table {{.Label "k1"}}\\t{{.Nope}}',
      `failed to execute template: template: :1:25: executing "" at <.Nope>: can't evaluate field Nope in type *formatter.ContainerContext`,
    ],
    [
      'table {{upper .Names}}\\t{{slice .ID 0 3}}',
      'failed to execute template: template: :1:26: executing "" at <slice .ID 0 3>: error calling slice: index out of range: 3',
    ],
    [
      'table {{range .Names}}a{{end}}',
      `failed to execute template: template: :1:14: executing "" at <.Names>: range can't iterate over `,
    ],
    [
      '{{.ID.Foo}}',
      `failed to execute template: template: :1:5: executing "" at <.ID.Foo>: can't evaluate field Foo in type string`,
    ],
    [
      '{{upper .ID .ID}}',
      'failed to execute template: template: :1:2: executing "" at <upper>: wrong number of args for upper: want 1 got 2',
    ],
  ])('%s is refused before a container is looked at', (format, message) => {
    expect(() => wantsSize(format)).toThrow(message)
  })
})
