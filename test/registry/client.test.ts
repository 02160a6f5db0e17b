/** The client of registries on its ways: broken uploads, several layers at once, proxies, mirrors, tokens, its words. */
import { createHash, randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, request, type Server } from 'node:http'
import { type AddressInfo, connect, createServer as createSocketServer } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { importImage } from '../../src/engine/image/import.ts'
import { pullImage } from '../../src/engine/image/pull.ts'
import { pushImage } from '../../src/engine/image/push.ts'
import { type TarEntry, writeTar } from '../../src/layer/tar-writer.ts'
import { startServer } from '../../src/registry/server.ts'
import { isInsecure, proxyOf } from '../../src/registry/settings.ts'
import { unreachable } from '../../src/registry/source.ts'
import { uploadBlob } from '../../src/registry/upload.ts'
import { collect, type Harness, harness, once } from '../engine/image/harness.ts'
import { digestOf } from './small-image.ts'

let closing: (() => unknown)[]
let h: Harness

beforeEach(() => {
  h = harness()
  closing = [() => h.close()]
})

afterEach(async () => {
  for (const close of closing.reverse()) await close()
})

/** Another store, closed with the test; `env` and `daemon.json` as the user has them. */
function other(env: Record<string, string> = {}, daemon?: object): Harness {
  const made = harness()
  closing.push(() => made.close())
  Object.assign(made.ctx, { env })
  if (daemon) writeFileSync(made.ctx.store.locate('daemon.json'), JSON.stringify(daemon))
  return made
}

/** Our registry on a free port, and the requests that it answered: `201 PUT /v2/…`. */
async function registry(): Promise<{ port: number; log: string[] }> {
  const log: string[] = []
  const running = await startServer({
    root: join(other().root, 'registry'),
    host: '127.0.0.1',
    port: 0,
    log: (method, path, status) => void log.push(`${status} ${method} ${path}`),
  })
  closing.push(() => running.close())
  return { port: running.port, log }
}

