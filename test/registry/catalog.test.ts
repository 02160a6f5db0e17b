import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { sha256 } from '../../src/image/config.ts'
import { parseConfig, parseManifest, parseManifestOrIndex } from '../../src/image/foreign.ts'
import { madeEntries } from '../../src/image/made-layer.ts'
import { parseReference } from '../../src/image/reference.ts'
import { writeTar } from '../../src/layer/tar-writer.ts'
import { catalog, catalogImages, catalogRepositories, layerBlob, layerIndex } from '../../src/registry/catalog.ts'

/** Layers above this size are not hashed in every run of the tests. */
const TEST_SIZE = 12_000_000

describe('the catalogue', () => {
  it('has the images that courses use', async () => {
    const repositories = await catalogRepositories()
    const missing = [
      'hello-world',
      'busybox',
      'alpine:3.19',
      'alpine:3.20',
      'alpine',
      'ubuntu:22.04',
      'ubuntu:24.04',
      'ubuntu',
      'debian:bookworm-slim',
      'debian:bookworm',
      'debian',
      'nginx',
      'nginx:1.25.3',
      'nginx:alpine',
      'httpd',
      'redis:7-alpine',
      'redis',
      'postgres:16-alpine',
      'postgres:16',
      'postgres',
      'mysql:8',
      'mysql',
      'node:20',
      'node:20-alpine',
      'node:20-slim',
      'node:20-distroless',
      'node:22-alpine',
      'node',
      'python:3.12',
      'python:3.12-slim',
      'python:3.12-alpine',
      'python',
      'golang:1.21',
      'golang:1.22',
      'golang:1.22-alpine',
      'golang',
      'rust',
      'gcr.io/distroless/static',
      'gcr.io/distroless/static-debian12',
      'gcr.io/distroless/nodejs20',
      'gcr.io/distroless/nodejs20-debian12',
      'registry:2',
      'memcached',
      'rabbitmq',
      'mongo',
      'wordpress',
      'traefik/whoami',
    ].filter(text => {
      const [name = '', tag = 'latest'] = text.split(':')
      return !Object.hasOwn(repositories.get(name)?.tags ?? {}, tag)
    })
    expect(missing).toEqual([])
  })

  it('keeps its digests from release to release', async () => {
    const lines = readFileSync(new URL('../../fixtures/catalog/digests.txt', import.meta.url), 'utf8')
      .trim()
      .split('\n')
    const known = new Set(lines.map(line => line.slice(line.indexOf(' ') + 1)))
    const changed: string[] = []
    for await (const { name, index, documents } of catalogImages()) {
      const ids = documents.map(([, { config }]) => config.descriptor.digest)
      if (!known.has([index.descriptor.digest, ...ids].join(' '))) changed.push(name)
    }
    expect(changed).toEqual([])
  })

  it('has sound documents for both architectures', async () => {
    for await (const { name, index, documents, layers } of catalogImages()) {
      expect(sha256(index.text), name).toBe(index.descriptor.digest)
      expect(parseManifestOrIndex(index.text)).toHaveProperty('index')
      expect(documents.map(([arch]) => arch)).toEqual(['amd64', 'arm64'])
      for (const [arch, { config, manifest }] of documents) {
        expect(sha256(config.text)).toBe(config.descriptor.digest)
        expect(sha256(manifest.text)).toBe(manifest.descriptor.digest)
        const parsed = parseConfig(config.text)
        expect(parsed.architecture).toBe(arch)
        expect(parsed.rootfs.diff_ids).toEqual(layers.map(({ layer }) => layer.digests[arch].diffID))
        expect(parsed.history?.filter(entry => !entry.empty_layer).length, name).toBe(layers.length)
        expect(parseManifest(manifest.text).layers.map(layer => layer.digest)).toEqual(
          layers.map(({ layer }) => layer.digests[arch].blob.digest),
        )
      }
    }
  })

  it('has layers whose tars and blobs have the digests that are said', async () => {
    const seen = new Set<string>()
    for await (const { layers } of catalogImages()) {
      for (const { name, layer } of layers) {
        const { diffID, tarSize, size, blob } = layer.digests.amd64
        if (seen.has(name) || tarSize > TEST_SIZE) continue
        seen.add(name)
        const index = layerIndex(layer, 'amd64')
        expect(index.size, name).toBe(size)
        const tar = createHash('sha256')
        for (const piece of writeTar(madeEntries(index.entries))) tar.update(piece)
        expect(`sha256:${tar.digest('hex')}`, name).toBe(diffID)
        const packed = Buffer.concat([...layerBlob(layer, 'amd64')])
        expect(packed.length, name).toBe(blob.size)
        expect(sha256(packed), name).toBe(blob.digest)
        expect(sha256(gunzipSync(packed)), name).toBe(diffID)
      }
    }
    expect(seen.size).toBeGreaterThan(50)
  })

  it('has commands only where the real images have them', async () => {
    const commands = async (text: string): Promise<Set<string>> => {
      const paths = new Set<string>()
      for await (const { name, layers } of catalogImages())
        if (name === text)
          for (const { layer } of layers)
            for (const { path } of layerIndex(layer, 'amd64').entries) paths.add(path.slice(path.lastIndexOf('/') + 1))
      return paths
    }
    const debian = await commands('debian/bookworm-slim')
    expect(['bash', 'sh', 'apt-get', 'ls', 'grep', 'perl', 'login'].filter(name => !debian.has(name))).toEqual([])
    expect(['curl', 'ping', 'ps', 'vim', 'wget', 'ip', 'python3'].filter(name => debian.has(name))).toEqual([])
    const alpine = await commands('alpine/3.20')
    expect(['sh', 'apk', 'wget', 'ping', 'vi', 'nc', 'ps'].filter(name => !alpine.has(name))).toEqual([])
    expect(['bash', 'curl', 'python3', 'apt-get'].filter(name => alpine.has(name))).toEqual([])
    const ubuntu = await commands('ubuntu/24.04')
    expect(['bash', 'ps', 'apt'].filter(name => !ubuntu.has(name))).toEqual([])
    expect(['curl', 'ping', 'ip', 'vim'].filter(name => ubuntu.has(name))).toEqual([])
    expect((await commands('gcr.io/distroless/static/static')).has('sh')).toBe(false)
  })

  it.each([
    ['nginx:9.9', 'manifest for nginx:9.9 not found: manifest unknown: manifest unknown'],
    ['nginx:constructor', 'manifest for nginx:constructor not found: manifest unknown: manifest unknown'],
    [
      'foo',
      "pull access denied for foo, repository does not exist or may require 'docker login': denied: requested access to the resource is denied",
    ],
    ['constructor', /^pull access denied for constructor,/],
  ])('%s is not there, in Docker’s words', async (text, message) => {
    await expect(catalog.resolve(parseReference(text))).rejects.toThrow(message)
  })

  it('finds documents by digest', async () => {
    const index = await catalog.resolve(parseReference('alpine:3.20'))
    const { digest } = index.descriptor
    expect(await catalog.resolve(parseReference(`alpine@${digest}`))).toEqual(index)
    await expect(catalog.resolve(parseReference(`nginx@${digest}`))).rejects.toThrow('manifest unknown')
  })
})
