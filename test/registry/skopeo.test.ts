/** Images go to skopeo and back with equal digests: through our registry and as archives. Runs where skopeo is. */
import { execFile, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createReadStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { importImage } from '../../src/engine/image/import.ts'
import { inspectImage } from '../../src/engine/image/inspect.ts'
import { loadImages } from '../../src/engine/image/load.ts'
import { pullImage } from '../../src/engine/image/pull.ts'
import { pushImage } from '../../src/engine/image/push.ts'
import { saveImages } from '../../src/engine/image/save.ts'
import { validateImages } from '../../src/image/validate.ts'
import { type TarEntry, writeTar } from '../../src/layer/tar-writer.ts'
import { type RunningServer, startServer } from '../../src/registry/server.ts'
import { collect, type Harness, harness, once } from '../engine/image/harness.ts'

const hasSkopeo = spawnSync('skopeo', ['--version']).status === 0
const hasUmoci = spawnSync('umoci', ['--version']).status === 0
const run = promisify(execFile)

describe.skipIf(!hasSkopeo)('skopeo', () => {
  let folder: string
  let server: RunningServer
  let host: string
  let h: Harness
  let id: string
  let digest: string

  const copy = (from: string, to: string, ...more: string[]): Promise<unknown> => {
    const plain = ['--insecure-policy', '--override-os', 'linux', '--override-arch', 'amd64', 'copy', '-q']
    return run('skopeo', [...plain, '--src-tls-verify=false', '--dest-tls-verify=false', ...more, from, to])
  }
  const at = (name: string): string => join(folder, name)
  const digestAt = async (reference: string): Promise<string> =>
    (await fetch(`http://${host}/v2/${reference}`, { method: 'HEAD' })).headers.get('docker-content-digest') ?? ''

  /** The id of the image that another store makes of an archive. */
  const loaded = async (archive: string): Promise<string> => {
    const other = harness()
    try {
      const messages = await collect(loadImages(other.ctx, createReadStream(archive)))
      const text = messages.find(({ stream }) => stream?.startsWith('Loaded image'))?.stream ?? ''
      const name = text.trim().replace(/^Loaded image( ID)?: /, '')
      expect(await validateImages(other.ctx.store, other.ctx.content)).toEqual([])
      return (await inspectImage(other.ctx, name)).Id
    } finally {
      other.close()
    }
  }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'minidock-skopeo-'))
    server = await startServer({ root: at('registry'), host: '127.0.0.1', port: 0 })
    host = `127.0.0.1:${server.port}`
    h = harness()
    const bytes = Buffer.alloc(200_000, 'some text ')
    const entry: TarEntry = {
      header: { path: 'f', type: 'file', mode: 0o644, mtime: 1, size: bytes.length },
      content: [bytes],
    }
    await collect(importImage(h.ctx, once(Buffer.concat([...writeTar([entry])])), { repo: `${host}/app:1` }))
    id = (await inspectImage(h.ctx, `${host}/app:1`)).Id
    const messages = await collect(pushImage(h.ctx, `${host}/app:1`))
    digest = String(messages.find(({ aux }) => aux)?.aux?.['Digest'])
    writeFileSync(at('saved.tar'), Buffer.concat(await collect(saveImages(h.ctx, [`${host}/app:1`]))))
  })

  afterAll(async () => {
    h.close()
    await server.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it('copies an image from our registry and back', async () => {
    await copy(`docker://${host}/app:1`, `dir:${at('dir')}`)
    const manifest = readFileSync(at('dir/manifest.json'))
    expect(`sha256:${createHash('sha256').update(manifest).digest('hex')}`).toBe(digest)
    await copy(`dir:${at('dir')}`, `docker://${host}/back:1`)
    expect(await digestAt('back/manifests/1')).toBe(digest)
    await copy(`docker://${host}/app:1`, `docker://${host}/mounted:1`)
    expect(await digestAt('mounted/manifests/1')).toBe(digest)
  })

  it.each(['oci-archive', 'docker-archive'])('reads what we save, and writes %s that we load', async kind => {
    expect(await loaded(at('saved.tar'))).toBe(id)
    await copy(
      `docker-archive:${at('saved.tar')}`,
      `${kind}:${at(`${kind}.tar`)}${kind === 'docker-archive' ? ':app:1' : ''}`,
    )
    // Its OCI archives have a config without Docker's own fields, so an id of their own.
    const { stdout } = await run('skopeo', ['inspect', '--config', '--raw', `${kind}:${at(`${kind}.tar`)}`])
    const config = `sha256:${createHash('sha256').update(stdout).digest('hex')}`
    expect(await loaded(at(`${kind}.tar`))).toBe(config)
    if (kind === 'docker-archive') expect(config).toBe(id)
  })

  it('copies between an OCI layout and our registry, digests equal', async () => {
    await copy(`docker-archive:${at('saved.tar')}`, `oci:${at('layout')}:1`)
    const index = JSON.parse(readFileSync(at('layout/index.json'), 'utf8')) as { manifests: { digest: string }[] }
    await copy(`oci:${at('layout')}:1`, `docker://${host}/oci:1`)
    expect(await digestAt('oci/manifests/1')).toBe(index.manifests[0]?.digest)
    await copy(`docker://${host}/oci:1`, `oci:${at('again')}:1`)
    const again = JSON.parse(readFileSync(at('again/index.json'), 'utf8')) as { manifests: { digest: string }[] }
    expect(again.manifests[0]?.digest).toBe(index.manifests[0]?.digest)
    const other = harness()
    try {
      await collect(pullImage(other.ctx, `${host}/oci:1`))
      expect((await inspectImage(other.ctx, `${host}/oci:1`)).RepoDigests).toEqual([
        `${host}/oci@${index.manifests[0]?.digest}`,
      ])
    } finally {
      other.close()
    }
  })

  it.skipIf(!hasUmoci)('umoci changes an image of ours, and we pull and load what it made', async () => {
    const umoci = (...args: string[]): Promise<unknown> => run('umoci', args)
    await copy(`docker-archive:${at('saved.tar')}`, `oci:${at('umoci')}:1`)
    await umoci('config', '--image', `${at('umoci')}:1`, '--tag', '2', '--config.cmd', 'true', '--author', 'ann')
    writeFileSync(at('added'), 'by umoci')
    await umoci('insert', '--rootless', '--image', `${at('umoci')}:2`, at('added'), '/added')
    await copy(`oci:${at('umoci')}:2`, `docker://${host}/umoci:2`)
    const other = harness()
    try {
      await collect(pullImage(other.ctx, `${host}/umoci:2`))
      const image = await inspectImage(other.ctx, `${host}/umoci:2`)
      expect([image.Config?.Cmd, image.Author, image.RootFS.Layers?.length]).toEqual([['true'], 'ann', 2])
      expect(await validateImages(other.ctx.store, other.ctx.content)).toEqual([])
      await copy(`oci:${at('umoci')}:2`, `oci-archive:${at('umoci.tar')}:2`)
      expect(await loaded(at('umoci.tar'))).toBe(image.Id)
    } finally {
      other.close()
    }
  })

  it.each(['gzip', 'zstd'])('sends %s layers that we pull', async format => {
    const compress = ['--dest-compress-format', format, '--format', 'oci']
    await copy(`docker-archive:${at('saved.tar')}`, `docker://${host}/${format}:1`, ...compress)
    const other = harness()
    try {
      const messages = await collect(pullImage(other.ctx, `${host}/${format}:1`))
      expect(messages.at(-1)?.status).toBe(`Status: Downloaded newer image for ${host}/${format}:1`)
      expect(await validateImages(other.ctx.store, other.ctx.content)).toEqual([])
      const { RootFS } = await inspectImage(other.ctx, `${host}/${format}:1`)
      expect(RootFS).toEqual((await inspectImage(h.ctx, `${host}/app:1`)).RootFS)
    } finally {
      other.close()
    }
  })
})
