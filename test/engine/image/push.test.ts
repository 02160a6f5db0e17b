import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { importImage } from '../../../src/engine/image/import.ts'
import { inspectImage } from '../../../src/engine/image/inspect.ts'
import { pullImage } from '../../../src/engine/image/pull.ts'
import { pushImage } from '../../../src/engine/image/push.ts'
import { removeImage } from '../../../src/engine/image/remove.ts'
import { tagImage } from '../../../src/engine/image/tag.ts'
import { validateImages } from '../../../src/image/validate.ts'
import { type TarEntry, writeTar } from '../../../src/layer/tar-writer.ts'
import { type MemoryRegistry, memoryRegistry } from '../../registry/memory-registry.ts'
import { collect, type Harness, harness, once } from './harness.ts'

let h: Harness
let registry: MemoryRegistry

beforeEach(async () => {
  h = harness()
  registry = await memoryRegistry()
})

afterEach(async () => {
  h.close()
  await registry.close()
})

const make = async (repo: string, text: string): Promise<void> => {
  const entry: TarEntry = {
    header: { path: 'f', type: 'file', mode: 0o644, mtime: 0, size: text.length },
    content: [Buffer.from(text)],
  }
  await collect(importImage(h.ctx, once(Buffer.concat([...writeTar([entry])])), { repo }))
}
const push = async (reference: string, options = {}): Promise<string[]> => {
  const messages = await collect(pushImage(h.ctx, reference, options))
  return messages
    .filter(({ progressDetail: bar, aux }) => !bar?.total && !aux)
    .map(({ id, status, error }) =>
      `${id ? 'LAYER: ' : ''}${error ?? status}`.replace(/[0-9a-f]{64} size: \d+/, 'DIGEST'),
    )
}

