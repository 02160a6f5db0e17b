import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { openLocal } from '../../../src/engine/local.ts'
import { type CheckReport, checkStore } from '../../../src/engine/system/check.ts'
import { tempFolder } from '../../store/temp-store.ts'

const now = Date.UTC(2027, 0, 1)
const made: { container: string; image: string; layer: string; network: string } = {
  container: '',
  image: '',
  layer: '',
  network: '',
}

/** A store with an image, a running container, a volume and a network, made once and copied for each test. */
beforeAll(async () => {
  origin = mkdtempSync(join(tmpdir(), 'minidock-check-'))
  const root = origin
  const { engine } = await openLocal({ MINIDOCK_HOME: root, MINIDOCK_CLOCK: 'virtual' })
  for await (const _ of engine.images.pull('busybox')) void _
  await engine.volumes.create({ Name: 'data' })
  const request = { Image: 'busybox', Cmd: ['sleep', '1000'], HostConfig: { Binds: ['data:/data'] } }
  made.container = (await engine.containers.create(request, { name: 'web' })).Id
  await engine.containers.start(made.container)
  const [image] = await engine.images.list()
  made.image = image?.Id.slice('sha256:'.length) ?? ''
  made.network = (await engine.networks.list()).find(({ Name }) => Name === 'bridge')?.Id ?? ''
  const config = JSON.parse(readFileSync(join(root, `images/${made.image}.json`), 'utf8')) as { config: string }
  const { rootfs } = JSON.parse(config.config) as { rootfs: { diff_ids: string[] } }
  made.layer = rootfs.diff_ids[0]?.slice('sha256:'.length) ?? ''
  return () => rmSync(origin, { recursive: true })
})
let origin = ''
function tempRoot(): string {
  return join(tempFolder(), 'store')
}

/** A copy of the store, with something done to it. */
function storeWith(change: (file: (path: string) => string) => void): string {
  const root = tempRoot()
  cpSync(origin, root, { recursive: true })
  change(path => join(root, path))
  return root
}

const short = ({ findings }: Pick<CheckReport, 'findings'>): string[] =>
  findings.map(({ path, message }) => `${path}: ${message}`)

test('a store that is whole has no findings, with and without digests', async () => {
  const root = storeWith(() => undefined)
  for (const blobs of [false, true])
    expect(await checkStore(root, { blobs, now })).toMatchObject({
      root,
      findings: [],
      leftovers: { count: 0, bytes: 0 },
    })
})

const cut = (path: string) => (file: (path: string) => string) => truncateSync(file(path), 10)
const edit =
  (path: string, change: (document: Record<string, unknown>) => void) => (file: (path: string) => string) => {
    const document = JSON.parse(readFileSync(file(path), 'utf8')) as Record<string, unknown>
    change(document)
    writeFileSync(file(path), JSON.stringify(document))
  }

test.each<[string, () => { damage: (file: (path: string) => string) => void; path: string; message?: string }]>([
  ['container that is no JSON', () => ({ damage: cut(record()), path: record(), message: 'it is no JSON' })],
  [
    'container of another version',
    () => ({ damage: edit(record(), document => Object.assign(document, { v: 2 })), path: record() }),
  ],
  [
    'container without a field',
    () => ({ damage: edit(record(), document => void delete document.state), path: record() }),
  ],
  [
    'processes',
    () => ({ damage: cut(`containers/${made.container}/proc.json`), path: `containers/${made.container}/proc.json` }),
  ],
  ['index of containers', () => ({ damage: cut('index/containers.json'), path: 'index/containers.json' })],
  [
    'index that says something else',
    () => ({
      damage: edit('index/containers.json', document => {
        for (const row of Object.values(document.entries as Record<string, { name: string }>)) row.name = 'other'
      }),
      path: 'index/containers.json',
    }),
  ],
  ['index of images', () => ({ damage: cut('index/images.json'), path: 'index/images.json' })],
  ['names of images', () => ({ damage: cut('repositories.json'), path: 'repositories.json' })],
  ['network', () => ({ damage: cut(`networks/${made.network}.json`), path: `networks/${made.network}.json` })],
  ['volume', () => ({ damage: cut('volumes/data/volume.json'), path: 'volumes/data/volume.json' })],
  ['head of the events', () => ({ damage: cut('events-head.json'), path: 'events-head.json' })],
  ['log of the events', () => ({ damage: cut('events.jsonl'), path: 'events.jsonl' })],
  ['journal', () => ({ damage: file => writeFileSync(file('journal.json'), '[{'), path: 'journal.json' })],
  ['version', () => ({ damage: file => writeFileSync(file('version'), ''), path: 'version' })],
])('a damaged %s is found, and repaired', async (_, of) => {
  const { damage, path, message } = of()
  const root = storeWith(damage)
  const found = await checkStore(root, { now })
  expect(found.findings.map(finding => finding.path)).toContain(path)
  if (message !== undefined) expect(short(found)).toContain(`${path}: ${message}`)
  const repaired = await checkStore(root, { repair: true, now })
  expect(short(repaired)).toEqual([])
  expect(repaired.repaired.map(finding => finding.path)).toContain(path)
  expect(short(await checkStore(root, { now }))).toEqual([])
})

