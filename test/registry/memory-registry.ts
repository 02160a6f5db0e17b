/** A registry in memory that speaks the distribution spec: enough for pull and push. */
import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'

export interface MemoryRegistry {
  /** `localhost:PORT`. */
  host: string
  /** Every request so far: `PUT /v2/a/manifests/1`. */
  requests: string[]
  blobs: Map<string, Buffer>
  manifests: Map<string, { type: string; text: Buffer }>
  close(): Promise<void>
}

/** @param login  asks for this name and password */
export async function memoryRegistry(login?: { username: string; password: string }): Promise<MemoryRegistry> {
  const blobs = new Map<string, Buffer>()
  const manifests = new Map<string, { type: string; text: Buffer }>()
  const uploads = new Map<string, Buffer>()
  const requests: string[] = []
  const digestOf = (bytes: Buffer): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`
  const wanted = login && `Basic ${Buffer.from(`${login.username}:${login.password}`).toString('base64')}`

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer)
    const body = Buffer.concat(parts)
    const { method = '' } = request
    const url = new URL(request.url ?? '/', 'http://registry')
    requests.push(`${method} ${url.pathname}`)
    const answer = (status: number, data?: Buffer, headers: Record<string, string> = {}): void => {
      response.writeHead(status, { 'content-length': String(data?.length ?? 0), ...headers })
      response.end(method === 'HEAD' ? undefined : data)
    }
    if (wanted && request.headers.authorization !== wanted)
      return answer(401, undefined, { 'www-authenticate': 'Basic realm="x"' })
    if (url.pathname === '/v2/') return answer(200, Buffer.from('{}'))
    const [, path = '', kind = '', name = ''] = /^\/v2\/(.+)\/(manifests|blobs|tags)\/(.*)$/.exec(url.pathname) ?? []
    if (kind === 'tags') {
      const tags = [...manifests.keys()]
        .filter(key => key.startsWith(`${path}:`))
        .map(key => key.slice(path.length + 1))
      return tags.length > 0 ? answer(200, Buffer.from(JSON.stringify({ name: path, tags }))) : answer(404)
    }
    if (kind === 'manifests' && method === 'PUT') {
      const manifest = { type: request.headers['content-type'] ?? '', text: body }
      manifests.set(`${path}:${name}`, manifest)
      manifests.set(`${path}@${digestOf(body)}`, manifest)
      return answer(201)
    }
    if (kind === 'manifests') {
      const found = manifests.get(`${path}${name.includes(':') ? '@' : ':'}${name}`)
      return found ? answer(200, found.text, { 'content-type': found.type }) : answer(404)
    }
    if (method === 'POST') {
      const from = url.searchParams.get('mount')
      if (from !== null && blobs.has(`${url.searchParams.get('from')}@${from}`)) {
        blobs.set(`${path}@${from}`, blobs.get(`${url.searchParams.get('from')}@${from}`) ?? Buffer.alloc(0))
        return answer(201)
      }
      const id = String(uploads.size)
      uploads.set(id, Buffer.alloc(0))
      return answer(202, undefined, { location: `http://elsewhere.example/v2/${path}/blobs/uploads/${id}?state=x` })
    }
    const id = name.slice('uploads/'.length)
    if (method === 'PATCH') {
      uploads.set(id, body)
      return answer(202, undefined, { location: `/v2/${path}/blobs/uploads/${id}?state=y` })
    }
    if (method === 'PUT') {
      const data = uploads.get(id) ?? Buffer.alloc(0)
      const digest = url.searchParams.get('digest')
      if (digest !== digestOf(data)) return answer(400)
      blobs.set(`${path}@${digest}`, data)
      return answer(201)
    }
    const blob = blobs.get(`${path}@${name}`)
    return blob ? answer(200, blob) : answer(404)
  }

  const server = createServer((request, response) => void handle(request, response))
  await new Promise<void>(resolve => void server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  return {
    host: `127.0.0.1:${port}`,
    requests,
    blobs,
    manifests,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
