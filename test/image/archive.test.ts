import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { type ArchiveImage, type LayerTar, writeArchive } from '../../src/image/archive.ts'
import { ArchiveFiles, imagesOf } from '../../src/image/archive-reader.ts'
import { encodeConfig, sha256 } from '../../src/image/config.ts'
import { parseReference } from '../../src/image/reference.ts'
import { TarReader } from '../../src/layer/tar-reader.ts'
import { type TarEntry, writeTar } from '../../src/layer/tar-writer.ts'

const tarOf = (files: Record<string, string>): Buffer => {
  const entries = Object.entries(files).map(
    ([path, text]): TarEntry => ({
      header: { path, type: 'file', mode: 0o644, mtime: 0, size: Buffer.byteLength(text) },
      content: [Buffer.from(text)],
    }),
  )
  return Buffer.concat([...writeTar(entries)])
}

const base = tarOf({ a: 'base' })
const top = tarOf({ b: 'top' })
const layers = new Map([base, top].map(tar => [sha256(tar), tar]))
const layer = (digest: string): LayerTar => {
  const tar = layers.get(digest) ?? Buffer.alloc(0)
  return { size: tar.length, bytes: () => [tar] }
}

function image(tags: string[], tars: Buffer[]): ArchiveImage {
  const config = encodeConfig({
    architecture: 'amd64',
    config: { Cmd: ['sh'] },
    created: '2026-01-02T03:04:05Z',
    os: 'linux',
    rootfs: { type: 'layers', diff_ids: tars.map(tar => sha256(tar)) },
  })
  return { id: sha256(config), config, tags: tags.map(parseReference) }
}

const sinks = { write() {}, commit: () => ({ digest: 'sha256:kept' }), abort() {} }

function read(archive: Buffer): ArchiveFiles {
  const files = new ArchiveFiles(() => {
    const hash = createHash('sha256')
    return {
      ...sinks,
      write: bytes => void hash.update(bytes),
      commit: () => ({ digest: `sha256:${hash.digest('hex')}` }),
    }
  })
  const reader = new TarReader(files)
  reader.push(archive)
  reader.finish()
  files.finish()
  return files
}

const write = (...images: ArchiveImage[]): Buffer => Buffer.concat([...writeArchive(images, layer)])

