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

/** What any folder can do; answered as `RegistryFiles` answers. */
export type FileCall =
  | { op: 'read'; path: string }
  | { op: 'write'; path: string; data: Uint8Array }
  | { op: 'list'; path: string }
  | { op: 'remove'; path: string }

/** What is done with blobs and with the request's body, of which neither need fit into memory. */
export type BlobCall =
  /** Bytes of a file; undefined when it is not there. */
  | { op: 'size'; path: string }
  /** Puts the request's body at the end of a file; answers the file's new size. */
  | { op: 'append'; path: string }
  /** `<algorithm>:<hex>` of a file's bytes: sha256 or sha512. */
  | { op: 'digest'; path: string; algorithm: string }
  | { op: 'move'; from: string; to: string }
  /** The request's whole body; undefined when it is longer than `limit` bytes. */
  | { op: 'body'; limit: number }

/** A piece of the registry's work: its files may be at hand, behind a kernel's system calls, or streamed. */
export type Serving<T, C = FileCall> = Generator<C, T, unknown>
type Streaming<T> = Serving<T, FileCall | BlobCall>

export interface RegistryRequest {
  method: string
  /** Path and query. */
  path: string
  /** By lower-case name. */
  headers: Readonly<Record<string, string>>
}

/** Bytes of a file: what a large answer consists of. */
export interface FilePart {
  path: string
  /** First byte, and how many. */
  start: number
  length: number
}

export interface RegistryAnswer<Body = Uint8Array> {
  status: number
  headers: Record<string, string>
  body: Body
}

export interface RegistrySettings {
  /** REGISTRY_STORAGE_DELETE_ENABLED. */
  allowDelete?: boolean
  /** Nothing may be pushed or deleted. */
  readOnly?: boolean
  /** What the spec's version 1.1 added and `registry:2` has not: referrers, deleting tags. */
  modern?: boolean
  /** Names a new upload, in UUID form; without it they are numbered. */
  uploadId?: () => string
}

const ROOT = 'docker/registry/v2'
const NAME = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/
const TAG = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/
const DIGEST = /^(?:sha256:[a-f0-9]{64}|sha512:[a-f0-9]{128})$/
const ALGORITHMS = ['sha256', 'sha512']

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
  PAGINATION_NUMBER_INVALID: 'invalid number of results requested',
  SIZE_INVALID: 'provided length did not match content length',
  TAG_INVALID: 'manifest tag did not match URI',
  UNSUPPORTED: 'The operation is unsupported.',
} as const

