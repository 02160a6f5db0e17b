/**
 * The distribution spec's requirements (v1.1: pull, push, content discovery, content management), each against the
 * server that `minidock registry serve` runs.
 */
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, utimesSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RunningServer, startServer } from '../../src/registry/server.ts'
import { digestOf } from './small-image.ts'

const OCI = 'application/vnd.oci.image.manifest.v1+json'
const INDEX = 'application/vnd.oci.image.index.v1+json'
const absent = digestOf('nothing has this digest')

let root: string
let server: RunningServer
let base: string

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'minidock-spec-'))
  server = await startServer({ root, host: '127.0.0.1', port: 0 })
  base = `http://127.0.0.1:${server.port}`
})

afterAll(async () => {
  await server.close()
  rmSync(root, { recursive: true, force: true })
})

const call = (method: string, path: string, body?: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(path.startsWith('http') ? path : base + path, { method, headers, ...(body !== undefined && { body }) })

const codeOf = async (answer: Response): Promise<string> =>
  ((await answer.json()) as { errors: { code: string }[] }).errors[0]?.code ?? ''

const begin = async (name: string): Promise<string> => {
  const answer = await call('POST', `/v2/${name}/blobs/uploads/`)
  expect(answer.status).toBe(202)
  return answer.headers.get('location') ?? ''
}

const blob = async (name: string, text: string): Promise<string> => {
  const location = await begin(name)
  expect((await call('PUT', `${location}?digest=${digestOf(text)}`, text)).status).toBe(201)
  return digestOf(text)
}

/** Pushes a manifest with its config, and returns its text. */
const manifest = async (name: string, reference: string, extra: object = {}): Promise<string> => {
  const config = `{"for":"${name}"}`
  await blob(name, config)
  const text = JSON.stringify({
    schemaVersion: 2,
    mediaType: OCI,
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: digestOf(config), size: config.length },
    layers: [],
    ...extra,
  })
  const tag = reference === '' ? digestOf(text) : reference
  expect((await call('PUT', `/v2/${name}/manifests/${tag}`, text, { 'content-type': OCI })).status).toBe(201)
  return text
}

describe('the API', () => {
  it('GET /v2/ answers 200 where the spec is implemented', async () => {
    expect((await call('GET', '/v2/')).status).toBe(200)
  })

  it('errors are JSON with code, message and detail', async () => {
    const answer = await call('GET', '/v2/none/manifests/x')
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/)
    expect(await answer.json()).toEqual({
      errors: [{ code: 'MANIFEST_UNKNOWN', message: 'manifest unknown', detail: { Tag: 'x' } }],
    })
  })
})

