import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { imageForContainer, imageNameFor, layersOfContainer } from '../../../src/engine/image/for-container.ts'
import { importImage } from '../../../src/engine/image/import.ts'
import { imageHistory, inspectImage } from '../../../src/engine/image/inspect.ts'
import { listImages } from '../../../src/engine/image/list.ts'
import { loadImages } from '../../../src/engine/image/load.ts'
import { pruneImages } from '../../../src/engine/image/prune.ts'
import { pullImage } from '../../../src/engine/image/pull.ts'
import { manifestOf } from '../../../src/engine/image/registry.ts'
import { removeImage, sweepImages } from '../../../src/engine/image/remove.ts'
import { saveImages } from '../../../src/engine/image/save.ts'
import { searchImages } from '../../../src/engine/image/search.ts'
import { tagImage } from '../../../src/engine/image/tag.ts'
import { validateImages } from '../../../src/image/validate.ts'
import { type TarEntry, writeTar } from '../../../src/layer/tar-writer.ts'
import { collect, type Harness, harness, once } from './harness.ts'

let h: Harness

beforeEach(() => {
  h = harness()
})

afterEach(() => h.close())

const pull = (reference: string, options = {}) => collect(pullImage(h.ctx, reference, options))
const save = async (...references: string[]) => Buffer.concat(await collect(saveImages(h.ctx, references)))
const load = (tar: Uint8Array) => collect(loadImages(h.ctx, once(tar), { quiet: true }))
const idOf = async (reference: string) => (await inspectImage(h.ctx, reference)).Id
const tarOf = (text: string): Buffer => {
  const entry: TarEntry = {
    header: { path: 'f', type: 'file', mode: 0o644, mtime: 0, size: text.length },
    content: [Buffer.from(text)],
  }
  return Buffer.concat([...writeTar([entry])])
}
const importOf = async (repo: string, text: string, changes: string[] = []) => {
  const messages = await collect(importImage(h.ctx, once(tarOf(text)), { repo, changes }))
  return messages.at(-1)?.status ?? ''
}

describe('pull', () => {
  it('shows each layer, the digest and the status', async () => {
    const lines = (await pull('busybox')).filter(({ progressDetail: bar }) => !bar?.total)
    expect(
      lines.map(
        ({ id, status }) => `${id?.length === 12 ? 'LAYER' : (id ?? '')}|${status?.replace(/[0-9a-f]{64}/, 'DIGEST')}`,
      ),
    ).toEqual([
      'latest|Pulling from library/busybox',
      'LAYER|Pulling fs layer',
      'LAYER|Verifying Checksum',
      'LAYER|Download complete',
      'LAYER|Pull complete',
      '|Digest: sha256:DIGEST',
      '|Status: Downloaded newer image for busybox:latest',
    ])
    expect((await pull('busybox')).map(message => message.status).at(-1)).toBe(
      'Status: Image is up to date for busybox:latest',
    )
    expect(h.events.map(event => `${event.action} ${event.id} ${event.attributes.name}`)[0]).toBe(
      'pull busybox:latest busybox',
    )
  })

  it('brings layers that another image has only once', async () => {
    await pull('nginx:alpine-slim')
    const messages = await pull('nginx:alpine')
    const statuses = messages.filter(({ status }) => status === 'Already exists' || status === 'Pulling fs layer')
    expect(statuses.map(({ status }) => status)).toEqual([...Array(7).fill('Already exists'), 'Pulling fs layer'])
    expect(await validateImages(h.ctx.store, h.ctx.content)).toEqual([])
  })

  it('takes the platform that is asked for', async () => {
    await pull('alpine:3.20', { platform: 'linux/arm64' })
    expect(await inspectImage(h.ctx, 'alpine:3.20')).toMatchObject({ Architecture: 'arm64', Variant: 'v8' })
    expect((await pull('alpine', { platform: 'linux/s390x' })).at(-1)).toEqual({
      error: 'no matching manifest for linux/s390x in the manifest list entries',
    })
    expect(() => imageForContainer(h.ctx.store, 'alpine:3.20', 'linux/amd64')).toThrow(
      'image with reference alpine:3.20 was found but its platform (linux/arm64/v8) does not match the specified platform (linux/amd64)',
    )
  })

  it('by digest gives the image no tag', async () => {
    const { digest } = await manifestOf(h.ctx, 'alpine:3.20')
    const messages = await pull(`alpine@${digest}`)
    expect(messages[0]).toEqual({ status: 'Pulling from library/alpine', id: `alpine@${digest}` })
    expect(await inspectImage(h.ctx, `alpine@${digest}`)).toMatchObject({
      RepoTags: [],
      RepoDigests: [`alpine@${digest}`],
    })
  })

  it('of all tags brings each of them', async () => {
    const messages = await pull('hello-world', { all: true })
    expect(messages.filter(({ status }) => status?.startsWith('Pulling from')).map(({ id }) => id)).toEqual([
      'latest',
      'linux',
    ])
    expect(messages.at(-1)).toEqual({ status: 'Status: Downloaded newer image for hello-world' })
    expect((await listImages(h.ctx))[0]?.RepoTags).toEqual(['hello-world:latest', 'hello-world:linux'])
  })

  it('leaves nothing behind when it fails', async () => {
    await expect(pull('nginx:9.9')).rejects.toThrow(
      'manifest for nginx:9.9 not found: manifest unknown: manifest unknown',
    )
    expect(await listImages(h.ctx)).toEqual([])
    expect(h.ctx.store.list('layers')).toEqual([])
  })
})

