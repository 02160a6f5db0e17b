/** The product's own registry over files in memory, behind a real HTTP server of this process. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type RegistryFiles, serve } from '../../src/registry/serve.ts'

export interface MemoryRegistry {
  /** `127.0.0.1:PORT`. */
  host: string
  /** Every request so far: `PUT /v2/a/manifests/1`. */
  requests: string[]
  /** What is stored, by path. */
  stored: Map<string, Uint8Array>
  close(): Promise<void>
}

/** The registry's files in a map. */
export function memoryFiles(
  stored = new Map<string, Uint8Array>(),
): RegistryFiles & { stored: Map<string, Uint8Array> } {
  return {
    stored,
    read: path => stored.get(path),
    write: (path, data) => void stored.set(path, data),
    list(folder) {
      const names = [...stored.keys()].filter(path => path.startsWith(`${folder}/`))
      return [...new Set(names.map(path => path.slice(folder.length + 1).split('/')[0] ?? ''))].sort()
    },
    remove(path) {
      for (const key of [...stored.keys()]) if (key === path || key.startsWith(`${path}/`)) stored.delete(key)
    },
  }
}

/** @param login  asks for this name and password */
export async function memoryRegistry(login?: { username: string; password: string }): Promise<MemoryRegistry> {
  const files = memoryFiles()
  const requests: string[] = []
  const wanted = login && `Basic ${Buffer.from(`${login.username}:${login.password}`).toString('base64')}`

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer)
    const { method = '', url = '/', headers } = request
    requests.push(`${method} ${url}`)
    if (wanted && headers.authorization !== wanted) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end()
      return
    }
    const answer = serve(files, {
      method,
      path: url,
      headers: headers as Record<string, string>,
      body: Buffer.concat(parts),
    })
    // A location on another host must not be believed.
    if (method === 'POST' && answer.headers['location'])
      answer.headers['location'] = `http://elsewhere.example${answer.headers['location']}`
    response.writeHead(answer.status, answer.headers).end(answer.body)
  }

  const server = createServer((request, response) => void handle(request, response))
  await new Promise<void>(resolve => void server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  return {
    host: `127.0.0.1:${port}`,
    requests,
    stored: files.stored,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
