/**
 * The registry itself: Docker's `registry:2` as a function from a request to an answer, over a folder that is laid
 * out as the real one's (`docker/registry/v2/...`). The program in a container and a push from outside both use it.
 */
import { createHash } from 'node:crypto'

/** The files of the registry, by path below its root (`/var/lib/registry`). */
export interface RegistryFiles {
  /** A file's bytes; undefined when it is not there. */
  read(path: string): Uint8Array | undefined
  /** Writes a file, with the folders above it. */
  write(path: string, data: Uint8Array): void
  /** Names in a folder, sorted; [] when it is not there. */
  list(path: string): string[]
  /** Removes a file or folder, if it is there. */
  remove(path: string): void
}

/** What the registry asks of its files; answered as `RegistryFiles` answers. */
export type FileCall =
  | { op: 'read'; path: string }
  | { op: 'write'; path: string; data: Uint8Array }
  | { op: 'list'; path: string }
  | { op: 'remove'; path: string }

/** A piece of the registry's work: its files may be at hand, or behind a kernel's system calls. */
export type Serving<T> = Generator<FileCall, T, unknown>

export interface RegistryRequest {
  method: string
  /** Path and query. */
  path: string
  /** By lower-case name. */
  headers: Readonly<Record<string, string>>
  body: Uint8Array
}

export interface RegistryAnswer {
  status: number
  headers: Record<string, string>
  body: Uint8Array
}

export interface RegistrySettings {
  /** REGISTRY_STORAGE_DELETE_ENABLED. */
  allowDelete?: boolean
}

const ROOT = 'docker/registry/v2'
const NAME = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/
const TAG = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/
const DIGEST = /^sha256:[a-f0-9]{64}$/

/** The messages of the distribution spec's error codes. */
const messages = {
  BLOB_UNKNOWN: 'blob unknown to registry',
  BLOB_UPLOAD_UNKNOWN: 'blob upload unknown to registry',
  DIGEST_INVALID: 'provided digest did not match uploaded content',
  MANIFEST_BLOB_UNKNOWN: 'blob unknown to registry',
  MANIFEST_INVALID: 'manifest invalid',
  MANIFEST_UNKNOWN: 'manifest unknown',
  NAME_INVALID: 'invalid repository name',
  NAME_UNKNOWN: 'repository name not known to registry',
  TAG_INVALID: 'manifest tag did not match URI',
  UNSUPPORTED: 'The operation is unsupported.',
} as const

/** Answers one request over files that are at hand. */
export function serve(files: RegistryFiles, request: RegistryRequest, settings: RegistrySettings = {}): RegistryAnswer {
  const work = serving(request, settings)
  let step = work.next()
  while (!step.done) step = work.next(call(files, step.value))
  return step.value
}

function call(files: RegistryFiles, asked: FileCall): unknown {
  switch (asked.op) {
    case 'read':
      return files.read(asked.path)
    case 'write':
      return files.write(asked.path, asked.data)
    case 'list':
      return files.list(asked.path)
    case 'remove':
      return files.remove(asked.path)
  }
}

function* read(path: string): Serving<Uint8Array | undefined> {
  return (yield { op: 'read', path }) as Uint8Array | undefined
}

function* write(path: string, data: Uint8Array): Serving<void> {
  yield { op: 'write', path, data }
}

function* list(path: string): Serving<string[]> {
  return (yield { op: 'list', path }) as string[]
}

function* remove(path: string): Serving<void> {
  yield { op: 'remove', path }
}

/** Answers one request (the distribution spec's HTTP API, as registry 2.8 does). Never throws for what a client sends. */
export function* serving(request: RegistryRequest, settings: RegistrySettings = {}): Serving<RegistryAnswer> {
  const url = parseUrl(request.path)
  if (!url) return answer(400)
  const { pathname } = url
  if (pathname === '/') return answer(200)
  if (pathname === '/v2' || pathname === '/v2/') return json(200, {})
  if (pathname === '/v2/_catalog') return yield* catalogOf(url.searchParams)
  const match = /^\/v2\/(.+?)\/(?:(tags)\/list|(manifests|blobs)\/(.+))$/.exec(pathname)
  if (!match) return { ...answer(404), body: Buffer.from('404 page not found\n') }
  const [, name = '', tags, kind, rest = ''] = match
  if (name.length > 255 || !NAME.test(name)) return failure(400, 'NAME_INVALID', { name })
  if (tags) return request.method === 'GET' ? yield* tagsOf(name) : failure(405, 'UNSUPPORTED')
  if (kind === 'manifests') return yield* manifests(request, name, rest, settings)
  return rest.startsWith('uploads/')
    ? yield* uploads(request, name, rest.slice('uploads/'.length), url)
    : yield* blobs(request, name, rest)
}

function parseUrl(path: string): URL | undefined {
  try {
    return new URL(path, 'http://registry')
  } catch {
    return undefined
  }
}

