/**
 * The requirements of the OCI distribution spec (spec.md of 2026, sections Pull, Push, Content Discovery and Content
 * Management) on a registry, in its order: a test for each, named after it.
 */
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, utimesSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RunningServer, startServer } from '../../src/registry/server.ts'

const hash = (algorithm: string, text: string): string =>
  `${algorithm}:${createHash(algorithm).update(text).digest('hex')}`
const digestOf = (text: string): string => hash('sha256', text)
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json'
const INDEX = 'application/vnd.oci.image.index.v1+json'
const CONFIG = 'application/vnd.oci.image.config.v1+json'
const absent = digestOf('nothing has this digest')
const config = '{"architecture":"amd64"}'
const layer = 'the bytes of a layer'

let root: string
let server: RunningServer
let base: string

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'minidock-clauses-'))
  server = await startServer({ root, host: '127.0.0.1', port: 0 })
  base = `http://127.0.0.1:${server.port}`
  await pushBlob('app', layer)
  await pushManifest('app', 'v1')
})

afterAll(async () => {
  await server.close()
  rmSync(root, { recursive: true, force: true })
})

const call = (method: string, path: string, body?: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(path.startsWith('http') ? path : base + path, { method, headers, ...(body !== undefined && { body }) })
const get = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
  call('GET', path, undefined, headers)
const statusOf = async (answer: Promise<Response>): Promise<number> => (await answer).status
const header = async (answer: Promise<Response>, name: string): Promise<string | null> =>
  (await answer).headers.get(name)
const errorOf = async (answer: Promise<Response>): Promise<[status: number, code: string]> => {
  const { status, ...body } = await answer.then(async each => ({
    status: each.status,
    ...((await each.json()) as Body),
  }))
  return [status, body.errors[0]?.code ?? '']
}
interface Body {
  errors: { code: string; message: string }[]
}

const begin = async (name: string): Promise<string> =>
  (await header(call('POST', `/v2/${name}/blobs/uploads/`), 'location')) ?? ''
const withDigest = (location: string, digest: string): string =>
  `${location}${location.includes('?') ? '&' : '?'}digest=${digest}`
async function pushBlob(name: string, text: string): Promise<string> {
  expect(await statusOf(call('PUT', withDigest(await begin(name), digestOf(text)), text))).toBe(201)
  return digestOf(text)
}
const manifestText = (extra: object = {}): string =>
  JSON.stringify({
    schemaVersion: 2,
    mediaType: MANIFEST,
    config: { mediaType: CONFIG, digest: digestOf(config), size: config.length },
    layers: [],
    ...extra,
  })
const put = (name: string, reference: string, text: string, type = MANIFEST): Promise<Response> =>
  call('PUT', `/v2/${name}/manifests/${reference}`, text, { 'content-type': type })
/** Pushes a manifest with its config; its digest. */
async function pushManifest(name: string, reference: string, extra: object = {}): Promise<string> {
  await pushBlob(name, config)
  const text = manifestText(extra)
  expect(await statusOf(put(name, reference || digestOf(text), text))).toBe(201)
  return digestOf(text)
}
const chunk = (location: string, from: number, text: string): Promise<Response> =>
  call('PATCH', location, text, {
    'content-type': 'application/octet-stream',
    'content-range': `${from}-${from + text.length - 1}`,
  })
const tagsOf = async (
  query: string,
  name = 'tags',
): Promise<{ tags: string[]; link: string | null; status: number }> => {
  const answer = await get(`/v2/${name}/tags/list${query}`)
  const { tags } = (await answer.json()) as { tags: string[] }
  return { tags, link: answer.headers.get('link'), status: answer.status }
}
interface Descriptor {
  digest: string
  artifactType?: string
  annotations?: Record<string, string>
}
const referrersOf = async (digest: string, query = ''): Promise<Descriptor[]> =>
  ((await (await get(`/v2/refs/referrers/${digest}${query}`)).json()) as { manifests: Descriptor[] }).manifests

describe('Pulling manifests', () => {
  it('the reference MUST be a digest or a tag, and MUST NOT be in any other format', async () => {
    for (const reference of ['-x', '.x', `sha256:${'a'.repeat(63)}`, 'a:b', 'sha256:xyz', 'x@y'])
      expect(await statusOf(get(`/v2/app/manifests/${reference}`)), reference).toBeOneOf([400, 404])
  })
  it('the name MUST match its regular expression', async () => {
    for (const name of ['App', '-app', 'app-', 'a__b/../c', 'a...b', 'a//b'])
      expect(await statusOf(get(`/v2/${name}/manifests/v1`)), name).toBeOneOf([400, 404])
    expect((await errorOf(call('POST', '/v2/App/blobs/uploads/')))[1]).toBe('NAME_INVALID')
  })
  it('a tag MUST be at most 128 characters in length', async () => {
    expect(await statusOf(put('app', 'a'.repeat(128), manifestText()))).toBe(201)
    expect(await statusOf(put('app', 'a'.repeat(129), manifestText()))).toBeOneOf([400, 404])
  })
  it('the registry SHOULD NOT include parameters on the Content-Type header', async () => {
    expect(await header(get('/v2/app/manifests/v1'), 'content-type')).not.toContain(';')
  })
  it('the Content-Type SHOULD match what the client pushed', async () => {
    const type = 'application/vnd.docker.distribution.manifest.v2+json'
    expect(await statusOf(put('app', 'typed', manifestText({ mediaType: type }), type))).toBe(201)
    expect(await header(get('/v2/app/manifests/typed'), 'content-type')).toBe(type)
  })
  it('GET of an existing manifest MUST provide it, and the response code MUST be 200', async () => {
    const answer = await get('/v2/app/manifests/v1')
    expect([answer.status, await answer.text()]).toEqual([200, manifestText()])
  })
  it('a successful response MUST contain Docker-Content-Digest', async () => {
    expect(await header(get('/v2/app/manifests/v1'), 'docker-content-digest')).toBe(digestOf(manifestText()))
  })
  it('a manifest that is not found MUST be answered with 404', async () => {
    expect(await errorOf(get('/v2/app/manifests/nope'))).toEqual([404, 'MANIFEST_UNKNOWN'])
    expect(await errorOf(get(`/v2/app/manifests/${absent}`))).toEqual([404, 'MANIFEST_UNKNOWN'])
  })
})

describe('Pulling blobs', () => {
  const path = `/v2/app/blobs/${digestOf(layer)}`
  it('GET of an existing blob MUST provide it, with 200', async () => {
    const answer = await get(path)
    expect([answer.status, await answer.text()]).toEqual([200, layer])
  })
  it('a successful response MUST contain Docker-Content-Digest, which MUST match the body', async () => {
    expect(await header(get(path), 'docker-content-digest')).toBe(digestOf(layer))
  })
  it('a blob that is not found MUST be answered with 404', async () => {
    expect(await errorOf(get(`/v2/app/blobs/${absent}`))).toEqual([404, 'BLOB_UNKNOWN'])
  })
  it('a registry SHOULD support Range as RFC 9110 has it', async () => {
    const part = async (range: string): Promise<[number, string | null, string]> => {
      const answer = await get(path, { range })
      return [answer.status, answer.headers.get('content-range'), answer.status === 206 ? await answer.text() : '']
    }
    expect(await part('bytes=4-8')).toEqual([206, `bytes 4-8/${layer.length}`, layer.slice(4, 9)])
    expect(await part('bytes=15-')).toEqual([206, `bytes 15-${layer.length - 1}/${layer.length}`, layer.slice(15)])
    expect(await part('bytes=-5')).toEqual([
      206,
      `bytes ${layer.length - 5}-${layer.length - 1}/${layer.length}`,
      layer.slice(-5),
    ])
    expect((await part('bytes=900-'))[0]).toBe(416)
  })
})

describe('Checking if content exists', () => {
  const paths = [`/v2/app/blobs/${digestOf(layer)}`, '/v2/app/manifests/v1']
  it('HEAD of an existing blob or manifest MUST return 200', async () => {
    for (const path of paths) expect(await statusOf(call('HEAD', path))).toBe(200)
  })
  it('a successful response MUST contain Docker-Content-Digest', async () => {
    expect(await header(call('HEAD', paths[0] ?? ''), 'docker-content-digest')).toBe(digestOf(layer))
    expect(await header(call('HEAD', paths[1] ?? ''), 'docker-content-digest')).toBe(digestOf(manifestText()))
  })
  it('a successful response MUST contain the size in Content-Length', async () => {
    expect(await header(call('HEAD', paths[0] ?? ''), 'content-length')).toBe(String(layer.length))
    expect(await header(call('HEAD', paths[1] ?? ''), 'content-length')).toBe(String(manifestText().length))
  })
  it('what is not found MUST be answered with 404', async () => {
    for (const path of [`/v2/app/blobs/${absent}`, '/v2/app/manifests/nope'])
      expect(await statusOf(call('HEAD', path))).toBe(404)
  })
})

describe('Push', () => {
  it('a manifest whose subject does not exist MUST be accepted', async () => {
    await pushManifest('app', 'early', { subject: { mediaType: MANIFEST, digest: absent, size: 1 } })
  })
  it('a manifest rejected for an unknown descriptor MUST result in MANIFEST_BLOB_UNKNOWN', async () => {
    const layers = [{ mediaType: 'a/b', digest: absent, size: 1 }]
    expect((await errorOf(put('app', 'broken', manifestText({ layers }))))[1]).toBe('MANIFEST_BLOB_UNKNOWN')
  })
  it('a digest that is invalid or of an unsupported algorithm SHOULD be answered with 400', async () => {
    for (const digest of ['sha256:abc', 'md5:d41d8cd98f00b204e9800998ecf8427e', 'nonsense'])
      expect(await statusOf(call('PUT', withDigest(await begin('app'), digest), 'x')), digest).toBe(400)
    expect(await errorOf(put('app', 'sha256:baddigeststring', manifestText()))).toEqual([400, 'DIGEST_INVALID'])
  })
})

describe('Pushing a blob monolithically', () => {
  it('POST MUST answer 202 with a Location', async () => {
    const answer = await call('POST', '/v2/app/blobs/uploads/')
    expect([answer.status, answer.headers.get('location')]).toEqual([
      202,
      expect.stringContaining('/v2/app/blobs/uploads/'),
    ])
  })
  it('the location MUST contain a UUID of the session', async () => {
    const uuid = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/
    const [one, other] = [await begin('app'), await begin('app')].map(location => uuid.exec(location)?.[0])
    expect(one).toBeDefined()
    expect(one).not.toBe(other)
  })
  it('a completed PUT MUST answer 201, and MUST have a Location from which the blob is pulled', async () => {
    const answer = await call('PUT', withDigest(await begin('app'), digestOf('one')), 'one')
    expect(answer.status).toBe(201)
    expect(await (await get(answer.headers.get('location') ?? '')).text()).toBe('one')
  })
  it('the digest MUST match the blob', async () => {
    expect(await errorOf(call('PUT', withDigest(await begin('app'), absent), 'two'))).toEqual([400, 'DIGEST_INVALID'])
  })
  it('a completed single POST MUST answer 201 with a Location', async () => {
    const answer = await call('POST', `/v2/app/blobs/uploads/?digest=${digestOf('three')}`, 'three')
    expect([answer.status, answer.headers.get('location')]).toEqual([201, `/v2/app/blobs/${digestOf('three')}`])
  })
})

describe('Pushing a blob in chunks', () => {
  it('the POST of an upload MUST have Content-Length: 0, which is answered with 202', async () => {
    expect(await statusOf(call('POST', '/v2/app/blobs/uploads/', '', { 'content-length': '0' }))).toBe(202)
  })
  it('digest-algorithm SHOULD be taken, and the digest of that algorithm with it', async () => {
    const location = await header(call('POST', '/v2/app/blobs/uploads/?digest-algorithm=sha512'), 'location')
    expect(await statusOf(call('PUT', withDigest(location ?? '', hash('sha512', 'x')), 'x'))).toBe(201)
  })
  it('each chunk MUST be answered with 202, a Location and the Range so far', async () => {
    const answer = await chunk(await begin('app'), 0, 'abcd')
    expect([answer.status, answer.headers.get('location'), answer.headers.get('range')]).toEqual([
      202,
      expect.stringContaining('/blobs/uploads/'),
      '0-3',
    ])
  })
  it('the range MUST be inclusive on both ends, and the first MUST begin with 0', async () => {
    const location = await begin('app')
    expect(await statusOf(chunk(location, 1, 'abcd'))).toBe(416)
    expect(await statusOf(chunk(location, 0, 'abcd'))).toBe(202)
  })
  it('a Content-Range of another form MUST NOT be taken', async () => {
    for (const range of ['x', '-1', '0-', '3-1'])
      expect(await statusOf(call('PATCH', await begin('app'), 'ab', { 'content-range': range })), range).toBeOneOf([
        400, 416,
      ])
  })
  it('a chunk out of order MUST be answered with 416, and the upload goes on', async () => {
    const location = await begin('app')
    await chunk(location, 0, 'abc')
    expect(await statusOf(chunk(location, 4, 'xyz'))).toBe(416)
    expect(await statusOf(chunk(location, 0, 'abc'))).toBe(416)
    await chunk(location, 3, 'def')
    expect(await statusOf(call('PUT', withDigest(location, digestOf('abcdef'))))).toBe(201)
  })
  it('the closing PUT MUST include the digest of the whole blob', async () => {
    const location = await begin('app')
    await chunk(location, 0, 'abc')
    expect(await statusOf(call('PUT', location))).toBe(400)
    expect(await statusOf(call('PUT', withDigest(location, digestOf('c'))))).toBe(400)
  })
  it('the last chunk MAY come with the PUT, which MUST answer 201 with the Location of the blob', async () => {
    const location = await begin('app')
    await chunk(location, 0, 'gh')
    const answer = await call('PUT', withDigest(location, digestOf('ghi')), 'i', { 'content-range': '2-2' })
    expect([answer.status, answer.headers.get('location')]).toEqual([201, `/v2/app/blobs/${digestOf('ghi')}`])
  })
  it('a last chunk out of order MUST be answered with 416', async () => {
    const location = await begin('app')
    await chunk(location, 0, 'gh')
    const answer = call('PUT', withDigest(location, digestOf('ghi')), 'i', { 'content-range': '5-5' })
    expect(await statusOf(answer)).toBe(416)
  })
  it('GET of an active upload MUST answer 204 with Location and Range', async () => {
    const location = await begin('app')
    await chunk(location, 0, 'abcde')
    const answer = await get(location)
    expect([answer.status, answer.headers.get('range'), answer.headers.get('location')]).toEqual([
      204,
      '0-4',
      expect.stringContaining('/blobs/uploads/'),
    ])
  })
})

describe('Cancelling a blob upload', () => {
  it('DELETE SHOULD answer 204, and the upload is gone', async () => {
    const location = await begin('app')
    expect(await statusOf(call('DELETE', location))).toBe(204)
    expect(await statusOf(get(location))).toBe(404)
  })
  it('unfinished uploads SHOULD time out', async () => {
    const location = await begin('late')
    const id = location.replace(/.*\//, '').replace(/\?.*/, '')
    utimesSync(join(root, 'docker/registry/v2/repositories/late/_uploads', id, 'data'), 1, 1)
    await (await startServer({ root, host: '127.0.0.1', port: 0 })).close()
    expect(await statusOf(get(location))).toBe(404)
  })
})

describe('Mounting a blob from another repository', () => {
  it('a mount MUST answer 201 with the Location of the blob', async () => {
    const answer = await call('POST', `/v2/mounted/blobs/uploads/?mount=${digestOf(layer)}&from=app`)
    expect([answer.status, answer.headers.get('location')]).toEqual([201, `/v2/mounted/blobs/${digestOf(layer)}`])
    expect(await (await get(`/v2/mounted/blobs/${digestOf(layer)}`)).text()).toBe(layer)
  })
  it('what cannot be mounted SHOULD be answered with 202 and an upload', async () => {
    const answer = await call('POST', `/v2/mounted/blobs/uploads/?mount=${absent}&from=app`)
    expect([answer.status, answer.headers.get('location')]).toEqual([202, expect.stringContaining('/blobs/uploads/')])
  })
})

describe('Pushing manifests', () => {
  it('parameters of the Content-Type SHOULD be ignored', async () => {
    expect(await statusOf(put('app', 'params', manifestText(), `${MANIFEST}; charset=utf-8`))).toBe(201)
    expect(await header(get('/v2/app/manifests/params'), 'content-type')).toBe(MANIFEST)
  })
  it('the list of blobs MAY be empty', async () => {
    await pushManifest('app', 'empty', { layers: [] })
  })
  it('the manifest MUST be stored in its exact bytes', async () => {
    const odd = `\n${JSON.stringify(JSON.parse(manifestText()), null, 7)}\n\n`
    expect(await statusOf(put('app', 'odd', odd))).toBe(201)
    expect(await (await get('/v2/app/manifests/odd')).text()).toBe(odd)
  })
  it('a push MUST be answered with 201 and a Location from which it is pulled', async () => {
    const answer = await put('app', 'v1', manifestText())
    expect(answer.status).toBe(201)
    expect(await (await get(answer.headers.get('location') ?? '')).text()).toBe(manifestText())
  })
  it('Docker-Content-Digest MUST be equal to the digest that the client gave', async () => {
    for (const digest of [digestOf(manifestText()), hash('sha512', manifestText())])
      expect(await header(put('app', digest, manifestText()), 'docker-content-digest')).toBe(digest)
    expect(await errorOf(put('app', absent, manifestText()))).toEqual([400, 'DIGEST_INVALID'])
  })
  it('tags of the query: at least 10 SHOULD be taken, and OCI-Tag MUST name each', async () => {
    const tags = Array.from({ length: 10 }, (_, at) => `q${at}`)
    const query = tags.map(tag => `tag=${tag}`).join('&')
    const answer = await put('app', `${digestOf(manifestText())}?${query}`, manifestText())
    expect([answer.status, answer.headers.get('oci-tag')?.split(/, */)]).toEqual([201, tags])
    for (const tag of tags) expect(await statusOf(call('HEAD', `/v2/app/manifests/${tag}`))).toBe(200)
  })
  it('a pull from a repository that does not exist MUST be answered with 404', async () => {
    expect(await statusOf(get('/v2/never/manifests/v1'))).toBe(404)
  })
  it('a manifest over the limit SHOULD be answered with 413, one of 4 megabytes SHOULD be taken', async () => {
    const of = (size: number): string => manifestText({ annotations: { pad: 'x'.repeat(size) } })
    expect(await statusOf(put('app', 'large', of(4_000_000 - 500)))).toBe(201)
    expect(await statusOf(put('app', 'huge', of(64_000_000)))).toBe(413)
  })
  it('a manifest with a subject MUST be answered with OCI-Subject', async () => {
    await pushBlob('app', config)
    const text = manifestText({ subject: { mediaType: MANIFEST, digest: absent, size: 1 } })
    expect(await header(put('app', 'sig', text), 'oci-subject')).toBe(absent)
  })
})

describe('Listing tags', () => {
  beforeAll(async () => {
    for (const tag of ['b', 'a', 'd', 'c', 'B']) await pushManifest('tags', tag)
  })
  it('a repository that is found MUST be answered with 200 and JSON of its name and tags', async () => {
    const answer = await get('/v2/tags/tags/list')
    expect([answer.status, await answer.json()]).toEqual([200, { name: 'tags', tags: ['B', 'a', 'b', 'c', 'd'] }])
  })
  it('the list MAY be empty', async () => {
    const digest = await pushManifest('untagged', '')
    expect(await statusOf(call('HEAD', `/v2/untagged/manifests/${digest}`))).toBe(200)
    expect((await tagsOf('', 'untagged')).status).toBe(200)
  })
  it('the tags MUST be in ASCIIbetical order', async () => {
    expect((await tagsOf('')).tags).toEqual(['B', 'a', 'b', 'c', 'd'])
  })
  it('with n the response MUST include that many, or all that there are', async () => {
    expect((await tagsOf('?n=2')).tags).toEqual(['B', 'a'])
    expect((await tagsOf('?n=50')).tags).toHaveLength(5)
  })
  it('a Link header MUST be as RFC 5988 has it, with rel="next"', async () => {
    const { link } = await tagsOf('?n=2')
    const next = /^<([^>]+)>; rel="next"$/.exec(link ?? '')?.[1] ?? ''
    expect(((await (await get(next)).json()) as { tags: string[] }).tags).toEqual(['b', 'c'])
    expect((await tagsOf('?n=5')).link).toBeNull()
  })
  it('n=0 MUST return an empty list and MUST NOT include a Link', async () => {
    expect(await tagsOf('?n=0')).toEqual({ tags: [], link: null, status: 200 })
  })
  it('last is a tag, not a number; what follows MUST be in the same order', async () => {
    expect((await tagsOf('?n=2&last=a')).tags).toEqual(['b', 'c'])
    expect((await tagsOf('?last=aa')).tags).toEqual(['b', 'c', 'd'])
  })
})

describe('Listing referrers', () => {
  let subject: string
  beforeAll(async () => {
    subject = await pushManifest('refs', 'v1')
  })
  const about = (extra: object): Promise<string> =>
    pushManifest('refs', '', { subject: { mediaType: MANIFEST, digest: subject, size: 1 }, ...extra })

  it('a repository that is found MUST be answered with 200', async () => {
    expect(await statusOf(get(`/v2/refs/referrers/${subject}`))).toBe(200)
  })
  it('a registry with the API MUST NOT answer 404', async () => {
    expect(await statusOf(get(`/v2/refs/referrers/${absent}`))).toBe(200)
  })
  it('a digest of invalid syntax MUST be answered with 400', async () => {
    expect(await statusOf(get('/v2/refs/referrers/nonsense'))).toBe(400)
  })
  it('the body MUST be an image index, of that Content-Type', async () => {
    const answer = await get(`/v2/refs/referrers/${subject}`)
    expect(answer.headers.get('content-type')).toBe(INDEX)
    expect(await answer.json()).toMatchObject({ schemaVersion: 2, mediaType: INDEX, manifests: expect.any(Array) })
  })
  it('no matching referrers MUST be an empty list', async () => {
    expect(await referrersOf(absent)).toEqual([])
  })
  it('descriptors MUST include the artifactType of the manifest', async () => {
    const digest = await about({ artifactType: 'application/x.sig' })
    expect((await referrersOf(subject)).find(each => each.digest === digest)?.artifactType).toBe('application/x.sig')
  })
  it('an image manifest without one MUST have the media type of its config', async () => {
    const digest = await about({ annotations: { no: 'type' } })
    expect((await referrersOf(subject)).find(each => each.digest === digest)?.artifactType).toBe(CONFIG)
  })
  it('an index without one MUST have none', async () => {
    const text = JSON.stringify({
      schemaVersion: 2,
      mediaType: INDEX,
      manifests: [],
      subject: { mediaType: MANIFEST, digest: subject, size: 1 },
    })
    expect(await statusOf(put('refs', digestOf(text), text, INDEX))).toBe(201)
    const row = (await referrersOf(subject)).find(each => each.digest === digestOf(text))
    expect(row && 'artifactType' in row).toBe(false)
  })
  it('descriptors MUST include the annotations', async () => {
    const digest = await about({ annotations: { 'org.example': 'yes' } })
    expect((await referrersOf(subject)).find(each => each.digest === digest)?.annotations).toEqual({
      'org.example': 'yes',
    })
  })
  it('filtering by artifactType SHOULD be supported, and OCI-Filters-Applied MUST say so', async () => {
    const answer = get(`/v2/refs/referrers/${subject}?artifactType=application/x.sig`)
    expect(await header(answer, 'oci-filters-applied')).toBe('artifactType')
    const some = await referrersOf(subject, '?artifactType=application/x.sig')
    expect(some.map(each => each.artifactType)).toEqual(['application/x.sig'])
    expect(await header(get(`/v2/refs/referrers/${subject}`), 'oci-filters-applied')).toBeNull()
  })
  it('preexisting manifests MUST be included, also those pushed before their subject', async () => {
    const text = manifestText({ annotations: { late: 'subject' } })
    const digest = await pushManifest('refs', '', { subject: { mediaType: MANIFEST, digest: digestOf(text), size: 1 } })
    await put('refs', 'late', text)
    expect((await referrersOf(digestOf(text))).map(each => each.digest)).toEqual([digest])
  })
})

describe('Deleting', () => {
  it('a deleted tag MUST be answered with 202; its manifest stays', async () => {
    const digest = await pushManifest('del', 'tag')
    expect(await statusOf(call('DELETE', '/v2/del/manifests/tag'))).toBe(202)
    expect(await statusOf(get('/v2/del/manifests/tag'))).toBe(404)
    expect(await statusOf(get(`/v2/del/manifests/${digest}`))).toBe(200)
  })
  it('a deleted manifest MUST be answered with 202', async () => {
    const digest = await pushManifest('del', 'v2', { annotations: { del: 'yes' } })
    expect(await statusOf(call('DELETE', `/v2/del/manifests/${digest}`))).toBe(202)
    expect(await statusOf(get(`/v2/del/manifests/${digest}`))).toBe(404)
    expect(await statusOf(get('/v2/del/manifests/v2'))).toBe(404)
  })
  it('a manifest of a repository that does not exist MUST be answered with 404', async () => {
    expect(await statusOf(call('DELETE', `/v2/never/manifests/${absent}`))).toBe(404)
  })
  it('a deleted blob MUST be answered with 202', async () => {
    const digest = await pushBlob('del', 'to be deleted')
    expect(await statusOf(call('DELETE', `/v2/del/blobs/${digest}`))).toBe(202)
    expect(await statusOf(get(`/v2/del/blobs/${digest}`))).toBe(404)
  })
  it('a blob that is not found MUST be answered with 404', async () => {
    expect(await statusOf(call('DELETE', `/v2/del/blobs/${absent}`))).toBe(404)
  })
  it('where deletion is disabled tags, manifests and blobs MUST be answered with 400 or 405', async () => {
    const closed = await startServer({ root, host: '127.0.0.1', port: 0, readOnly: true })
    const at = (path: string): string => `http://127.0.0.1:${closed.port}${path}`
    for (const path of [
      '/v2/app/manifests/v1',
      `/v2/app/manifests/${digestOf(manifestText())}`,
      `/v2/app/blobs/${digestOf(layer)}`,
    ])
      expect(await statusOf(call('DELETE', at(path))), path).toBeOneOf([400, 405])
    await closed.close()
  })
})

describe('Errors', () => {
  it('bodies in JSON MUST have codes of capitals and underscores, and messages', async () => {
    const { errors } = (await (await get('/v2/app/manifests/nope')).json()) as Body
    for (const { code, message } of errors)
      expect([code, message]).toEqual([expect.stringMatching(/^[A-Z_]+$/), expect.any(String)])
  })
  it('the base endpoint answers 200', async () => {
    expect(await statusOf(get('/v2/'))).toBe(200)
  })
})
