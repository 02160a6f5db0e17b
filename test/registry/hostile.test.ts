/** Hostile servers and networks: a clear error or a successful retry, nothing half-stored, no credential elsewhere. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { pullImage } from '../../src/engine/image/pull.ts'
import { parseReference } from '../../src/image/reference.ts'
import { networkTransport } from '../../src/registry/http.ts'
import { RemoteRegistry } from '../../src/registry/remote.ts'
import { registrySettings } from '../../src/registry/settings.ts'
import { collect, type Harness, harness } from '../engine/image/harness.ts'
import { digestOf, smallImage, V2 } from './small-image.ts'

const { layer, config, manifest } = smallImage('hello')

type What = 'ping' | 'manifest' | 'config' | 'layer' | 'other'
type Handler = (request: IncomingMessage, response: ServerResponse, what: What) => boolean

const whatOf = (path: string): What => {
  if (path === '/v2/') return 'ping'
  if (path.includes('/manifests/')) return 'manifest'
  if (path.endsWith(digestOf(config))) return 'config'
  return path.endsWith(digestOf(layer)) ? 'layer' : 'other'
}
const bodies: Record<What, string | Uint8Array> = { ping: '{}', manifest, config, layer, other: '' }

let servers: Server[]
let h: Harness

beforeEach(() => {
  servers = []
  h = harness()
})

afterEach(async () => {
  h.close()
  for (const server of servers) {
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
  }
})

/** A registry with one image that answers as it should, where `handler` does not. Returns its host, and the requests. */
async function registry(handler: Handler): Promise<{ host: string; seen: IncomingMessage[] }> {
  const seen: IncomingMessage[] = []
  const server = createServer((request, response) => {
    seen.push(request)
    const what = whatOf(request.url ?? '')
    if (handler(request, response, what)) return
    const body = Buffer.from(bodies[what])
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0)
    const range = from > 0 ? { 'content-range': `bytes ${from}-${body.length - 1}/${body.length}` } : {}
    const type = what === 'manifest' ? { 'content-type': V2 } : {}
    response.writeHead(from > 0 ? 206 : 200, { ...type, ...range, 'content-length': body.length - from })
    response.end(body.subarray(from))
  })
  await new Promise<void>(resolve => void server.listen(0, '127.0.0.1', resolve))
  servers.push(server)
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, seen }
}