describe('an archive of images', () => {
  it('has the files of docker save, shared layers once, in a fixed order', () => {
    const archive = write(image(['a:1', 'a:2'], [base, top]), image(['b:1'], [base]))
    const names: string[] = []
    const reader = new TarReader({ entry: header => void names.push(header.path) })
    reader.push(archive)
    expect(names.filter(name => !name.startsWith('blobs'))).toEqual([
      'index.json',
      'manifest.json',
      'oci-layout',
      'repositories',
    ])
    expect(names.filter(name => name === `blobs/sha256/${sha256(base).slice(7)}`)).toHaveLength(1)
    expect(names).toEqual([...names].sort())
    expect(archive.equals(write(image(['a:1', 'a:2'], [base, top]), image(['b:1'], [base])))).toBe(true)
  })

  it('comes back as it went, without tags for an image saved by its id', async () => {
    const images = [image(['a:1', 'ghcr.io/x/y:2'], [base, top]), image([], [base])]
    const back = await imagesOf(read(write(...images)), '/tmp/x')
    expect(back.map(({ config, tags }) => ({ config, tags }))).toEqual([
      { config: images[0]?.config, tags: ['a:1', 'ghcr.io/x/y:2'] },
      { config: images[1]?.config, tags: [] },
    ])
    expect(back[0]?.layers.map(file => file.digest)).toEqual([sha256(base), sha256(top)])
  })

  it('may be of an older Docker: folders of layers, symlinks for those that repeat', async () => {
    const { config, id } = image(['old:1'], [base, base])
    const name = `${id.slice(7)}.json`
    const entries: TarEntry[] = [
      { header: { path: '111/layer.tar', type: 'file', mode: 0o644, mtime: 0, size: base.length }, content: [base] },
      { header: { path: '222/layer.tar', type: 'symlink', mode: 0o777, mtime: 0, target: '../111/layer.tar' } },
      {
        header: { path: name, type: 'file', mode: 0o644, mtime: 0, size: config.length },
        content: [Buffer.from(config)],
      },
    ]
    const manifest = JSON.stringify([{ Config: name, RepoTags: ['old:1'], Layers: ['111/layer.tar', '222/layer.tar'] }])
    entries.push({
      header: { path: 'manifest.json', type: 'file', mode: 0o644, mtime: 0, size: manifest.length },
      content: [Buffer.from(manifest)],
    })
    const back = await imagesOf(read(Buffer.concat([...writeTar(entries)])), '/tmp/x')
    expect(back[0]?.layers.map(file => file.digest)).toEqual([sha256(base), sha256(base)])
  })

  it('may be an OCI layout with an index over platforms and compressed layers', async () => {
    const packed = gzipSync(base)
    const { config, id } = image([], [base])
    const manifest = JSON.stringify({
      schemaVersion: 2,
      config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: id, size: config.length },
      layers: [
        { mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest: sha256(packed), size: packed.length },
      ],
    })
    const descriptor = {
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      digest: sha256(manifest),
      size: manifest.length,
    }
    const list = JSON.stringify({
      schemaVersion: 2,
      manifests: [
        { ...descriptor, digest: sha256('other'), platform: { os: 'linux', architecture: 's390x' } },
        { ...descriptor, platform: { os: 'linux', architecture: 'amd64' } },
      ],
    })
    const index = JSON.stringify({
      schemaVersion: 2,
      manifests: [
        {
          mediaType: 'application/vnd.oci.image.index.v1+json',
          digest: sha256(list),
          size: list.length,
          annotations: { 'io.containerd.image.name': 'docker.io/library/x:1' },
        },
      ],
    })
    const blobs = [config, manifest, list].map(text => [`blobs/sha256/${sha256(text).slice(7)}`, text] as const)
    const archive = tarOf({ 'oci-layout': '{}', 'index.json': index, ...Object.fromEntries(blobs) })
    const withLayer = Buffer.concat([
      Buffer.concat([
        ...writeTar([
          {
            header: {
              path: `blobs/sha256/${sha256(packed).slice(7)}`,
              type: 'file',
              mode: 0o644,
              mtime: 0,
              size: packed.length,
            },
            content: [packed],
          },
        ]),
      ]).subarray(0, -1024),
      archive,
    ])
    const back = await imagesOf(read(withLayer), '/tmp/x')
    expect(back).toEqual([
      { config, tags: ['docker.io/library/x:1'], layers: [expect.objectContaining({ digest: sha256(packed) })] },
    ])
  })

  it.each([
    ['nothing that it needs', {}, 'open /tmp/x/repositories: no such file or directory'],
    ['no JSON', { 'manifest.json': 'x' }, "invalid character 'x' looking for beginning of value"],
    ['another shape', { 'manifest.json': '{"a":1}' }, /^invalid manifest.json: /],
    ['a missing config', { 'manifest.json': '[{"Config":"c.json"}]' }, 'open /tmp/x/c.json: no such file or directory'],
    ['a path out of it', { 'manifest.json': '[{"Config":"../../etc/passwd"}]' }, 'no such file or directory'],
    ['an empty document', { 'manifest.json': ' ' }, 'unexpected end of JSON input'],
    ['a Docker from before 1.10', { repositories: '{}' }, 'older than 1.10'],
  ])('with %s is refused', async (_, files, message) => {
    await expect(imagesOf(read(tarOf(files as Record<string, string>)), '/tmp/x')).rejects.toThrow(message)
  })

  it('whose blob is not what its name says is refused', async () => {
    const name = sha256('right')
    const index = JSON.stringify({
      schemaVersion: 2,
      manifests: [{ mediaType: 'application/vnd.oci.image.manifest.v1+json', digest: name, size: 5 }],
    })
    const archive = tarOf({ 'oci-layout': '{}', 'index.json': index, [`blobs/sha256/${name.slice(7)}`]: 'wrong' })
    await expect(imagesOf(read(archive), '/tmp/x')).rejects.toThrow('does not match')
  })

  it('with symlinks in a circle ends', async () => {
    const entries: TarEntry[] = [
      { header: { path: 'manifest.json', type: 'symlink', mode: 0o777, mtime: 0, target: 'b' } },
      { header: { path: 'b', type: 'symlink', mode: 0o777, mtime: 0, target: 'manifest.json' } },
    ]
    await expect(imagesOf(read(Buffer.concat([...writeTar(entries)])), '/tmp/x')).rejects.toThrow('no such file')
  })
})