async function listening(server: Server | ReturnType<typeof createSocketServer>): Promise<number> {
  await new Promise<void>(resolve => void server.listen(0, '127.0.0.1', resolve))
  closing.push(() => {
    if ('closeAllConnections' in server) server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

async function image(reference: string, data: Buffer): Promise<void> {
  const entry: TarEntry = {
    header: { path: 'f', type: 'file', mode: 0o644, mtime: 0, size: data.length },
    content: [data],
  }
  await collect(importImage(h.ctx, once(Buffer.concat([...writeTar([entry])])), { repo: reference }))
}

const lastOf = async (messages: AsyncIterable<{ status?: string; error?: string }>): Promise<string> => {
  const last = (await collect(messages)).filter(({ status, error }) => status ?? error).at(-1)
  return last?.error ?? last?.status ?? ''
}

describe('uploads', () => {
  it('go on where they were when the connection breaks, in chunks with their places', async () => {
    const { port, log } = await registry()
    let cut = 400_000
    const wire = await listening(
      createSocketServer(client => {
        const server = connect(port, '127.0.0.1')
        client.on('error', () => server.destroy()).on('close', () => server.end())
        server.on('error', () => client.destroy()).on('close', () => client.destroy())
        server.pipe(client)
        client.on('data', bytes => {
          server.write(bytes)
          cut -= bytes.length
          if (cut >= 0) return
          cut = Number.POSITIVE_INFINITY
          client.destroy()
        })
      }),
    )
    const host = `127.0.0.1:${wire}`
    await image(`${host}/app:1`, randomBytes(1_000_000))
    expect(await lastOf(pushImage(h.ctx, `${host}/app:1`))).toMatch(/^1: digest: sha256:/)
    const uploads = log.filter(line => line.includes('/uploads/')).map(line => line.replace(/ \/v2.*/, ''))
    expect(uploads).toEqual(['202 POST', '499 PATCH', '204 GET', '202 PATCH', '201 PUT', '202 POST', '201 PUT'])
    expect(await lastOf(pullImage(other().ctx, `${host}/app:1`))).toBe(
      `Status: Downloaded newer image for ${host}/app:1`,
    )
  })

  it('heed OCI-Chunk-Min-Length, begin anew where the upload is gone, and end after four attempts', async () => {
    const data = randomBytes(20 << 20)
    async function* bytes(): AsyncGenerator<Uint8Array, void> {
      for (let at = 0; at < data.length; at += 1 << 20) yield data.subarray(at, at + (1 << 20))
    }
    const play = async (has: number | undefined, works: boolean): Promise<string[]> => {
      const told: string[] = []
      let broken = false
      const answerOf = (status: number, headers = {}): never =>
        ({ status, headers: { location: '/up', ...headers }, body: once(new Uint8Array()), drop() {} }) as never
      const upload = uploadBlob(
        {
          async send(call) {
            const range = call.headers?.['content-range']
            told.push([call.method, range].filter(Boolean).join(' '))
            if (call.method === 'POST') return answerOf(202, { 'oci-chunk-min-length': String(12 << 20) })
            if (call.method === 'GET') return answerOf(has ? 204 : 404, has ? { range: `0-${has - 1}` } : {})
            if (call.method === 'PUT') return answerOf(201)
            if (!(call.body instanceof Uint8Array)) for await (const _ of call.body ?? []);
            const { EngineError } = await import('../../src/errors.ts')
            if (!broken || !works) {
              broken = true
              throw new EngineError('unavailable', 'EOF')
            }
            return answerOf(202)
          },
          expect: async () => {},
          location: () => '/up',
          sleep: async () => {},
        },
        'app',
        bytes,
      )
      const digest = `sha256:${createHash('sha256').update(data).digest('hex')}`
      if (works) expect(await upload).toEqual({ digest, size: data.length })
      else await expect(upload).rejects.toThrow('EOF')
      return told
    }
    const [first, last] = [`${1000}-${12582911 + (1 << 20)}`, `${13631488}-${data.length - 1}`]
    expect(await play(1000, true)).toEqual(['POST', 'PATCH', 'GET', `PATCH ${first}`, `PATCH ${last}`, 'PUT'])
    expect(await play(undefined, true)).toEqual(['POST', 'PATCH', 'GET', 'POST', 'PATCH', 'PUT'])
    expect((await play(undefined, false)).filter(line => line === 'PATCH')).toHaveLength(4)
  })
})

describe('downloads', () => {
  it('three layers come at once', async () => {
    const { port } = await registry()
    const direct = `127.0.0.1:${port}`
    const tar = Buffer.concat([...writeTar([])])
    const layers = [1, 2, 3, 4, 5].map(count => Buffer.concat([tar, Buffer.alloc(512 * count)]))
    const config = JSON.stringify({
      architecture: 'amd64',
      os: 'linux',
      rootfs: { type: 'layers', diff_ids: layers.map(digestOf) },
    })
    for (const data of [config, ...layers])
      await fetch(`http://${direct}/v2/app/blobs/uploads/?digest=${digestOf(data)}`, { method: 'POST', body: data })
    const mediaType = 'application/vnd.oci.image.manifest.v1+json'
    const manifest = JSON.stringify({
      schemaVersion: 2,
      mediaType,
      config: {
        mediaType: 'application/vnd.oci.image.config.v1+json',
        digest: digestOf(config),
        size: config.length,
      },
      layers: layers.map(data => ({
        mediaType: 'application/vnd.oci.image.layer.v1.tar',
        digest: digestOf(data),
        size: data.length,
      })),
    })
    const put = { method: 'PUT', body: manifest, headers: { 'content-type': mediaType } }
    expect((await fetch(`http://${direct}/v2/app/manifests/1`, put)).status).toBe(201)

    const waiting: (() => void)[] = []
    let most = 0
    let now = 0
    const slow = await listening(
      createServer((incoming, outgoing) => {
        const pass = (): void =>
          void request({ port, path: incoming.url, headers: incoming.headers, method: incoming.method }, answer => {
            outgoing.writeHead(answer.statusCode ?? 0, answer.headers)
            answer.pipe(outgoing)
            answer.on('end', () => now--)
          }).end()
        if (!layers.some(data => incoming.url?.endsWith(digestOf(data)))) {
          now++
          return pass()
        }
        now++
        most = Math.max(most, now)
        waiting.push(pass)
        // Answers come when three wait, or no more will.
        if (waiting.length === 3 || most === 3) for (const go of waiting.splice(0)) go()
      }),
    )
    const reference = `127.0.0.1:${slow}/app:1`
    expect(await lastOf(pullImage(other().ctx, reference))).toBe(`Status: Downloaded newer image for ${reference}`)
    expect(most).toBe(3)
  })
})

/** An HTTP proxy that leads everywhere to one registry, and what it was asked for. */
async function proxy(port: number): Promise<{ port: number; asked: string[]; logins: (string | undefined)[] }> {
  const asked: string[] = []
  const logins: (string | undefined)[] = []
  const note = (incoming: IncomingMessage): void => {
    asked.push(`${incoming.method} ${incoming.url}`)
    logins.push(incoming.headers['proxy-authorization'])
  }
  const server = createServer((incoming, outgoing) => {
    note(incoming)
    const { pathname, search } = new URL(incoming.url ?? '', 'http://x')
    request({ port, path: pathname + search, headers: incoming.headers, method: incoming.method }, answer => {
      outgoing.writeHead(answer.statusCode ?? 0, answer.headers)
      answer.pipe(outgoing)
    }).end()
  })
  server.on('connect', (incoming, socket) => {
    note(incoming)
    socket.end('HTTP/1.1 503 No tunnels here\r\n\r\n')
  })
  return { port: await listening(server), asked, logins }
}

describe('proxies', () => {
  it('HTTP goes through HTTP_PROXY with its login, HTTPS asks HTTPS_PROXY for a tunnel', async () => {
    const { port } = await registry()
    await image(`127.0.0.1:${port}/library/app:1`, Buffer.from('hello'))
    await collect(pushImage(h.ctx, `127.0.0.1:${port}/library/app:1`))
    const through = await proxy(port)
    const address = `http://ann:pass@127.0.0.1:${through.port}`
    const env = { HTTP_PROXY: address, HTTPS_PROXY: address }
    const { ctx } = other(env, { 'insecure-registries': ['registry.test:5000'] })
    expect(await lastOf(pullImage(ctx, 'registry.test:5000/library/app:1'))).toBe(
      'Status: Downloaded newer image for registry.test:5000/library/app:1',
    )
    expect(through.asked.slice(0, 2)).toEqual(['CONNECT registry.test:5000', 'GET http://registry.test:5000/v2/'])
    expect(new Set(through.logins)).toEqual(new Set([`Basic ${Buffer.from('ann:pass').toString('base64')}`]))
    await expect(collect(pullImage(ctx, 'secure.test/app:1'))).rejects.toThrow('proxyconnect tcp: No tunnels here')
  })

  it('MINIDOCK_REGISTRY=online takes Docker Hub from the network', async () => {
    const { port } = await registry()
    await image(`127.0.0.1:${port}/library/busybox:latest`, Buffer.from('not the catalogue'))
    await collect(pushImage(h.ctx, `127.0.0.1:${port}/library/busybox:latest`))
    const through = await proxy(port)
    const address = `http://127.0.0.1:${through.port}`
    const env = { MINIDOCK_REGISTRY: 'online', HTTP_PROXY: address, HTTPS_PROXY: address }
    const { ctx } = other(env, { 'insecure-registries': ['registry-1.docker.io'] })
    expect(await lastOf(pullImage(ctx, 'busybox'))).toBe('Status: Downloaded newer image for busybox:latest')
    expect(through.asked).toContain('GET http://registry-1.docker.io/v2/library/busybox/manifests/latest')
  })

  it.each([
    ['http://a.test/', 'http://p:1/'],
    ['https://a.test/', 'http://q:2/'],
    ['http://localhost:5000/', undefined],
    ['http://127.0.0.1/', undefined],
    ['http://b.test/', undefined],
    ['http://x.b.test/', undefined],
    ['http://notb.test/', 'http://p:1/'],
    ['http://10.1.2.3/', undefined],
    ['http://11.1.2.3/', 'http://p:1/'],
  ])('of %s: %s', (url, expected) => {
    const settings = { httpProxy: 'p:1', httpsProxy: 'http://q:2', noProxy: ['b.test', '10.0.0.0/8'] }
    expect(proxyOf(new URL(url), settings)?.href).toBe(expected)
  })
})

describe('mirrors', () => {
  it('are asked first, in order; then comes the next', async () => {
    const { port, log } = await registry()
    await image(`127.0.0.1:${port}/library/busybox:latest`, Buffer.from('of the mirror'))
    await collect(pushImage(h.ctx, `127.0.0.1:${port}/library/busybox:latest`))
    const daemon = { 'registry-mirrors': ['http://127.0.0.1:1', `http://127.0.0.1:${port}`] }
    for (const { ctx } of [other({ MINIDOCK_REGISTRY: `http://127.0.0.1:${port}` }), other({}, daemon)]) {
      log.length = 0
      expect(await lastOf(pullImage(ctx, 'busybox'))).toBe('Status: Downloaded newer image for busybox:latest')
      expect(log).toContain('200 GET /v2/library/busybox/manifests/latest')
    }
  })
})

describe('tokens', () => {
  it('an identity token is traded for one, and never sent to the registry', async () => {
    const bodies: string[] = []
    const service = await listening(
      createServer((incoming, outgoing) => {
        let body = ''
        incoming
          .on('data', part => (body += part))
          .on('end', () => {
            bodies.push(`${incoming.method} ${incoming.headers.authorization ?? ''}${body}`)
            outgoing.end('{"access_token":"t0ken"}')
          })
      }),
    )
    const sent = new Set<string | undefined>()
    const guarded = await listening(
      createServer((incoming, outgoing) => {
        sent.add(incoming.headers.authorization)
        const challenge = `Bearer realm="http://127.0.0.1:${service}/token",service="reg"`
        if (incoming.headers.authorization === 'Bearer t0ken') outgoing.writeHead(404).end()
        else outgoing.writeHead(401, { 'www-authenticate': challenge }).end()
      }),
    )
    const auth = { username: '', password: '', identityToken: 'refresh-me' }
    await expect(collect(pullImage(h.ctx, `127.0.0.1:${guarded}/app:1`, { auth }))).rejects.toThrow('not found')
    expect(bodies).toEqual([
      'POST grant_type=refresh_token&service=reg&scope=repository%3Aapp%3Apull&client_id=minidock&refresh_token=refresh-me',
    ])
    expect(sent).toEqual(new Set([undefined, 'Bearer t0ken']))
  })
})

describe('what a client says', () => {
  it('pull --verbose tells each step of the protocol', async () => {
    const { port } = await registry()
    const reference = `127.0.0.1:${port}/app:1`
    await image(reference, Buffer.from('hello'))
    await collect(pushImage(h.ctx, reference))
    const messages = await collect(pullImage(other().ctx, reference, { verbose: true }))
    const steps = messages.flatMap(({ status }) => /^\[(\w+)/.exec(status ?? '')?.[1] ?? [])
    expect(steps).toEqual(['ping', 'manifest', 'config', 'layer', 'verify', 'extract'])
  })

  it.each([
    ['127.0.0.1:5000', [], true],
    ['localhost', [], true],
    ['10.1.2.3:5000', ['10.0.0.0/8'], true],
    ['11.1.2.3:5000', ['10.0.0.0/8'], false],
    ['10.1.2.3', ['10.1.2.3/32'], true],
    ['10.1.2.4', ['10.1.2.3/32'], false],
    ['192.168.77.9', ['192.168.64.0/18'], true],
    ['1.2.3.4', ['0.0.0.0/0'], true],
    ['reg.test:5000', ['reg.test:5000'], true],
    ['reg.test:5001', ['reg.test:5000'], false],
    ['10.1.2.3', ['10.0.0.0/99'], false],
  ])('%s with %j: insecure %s', (host, insecure, expected) => {
    expect(isInsecure(host, { insecure })).toBe(expected)
  })

  it.each([
    ['unknown', 'Get "https://registry.invalid/v2/": dial tcp: lookup registry.invalid: no such host'],
    ['network', 'Get "https://registry.invalid/v2/": dial tcp registry.invalid:443: connect: network is unreachable'],
  ] as const)('a host that cannot be reached (%s), in Docker’s words', (why, message) => {
    expect(unreachable(new URL('https://registry.invalid/v2/'), why).message).toBe(message)
  })
})