const record = (): string => `containers/${made.container}/config.json`

test('what is set aside is kept below damaged/', async () => {
  const root = storeWith(cut(record()))
  await checkStore(root, { repair: true, now })
  expect([existsSync(join(root, 'damaged', record())), existsSync(join(root, record()))]).toEqual([true, false])
})

test('a container whose processes are lost has ended with 255', async () => {
  const root = storeWith(cut(`containers/${made.container}/proc.json`))
  await checkStore(root, { repair: true, now })
  const { state } = JSON.parse(readFileSync(join(root, record()), 'utf8')) as { state: object }
  expect(state).toMatchObject({ status: 'exited', exitCode: 255, pid: 0 })
})

test.each([
  ['image', () => `images/${made.image}.json`],
  ['layer', () => `layers/${made.layer}.json`],
])('after a damaged %s is set aside the image can be pulled again, and all is well', async (_, path) => {
  const root = storeWith(cut(path()))
  expect((await checkStore(root, { now })).findings.map(finding => finding.path)).toContain(path())
  const left = await checkStore(root, { repair: true, now })
  expect(short(left)).toEqual([`${record()}: its image sha256:${made.image} is not there: pull or load it again`])
  const { engine } = await openLocal({ MINIDOCK_HOME: root, MINIDOCK_CLOCK: 'virtual' })
  for await (const message of engine.images.pull('busybox')) expect(message.error).toBeUndefined()
  expect(short(await checkStore(root, { now, blobs: true }))).toEqual([])
})

test('what interrupted commands have left is counted, does no harm, and goes with a repair', async () => {
  const old = new Date(now - 3_600_000)
  const leftovers = [
    'index/containers.json.tmp-999999999-1-0',
    'trash/removed.tmp-999999999-1-1/config.json',
    'blobs/ingest.tmp-999999999-1-2',
    `blobs/sha256/${'0'.repeat(64)}`,
    `containers/${'1'.repeat(64)}/stream.log`,
    'volumes/lost/tree/fs.json',
    'lock.break',
  ]
  const root = storeWith(file => {
    for (const path of leftovers) {
      mkdirSync(dirname(file(path)), { recursive: true })
      writeFileSync(file(path), 'xx')
      utimesSync(file(path), old, old)
    }
  })
  const report = await checkStore(root, { now })
  expect([short(report), report.leftovers]).toEqual([[], { count: leftovers.length, bytes: 2 * leftovers.length }])
  const repaired = await checkStore(root, { repair: true, now })
  expect([repaired.removed.count, repaired.leftovers.count]).toEqual([leftovers.length, 0])
  for (const path of leftovers) expect([path, existsSync(join(root, path))]).toEqual([path, false])
})

test('a blob that a command under way has just written is left alone', async () => {
  const blob = `blobs/sha256/${'0'.repeat(64)}`
  const root = storeWith(file => {
    mkdirSync(dirname(file(blob)), { recursive: true })
    writeFileSync(file(blob), 'xx')
    utimesSync(file(blob), new Date(now), new Date(now))
  })
  expect((await checkStore(root, { repair: true, now })).removed.count).toBe(0)
  rmSync(join(root, blob))
})

test('the folder of settings is none of its business', async () => {
  const root = storeWith(file => {
    mkdirSync(file('config'))
    writeFileSync(file('config/config.json'), 'not JSON')
  })
  expect(short(await checkStore(root, { now }))).toEqual([])
})
