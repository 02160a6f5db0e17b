import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type RegistryAnswer, serve } from '../../src/registry/serve.ts'
import { memoryFiles } from './memory-registry.ts'
import { digestOf } from './small-image.ts'

function registry(settings = {}) {
  const files = memoryFiles()
  const call = (method: string, path: string, body = ''): RegistryAnswer =>
    serve(files, { method, path, headers: {}, body: Buffer.from(body) }, settings)
  const text = (answer: RegistryAnswer): string => Buffer.from(answer.body).toString()
  const upload = (name: string, data: string): void => {
    const { location = '' } = call('POST', `/v2/${name}/blobs/uploads/`).headers
    expect(call('PATCH', location, data).status).toBe(202)
    expect(call('PUT', `${location}?digest=${digestOf(data)}`).status).toBe(201)
  }
  const manifest = (config: string): string =>
    JSON.stringify({
      schemaVersion: 2,
      mediaType: 'application/vnd.docker.distribution.manifest.v2+json',
      config: { digest: digestOf(config) },
      layers: [],
    })
  return { files, call, text, upload, manifest }
}

describe('the registry', () => {
  it('is empty at first', () => {
    const { call, text } = registry()
    expect(call('GET', '/v2/').status).toBe(200)
    expect(text(call('GET', '/v2/_catalog'))).toBe('{"repositories":[]}\n')
    expect(text(call('GET', '/v2/base/tags/list'))).toBe(
      '{"errors":[{"code":"NAME_UNKNOWN","message":"repository name not known to registry","detail":{"name":"base"}}]}\n',
    )
    expect(text(call('GET', '/v2/base/manifests/1'))).toContain('"MANIFEST_UNKNOWN","message":"manifest unknown"')
  })

  it('keeps blobs and manifests, lists them, and lays them out as the real one', () => {
    const { files, call, text, upload, manifest } = registry()
    upload('team/app', 'config')
    const document = manifest('config')
    expect(call('PUT', '/v2/team/app/manifests/1', document).status).toBe(201)
    expect(call('PUT', '/v2/team/app/manifests/stable', document).status).toBe(201)
    upload('base', 'other')
    expect(call('PUT', '/v2/base/manifests/1', manifest('other')).status).toBe(201)
    expect(text(call('GET', '/v2/_catalog'))).toBe('{"repositories":["base","team/app"]}\n')
    const first = call('GET', '/v2/_catalog?n=1')
    expect(text(first)).toBe('{"repositories":["base"]}\n')
    expect(first.headers['link']).toBe('</v2/_catalog?last=base&n=1>; rel="next"')
    expect(text(call('GET', '/v2/team/app/tags/list'))).toBe('{"name":"team/app","tags":["1","stable"]}\n')
    const head = call('HEAD', '/v2/team/app/manifests/1')
    expect(head.headers['docker-content-digest']).toBe(digestOf(document))
    expect(head.headers['content-type']).toBe('application/vnd.docker.distribution.manifest.v2+json')
    expect(head.body.length).toBe(0)
    expect(text(call('GET', `/v2/team/app/manifests/${digestOf(document)}`))).toBe(document)
    expect(text(call('GET', `/v2/team/app/blobs/${digestOf('config')}`))).toBe('config')
    expect(call('GET', `/v2/base/blobs/${digestOf('config')}`).status).toBe(404)
    const hex = digestOf(document).slice(7)
    expect([...files.stored.keys()].filter(path => path.includes(hex) || path.endsWith('current/link')).sort()).toEqual(
      [
        `docker/registry/v2/blobs/sha256/${hex.slice(0, 2)}/${hex}/data`,
        'docker/registry/v2/repositories/base/_manifests/tags/1/current/link',
        `docker/registry/v2/repositories/team/app/_manifests/revisions/sha256/${hex}/link`,
        'docker/registry/v2/repositories/team/app/_manifests/tags/1/current/link',
        `docker/registry/v2/repositories/team/app/_manifests/tags/1/index/sha256/${hex}/link`,
        'docker/registry/v2/repositories/team/app/_manifests/tags/stable/current/link',
        `docker/registry/v2/repositories/team/app/_manifests/tags/stable/index/sha256/${hex}/link`,
      ],
    )
  })

  it('refuses what does not fit', () => {
    const { call, text, manifest } = registry()
    const { location = '' } = call('POST', '/v2/a/blobs/uploads/').headers
    call('PATCH', location, 'x')
    expect(text(call('PUT', `${location}?digest=${digestOf('y')}`))).toContain('DIGEST_INVALID')
    expect(text(call('PUT', '/v2/a/manifests/1', manifest('missing')))).toContain('MANIFEST_BLOB_UNKNOWN')
    expect(text(call('PUT', '/v2/a/manifests/1', 'x'))).toContain('MANIFEST_INVALID')
    expect(text(call('GET', '/v2/UPPER/tags/list'))).toContain('NAME_INVALID')
    expect(text(call('PATCH', '/v2/a/blobs/uploads/nosuch', 'x'))).toContain('BLOB_UPLOAD_UNKNOWN')
    expect(text(call('DELETE', `/v2/a/manifests/${digestOf('x')}`))).toContain('MANIFEST_UNKNOWN')
    expect(call('GET', '/nosuch').status).toBe(404)
  })

  it('deletes manifests only where that is allowed', () => {
    for (const allowDelete of [false, true]) {
      const { call, upload, manifest } = registry({ allowDelete })
      upload('a', 'config')
      call('PUT', '/v2/a/manifests/1', manifest('config'))
      expect(call('DELETE', `/v2/a/manifests/${digestOf(manifest('config'))}`).status).toBe(allowDelete ? 202 : 405)
      expect(call('GET', '/v2/a/manifests/1').status).toBe(allowDelete ? 404 : 200)
    }
  })

  it('answers whatever is sent, and writes nothing outside of its folder', () => {
    const part = fc.constantFrom(
      'v2',
      '..',
      '.',
      'a',
      'blobs',
      'uploads',
      'manifests',
      'tags',
      'list',
      '%2e%2e',
      '',
      digestOf('x'),
    )
    fc.assert(
      fc.property(
        fc.constantFrom('GET', 'PUT', 'POST', 'PATCH', 'DELETE', 'HEAD', 'FOO'),
        fc.array(fc.oneof(part, fc.string()), { maxLength: 8 }),
        fc.string(),
        (method, parts, body) => {
          const { files, call } = registry({ allowDelete: true })
          expect(call(method, `/${parts.join('/')}`, body).status).toBeGreaterThanOrEqual(200)
          for (const path of files.stored.keys()) expect(path).toMatch(/^docker\/registry\/v2\/[a-z0-9_/.:-]+$/i)
          for (const path of files.stored.keys()) expect(path.split('/')).not.toContain('..')
        },
      ),
    )
  })
})