describe('save and load', () => {
  it('bring an image back with the same id, names and history', async () => {
    await pull('redis:7-alpine')
    const before = await inspectImage(h.ctx, 'redis:7-alpine')
    const history = await imageHistory(h.ctx, 'redis:7-alpine')
    const archive = await save('redis:7-alpine')
    await removeImage(h.ctx, 'redis:7-alpine')
    expect(h.ctx.store.list('layers')).toEqual([])
    expect(await load(archive)).toEqual([{ stream: 'Loaded image: redis:7-alpine\n' }])
    const after = await inspectImage(h.ctx, 'redis:7-alpine')
    expect({ ...after, Metadata: null }).toEqual({ ...before, RepoDigests: [], Metadata: null })
    expect(await imageHistory(h.ctx, 'redis:7-alpine')).toEqual(history)
    expect(await validateImages(h.ctx.store, h.ctx.content)).toEqual([])
    expect((await save('redis:7-alpine')).equals(archive)).toBe(true)
  })

  it('of an id give an image without a name', async () => {
    const id = await importOf('x:1', 'one')
    const archive = await save(id)
    await removeImage(h.ctx, 'x:1')
    expect(await load(archive)).toEqual([{ stream: `Loaded image ID: ${id}\n` }])
    await expect(save('nosuch')).rejects.toThrow(/^No such image: nosuch$/)
  })

  it('of a repository have all of its tags', async () => {
    await importOf('x:1', 'one')
    await importOf('x:2', 'two')
    await tagImage(h.ctx, 'x:2', 'x:3')
    const archive = await save('x')
    await pruneImages(h.ctx, { dangling: ['false'] })
    expect(await load(archive)).toEqual([1, 2, 3].map(tag => ({ stream: `Loaded image: x:${tag}\n` })))
  })

  it('tell when a name moves from another image', async () => {
    const old = await importOf('x:1', 'one')
    const archive = await save('x:1')
    const other = await importOf('x:1', 'two')
    expect(await load(archive)).toEqual([
      { stream: `The image x:1 already exists, renaming the old one with ID ${other} to empty string\n` },
      { stream: 'Loaded image: x:1\n' },
    ])
    expect(await idOf('x:1')).toBe(old)
  })

  it.each([
    ['garbage', Buffer.from('garbage\n'), 'unexpected EOF'],
    [
      'nothing',
      Buffer.alloc(0),
      /^open \/var\/lib\/docker\/tmp\/docker-import-\d+\/repositories: no such file or directory$/,
    ],
  ])('of %s end with an error and leave nothing', async (_, tar, error) => {
    const [message] = await load(tar)
    expect(message?.error).toMatch(error)
    expect(h.ctx.content.list()).toEqual([])
  })

  it('refuse a layer that is not what the config says', async () => {
    await importOf('x:1', 'one')
    const archive = await save('x:1')
    archive[archive.indexOf('one')] = 'O'.charCodeAt(0)
    // A layer that is here already is not read.
    expect(await load(archive)).toEqual([{ stream: 'Loaded image: x:1\n' }])
    await removeImage(h.ctx, 'x:1')
    expect((await load(archive))[0]?.error).toMatch(/^invalid diffID for layer 0: expected "sha256:/)
    expect(await listImages(h.ctx)).toEqual([])
    expect(h.ctx.content.list()).toEqual([])
  })
})

describe('import', () => {
  it('makes an image of one layer with the changes', async () => {
    const id = await importOf('flat:1', 'hello', ['CMD ["cat","/f"]', 'ENV X=y'])
    expect(id).toMatch(/^sha256:[0-9a-f]{64}$/)
    expect(await inspectImage(h.ctx, 'flat:1')).toMatchObject({
      Comment: 'Imported from -',
      Size: 5,
      Created: '2026-01-02T03:04:05Z',
      Config: { Cmd: ['cat', '/f'], Env: ['X=y'], Entrypoint: null, Labels: null, User: '', WorkingDir: '' },
    })
    expect(await imageHistory(h.ctx, 'flat:1')).toEqual([
      { Comment: 'Imported from -', Created: 1767323045, CreatedBy: '', Id: id, Size: 5, Tags: ['flat:1'] },
    ])
    expect(await validateImages(h.ctx.store, h.ctx.content)).toEqual([])
  })

  it('refuses what is no change or no platform of it', async () => {
    await expect(importOf('x', 'a', ['RUN x'])).rejects.toThrow('RUN is not a valid change command')
    await expect(collect(importImage(h.ctx, once(tarOf('a')), { platform: 'foo/bar' }))).rejects.toThrow(
      'operating system is not supported',
    )
    expect(h.ctx.content.list()).toEqual([])
  })
})

describe('remove', () => {
  it('untags while there are other names, and deletes with the last', async () => {
    const id = await importOf('x:1', 'one')
    await tagImage(h.ctx, 'x:1', 'y:2')
    expect(await removeImage(h.ctx, 'x:1')).toEqual([{ Untagged: 'x:1' }])
    const { Layers = [] } = (await inspectImage(h.ctx, 'y:2')).RootFS
    expect(await removeImage(h.ctx, 'y:2')).toEqual([{ Untagged: 'y:2' }, { Deleted: id }, { Deleted: Layers[0] }])
    expect(h.ctx.content.list()).toEqual([])
    await expect(removeImage(h.ctx, 'y:2')).rejects.toThrow('No such image: y:2')
  })

  it('by id needs force where there are several names', async () => {
    const id = await importOf('x:1', 'one')
    await tagImage(h.ctx, 'x:1', 'y:2')
    const short = id.slice(7, 19)
    await expect(removeImage(h.ctx, short)).rejects.toThrow(
      `conflict: unable to delete ${short} (must be forced) - image is referenced in multiple repositories`,
    )
    const items = await removeImage(h.ctx, short, { force: true })
    expect(items.slice(0, 3)).toEqual([{ Untagged: 'x:1' }, { Untagged: 'y:2' }, { Deleted: id }])
  })

  it('takes the digests of a repository away with its last tag', async () => {
    await pull('hello-world')
    const { digest } = await manifestOf(h.ctx, 'hello-world')
    const items = await removeImage(h.ctx, 'hello-world')
    expect(items.slice(0, 2)).toEqual([{ Untagged: 'hello-world:latest' }, { Untagged: `hello-world@${digest}` }])
  })

  it('is refused while a container uses the image', async () => {
    const id = await importOf('x:1', 'one')
    h.container({ id: 'c'.repeat(64), name: 'user', image: id, imageName: 'x:1', running: false })
    await expect(removeImage(h.ctx, 'x:1')).rejects.toThrow(
      `conflict: unable to remove repository reference "x:1" (must force) - container cccccccccccc is using its referenced image ${id.slice(7, 19)}`,
    )
    await expect(removeImage(h.ctx, id)).rejects.toThrow(
      `conflict: unable to delete ${id.slice(7, 19)} (must be forced) - image is being used by stopped container cccccccccccc`,
    )
    const [row] = await listImages(h.ctx)
    expect(row?.Containers).toBe(1)
    expect(await removeImage(h.ctx, 'x:1', { force: true })).toEqual([{ Untagged: 'x:1' }, { Deleted: id }])
    // The container still has its files.
    expect(layersOfContainer(h.ctx.store, id)).toHaveLength(1)
    expect(h.ctx.store.list('layers')).toHaveLength(1)
    expect(imageNameFor(h.ctx.store, { image: id, imageName: 'x:1' })).toBe(id.slice(7, 19))
    h.ctx.store.transaction(tx => {
      tx.remove('containers')
      tx.remove('index/containers.json')
    })
    h.ctx.store.transaction(sweepImages)
    expect(h.ctx.store.list('layers')).toEqual([])
  })

  it('of a running container’s image cannot be forced by id', async () => {
    const id = await importOf('x:1', 'one')
    h.container({ id: 'd'.repeat(64), name: 'user', image: id, imageName: 'x:1', running: true })
    await expect(removeImage(h.ctx, id, { force: true })).rejects.toThrow(
      `conflict: unable to delete ${id.slice(7, 19)} (cannot be forced) - image is being used by running container dddddddddddd`,
    )
  })
})

describe('list', () => {
  it('filters by name, label, age and dangling', async () => {
    await pull('busybox')
    await importOf('shop/web:1.0', 'a', ['LABEL stage=a app=shop'])
    await importOf('shop/api:2', 'b', ['LABEL stage=b'])
    await importOf('shop/api:2', 'c')
    const names = async (filters: Record<string, string[]>) =>
      (await listImages(h.ctx, { filters })).map(({ RepoTags }) => RepoTags.join()).sort()
    expect(await names({ reference: ['shop/*'] })).toEqual(['shop/api:2', 'shop/web:1.0'])
    expect(await names({ reference: ['*:latest'] })).toEqual(['busybox:latest'])
    expect(await names({ label: ['app'] })).toEqual(['shop/web:1.0'])
    expect(await names({ label: ['stage=b'] })).toEqual([''])
    expect(await names({ dangling: ['true'] })).toEqual([''])
    expect(await names({ before: ['shop/web:1.0'] })).toEqual(['busybox:latest'])
    expect(await names({ until: ['24h'] })).toEqual(['busybox:latest'])
    await expect(listImages(h.ctx, { filters: { nosuch: ['1'] } })).rejects.toThrow("invalid filter 'nosuch'")
    await expect(listImages(h.ctx, { filters: { dangling: ['maybe'] } })).rejects.toThrow(
      "invalid filter 'dangling=[maybe]'",
    )
    await expect(listImages(h.ctx, { filters: { before: ['nosuch'] } })).rejects.toThrow('No such image: nosuch:latest')
  })
})

describe('shared sizes', () => {
  it('are the bytes of layers that other images have too', async () => {
    await pull('nginx:alpine-slim')
    await pull('nginx:alpine')
    await pull('busybox')
    const sizes = (await listImages(h.ctx, { sharedSize: true })).map(({ RepoTags, Size, SharedSize }) => [
      RepoTags[0],
      Size - SharedSize,
    ])
    expect(Object.fromEntries(sizes)).toMatchObject({ 'nginx:alpine-slim': 0, 'nginx:alpine': 36_100_000 })
    expect(sizes.find(([name]) => name === 'busybox:latest')?.[1]).toBeGreaterThan(4_000_000)
  })
})

describe('prune', () => {
  it('removes what has no name, and with dangling=false what nobody uses', async () => {
    const old = await importOf('x:1', 'one')
    const used = await importOf('x:1', 'three')
    h.container({ id: 'e'.repeat(64), name: 'user', image: used, imageName: 'x:1', running: false })
    await importOf('y:1', 'four')
    const first = await pruneImages(h.ctx)
    expect(first.ImagesDeleted[0]).toEqual({ Deleted: old })
    expect(first.SpaceReclaimed).toBe(3)
    const second = await pruneImages(h.ctx, { dangling: ['false'] })
    expect(second.ImagesDeleted[0]).toEqual({ Untagged: 'y:1' })
    expect(second.SpaceReclaimed).toBe(4)
    expect((await listImages(h.ctx)).map(({ Id }) => Id)).toEqual([used])
    await expect(pruneImages(h.ctx, { nosuch: ['1'] })).rejects.toThrow("invalid filter 'nosuch'")
  })
})

describe('tag', () => {
  it('gives a name, and takes it from the image that had it', async () => {
    const one = await importOf('x:1', 'one')
    await importOf('y:1', 'two')
    await tagImage(h.ctx, one.slice(7, 15), 'y:1')
    expect(await idOf('y:1')).toBe(one)
    await expect(tagImage(h.ctx, 'nosuch', 'x')).rejects.toThrow('No such image: nosuch:latest')
    await expect(tagImage(h.ctx, 'x:1', 'Foo')).rejects.toThrow('must be lowercase')
  })
})

describe('search', () => {
  it('finds official images first by name', async () => {
    expect((await searchImages(h.ctx, 'nginx'))[0]).toMatchObject({ name: 'nginx', is_official: true })
    expect(await searchImages(h.ctx, 'nginx', { filters: { stars: ['999999'] } })).toEqual([])
    await expect(searchImages(h.ctx, 'x', { limit: 101 })).rejects.toThrow('limit 101 is outside the range of [1, 100]')
    await expect(searchImages(h.ctx, 'x', { filters: { a: ['b'] } })).rejects.toThrow("invalid filter 'a'")
  })
})

describe('validate', () => {
  it('finds what was changed behind the store’s back', async () => {
    await importOf('x:1', 'one')
    const [layer = ''] = h.ctx.store.list('layers')
    h.ctx.store.transaction(tx => {
      tx.put(`layers/${layer}`, { ...tx.read<object>(`layers/${layer}`), size: 4 })
      tx.put('repositories.json', { v: 1, repositories: { z: { 'z:1': 'sha256:gone' } } })
    })
    const problems = await validateImages(h.ctx.store, h.ctx.content)
    expect(problems.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^layer sha256:[0-9a-f]+ has 4 bytes, not 3$/),
      'its files have 3 bytes, not 4',
      'z:1 names sha256:gone, which is not there',
    ])
  })
})