/** Answers one request over files that are at hand. */
export function serve(
  files: RegistryFiles,
  request: RegistryRequest & { body: Uint8Array },
  settings: RegistrySettings = {},
): RegistryAnswer {
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

/** Answers a request that is in memory whole, with nothing but reads and writes of whole files. */
export function* serving(
  request: RegistryRequest & { body: Uint8Array },
  settings: RegistrySettings = {},
): Serving<RegistryAnswer> {
  const work = streaming(request, settings)
  let step = work.next()
  while (!step.done) step = work.next(yield* inMemory(step.value, request.body))
  const { body } = step.value
  if (body instanceof Uint8Array) return { ...step.value, body }
  const data = (yield* read(body.path)) ?? new Uint8Array(0)
  return { ...step.value, body: data.subarray(body.start, body.start + body.length) }
}

function* inMemory(asked: FileCall | BlobCall, body: Uint8Array): Serving<unknown> {
  switch (asked.op) {
    case 'size':
      return (yield* read(asked.path))?.length
    case 'append': {
      const before = (yield* read(asked.path)) ?? new Uint8Array(0)
      if (body.length > 0) yield* write(asked.path, Buffer.concat([before, body]))
      return before.length + body.length
    }
    case 'digest':
      return digestOf((yield* read(asked.path)) ?? new Uint8Array(0), asked.algorithm)
    case 'move':
      yield* write(asked.to, (yield* read(asked.from)) ?? new Uint8Array(0))
      return yield* remove(asked.from)
    case 'body':
      return body.length > asked.limit ? undefined : body
    default:
      return yield asked
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

/**
 * Answers one request (the distribution spec's HTTP API, as registry 2.8 does). Never throws for what a client sends.
 * The body of an answer is at hand or a part of a file.
 */
export function* streaming(
  request: RegistryRequest,
  settings: RegistrySettings = {},
): Streaming<RegistryAnswer<Uint8Array | FilePart>> {
  const url = parseUrl(request.path)
  if (!url) return answer(400)
  const { pathname } = url
  if (pathname === '/') return answer(200)
  if (pathname === '/v2' || pathname === '/v2/') return json(200, {})
  const reads = request.method === 'GET' || request.method === 'HEAD'
  if (pathname === '/v2/_catalog') return reads ? yield* catalogOf(url.searchParams) : failure(405, 'UNSUPPORTED')
  const match = /^\/v2\/(.+?)\/(?:(tags)\/list|(manifests|blobs|referrers)\/(.*))$/.exec(pathname)
  if (!match) return { ...answer(404), body: Buffer.from('404 page not found\n') }
  const [, name = '', tags, kind, rest = ''] = match
  if (name.length > 255 || !NAME.test(name)) return failure(400, 'NAME_INVALID', { name })
  if (!reads && settings.readOnly) return failure(405, 'UNSUPPORTED')
  if (tags) return reads ? yield* tagsOf(name, url.searchParams) : failure(405, 'UNSUPPORTED')
  if (kind === 'manifests') return yield* manifests(request, name, rest, settings)
  if (kind === 'referrers') {
    if (!settings.modern) return { ...answer(404), body: Buffer.from('404 page not found\n') }
    return reads ? yield* referrersOf(name, rest, url.searchParams) : failure(405, 'UNSUPPORTED')
  }
  return /^uploads(\/|$)/.test(rest)
    ? yield* uploads(request, name, rest.slice('uploads/'.length), url, settings)
    : yield* blobs(request, name, rest, settings)
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

/** `sha256/<hex>`: a digest as folders. */
const folderOf = (digest: string): string => digest.replace(':', '/')
const algorithmOf = (digest: string): string => digest.slice(0, digest.indexOf(':'))
const digestOf = (data: Uint8Array, algorithm = 'sha256'): string =>
  `${algorithm}:${createHash(algorithm).update(data).digest('hex')}`
const dataPath = (digest: string): string =>
  `${ROOT}/blobs/${digest.replace(/^(\w+):(..)/, (_, algorithm, start) => `${algorithm}/${start}/${start}`)}/data`
const repository = (name: string): string => `${ROOT}/repositories/${name}`
const layerLink = (name: string, digest: string): string => `${repository(name)}/_layers/${folderOf(digest)}/link`
const revisionLink = (name: string, digest: string): string =>
  `${repository(name)}/_manifests/revisions/${folderOf(digest)}/link`
const referrersFolder = (name: string, subject: string): string =>
  `${repository(name)}/_manifests/referrers/${folderOf(subject)}`
const referrerLink = (name: string, subject: string, digest: string): string =>
  `${referrersFolder(name, subject)}/${folderOf(digest)}/link`
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

/** Tags in order; `n` of them after `last`. */
function* tagsOf(name: string, query: URLSearchParams): Serving<RegistryAnswer> {
  const tags = yield* list(`${repository(name)}/_manifests/tags`)
  if (tags.length === 0 && (yield* list(repository(name))).length === 0) return failure(404, 'NAME_UNKNOWN', { name })
  const last = query.get('last')
  const rest = last === null ? tags : tags.filter(tag => tag > last)
  const wanted = query.get('n')
  if (wanted !== null && !/^\d{1,9}$/.test(wanted)) return failure(400, 'PAGINATION_NUMBER_INVALID', { n: wanted })
  const shown = wanted === null ? rest : rest.slice(0, Number(wanted))
  const empty = tags.length === 0 ? null : []
  const found = json(200, { name, tags: shown.length > 0 ? shown : empty }, true)
  if (shown.length > 0 && shown.length < rest.length)
    found.headers.link = `</v2/${name}/tags/list?last=${encodeURIComponent(shown.at(-1) ?? '')}&n=${wanted}>; rel="next"`
  return found
}

/** Longest manifest that is taken in (registry 2.8), in bytes. */
const MANIFEST_MAX = 4 << 20

function* manifests(
  request: RegistryRequest,
  name: string,
  reference: string,
  settings: RegistrySettings,
): Streaming<RegistryAnswer> {
  if (!TAG.test(reference) && !DIGEST.test(reference)) {
    if (request.method !== 'PUT' || !settings.modern) return failure(404, 'MANIFEST_UNKNOWN')
    return failure(400, reference.includes(':') ? 'DIGEST_INVALID' : 'MANIFEST_INVALID')
  }
  if (request.method === 'PUT') return yield* putManifest(request, name, reference, settings)
  const digest = DIGEST.test(reference) ? reference : yield* textAt(`${tagFolder(name, reference)}/current/link`)
  const known = digest !== undefined && (yield* read(revisionLink(name, digest))) !== undefined
  const data = known ? yield* read(dataPath(digest)) : undefined
  if (digest === undefined || !data) return failure(404, 'MANIFEST_UNKNOWN', { Tag: reference })
  if (request.method === 'DELETE') return yield* deleteManifest(name, reference, digest, data, settings)
  if (request.method !== 'GET' && request.method !== 'HEAD') return failure(405, 'UNSUPPORTED')
  const headers = { 'content-type': mediaTypeOf(data), 'docker-content-digest': digest, etag: `"${digest}"` }
  if (isCurrent(request, digest)) return unchanged(headers)
  return request.method === 'HEAD'
    ? { ...answer(200, headers, data), body: new Uint8Array(0) }
    : answer(200, headers, data)
}

function* deleteManifest(
  name: string,
  reference: string,
  digest: string,
  data: Uint8Array,
  settings: RegistrySettings,
): Serving<RegistryAnswer> {
  const isTag = !DIGEST.test(reference)
  if (!settings.allowDelete || (isTag && !settings.modern)) return failure(405, 'UNSUPPORTED')
  if (isTag) {
    yield* remove(tagFolder(name, reference))
    return answer(202)
  }
  yield* remove(revisionLink(name, digest))
  const subject = subjectOf(parseJson(data))
  if (subject !== undefined) yield* remove(referrerLink(name, subject, digest))
  for (const tag of yield* list(`${repository(name)}/_manifests/tags`))
    if ((yield* textAt(`${tagFolder(name, tag)}/current/link`)) === digest) yield* remove(tagFolder(name, tag))
  return answer(202)
}

function* putManifest(
  request: RegistryRequest,
  name: string,
  reference: string,
  settings: RegistrySettings,
): Streaming<RegistryAnswer> {
  const body = (yield { op: 'body', limit: MANIFEST_MAX }) as Uint8Array | undefined
  if (!body) return failure(413, 'MANIFEST_INVALID', 'manifest too large')
  const digest = digestOf(body, DIGEST.test(reference) ? algorithmOf(reference) : 'sha256')
  if (DIGEST.test(reference) && reference !== digest) return failure(400, 'DIGEST_INVALID')
  const manifest = parseJson(body)
  if (typeof manifest !== 'object' || manifest === null || Array.isArray(manifest))
    return failure(400, 'MANIFEST_INVALID')
  const said = request.headers['content-type']?.split(';', 1)[0]?.trim()
  const own = 'mediaType' in manifest ? manifest.mediaType : undefined
  if (said && typeof own === 'string' && said !== own && settings.modern) return failure(400, 'MANIFEST_INVALID')
  for (const part of digestsIn(manifest)) {
    const known = (yield* read(layerLink(name, part))) ?? (yield* read(revisionLink(name, part)))
    if (!known) return failure(400, 'MANIFEST_BLOB_UNKNOWN', { digest: part })
  }
  const link = Buffer.from(digest)
  yield* write(dataPath(digest), body)
  yield* write(revisionLink(name, digest), link)
  const subject = settings.modern ? subjectOf(manifest) : undefined
  if (subject !== undefined) yield* write(referrerLink(name, subject, digest), link)
  const more = DIGEST.test(reference) && settings.modern ? tagsAsked(request) : []
  for (const tag of DIGEST.test(reference) ? more : [reference]) {
    yield* write(`${tagFolder(name, tag)}/current/link`, link)
    yield* write(`${tagFolder(name, tag)}/index/${folderOf(digest)}/link`, link)
  }
  const headers = {
    location: `/v2/${name}/manifests/${digest}`,
    'docker-content-digest': digest,
    ...(more.length > 0 && { 'oci-tag': more.join(', ') }),
  }
  return answer(201, subject === undefined ? headers : { ...headers, 'oci-subject': subject })
}

/** Tags that a manifest pushed by its digest is to have: `?tag=a&tag=b`. */
const tagsAsked = ({ path }: RegistryRequest): string[] =>
  new URL(path, 'http://x').searchParams.getAll('tag').filter(tag => TAG.test(tag))

/** The digest of the manifest that another one is about. */
function subjectOf(manifest: unknown): string | undefined {
  const subject = recordOf(recordOf(manifest)['subject'])['digest']
  return typeof subject === 'string' && DIGEST.test(subject) ? subject : undefined
}

const recordOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}

/** The manifests that are about another one, as an index; those of one artifact type where that is asked for. */
function* referrersOf(name: string, digest: string, query: URLSearchParams): Serving<RegistryAnswer> {
  if (!DIGEST.test(digest)) return failure(400, 'DIGEST_INVALID')
  const wanted = query.get('artifactType')
  const found: object[] = []
  const all: string[] = []
  for (const algorithm of ALGORITHMS)
    for (const hex of yield* list(`${referrersFolder(name, digest)}/${algorithm}`)) all.push(`${algorithm}:${hex}`)
  for (const own of all) {
    const data = (yield* read(revisionLink(name, own))) && (yield* read(dataPath(own)))
    if (!data) continue
    const manifest = recordOf(parseJson(data))
    const artifactType = manifest['artifactType'] ?? recordOf(manifest['config'])['mediaType']
    if (wanted !== null && artifactType !== wanted) continue
    const { annotations } = manifest
    found.push({
      mediaType: mediaTypeOf(data),
      digest: own,
      size: data.length,
      ...(typeof artifactType === 'string' && { artifactType }),
      ...(typeof annotations === 'object' && annotations !== null && { annotations }),
    })
  }
  const mediaType = 'application/vnd.oci.image.index.v1+json'
  const index = json(200, { schemaVersion: 2, mediaType, manifests: found })
  index.headers['content-type'] = mediaType
  if (wanted !== null) index.headers['oci-filters-applied'] = 'artifactType'
  return index
}

/** The digests of a manifest's config and layers, or of an index's manifests; not of layers that lie elsewhere. */
function digestsIn(manifest: object): string[] {
  const { config, layers, manifests: parts } = manifest as Record<string, unknown>
  const all = [config, ...(Array.isArray(layers) ? layers : []), ...(Array.isArray(parts) ? parts : [])]
  return all.flatMap((part: unknown) => {
    const { digest, urls } = recordOf(part)
    const elsewhere = Array.isArray(urls) && urls.length > 0
    return typeof digest === 'string' && DIGEST.test(digest) && !elsewhere ? [digest] : []
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

/** Whether the client has what it asks for already. */
const isCurrent = (request: RegistryRequest, digest: string): boolean =>
  (request.headers['if-none-match'] ?? '').split(',').some(tag => tag.trim().replace(/^W\//, '') === `"${digest}"`)

function unchanged(headers: Record<string, string>): RegistryAnswer {
  const { 'content-length': _, ...others } = answer(304, headers).headers
  return { status: 304, headers: others, body: new Uint8Array(0) }
}

function* blobs(
  request: RegistryRequest,
  name: string,
  digest: string,
  settings: RegistrySettings,
): Streaming<RegistryAnswer<Uint8Array | FilePart>> {
  const reads = request.method === 'GET' || request.method === 'HEAD'
  const deletes = request.method === 'DELETE' && settings.allowDelete
  if (!reads && !deletes) return failure(405, 'UNSUPPORTED')
  if (!DIGEST.test(digest)) return failure(404, 'BLOB_UNKNOWN', digest)
  const path = dataPath(digest)
  const linked = (yield* read(layerLink(name, digest))) !== undefined
  const size = linked ? ((yield { op: 'size', path }) as number | undefined) : undefined
  if (size === undefined) return failure(404, 'BLOB_UNKNOWN', digest)
  if (deletes) {
    yield* remove(layerLink(name, digest).replace(/\/link$/, ''))
    return answer(202)
  }
  const headers = {
    'content-type': 'application/octet-stream',
    'docker-content-digest': digest,
    etag: `"${digest}"`,
    'accept-ranges': 'bytes',
    'content-length': String(size),
  }
  if (isCurrent(request, digest)) return unchanged(headers)
  if (request.method === 'HEAD') return answer(200, headers)
  const range = rangeOf(request.headers['range'], size)
  if (range === 'unsatisfiable') return answer(416, { 'content-range': `bytes */${size}` })
  const { start, end } = range ?? { start: 0, end: size - 1 }
  const length = end - start + 1
  const part = range && { 'content-range': `bytes ${start}-${end}/${size}` }
  const full = answer(range ? 206 : 200, { ...headers, ...part, 'content-length': String(length) })
  return { ...full, body: { path, start, length } }
}

/** The one range of a Range header; undefined for what is to be ignored (RFC 9110, 14.2). */
function rangeOf(
  header: string | undefined,
  size: number,
): { start: number; end: number } | 'unsatisfiable' | undefined {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? '')
  if (!match || (match[1] === '' && match[2] === '')) return undefined
  const [, first = '', last = ''] = match
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first)
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1)
  if (first !== '' && last !== '' && Number(last) < start) return undefined
  return start > end ? 'unsatisfiable' : { start, end }
}

function* uploads(
  request: RegistryRequest,
  name: string,
  id: string,
  url: URL,
  settings: RegistrySettings,
): Streaming<RegistryAnswer> {
  const at = (upload: string): string => `${repository(name)}/_uploads/${upload}/data`
  const going = (status: number, upload: string, size: number): RegistryAnswer =>
    answer(status, {
      location: `/v2/${name}/blobs/uploads/${upload}`,
      range: `0-${Math.max(0, size - 1)}`,
      'docker-upload-uuid': upload,
    })
  if (request.method === 'POST') {
    if (id !== '') return failure(404, 'BLOB_UPLOAD_UNKNOWN')
    const mount = url.searchParams.get('mount') ?? ''
    const from = url.searchParams.get('from') ?? ''
    if (DIGEST.test(mount) && NAME.test(from) && (yield* read(layerLink(from, mount))))
      return yield* linkBlob(name, mount)
    const upload = settings.uploadId?.() ?? uploadId(yield* list(`${repository(name)}/_uploads`))
    yield* write(at(upload), new Uint8Array(0))
    const digest = url.searchParams.get('digest')
    return digest === null || mount !== '' ? going(202, upload, 0) : yield* finish(upload, digest)
  }
  const before = /^[0-9a-f-]{36}$/.test(id) ? ((yield { op: 'size', path: at(id) }) as number | undefined) : undefined
  if (before === undefined) return failure(404, 'BLOB_UPLOAD_UNKNOWN')
  switch (request.method) {
    case 'GET':
    case 'HEAD':
      return going(204, id, before)
    case 'DELETE':
      yield* remove(`${repository(name)}/_uploads/${id}`)
      return answer(204)
    case 'PATCH': {
      const wrong = misplaced(request, before)
      if (wrong) return wrong === 'range' ? going(416, id, before) : failure(400, 'SIZE_INVALID')
      return going(202, id, (yield { op: 'append', path: at(id) }) as number)
    }
    case 'PUT': {
      const wrong = misplaced(request, before)
      if (wrong) return wrong === 'range' ? going(416, id, before) : failure(400, 'SIZE_INVALID')
      if (!url.searchParams.has('digest')) return failure(400, 'DIGEST_INVALID', 'digest missing')
      return yield* finish(id, url.searchParams.get('digest') ?? '')
    }
    default:
      return failure(405, 'UNSUPPORTED')
  }

  /** Takes the last bytes in, and keeps the blob if it is what it is said to be. */
  function* finish(upload: string, digest: string): Streaming<RegistryAnswer> {
    yield { op: 'append', path: at(upload) }
    const right =
      DIGEST.test(digest) && (yield { op: 'digest', path: at(upload), algorithm: algorithmOf(digest) }) === digest
    if (!right) {
      yield* remove(`${repository(name)}/_uploads/${upload}`)
      return failure(400, 'DIGEST_INVALID')
    }
    yield { op: 'move', from: at(upload), to: dataPath(digest) }
    yield* remove(`${repository(name)}/_uploads/${upload}`)
    return yield* linkBlob(name, digest)
  }
}

/** What is wrong with where a chunk says it belongs: it must follow what is there, and be as long as it says. */
function misplaced(request: RegistryRequest, before: number): 'range' | 'length' | undefined {
  const said = request.headers['content-range']
  if (said === undefined) return undefined
  const match = /^(?:bytes[ =])?(\d{1,15})-(\d{1,15})(?:\/.*)?$/.exec(said.trim())
  if (!match || Number(match[1]) !== before || Number(match[2]) < Number(match[1])) return 'range'
  const length = request.headers['content-length']
  return length !== undefined && Number(length) !== Number(match[2]) - Number(match[1]) + 1 ? 'length' : undefined
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