function answer(
  status: number,
  headers: Record<string, string> = {},
  body: Uint8Array = new Uint8Array(0),
): RegistryAnswer {
  const length = { 'content-length': String(body.length) }
  return { status, headers: { 'docker-distribution-api-version': 'registry/2.0', ...length, ...headers }, body }
}

function json(status: number, value: unknown, newline = false): RegistryAnswer {
  const body = Buffer.from(JSON.stringify(value) + (newline ? '\n' : ''))
  return answer(status, { 'content-type': 'application/json; charset=utf-8' }, body)
}

function failure(status: number, code: keyof typeof messages, detail?: unknown): RegistryAnswer {
  return json(status, { errors: [{ code, message: messages[code], ...(detail !== undefined && { detail }) }] }, true)
}

const hexOf = (digest: string): string => digest.slice('sha256:'.length)
const digestOf = (data: Uint8Array): string => `sha256:${createHash('sha256').update(data).digest('hex')}`
const dataPath = (digest: string): string => `${ROOT}/blobs/sha256/${hexOf(digest).slice(0, 2)}/${hexOf(digest)}/data`
const repository = (name: string): string => `${ROOT}/repositories/${name}`
const layerLink = (name: string, digest: string): string => `${repository(name)}/_layers/sha256/${hexOf(digest)}/link`
const revisionLink = (name: string, digest: string): string =>
  `${repository(name)}/_manifests/revisions/sha256/${hexOf(digest)}/link`
const tagFolder = (name: string, tag: string): string => `${repository(name)}/_manifests/tags/${tag}`

function* textAt(path: string): Serving<string | undefined> {
  const data = yield* read(path)
  return data && Buffer.from(data).toString('utf8')
}

/** Repositories with a tag, by name; `n` of them after `last`. */
function* catalogOf(query: URLSearchParams): Serving<RegistryAnswer> {
  const names: string[] = []
  const folders = ['']
  for (let name = folders.pop(); name !== undefined; name = folders.pop()) {
    for (const entry of yield* list(name === '' ? `${ROOT}/repositories` : repository(name))) {
      if (entry === '_manifests') names.push(name)
      else if (!entry.startsWith('_') && name.length < 255) folders.push(name === '' ? entry : `${name}/${entry}`)
    }
  }
  names.sort()
  const last = query.get('last')
  const rest = last === null ? names : names.filter(name => name > last)
  const wanted = query.get('n')
  const count = wanted === null || !/^\d+$/.test(wanted) ? 100 : Number(wanted)
  const shown = rest.slice(0, count)
  const found = json(200, { repositories: shown }, true)
  if (shown.length < rest.length)
    found.headers.link = `</v2/_catalog?last=${encodeURIComponent(shown.at(-1) ?? '')}&n=${count}>; rel="next"`
  return found
}

function* tagsOf(name: string): Serving<RegistryAnswer> {
  const tags = yield* list(`${repository(name)}/_manifests/tags`)
  if (tags.length === 0 && (yield* list(repository(name))).length === 0) return failure(404, 'NAME_UNKNOWN', { name })
  return json(200, { name, tags: tags.length > 0 ? tags : null }, true)
}

function* manifests(
  request: RegistryRequest,
  name: string,
  reference: string,
  settings: RegistrySettings,
): Serving<RegistryAnswer> {
  if (!TAG.test(reference) && !DIGEST.test(reference)) return failure(404, 'MANIFEST_UNKNOWN')
  if (request.method === 'PUT') return yield* putManifest(request, name, reference)
  const digest = DIGEST.test(reference) ? reference : yield* textAt(`${tagFolder(name, reference)}/current/link`)
  const known = digest !== undefined && (yield* read(revisionLink(name, digest))) !== undefined
  const data = known ? yield* read(dataPath(digest)) : undefined
  if (digest === undefined || !data) return failure(404, 'MANIFEST_UNKNOWN', { Tag: reference })
  if (request.method === 'DELETE') {
    if (!settings.allowDelete || !DIGEST.test(reference)) return failure(405, 'UNSUPPORTED')
    yield* remove(revisionLink(name, digest))
    for (const tag of yield* list(`${repository(name)}/_manifests/tags`))
      if ((yield* textAt(`${tagFolder(name, tag)}/current/link`)) === digest) yield* remove(tagFolder(name, tag))
    return answer(202)
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') return failure(405, 'UNSUPPORTED')
  const headers = { 'content-type': mediaTypeOf(data), 'docker-content-digest': digest, etag: `"${digest}"` }
  return whole(request, answer(200, headers, data))
}

function* putManifest(request: RegistryRequest, name: string, reference: string): Serving<RegistryAnswer> {
  const digest = digestOf(request.body)
  if (DIGEST.test(reference) && reference !== digest) return failure(400, 'DIGEST_INVALID')
  const manifest = parseJson(request.body)
  if (typeof manifest !== 'object' || manifest === null) return failure(400, 'MANIFEST_INVALID')
  for (const part of digestsIn(manifest)) {
    const known = (yield* read(layerLink(name, part))) ?? (yield* read(revisionLink(name, part)))
    if (!known) return failure(400, 'MANIFEST_BLOB_UNKNOWN', { digest: part })
  }
  const link = Buffer.from(digest)
  yield* write(dataPath(digest), request.body)
  yield* write(revisionLink(name, digest), link)
  if (!DIGEST.test(reference)) {
    yield* write(`${tagFolder(name, reference)}/current/link`, link)
    yield* write(`${tagFolder(name, reference)}/index/sha256/${hexOf(digest)}/link`, link)
  }
  return answer(201, { location: `/v2/${name}/manifests/${digest}`, 'docker-content-digest': digest })
}

/** The digests of a manifest's config and layers, or of an index's manifests. */
function digestsIn(manifest: object): string[] {
  const { config, layers, manifests: parts } = manifest as Record<string, unknown>
  const all = [config, ...(Array.isArray(layers) ? layers : []), ...(Array.isArray(parts) ? parts : [])]
  return all.flatMap((part: unknown) => {
    const digest = typeof part === 'object' && part !== null && 'digest' in part ? part.digest : undefined
    return typeof digest === 'string' && DIGEST.test(digest) ? [digest] : []
  })
}

function parseJson(data: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(data).toString('utf8'))
  } catch {
    return undefined
  }
}

