/** What the OCI distribution spec wants of a client that pulls and pushes: a test for each, named after it. */
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { importImage } from '../../src/engine/image/import.ts'
import { pullImage } from '../../src/engine/image/pull.ts'
import { pushImage } from '../../src/engine/image/push.ts'
import { collect, type Harness, harness, once } from '../engine/image/harness.ts'
import { digestOf, smallImage, V2 } from './small-image.ts'

const OCI = 'application/vnd.oci.image.manifest.v1+json'
const { tar, layer, config, manifest } = smallImage('hi')

interface Asked {
  method: string
  url: string
  headers: IncomingHttpHeaders
  body: Buffer
}
type Answer = { status: number; headers?: Record<string, string>; body?: string | Uint8Array } | undefined

let h: Harness
let asked: Asked[]
let host: string
let answer: (asked: Asked) => Answer
let close: () => Promise<void>

beforeEach(async () => {
  h = harness()
  asked = []
  answer = () => undefined
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = []
    for await (const piece of request) parts.push(piece as Buffer)
    const { method = '', url = '', headers } = request
    const one = { method, url, headers, body: Buffer.concat(parts) }
    asked.push(one)
    const { status, headers: told = {}, body = '' } = answer(one) ?? usual(one)
    response.writeHead(status, told).end(method === 'HEAD' ? '' : body)
  })
  await new Promise<void>(resolve => void server.listen(0, '127.0.0.1', resolve))
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  close = () => {
    server.closeAllConnections()
    return new Promise(resolve => void server.close(() => resolve()))
  }
})
afterEach(async () => {
  h.close()
  await close()
})

/** A registry that has the image, and takes one in. */
function usual({ method, url }: Asked): NonNullable<Answer> {
  if (method === 'GET' || method === 'HEAD') {
    if (url === '/v2/') return { status: 200 }
    if (url.includes('/manifests/') && asked.every(each => each.method !== 'POST'))
      return { status: 200, headers: { 'content-type': V2 }, body: manifest }
    if (url.endsWith(digestOf(config)) && method === 'GET') return { status: 200, body: config }
    if (url.endsWith(digestOf(layer)) && method === 'GET') return { status: 200, body: layer }
    return { status: 404 }
  }
  const [, session = 'a'] = /state=(\w)/.exec(url) ?? []
  const next = String.fromCharCode(session.charCodeAt(0) + 1)
  if (method === 'POST' || method === 'PATCH') return { status: 202, headers: { location: `/up/x?state=${next}` } }
  return { status: 201, headers: { location: '/there' } }
}