describe('push', () => {
  it('sends layers once, takes them over from other repositories, and names the digest', async () => {
    await make(`${registry.host}/team/box:1`, 'hello')
    const first = await push(`${registry.host}/team/box:1`)
    expect(first).toEqual([
      `The push refers to repository [${registry.host}/team/box]`,
      'LAYER: Preparing',
      'LAYER: Pushed',
      '1: digest: sha256:DIGEST',
    ])
    expect(await push(`${registry.host}/team/box:1`)).toEqual([
      ...first.slice(0, 2),
      'LAYER: Layer already exists',
      first[3],
    ])
    await tagImage(h.ctx, `${registry.host}/team/box:1`, `${registry.host}/other`)
    expect((await push(`${registry.host}/other`))[2]).toBe('LAYER: Mounted from team/box')
    const { RepoDigests } = await inspectImage(h.ctx, `${registry.host}/other`)
    expect(RepoDigests.map(text => text.replace(/@.*/, ''))).toEqual([
      `${registry.host}/other`,
      `${registry.host}/team/box`,
    ])
  })

  it('and pull bring the same image back', async () => {
    const name = `${registry.host}/team/box`
    await make(`${name}:1`, 'hello')
    await make(`${name}:2`, 'other')
    const before = await inspectImage(h.ctx, `${name}:1`)
    expect((await push(name, { all: true })).filter(line => line.includes('digest:'))).toHaveLength(2)
    await removeImage(h.ctx, `${name}:1`)
    await removeImage(h.ctx, `${name}:2`)
    expect(h.ctx.store.list('layers')).toEqual([])
    const messages = await collect(pullImage(h.ctx, `${name}:1`))
    expect(messages.at(-1)).toEqual({ status: `Status: Downloaded newer image for ${name}:1` })
    const after = await inspectImage(h.ctx, `${name}:1`)
    expect(after.Id).toBe(before.Id)
    expect(await validateImages(h.ctx.store, h.ctx.content)).toEqual([])
    const all = await collect(pullImage(h.ctx, name, { all: true }))
    expect(all.at(-1)?.status).toBe(`Status: Downloaded newer image for ${name}`)
    const [digest = ''] = after.RepoDigests
    expect((await collect(pullImage(h.ctx, digest))).at(-1)?.status).toBe(`Status: Image is up to date for ${digest}`)
  })

  it('says what is not there', async () => {
    await make(`${registry.host}/box:1`, 'x')
    expect(await push(`${registry.host}/nosuch`)).toContain(
      `An image does not exist locally with the tag: ${registry.host}/nosuch`,
    )
    expect(await push(`${registry.host}/box:2`)).toContain(`tag does not exist: ${registry.host}/box:2`)
    await make('127.0.0.1:1/box', 'x')
    expect(await push('127.0.0.1:1/box')).toEqual([
      'The push refers to repository [127.0.0.1:1/box]',
      'Get "http://127.0.0.1:1/v2/": dial tcp 127.0.0.1:1: connect: connection refused',
    ])
    await expect(collect(pullImage(h.ctx, `${registry.host}/none`))).rejects.toThrow(
      `manifest for ${registry.host}/none:latest not found: manifest unknown: manifest unknown`,
    )
    await expect(collect(pullImage(h.ctx, `${registry.host}/none`, { all: true }))).rejects.toThrow(
      `repository ${registry.host}/none not found: name unknown: repository name not known to registry`,
    )
  })

  it('follows an upload only within the registry', async () => {
    await make(`${registry.host}/box:1`, 'x')
    expect(await push(`${registry.host}/box:1`)).toContain('LAYER: Pushed')
    expect(registry.requests.some(line => line.startsWith('PATCH /v2/box/blobs/uploads/'))).toBe(true)
  })

  it('to the hub is for those who are logged in, under their own name', async () => {
    await make('ann/app:1', 'hello')
    const denied = 'denied: requested access to the resource is denied'
    expect(await push('ann/app:1')).toEqual([
      'The push refers to repository [docker.io/ann/app]',
      'LAYER: Preparing',
      denied,
    ])
    const auth = { username: 'ann', password: 'x' }
    await make('bob/app', 'x')
    expect((await push('bob/app', { auth })).at(-1)).toBe(denied)
    expect((await push('ann/app:1', { auth })).at(-1)).toMatch(/^1: digest: /)
    expect((await push('ann/app:1', { auth })).at(-2)).toBe('LAYER: Layer already exists')
    await removeImage(h.ctx, 'ann/app:1')
    expect((await collect(pullImage(h.ctx, 'ann/app:1'))).at(-1)?.status).toBe(
      'Status: Downloaded newer image for ann/app:1',
    )
    await expect(collect(pullImage(h.ctx, 'ann/app:2'))).rejects.toThrow(
      'manifest for ann/app:2 not found: manifest unknown: manifest unknown',
    )
    await expect(collect(pullImage(h.ctx, 'ann/other'))).rejects.toThrow('pull access denied for ann/other')
  })

  it('logs in where it is asked to', async () => {
    const closed = await memoryRegistry({ username: 'ann', password: 'secret' })
    try {
      await make(`${closed.host}/box`, 'x')
      expect((await push(`${closed.host}/box`)).at(-1)).toBe('no basic auth credentials')
      const wrong = { auth: { username: 'ann', password: 'x' } }
      expect((await push(`${closed.host}/box`, wrong)).at(-1)).toBe('unauthorized: authentication required')
      const right = { auth: { username: 'ann', password: 'secret' } }
      expect((await push(`${closed.host}/box`, right)).at(-1)).toMatch(/^latest: digest: /)
      await expect(collect(pullImage(h.ctx, `${closed.host}/box`))).rejects.toThrow('no basic auth credentials')
    } finally {
      await closed.close()
    }
  })

  it('never believes a registry that hands out something else', async () => {
    const name = `${registry.host}/box`
    await make(`${name}:1`, 'hello')
    await push(`${name}:1`)
    await removeImage(h.ctx, `${name}:1`)
    const other = (await import('node:zlib')).gzipSync(Buffer.alloc(1024))
    for (const [path, data] of registry.stored) if (data[0] === 0x1f) registry.stored.set(path, other)
    expect((await collect(pullImage(h.ctx, `${name}:1`))).at(-1)?.error).toMatch(
      /^filesystem layer verification failed for/,
    )
    expect(h.ctx.store.list('layers')).toEqual([])
    expect(h.ctx.content.list()).toEqual([])
    for (const [path, data] of registry.stored) if (data[0] === 0x7b) registry.stored.set(path, Buffer.from('{"a":'))
    await expect(collect(pullImage(h.ctx, `${name}:1`))).rejects.toThrow('invalid manifest')
  })
})
