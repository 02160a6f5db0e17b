/** HTTPS through a proxy's tunnel: the registry's certificate counts, the proxy gets its login and the registry its own. */
import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { type AddressInfo, connect, type Server } from 'node:net'
import { join } from 'node:path'
import { createServer as createTlsServer } from 'node:tls'
import { afterEach, expect, it } from 'vitest'
import { importImage } from '../../src/engine/image/import.ts'
import { pullImage } from '../../src/engine/image/pull.ts'
import { pushImage } from '../../src/engine/image/push.ts'
import { type TarEntry, writeTar } from '../../src/layer/tar-writer.ts'
import { collect, harness, once } from '../engine/image/harness.ts'
import { memoryRegistry } from './memory-registry.ts'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

const listening = async (server: Server): Promise<number> => {
  await new Promise<void>(resolve => void server.listen(0, '127.0.0.1', resolve))
  closing.push(() => server.close())
  return (server.address() as AddressInfo).port
}

const openssl = spawnSync('openssl', ['version']).status === 0

it.skipIf(!openssl)(
  'push and pull go through CONNECT to the registry’s own TLS, each login to whom it is for',
  async () => {
    const h = harness()
    closing.push(() => h.close())
    const auth = { username: 'ann', password: 'registry-secret' }
    const registry = await memoryRegistry(auth)
    closing.push(() => registry.close())
    const files = ['key', 'crt'].map(name => join(h.root, name))
    const [key = '', cert = ''] = files
    const subject = ['-subj', '/CN=secure.test', '-addext', 'subjectAltName=DNS:secure.test', '-days', '2']
    const how = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
    execFileSync('openssl', [...how, '-keyout', key, '-out', cert, ...subject], { stdio: 'ignore' })
    const [host, port] = registry.host.split(':')
    const secure = await listening(
      createTlsServer({ key: readFileSync(key), cert: readFileSync(cert) }, socket => {
        const plain = connect(Number(port), host)
        socket.on('error', () => plain.destroy())
        plain.on('error', () => socket.destroy())
        socket.pipe(plain).pipe(socket)
      }),
    )
    const seen: string[] = []
    const proxy = createServer((request, response) => {
      seen.push(`${request.method} ${request.url}`)
      response.writeHead(502).end()
    })
    proxy.on('connect', (request, socket) => {
      seen.push(`CONNECT ${request.url} ${request.headers['proxy-authorization']} ${request.headers.authorization}`)
      const far = connect(secure, '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
        far.pipe(socket).pipe(far)
      })
      far.on('error', () => socket.destroy())
      socket.on('error', () => far.destroy())
    })
    Object.assign(h.ctx, { env: { HTTPS_PROXY: `http://bob:proxy-secret@127.0.0.1:${await listening(proxy)}` } })
    const entry: TarEntry = {
      header: { path: 'f', type: 'file', mode: 0o644, mtime: 0, size: 2 },
      content: [Buffer.from('hi')],
    }
    await collect(importImage(h.ctx, once(Buffer.concat([...writeTar([entry])])), { repo: 'secure.test/app:1' }))

    expect((await collect(pushImage(h.ctx, 'secure.test/app:1', { auth }))).at(-1)?.error).toContain(
      'tls: failed to verify certificate: x509: certificate signed by unknown authority',
    )
    expect(registry.requests).toEqual([])
    writeFileSync(h.ctx.store.locate('daemon.json'), JSON.stringify({ 'insecure-registries': ['secure.test'] }))
    await collect(pushImage(h.ctx, 'secure.test/app:1', { auth }))
    const other = harness()
    closing.push(() => other.close())
    Object.assign(other.ctx, { env: h.ctx.env })
    writeFileSync(other.ctx.store.locate('daemon.json'), JSON.stringify({ 'insecure-registries': ['secure.test'] }))
    const messages = await collect(pullImage(other.ctx, 'secure.test/app:1', { auth }))
    expect(messages.at(-1)?.status).toBe('Status: Downloaded newer image for secure.test/app:1')
    expect(registry.requests).toContain('PUT /v2/app/manifests/1')
    expect(registry.requests).toContain('GET /v2/app/manifests/1')
    const login = `Basic ${Buffer.from('bob:proxy-secret').toString('base64')}`
    expect(new Set(seen)).toEqual(new Set([`CONNECT secure.test:443 ${login} undefined`]))
  },
)