/** How a pull of the image ends: its last status, or its error. */
async function pull(host: string, auth?: { username: string; password: string }): Promise<string> {
  try {
    const messages = await collect(pullImage(h.ctx, `${host}/app:1`, auth ? { auth } : {}))
    const last = messages.at(-1)
    return last?.error ?? last?.status ?? ''
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

const nothingStored = (): void => {
  expect(h.ctx.store.list('layers')).toEqual([])
  expect(h.ctx.store.list('images')).toEqual([])
  expect(h.ctx.content.list()).toEqual([])
}

/** Answers `what` with `status` and `body`. */
const instead =
  (wanted: What, status: number, body: string | Uint8Array, headers: Record<string, string | number> = {}): Handler =>
  (_request, response, what) => {
    if (what !== wanted) return false
    response.writeHead(status, headers)
    response.end(body)
    return true
  }

const other = gzipSync(Buffer.alloc(1024))
const verification = `filesystem layer verification failed for digest ${digestOf(layer)}`

describe('a server that is wrong', () => {
  it.each<[doc: string, handler: Handler, error: string | RegExp]>([
    ['a layer with another digest', instead('layer', 200, other), verification],
    ['a short layer', instead('layer', 200, layer.subarray(0, 20)), verification],
    ['a layer that is longer', instead('layer', 200, Buffer.concat([layer, layer])), verification],
    ['a layer that is not there', instead('layer', 404, '{}'), 'unknown blob'],
    [
      'a config with another digest',
      instead('config', 200, '{}'),
      `error pulling image configuration: image config verification failed for digest ${digestOf(config)}`,
    ],
    [
      'a config that is not there',
      instead('config', 404, '{}'),
      'error pulling image configuration: download failed after attempts=1: unknown blob',
    ],
    ['a huge manifest', instead('manifest', 200, Buffer.alloc((8 << 20) + 1, 0x20)), 'document too large'],
    ['half a manifest', instead('manifest', 200, '{"schemaVersion":2,'), /^invalid manifest: /],
    ['a manifest that is none', instead('manifest', 200, '[1,2]'), /^invalid manifest: /],
    ['a web page', instead('manifest', 200, '<html></html>'), /^invalid manifest: /],
    [
      'schema 1',
      instead('manifest', 200, '{"schemaVersion":1}', {
        'content-type': 'application/vnd.docker.distribution.manifest.v1+prettyjws',
      }),
      /schema 1 support has been removed/,
    ],
    [
      'an artifact that is no image',
      instead('manifest', 200, manifest.replace('vnd.docker.container.image.v1', 'vnd.cncf.helm.config.v1')),
      'unsupported media type application/vnd.cncf.helm.config.v1+json',
    ],
    [
      'a layer that is no tar',
      instead('manifest', 200, manifest.replace('vnd.docker.image.rootfs.diff.tar.gzip', 'x-weird')),
      'unsupported media type application/x-weird',
    ],
    ['always 500', instead('manifest', 500, 'no'), 'received unexpected HTTP status: 500 Internal Server Error'],
    ['always 429', instead('manifest', 429, 'slow down'), 'toomanyrequests: slow down'],
    ['403', instead('manifest', 403, '{"errors":[{"code":"DENIED","message":""}]}'), /^pull access denied for /],
    ['404 with a page', instead('manifest', 404, '<p>no</p>'), 'unknown: <p>no</p>'],
    ['500 for a layer', instead('layer', 500, 'no'), 'received unexpected HTTP status: 500 Internal Server Error'],
    [
      'an error that moves the cursor',
      instead('manifest', 418, '{"errors":[{"code":"X","message":"\\u001b[2Jhi"}]}'),
      'x:  [2Jhi',
    ],
  ])('%s: an error, and nothing is stored', async (_, handler, error) => {
    const { host } = await registry(handler)
    expect(await pull(host)).toEqual(typeof error === 'string' ? error : expect.stringMatching(error))
    nothingStored()
  })

  it('an endless layer is left after its size', async () => {
    let sent = 0
    const { host } = await registry((_request, response, what) => {
      if (what !== 'layer') return false
      const more = (): void => {
        if (response.destroyed || sent > 64 << 20) return
        sent += 65_536
        response.write(Buffer.alloc(65_536, 1), more)
      }
      response.writeHead(200)
      more()
      return true
    })
    expect(await pull(host)).toBe(verification)
    expect(sent).toBeLessThan(64 << 20)
    nothingStored()
  })

  it('429 and 503 that pass are waited for', async () => {
    const left = { manifest: 2, layer: 1 }
    const { host } = await registry((_request, response, what) => {
      if ((what !== 'manifest' && what !== 'layer') || left[what]-- <= 0) return false
      response.writeHead(what === 'manifest' ? 429 : 503, { 'retry-after': '1' }).end('busy')
      return true
    })
    expect(await pull(host)).toBe(`Status: Downloaded newer image for ${host}/app:1`)
  })

  it('redirect loops end', async () => {
    for (const wanted of ['manifest', 'layer'] as const) {
      const { host } = await registry((request, response, what) => {
        if (what !== wanted) return false
        response.writeHead(307, { location: request.url }).end()
        return true
      })
      expect(await pull(host)).toContain('stopped after 10 redirects')
    }
    nothingStored()
  })

  it('a redirect to another host is followed without credentials, and to other protocols never', async () => {
    const elsewhere = await registry(instead('other', 200, layer))
    const moved = (location: string): Handler => {
      return (request, response, what) => {
        if (!request.headers.authorization) {
          response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end()
          return true
        }
        if (what !== 'layer') return false
        response.writeHead(307, { location }).end()
        return true
      }
    }
    const auth = { username: 'ann', password: 'secret' }
    const { host } = await registry(moved(`http://${elsewhere.host}/there`))
    expect(await pull(host, auth)).toBe(`Status: Downloaded newer image for ${host}/app:1`)
    expect(elsewhere.seen).toHaveLength(1)
    expect(elsewhere.seen[0]?.headers.authorization).toBeUndefined()
    h.close()
    h = harness()
    const files = await registry(moved('file:///etc/passwd'))
    expect(await pull(files.host, auth)).toBe('failed to parse Location header "file:///etc/passwd"')
    nothingStored()
  })

  it('401 for ever is an error without the password in it', async () => {
    const { host, seen } = await registry((_request, response) => {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end()
      return true
    })
    const said = await pull(host, { username: 'ann', password: 'secret' })
    expect(said).toMatch(/^unauthorized/)
    expect(said).not.toMatch(/secret|YW5u/)
    expect(await pull(host)).toBe(`Head "http://${host}/v2/app/manifests/1": no basic auth credentials`)
    expect(seen.length).toBeLessThan(10)
  })

  it('a token that is refused is asked for once more, then that is it', async () => {
    let tokens = 0
    const service = await registry((_request, response) => {
      tokens++
      response.end('{"token":"abc"}')
      return true
    })
    const { host } = await registry((_request, response) => {
      const realm = `Bearer realm="http://${service.host}/token",service="s"`
      response.writeHead(401, { 'www-authenticate': realm }).end('{"errors":[{"code":"UNAUTHORIZED","message":"no"}]}')
      return true
    })
    expect(await pull(host)).toBe('unauthorized: no')
    expect(tokens).toBe(2)
  })
})

describe('tokens', () => {
  it.each([
    ['anonymous', undefined, undefined],
    ['with a password', { username: 'ann', password: 'secret' }, 'Basic YW5uOnNlY3JldA=='],
  ])('%s: asked for where the registry says', async (_, auth, authorization) => {
    const service = await registry((_request, response) => {
      response.end('{"access_token":"t0ken","expires_in":300}')
      return true
    })
    const { host } = await registry((request, response) => {
      if (request.headers.authorization === 'Bearer t0ken') return false
      const realm = `Bearer realm="http://${service.host}/token",service="reg",scope="x"`
      response.writeHead(401, { 'www-authenticate': realm }).end()
      return true
    })
    expect(await pull(host, auth)).toBe(`Status: Downloaded newer image for ${host}/app:1`)
    expect(service.seen).toHaveLength(1)
    const { url = '', headers } = service.seen[0] ?? ({} as IncomingMessage)
    const query = new URL(url, 'http://x').searchParams
    expect([query.get('service'), query.get('scope'), query.get('account')]).toEqual([
      'reg',
      'repository:app:pull',
      auth?.username ?? null,
    ])
    expect(headers.authorization).toBe(authorization)
  })
})

describe('a network that breaks', () => {
  /** Sends `length` bytes of `wanted`, and then nothing more: the first time only, or always. */
  const cutAt = (wanted: What, length: number, always: boolean): Handler => {
    let done = false
    return (_request, response, what) => {
      if (what !== wanted || (done && !always)) return false
      done = true
      const body = Buffer.from(bodies[wanted])
      response.writeHead(200, { 'content-length': body.length, ...(wanted === 'manifest' && { 'content-type': V2 }) })
      response.flushHeaders()
      response.write(body.subarray(0, length), () => setImmediate(() => response.destroy()))
      return true
    }
  }

  it('at each byte of a layer: the download goes on where it was', async () => {
    let current: Handler = () => false
    const { host, seen } = await registry((request, response, what) => current(request, response, what))
    for (let cut = 0; cut < layer.length; cut++) {
      current = cutAt('layer', cut, false)
      const from = seen.length
      expect([cut, await pull(host)]).toEqual([cut, `Status: Downloaded newer image for ${host}/app:1`])
      const ranges = seen.slice(from).flatMap(({ headers }) => headers.range ?? [])
      for (const range of ranges) expect(Number(range.slice(6, -1))).toBeLessThanOrEqual(cut)
      h.close()
      h = harness()
    }
  }, 60_000)

  it('at each byte of a manifest: an error, and nothing is stored', async () => {
    let cut = 0
    const { host } = await registry((request, response, what) => cutAt('manifest', cut, true)(request, response, what))
    for (cut = 0; cut < manifest.length; cut += 1) expect(await pull(host)).toMatch(/^unexpected EOF$|: EOF$/)
    nothingStored()
  }, 60_000)

  it('for ever: an error after five attempts', async () => {
    const { host, seen } = await registry(cutAt('layer', 10, true))
    expect(await pull(host)).toMatch(/^unexpected EOF$|^filesystem layer verification failed/)
    expect(seen.filter(({ url }) => whatOf(url ?? '') === 'layer').length).toBeLessThanOrEqual(5)
    nothingStored()
  })

  it('drips: it is given up', async () => {
    const { host } = await registry((_request, response, what) => {
      if (what !== 'manifest' && what !== 'layer') return false
      response.writeHead(200)
      const drip = setInterval(() => response.write('x'), 20)
      response.on('close', () => clearInterval(drip))
      return true
    })
    const settings = registrySettings({}, '/nonexistent')
    const limits = { idle: 1000, document: 200, window: 200, least: 16_384 }
    const remote = new RemoteRegistry(host, networkTransport(settings, limits), {
      settings,
      limits,
      now: () => 0,
      sleep: async () => {},
    })
    await expect(remote.resolve(parseReference(`${host}/app:1`))).rejects.toThrow(/timeout|unexpected EOF/)
    const supply = await remote.layer(parseReference(`${host}/app:1`), {
      mediaType: '',
      digest: digestOf(layer),
      size: 1 << 20,
    })
    await expect(
      (async () => {
        if ('blob' in supply) for await (const _ of supply.blob);
      })(),
    ).rejects.toThrow(/timeout|unexpected EOF|verification/)
  })

  it.each([
    ['127.0.0.1:1/any/thing:1', 'Get "http://127.0.0.1:1/v2/": dial tcp 127.0.0.1:1: connect: connection refused'],
    ['localhost:1/x', 'Get "http://localhost:1/v2/": dial tcp [::1]:1: connect: connection refused'],
  ])('%s is not there, in Docker’s words', async (reference, message) => {
    await expect(collect(pullImage(h.ctx, reference))).rejects.toThrow(message)
  })
})