describe('pull', () => {
  it('GET manifest by tag and by digest answers 200 with its bytes, media type and digest', async () => {
    const text = await manifest('pull/app', 'v1')
    for (const reference of ['v1', digestOf(text)]) {
      const answer = await call('GET', `/v2/pull/app/manifests/${reference}`)
      expect([answer.status, answer.headers.get('content-type'), answer.headers.get('docker-content-digest')]).toEqual([
        200,
        OCI,
        digestOf(text),
      ])
      expect(await answer.text()).toBe(text)
    }
  })

  it('GET manifest that is not there answers 404', async () => {
    expect((await call('GET', '/v2/pull/app/manifests/nosuch')).status).toBe(404)
    expect((await call('GET', `/v2/pull/app/manifests/${absent}`)).status).toBe(404)
    expect((await call('GET', '/v2/never/seen/manifests/v1')).status).toBe(404)
  })

  it('HEAD manifest answers as GET does, without a body', async () => {
    const text = await manifest('pull/head', 'v1')
    const answer = await call('HEAD', '/v2/pull/head/manifests/v1')
    expect([answer.status, answer.headers.get('content-length')]).toEqual([200, String(text.length)])
    expect(await answer.text()).toBe('')
    expect((await call('HEAD', '/v2/pull/head/manifests/nosuch')).status).toBe(404)
  })

  it('GET blob answers 200 with its bytes and digest; 404 in a repository that has it not', async () => {
    const digest = await blob('pull/app', 'a blob')
    const answer = await call('GET', `/v2/pull/app/blobs/${digest}`)
    expect([answer.status, answer.headers.get('docker-content-digest')]).toEqual([200, digest])
    expect(await answer.text()).toBe('a blob')
    expect((await call('GET', `/v2/pull/other/blobs/${digest}`)).status).toBe(404)
    expect((await call('GET', `/v2/pull/app/blobs/${absent}`)).status).toBe(404)
  })

  it('HEAD blob answers as GET does, without a body', async () => {
    const digest = await blob('pull/app', 'a blob')
    const answer = await call('HEAD', `/v2/pull/app/blobs/${digest}`)
    expect([answer.status, answer.headers.get('content-length')]).toEqual([200, '6'])
    expect((await call('HEAD', `/v2/pull/app/blobs/${absent}`)).status).toBe(404)
  })

  it.each([
    ['bytes=2-3', 206, 'bytes 2-3/10', '23'],
    ['bytes=7-', 206, 'bytes 7-9/10', '789'],
    ['bytes=-4', 206, 'bytes 6-9/10', '6789'],
    ['bytes=0-99', 206, 'bytes 0-9/10', '0123456789'],
    ['bytes=10-', 416, 'bytes */10', ''],
    ['bytes=5-2', 200, null, '0123456789'],
    ['lines=1-2', 200, null, '0123456789'],
  ])('GET blob with Range %s answers %d', async (range, status, contentRange, body) => {
    const digest = await blob('pull/range', '0123456789')
    const answer = await call('GET', `/v2/pull/range/blobs/${digest}`, undefined, { range })
    expect([answer.status, answer.headers.get('content-range'), await answer.text()]).toEqual([
      status,
      contentRange,
      body,
    ])
  })

  it('GET with If-None-Match of what there is answers 304', async () => {
    const digest = await blob('pull/etag', 'x')
    const text = await manifest('pull/etag', 'v1')
    for (const [path, tag] of [
      [`blobs/${digest}`, digest],
      ['manifests/v1', digestOf(text)],
    ])
      expect((await call('GET', `/v2/pull/etag/${path}`, undefined, { 'if-none-match': `"${tag}"` })).status).toBe(304)
  })
})

