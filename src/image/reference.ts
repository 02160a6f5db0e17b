/**
 * Image references as Docker reads them (github.com/distribution/reference): `[domain/]path[:tag][@digest]`.
 * Short names get the domain docker.io and, without a slash, the folder library/.
 */
import { type EngineError, invalid } from '../errors.ts'

export interface Reference {
  /** Host with an optional port: `docker.io`, `localhost:5000`. */
  readonly domain: string
  /** Repository below the domain: `library/nginx`. */
  readonly path: string
  readonly tag?: string
  /** `sha256:<hex>` or `sha512:<hex>`. */
  readonly digest?: string
}

const DEFAULT_DOMAIN = 'docker.io'
const LEGACY_DOMAIN = 'index.docker.io'
const OFFICIAL = 'library/'
const NAME_MAX = 255
/** Longer texts cannot be valid; checking first keeps every pattern below fast. */
const TEXT_MAX = 4096

const HEX64 = /^[a-f0-9]{64}$/
const DOMAIN =
  /^(?:(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(?:\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?$/
const COMPONENT = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/
const TAG = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/
const DIGEST = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/
const DIGEST_LENGTH: ReadonlyMap<string, number> = new Map([
  ['sha256', 64],
  ['sha384', 96],
  ['sha512', 128],
])

const malformed = (): EngineError => invalid('invalid reference format')

/**
 * Parses what a user writes (distribution/reference ParseNormalizedNamed).
 * @throws EngineError 'invalid' with Docker's words
 */
export function parseReference(text: string): Reference {
  if (HEX64.test(text)) throw invalid(`invalid repository name (${text}), cannot specify 64-byte hexadecimal strings`)
  if (text.length > TEXT_MAX) throw malformed()
  const [domain, rest] = splitDomain(text)
  const colon = rest.indexOf(':')
  const remote = colon < 0 ? rest : rest.slice(0, colon)
  if (remote.toLowerCase() !== remote)
    throw invalid(`invalid reference format: repository name (${remote}) must be lowercase`)
  return parseParts(domain, rest)
}

function splitDomain(text: string): [domain: string, rest: string] {
  const slash = text.indexOf('/')
  if (slash < 0) return [DEFAULT_DOMAIN, OFFICIAL + text]
  const first = text.slice(0, slash)
  const after = text.slice(slash + 1)
  const isDomain = first === 'localhost' || /[.:]/.test(first) || first.toLowerCase() !== first
  const domain = !isDomain || first === LEGACY_DOMAIN ? DEFAULT_DOMAIN : first
  const rest = isDomain ? after : text
  return [domain, domain === DEFAULT_DOMAIN && !rest.includes('/') ? OFFICIAL + rest : rest]
}

function parseParts(domain: string, rest: string): Reference {
  const at = rest.indexOf('@')
  const digest = at < 0 ? undefined : rest.slice(at + 1)
  const named = at < 0 ? rest : rest.slice(0, at)
  const colon = named.indexOf(':')
  const tag = colon < 0 ? undefined : named.slice(colon + 1)
  const path = colon < 0 ? named : named.slice(0, colon)
  const wellFormed =
    DOMAIN.test(domain) &&
    path.split('/').every(component => COMPONENT.test(component)) &&
    (tag === undefined || TAG.test(tag)) &&
    (digest === undefined || DIGEST.test(digest))
  if (!wellFormed) throw malformed()
  if (path.length > NAME_MAX) throw invalid(`repository name must not be more than ${NAME_MAX} characters`)
  if (digest !== undefined) checkDigest(digest)
  return { domain, path, ...(tag !== undefined && { tag }), ...(digest !== undefined && { digest }) }
}

/** Throws the errors of opencontainers/go-digest for an algorithm, length or letter that does not fit. */
function checkDigest(digest: string): void {
  const colon = digest.indexOf(':')
  const length = DIGEST_LENGTH.get(digest.slice(0, colon))
  if (length === undefined) throw invalid('unsupported digest algorithm')
  if (digest.length - colon - 1 !== length) throw invalid('invalid checksum digest length')
  if (!/^[a-f0-9]+$/.test(digest.slice(colon + 1))) throw invalid('invalid checksum digest format')
}

/** Whether a text is a whole sha256 digest. */
export function isDigest(text: string): boolean {
  return /^sha256:[a-f0-9]{64}$/.test(text)
}

/**
 * Parses what may also be a whole id, with or without `sha256:` (ParseAnyReference).
 * @throws EngineError 'invalid'
 */
export function parseAnyReference(text: string): Reference | { readonly id: string } {
  if (HEX64.test(text)) return { id: `sha256:${text}` }
  if (isDigest(text)) return { id: text }
  return parseReference(text)
}

/** Adds the tag `latest` where neither tag nor digest is given (TagNameOnly). */
export function withDefaultTag(reference: Reference): Reference {
  return reference.tag === undefined && reference.digest === undefined ? { ...reference, tag: 'latest' } : reference
}

/** The repository without its tag and digest. */
export function trimNamed({ domain, path }: Reference): Reference {
  return { domain, path }
}

/** `docker.io/library/nginx`. */
export function fullName({ domain, path }: Reference): string {
  return `${domain}/${path}`
}

/** The name as Docker shows it: `nginx`, `bitnami/redis`, `ghcr.io/a/b`. */
export function familiarName({ domain, path }: Reference): string {
  if (domain !== DEFAULT_DOMAIN) return `${domain}/${path}`
  const short = path.startsWith(OFFICIAL) ? path.slice(OFFICIAL.length) : path
  // `library/a/b` and a name that would be read as a domain keep the folder.
  return short.includes('/') && short !== path ? path : short
}

/** The whole reference as Docker shows it: `nginx:latest`. */
export function familiarString(reference: Reference): string {
  return familiarName(reference) + suffix(reference)
}

/** The whole reference with its domain: `docker.io/library/nginx:latest`. */
export function fullString(reference: Reference): string {
  return fullName(reference) + suffix(reference)
}

function suffix({ tag, digest }: Reference): string {
  return (tag === undefined ? '' : `:${tag}`) + (digest === undefined ? '' : `@${digest}`)
}

/** A tag alone, as `docker import` and `commit` take it. Throws "invalid tag format". */
export function checkTag(tag: string): string {
  if (!TAG.test(tag)) throw invalid('invalid tag format')
  return tag
}