const pull = async (reference = `${host}/app:1`): Promise<string> => {
  try {
    const last = (await collect(pullImage(h.ctx, reference))).at(-1)
    return last?.error ?? last?.status ?? ''
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
const push = async (): Promise<string> => {
  await collect(importImage(h.ctx, once(tar), { repo: `${host}/app:1` }))
  try {
    const last = (await collect(pushImage(h.ctx, `${host}/app:1`))).filter(each => each.status ?? each.error).at(-1)
    return last?.error ?? last?.status ?? ''
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
const done = (): string => `Status: Downloaded newer image for ${host}/app:1`
const all = (method: string): Asked[] => asked.filter(each => each.method === method)

describe('Pulling', () => {
  it('the client SHOULD include an Accept header with the manifests that it knows', async () => {
    expect(await pull()).toBe(done())
    const accept = asked.find(each => each.url.includes('/manifests/'))?.headers.accept ?? ''
    expect(accept.split(', ').sort()).toEqual([
      'application/vnd.docker.distribution.manifest.list.v2+json',
      V2,
      'application/vnd.oci.image.index.v1+json',
      OCI,
    ])
  })
  it('parameters of the Content-Type SHOULD be ignored', async () => {
    answer = ({ url }) =>
      url.includes('/manifests/')
        ? { status: 200, headers: { 'content-type': `${V2}; charset=utf-8` }, body: manifest }
        : undefined
    expect(await pull()).toBe(done())
  })
  it('a mediaType that is not the Content-Type SHOULD be rejected', async () => {
    answer = ({ url }) =>
      url.includes('/manifests/') ? { status: 200, headers: { 'content-type': OCI }, body: manifest } : undefined
    expect(await pull()).toBe(`mediaType in manifest should be '${OCI}' not '${V2}'`)
  })
  it('Docker-Content-Digest, which is not used, MAY be ignored', async () => {
    answer = ({ url }) =>
      url.includes('/manifests/')
        ? { status: 200, headers: { 'content-type': V2, 'docker-content-digest': digestOf('other') }, body: manifest }
        : undefined
    expect(await pull()).toBe(done())
  })
  it('a manifest by digest SHOULD be verified', async () => {
    const other = digestOf('other')
    expect(await pull(`${host}/app@${other}`)).toBe(`manifest verification failed for digest ${other}`)
    expect(await pull(`${host}/app@${digestOf(manifest)}`)).toContain('Downloaded newer image')
  })
  it('a blob SHOULD be verified against its digest', async () => {
    answer = ({ url }) => (url.endsWith(digestOf(layer)) ? { status: 200, body: gzipSync('other') } : undefined)
    expect(await pull()).toBe(`filesystem layer verification failed for digest ${digestOf(layer)}`)
  })
  it('redirects SHOULD be followed', async () => {
    answer = ({ url }) => {
      if (url === '/elsewhere') return { status: 200, body: layer }
      return url.endsWith(digestOf(layer)) ? { status: 307, headers: { location: '/elsewhere' } } : undefined
    }
    expect(await pull()).toBe(done())
  })
})

describe('Pushing', () => {
  it('the session begins with POST, of Content-Length 0 as chunked upload MUST have it', async () => {
    expect(await push()).toMatch(/^1: digest: sha256:/)
    for (const each of all('POST'))
      expect([each.url, each.headers['content-length']]).toEqual(['/v2/app/blobs/uploads/', '0'])
  })
  it('the location, relative or absolute, SHOULD be used as it was given, query included; the next one after each answer', async () => {
    answer = ({ method }) =>
      method === 'POST' ? { status: 202, headers: { location: `http://${host}/up/x?state=p` } } : undefined
    await push()
    expect(all('PATCH').map(each => each.url)).toEqual(['/up/x?state=p'])
    const closed = all('PUT').filter(each => each.url.startsWith('/up/'))
    expect(closed.map(each => each.url.split('&digest=')[0]).sort()).toEqual(['/up/x?state=p', '/up/x?state=q'])
  })
  it('the session MUST be closed with a PUT that has the digest of the whole blob', async () => {
    await push()
    const [sent] = all('PATCH')
    const digests = all('PUT').map(each => decodeURIComponent(/digest=([^&]+)/.exec(each.url)?.[1] ?? ''))
    expect(digests).toContain(digestOf(sent?.body ?? ''))
  })
  it('Content-Length MUST match what is sent', async () => {
    await push()
    for (const { headers, body } of asked)
      if (headers['content-length'] !== undefined) expect(headers['content-length']).toBe(String(body.length))
  })
  it('Content-Type MUST be the mediaType of the manifest, SHOULD have no parameters, and the manifest SHOULD have one', async () => {
    await push()
    const sent = asked.find(each => each.method === 'PUT' && each.url.includes('/manifests/'))
    expect(sent?.headers['content-type']).toBe(V2)
    expect(JSON.parse(sent?.body.toString() ?? '{}')).toMatchObject({ mediaType: V2 })
  })
  it('the manifest MUST reference the blobs that were pushed before it', async () => {
    await push()
    const sent = asked.find(each => each.method === 'PUT' && each.url.includes('/manifests/'))
    const { config: own, layers } = JSON.parse(sent?.body.toString() ?? '{}') as { config: Named; layers: Named[] }
    const pushed = all('PUT').map(each => decodeURIComponent(each.url))
    for (const { digest } of [own, ...layers]) expect(pushed.some(url => url.includes(`digest=${digest}`))).toBe(true)
    expect(asked.at(-1)).toBe(sent)
  })
  it('an upload that is given up SHOULD be cancelled by DELETE, whose failure SHOULD be ignored', async () => {
    answer = ({ method }) => {
      if (method === 'DELETE') return { status: 500 }
      return method === 'PATCH' ? { status: 403, body: '{"errors":[{"code":"DENIED","message":"no"}]}' } : undefined
    }
    expect(await push()).toContain('denied: no')
    expect(all('DELETE').map(each => each.url)).toEqual(['/up/x?state=b'])
  })
  it('a mount that is answered with 202 goes on as an upload', async () => {
    expect(await pull()).toBe(done())
    await collect(importImage(h.ctx, once(tar), { repo: `${host}/app:2` }))
    expect(await push()).toMatch(/^1: digest: sha256:/)
  })
})

interface Named {
  digest: string
}