describe('push', () => {
  it('monolithic: POST, then PUT with the digest and the bytes', async () => {
    const location = await begin('push/mono')
    const answer = await call('PUT', `${location}?digest=${digestOf('abc')}`, 'abc')
    expect([answer.status, answer.headers.get('location')]).toEqual([201, `/v2/push/mono/blobs/${digestOf('abc')}`])
    expect(await (await call('GET', answer.headers.get('location') ?? '')).text()).toBe('abc')
  })

  it('single POST: with the digest and the bytes', async () => {
    const answer = await call('POST', `/v2/push/single/blobs/uploads/?digest=${digestOf('abc')}`, 'abc')
    expect([answer.status, answer.headers.get('location')]).toEqual([201, `/v2/push/single/blobs/${digestOf('abc')}`])
  })

  it('chunked: PATCHes in order, then PUT, with the last chunk or without', async () => {
    for (const last of ['', 'ghi']) {
      let location = await begin('push/chunks')
      for (const [at, chunk] of ['abc', 'def'].entries()) {
        const headers = { 'content-range': `${at * 3}-${at * 3 + 2}`, 'content-type': 'application/octet-stream' }
        const answer = await call('PATCH', location, chunk, headers)
        expect([answer.status, answer.headers.get('range')]).toEqual([202, `0-${at * 3 + 2}`])
        location = answer.headers.get('location') ?? ''
      }
      expect((await call('PUT', `${location}?digest=${digestOf(`abcdef${last}`)}`, last)).status).toBe(201)
    }
  })

  it('a chunk out of order answers 416, and the upload goes on where it was', async () => {
    const location = await begin('push/order')
    const answer = await call('PATCH', location, 'def', { 'content-range': '3-5' })
    expect(answer.status).toBe(416)
    expect((await call('PATCH', location, 'abc', { 'content-range': '0-2' })).status).toBe(202)
    expect((await call('PATCH', location, 'abc', { 'content-range': '0-2' })).status).toBe(416)
    expect((await call('PUT', `${location}?digest=${digestOf('abc')}`)).status).toBe(201)
  })

  it('GET of an upload answers 204 with how far it is', async () => {
    const location = await begin('push/status')
    await call('PATCH', location, 'abcd')
    const answer = await call('GET', location)
    expect([answer.status, answer.headers.get('range'), answer.headers.get('location')]).toEqual([204, '0-3', location])
    expect((await call('GET', '/v2/push/status/blobs/uploads/00000000-0000-4000-a000-000000000000')).status).toBe(404)
  })

  it('DELETE of an upload answers 204, and it is gone', async () => {
    const location = await begin('push/cancel')
    expect((await call('DELETE', location)).status).toBe(204)
    expect((await call('PATCH', location, 'x')).status).toBe(404)
  })

  it('another digest than that of the bytes is refused', async () => {
    const location = await begin('push/wrong')
    const answer = await call('PUT', `${location}?digest=${absent}`, 'abc')
    expect([answer.status, await codeOf(answer)]).toEqual([400, 'DIGEST_INVALID'])
    expect((await call('HEAD', `/v2/push/wrong/blobs/${absent}`)).status).toBe(404)
  })

  it('sha512 digests name blobs and manifests too', async () => {
    const sha512 = (text: string): string => `sha512:${createHash('sha512').update(text).digest('hex')}`
    const location = await begin('push/sha512')
    const answer = await call('PUT', `${location}?digest=${sha512('abc')}`, 'abc')
    expect([answer.status, answer.headers.get('docker-content-digest')]).toEqual([201, sha512('abc')])
    expect(await (await call('GET', `/v2/push/sha512/blobs/${sha512('abc')}`)).text()).toBe('abc')
    expect((await call('PUT', `${await begin('push/sha512')}?digest=${sha512('abc')}`, 'abd')).status).toBe(400)
    const text = JSON.stringify({
      schemaVersion: 2,
      mediaType: OCI,
      config: { mediaType: 'a/b', digest: sha512('abc'), size: 3 },
      layers: [],
      subject: { mediaType: OCI, digest: sha512('subject'), size: 1 },
    })
    const put = await call('PUT', `/v2/push/sha512/manifests/${sha512(text)}`, text, { 'content-type': OCI })
    expect([put.status, put.headers.get('oci-subject')]).toEqual([201, sha512('subject')])
    expect(await (await call('GET', `/v2/push/sha512/manifests/${sha512(text)}`)).text()).toBe(text)
    const referrers = await (await call('GET', `/v2/push/sha512/referrers/${sha512('subject')}`)).json()
    expect((referrers as { manifests: { digest: string }[] }).manifests.map(({ digest }) => digest)).toEqual([
      sha512(text),
    ])
  })

  it('uploads without a byte for a week are removed when the server starts, others stay', async () => {
    const [old, young] = [await begin('push/old'), await begin('push/old')]
    const file = join(root, 'docker/registry/v2/repositories/push/old/_uploads', old.replace(/.*\//, ''), 'data')
    utimesSync(file, 1, 1)
    await (await startServer({ root, host: '127.0.0.1', port: 0 })).close()
    expect((await call('GET', old)).status).toBe(404)
    expect((await call('GET', young)).status).toBe(204)
  })

  it('mount: 201 with the blob of another repository, 202 with an upload where it is not', async () => {
    const digest = await blob('push/from', 'shared')
    const mounted = await call('POST', `/v2/push/to/blobs/uploads/?mount=${digest}&from=push/from`)
    expect([mounted.status, mounted.headers.get('location')]).toEqual([201, `/v2/push/to/blobs/${digest}`])
    const instead = await call('POST', `/v2/push/to2/blobs/uploads/?mount=${absent}&from=push/from`)
    expect([instead.status, instead.headers.get('location')]).toEqual([202, expect.stringContaining('/blobs/uploads/')])
  })

  it('PUT manifest answers 201 with its location, and its bytes stay as they are', async () => {
    const config = await blob('push/man', '{}')
    const text = `{ "schemaVersion": 2,\n "mediaType": "${OCI}", "config": {"mediaType":"a/b","digest":"${config}","size":2}, "layers": [] }`
    const answer = await call('PUT', '/v2/push/man/manifests/v1', text, { 'content-type': OCI })
    expect([answer.status, answer.headers.get('location')]).toEqual([201, `/v2/push/man/manifests/${digestOf(text)}`])
    expect(await (await call('GET', '/v2/push/man/manifests/v1')).text()).toBe(text)
  })

  it('PUT manifest by another digest, of unknown blobs, of no JSON, or too large is refused', async () => {
    const text = await manifest('push/bad', 'v1')
    const put = (reference: string, body: string): Promise<Response> =>
      call('PUT', `/v2/push/bad/manifests/${reference}`, body, { 'content-type': OCI })
    expect(await codeOf(await put(absent, text))).toBe('DIGEST_INVALID')
    const unknown = text.replace('"layers":[]', `"layers":[{"digest":"${absent}"}]`)
    expect(await codeOf(await put('v2', unknown))).toBe('MANIFEST_BLOB_UNKNOWN')
    expect(await codeOf(await put('v2', 'x'))).toBe('MANIFEST_INVALID')
    expect((await put('v2', ' '.repeat((4 << 20) + 1))).status).toBe(413)
    expect((await call('GET', '/v2/push/bad/manifests/v2')).status).toBe(404)
  })

  it('PUT manifest with a subject answers OCI-Subject, also where the subject is not there', async () => {
    const subject = { mediaType: OCI, digest: absent, size: 2 }
    const config = await blob('push/subject', '{}')
    const text = JSON.stringify({
      schemaVersion: 2,
      mediaType: OCI,
      config: { mediaType: 'a/b', digest: config, size: 2 },
      layers: [],
      subject,
    })
    const answer = await call('PUT', '/v2/push/subject/manifests/sig', text, { 'content-type': OCI })
    expect([answer.status, answer.headers.get('oci-subject')]).toEqual([201, absent])
  })
})

describe('content discovery', () => {
  it('tags are listed in order, n at a time, with a link to the rest', async () => {
    for (const tag of ['c', 'a', 'b', 'latest']) await manifest('tags/app', tag)
    const list = async (query: string): Promise<[unknown, string | null]> => {
      const answer = await call('GET', `/v2/tags/app/tags/list${query}`)
      return [((await answer.json()) as { tags: unknown }).tags, answer.headers.get('link')]
    }
    expect(await list('')).toEqual([['a', 'b', 'c', 'latest'], null])
    expect(await list('?n=2')).toEqual([['a', 'b'], '</v2/tags/app/tags/list?last=b&n=2>; rel="next"'])
    expect(await list('?n=2&last=b')).toEqual([['c', 'latest'], null])
    expect(await list('?n=0')).toEqual([[], null])
    expect(await list('?last=b')).toEqual([['c', 'latest'], null])
    expect((await call('GET', '/v2/tags/none/tags/list')).status).toBe(404)
  })

  it('referrers are an index of the manifests with that subject, one artifact type of them where asked for', async () => {
    const digest = digestOf(await manifest('refs/app', 'v1'))
    const empty = await call('GET', `/v2/refs/app/referrers/${digest}`)
    expect([empty.status, empty.headers.get('content-type')]).toEqual([200, INDEX])
    expect(await empty.json()).toEqual({ schemaVersion: 2, mediaType: INDEX, manifests: [] })
    const subject = { mediaType: OCI, digest, size: 1 }
    const annotations = { by: 'ann' }
    const first = await manifest('refs/app', '', { artifactType: 'application/x.sig', subject, annotations })
    const second = await manifest('refs/app', '', { artifactType: 'application/x.sbom', subject })
    const row = (text: string, artifactType: string, more = {}): object => ({
      mediaType: OCI,
      digest: digestOf(text),
      size: text.length,
      artifactType,
      ...more,
    })
    const all = (await (await call('GET', `/v2/refs/app/referrers/${digest}`)).json()) as { manifests: object[] }
    expect(all.manifests).toHaveLength(2)
    expect(all.manifests).toContainEqual(row(first, 'application/x.sig', { annotations }))
    const some = await call('GET', `/v2/refs/app/referrers/${digest}?artifactType=application/x.sbom`)
    expect(some.headers.get('oci-filters-applied')).toBe('artifactType')
    expect(((await some.json()) as { manifests: object[] }).manifests).toEqual([row(second, 'application/x.sbom')])
    expect((await call('DELETE', `/v2/refs/app/manifests/${digestOf(second)}`)).status).toBe(202)
    const left = (await (await call('GET', `/v2/refs/app/referrers/${digest}`)).json()) as { manifests: object[] }
    expect(left.manifests).toHaveLength(1)
    expect((await call('GET', '/v2/refs/app/referrers/sha256:x')).status).toBe(400)
  })
})

describe('content management', () => {
  it('DELETE tag answers 202; the manifest stays', async () => {
    const text = await manifest('del/tag', 'v1')
    expect((await call('DELETE', '/v2/del/tag/manifests/v1')).status).toBe(202)
    expect((await call('GET', '/v2/del/tag/manifests/v1')).status).toBe(404)
    expect((await call('GET', `/v2/del/tag/manifests/${digestOf(text)}`)).status).toBe(200)
  })

  it('DELETE manifest answers 202, and its tags are gone; 404 where it is not', async () => {
    const text = await manifest('del/man', 'v1')
    expect((await call('DELETE', `/v2/del/man/manifests/${digestOf(text)}`)).status).toBe(202)
    expect((await call('GET', '/v2/del/man/manifests/v1')).status).toBe(404)
    expect((await call('DELETE', `/v2/del/man/manifests/${digestOf(text)}`)).status).toBe(404)
  })

  it('DELETE blob answers 202, in that repository alone; 404 where it is not', async () => {
    const digest = await blob('del/blob', 'bytes')
    await blob('del/keeps', 'bytes')
    expect((await call('DELETE', `/v2/del/blob/blobs/${digest}`)).status).toBe(202)
    expect((await call('GET', `/v2/del/blob/blobs/${digest}`)).status).toBe(404)
    expect((await call('DELETE', `/v2/del/blob/blobs/${digest}`)).status).toBe(404)
    expect((await call('GET', `/v2/del/keeps/blobs/${digest}`)).status).toBe(200)
  })

  it('a registry that allows no deletion answers 405', async () => {
    const text = await manifest('del/ro', 'v1')
    const readOnly = await startServer({ root, host: '127.0.0.1', port: 0, readOnly: true })
    try {
      const at = `http://127.0.0.1:${readOnly.port}/v2/del/ro`
      expect((await call('DELETE', `${at}/manifests/${digestOf(text)}`)).status).toBe(405)
      expect((await call('POST', `${at}/blobs/uploads/`)).status).toBe(405)
      expect((await call('GET', `${at}/manifests/v1`)).status).toBe(200)
    } finally {
      await readOnly.close()
    }
  })
})

describe('a registry with an htpasswd file', () => {
  it('lets in who is in it, and says what it wants to others', async () => {
    const { hashSync } = await import('bcryptjs')
    const closed = await startServer({ root, host: '127.0.0.1', port: 0, htpasswd: `ann:${hashSync('secret', 4)}\n` })
    try {
      const ping = (pair?: string): Promise<Response> =>
        call('GET', `http://127.0.0.1:${closed.port}/v2/`, undefined, {
          ...(pair && { authorization: `Basic ${Buffer.from(pair).toString('base64')}` }),
        })
      const refused = await ping()
      expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([
        401,
        'Basic realm="minidock registry"',
      ])
      expect(await codeOf(refused)).toBe('UNAUTHORIZED')
      expect((await ping('ann:wrong')).status).toBe(401)
      expect((await ping('bob:secret')).status).toBe(401)
      for (let twice = 0; twice < 2; twice++) expect((await ping('ann:secret')).status).toBe(200)
    } finally {
      await closed.close()
    }
    await expect(startServer({ root, host: '127.0.0.1', port: 0, htpasswd: 'ann:{SHA}x\n' })).rejects.toThrow(
      'htpasswd: line 1: only bcrypt hashes are supported (htpasswd -B)',
    )
  })
})
