/** A registry over HTTP (the distribution spec): pulling from it, and pushing to it. */
import { createHash } from 'node:crypto'
import { EngineError, notFound } from '../errors.ts'
import { type Descriptor, dockerList, ociIndex, ociManifest } from '../image/manifest.ts'
import { fullName, type Reference, withDefaultTag } from '../image/reference.ts'
import { type Answer, type Call, type Transport, textOf } from './http.ts'
import { type Document, type ImageSource, type LayerSupply, manifestUnknown } from './source.ts'

/** Who pulls or pushes. */
export interface Credentials {
  username: string
  password: string
}

export const dockerManifest = 'application/vnd.docker.distribution.manifest.v2+json'
const manifestTypes = [dockerManifest, dockerList, ociIndex, ociManifest].join(', ')

export class RemoteRegistry implements ImageSource {
  readonly #host: string
  readonly #transport: Transport
  readonly #credentials: Credentials | undefined
  #authorization: Promise<string | undefined> | undefined

  /** `host` with its port. */
  constructor(host: string, transport: Transport, credentials?: Credentials) {
    this.#host = host
    this.#transport = transport
    this.#credentials = credentials
  }

  /** Asks once what the registry wants to know, and answers with it from then on. */
  async #send(call: Call): Promise<Answer> {
    await this.ping()
    const authorization = await this.#authorization
    const answer = await this.#transport(this.#host, {
      ...call,
      headers: { ...call.headers, ...(authorization !== undefined && { authorization }) },
    })
    if (answer.status !== 401) return answer
    answer.drop()
    throw new EngineError(
      'unauthorized',
      this.#credentials ? 'unauthorized: authentication required' : 'no basic auth credentials',
    )
  }

  /** Finds out whether the registry answers at all. @throws EngineError when it does not */
  async ping(): Promise<void> {
    this.#authorization ??= this.#challenge()
    await this.#authorization
  }

  async #challenge(): Promise<string | undefined> {
    const answer = await this.#transport(this.#host, { method: 'GET', path: '/v2/' })
    answer.drop()
    if (answer.status !== 401 || !this.#credentials) return undefined
    const { username, password } = this.#credentials
    return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
  }

  async resolve(given: Reference): Promise<Document> {
    const reference = withDefaultTag(given)
    const name = reference.digest ?? reference.tag ?? ''
    const answer = await this.#send({
      method: 'GET',
      path: `/v2/${reference.path}/manifests/${name}`,
      headers: { accept: manifestTypes },
    })
    if (answer.status === 404) {
      answer.drop()
      throw manifestUnknown(reference)
    }
    const text = await this.#text(answer)
    const { parseManifestOrIndex } = await import('../image/foreign.ts')
    const parsed = parseManifestOrIndex(text)
    const own = 'index' in parsed ? parsed.index.mediaType : parsed.manifest.mediaType
    const mediaType = own || header(answer, 'content-type').split(';', 1)[0] || dockerManifest
    const digest = `sha256:${createHash('sha256').update(text).digest('hex')}`
    if (reference.digest !== undefined && reference.digest !== digest)
      throw new EngineError('dataLoss', `image verification failed for digest ${reference.digest}`)
    return { text, descriptor: { mediaType, digest, size: Buffer.byteLength(text) } }
  }

  async document(reference: Reference, descriptor: Descriptor): Promise<Document> {
    const { domain, path } = reference
    if (/manifest|index/.test(descriptor.mediaType)) return this.resolve({ domain, path, digest: descriptor.digest })
    const text = await this.#text(await this.#blob(reference, descriptor.digest))
    const { parseConfig } = await import('../image/foreign.ts')
    parseConfig(text)
    return { text, descriptor }
  }

  async layer(reference: Reference, descriptor: Descriptor): Promise<LayerSupply> {
    const answer = await this.#blob(reference, descriptor.digest)
    return { blob: answer.body }
  }

  async tags(reference: Reference): Promise<string[]> {
    const answer = await this.#send({ method: 'GET', path: `/v2/${reference.path}/tags/list` })
    if (answer.status === 404) {
      answer.drop()
      const unknown = 'name unknown: repository name not known to registry'
      throw notFound(`repository ${fullName(reference)} not found: ${unknown}`)
    }
    const { parseTagList } = await import('../image/foreign.ts')
    return parseTagList(await this.#text(answer)).sort()
  }

  async #blob(reference: Reference, digest: string): Promise<Answer> {
    const answer = await this.#send({ method: 'GET', path: `/v2/${reference.path}/blobs/${digest}` })
    if (answer.status === 200) return answer
    answer.drop()
    throw notFound(`unknown blob`)
  }

  /** The text of an answer that went well. */
  async #text(answer: Answer): Promise<string> {
    if (answer.status < 300) return textOf(answer)
    answer.drop()
    throw new EngineError('system', `received unexpected HTTP status: ${answer.status}`)
  }

  /** Whether the repository has a blob. */
  async has(path: string, digest: string): Promise<boolean> {
    const answer = await this.#send({ method: 'HEAD', path: `/v2/${path}/blobs/${digest}` })
    answer.drop()
    return answer.status === 200
  }

  /** Takes a blob over from another repository of the registry; false when that has it no more. */
  async mount(path: string, digest: string, from: string): Promise<boolean> {
    const query = `mount=${encodeURIComponent(digest)}&from=${encodeURIComponent(from)}`
    const answer = await this.#send({ method: 'POST', path: `/v2/${path}/blobs/uploads/?${query}` })
    answer.drop()
    return answer.status === 201
  }

  /** Uploads a blob whose digest is known only when it has been sent. */
  async upload(path: string, data: AsyncIterable<Uint8Array>): Promise<{ digest: string; size: number }> {
    const start = await this.#send({ method: 'POST', path: `/v2/${path}/blobs/uploads/` })
    start.drop()
    const hash = createHash('sha256')
    let size = 0
    async function* measured(): AsyncGenerator<Uint8Array, void> {
      for await (const piece of data) {
        hash.update(piece)
        size += piece.length
        yield piece
      }
    }
    const sent = await this.#send({
      method: 'PATCH',
      path: this.#location(start),
      headers: { 'content-type': 'application/octet-stream' },
      body: measured(),
    })
    sent.drop()
    const digest = `sha256:${hash.digest('hex')}`
    const location = this.#location(sent)
    const done = await this.#send({
      method: 'PUT',
      path: `${location}${location.includes('?') ? '&' : '?'}digest=${encodeURIComponent(digest)}`,
      headers: { 'content-length': '0' },
    })
    done.drop()
    if (done.status !== 201) throw new EngineError('system', `received unexpected HTTP status: ${done.status}`)
    return { digest, size }
  }

  /** Where an upload goes on: a path of this registry, whatever host the answer names. */
  #location(answer: Answer): string {
    const location = header(answer, 'location')
    if (answer.status >= 300 || location === '')
      throw new EngineError('system', `received unexpected HTTP status: ${answer.status}`)
    const url = new URL(location, `http://${this.#host}/`)
    return url.pathname + url.search
  }

  /** Stores a manifest under a tag. */
  async putManifest(path: string, tag: string, mediaType: string, text: string): Promise<void> {
    const answer = await this.#send({
      method: 'PUT',
      path: `/v2/${path}/manifests/${tag}`,
      headers: { 'content-type': mediaType },
      body: Buffer.from(text),
    })
    answer.drop()
    if (answer.status !== 201) throw new EngineError('system', `received unexpected HTTP status: ${answer.status}`)
  }
}

/** A header's value; '' when it is absent. */
function header(answer: Answer, name: string): string {
  const value = answer.headers[name]
  return (Array.isArray(value) ? value[0] : value) ?? ''
}