function mediaTypeOf(data: Uint8Array): string {
  const manifest = parseJson(data)
  const given =
    typeof manifest === 'object' && manifest !== null && 'mediaType' in manifest ? manifest.mediaType : undefined
  if (typeof given === 'string') return given
  const isList = typeof manifest === 'object' && manifest !== null && 'manifests' in manifest
  return `application/vnd.oci.image.${isList ? 'index' : 'manifest'}.v1+json`
}

function* blobs(request: RegistryRequest, name: string, digest: string): Serving<RegistryAnswer> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return failure(405, 'UNSUPPORTED')
  const linked = DIGEST.test(digest) && (yield* read(layerLink(name, digest))) !== undefined
  const data = linked ? yield* read(dataPath(digest)) : undefined
  if (!data) return failure(404, 'BLOB_UNKNOWN', digest)
  const headers = { 'content-type': 'application/octet-stream', 'docker-content-digest': digest, etag: `"${digest}"` }
  return whole(request, answer(200, headers, data))
}

/** HEAD has the headers alone. */
const whole = (request: RegistryRequest, full: RegistryAnswer): RegistryAnswer =>
  request.method === 'HEAD' ? { ...full, body: new Uint8Array(0) } : full

function* uploads(request: RegistryRequest, name: string, id: string, url: URL): Serving<RegistryAnswer> {
  const at = (upload: string): string => `${repository(name)}/_uploads/${upload}/data`
  const going = (status: number, upload: string, size: number): RegistryAnswer =>
    answer(status, {
      location: `/v2/${name}/blobs/uploads/${upload}`,
      range: `0-${Math.max(0, size - 1)}`,
      'docker-upload-uuid': upload,
    })
  if (request.method === 'POST') {
    const mount = url.searchParams.get('mount') ?? ''
    const from = url.searchParams.get('from') ?? ''
    if (DIGEST.test(mount) && NAME.test(from) && (yield* read(layerLink(from, mount))))
      return yield* linkBlob(name, mount)
    const upload = uploadId(yield* list(`${repository(name)}/_uploads`))
    yield* write(at(upload), new Uint8Array(0))
    return going(202, upload, 0)
  }
  const before = /^[0-9a-f-]{36}$/.test(id) ? yield* read(at(id)) : undefined
  if (!before) return failure(404, 'BLOB_UPLOAD_UNKNOWN')
  const data = request.body.length === 0 ? before : Buffer.concat([before, request.body])
  if (request.method === 'PATCH') {
    yield* write(at(id), data)
    return going(202, id, data.length)
  }
  if (request.method !== 'PUT') return failure(405, 'UNSUPPORTED')
  const digest = url.searchParams.get('digest') ?? ''
  if (digestOf(data) !== digest) return failure(400, 'DIGEST_INVALID')
  yield* write(dataPath(digest), data)
  yield* remove(`${repository(name)}/_uploads/${id}`)
  return yield* linkBlob(name, digest)
}

/** Lets a repository have a blob. */
function* linkBlob(name: string, digest: string): Serving<RegistryAnswer> {
  yield* write(layerLink(name, digest), Buffer.from(digest))
  return answer(201, { location: `/v2/${name}/blobs/${digest}`, 'docker-content-digest': digest })
}

/** A name of UUID form that no upload of the repository has. */
function uploadId(taken: readonly string[]): string {
  for (let count = taken.length; ; count++) {
    const hex = createHash('sha256').update(`upload ${count}`).digest('hex')
    const id = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`
    if (!taken.includes(id)) return id
  }
}
