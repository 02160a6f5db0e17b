/** One file over another: compose's rules for each key, and lists without what is said twice (compose-go override). */

import { ComposeError, clone, cut, goType, isMapping, type Mapping, mapping, PathTable, type Value } from './tree.ts'
import { parseVolumeSpec } from './volume-spec.ts'

type Path = readonly string[]
type Merger = (base: Value, over: Value, path: Path) => Value

/** Merges `over` into `base`, which it may change. @throws ComposeError where the two have not the same form */
export const mergeFiles = (base: Mapping, over: Mapping): Mapping => mergeMappings(base, over, [])

/** A service over the one that it extends. */
export const mergeService = (base: Mapping, over: Mapping): Mapping => mergeMappings(base, over, ['services', 'x'])

function merge(base: Value, over: Value, path: Path): Value {
  const special = MERGERS.match(path)
  if (special) return special(base, over, path)
  if (over === null) return base
  if (Array.isArray(base) || isMapping(base)) {
    if (Array.isArray(base) && Array.isArray(over)) return [...base, ...over]
    if (isMapping(base) && isMapping(over)) return mergeMappings(base, over, path)
    throw new ComposeError(`cannot override ${path.join('.')}`)
  }
  return over
}

function mergeMappings(base: Mapping, over: Mapping, path: Path): Mapping {
  for (const [key, value] of Object.entries(over)) {
    const before = base[key]
    base[key] = before === undefined ? value : merge(before, value, [...path, key])
  }
  return base
}

const replace: Merger = (_base, over) => over
const append: Merger = (base, over) => [...toList(base), ...toList(over)]

/** A mapping as `KEY=VALUE` texts in the order of the keys. */
function toList(value: Value): Value[] {
  if (Array.isArray(value)) return value
  if (typeof value === 'string') return [value]
  if (!isMapping(value)) return []
  const texts = Object.entries(value).flatMap(([key, entry]) => {
    if (entry === null) return [key]
    return (Array.isArray(entry) ? entry : [entry]).map(one => `${key}=${String(one)}`)
  })
  return texts.sort()
}

/** A list of names as a mapping, each with `otherwise`. */
function toMapping(value: Value, otherwise: Value = null): Mapping {
  if (isMapping(value)) return value
  return mapping(Array.isArray(value) ? value.map(name => [String(name), clone(otherwise)] as const) : [])
}

const mergeNames: Merger = (base, over, path) => mergeMappings(toMapping(base), toMapping(over), path)

const mergeDependencies: Merger = (base, over, path) => {
  const started = mapping([
    ['condition', 'service_started'],
    ['required', true],
  ])
  return mergeMappings(toMapping(base, started), toMapping(over, started), path)
}

const mergeBuild: Merger = (base, over, path) => {
  const long = (value: Value): Mapping =>
    isMapping(value) ? value : mapping(typeof value === 'string' ? [['context', value]] : [])
  return mergeMappings(long(base), long(over), path)
}

/** The options of another driver mean nothing to this one. */
const mergeLogging: Merger = (base, over, path) => {
  if (!isMapping(base) || !isMapping(over)) return over
  const same = base.driver === over.driver || base.driver === undefined || over.driver === undefined
  return same ? mergeMappings(base, over, path) : over
}

const mergeHosts: Merger = (base, over) => {
  const before = toList(base)
  return [...before, ...toList(over).filter(host => !before.includes(host))]
}

/** Address pools are the same when they have the same subnet. */
const mergePools: Merger = (base, over, path) => {
  if (!Array.isArray(base) || !Array.isArray(over))
    throw new ComposeError(`${path.join('.')}: unexpected type ${goType(base)}`)
  const pools = base.filter(isMapping)
  for (const pool of over.filter(isMapping)) {
    const known = pools.find(one => one.subnet === pool.subnet)
    if (known) mergeMappings(known, pool, path)
    else pools.push(pool)
  }
  return pools
}

const services = (names: string, merger: Merger): [string, Merger][] =>
  names.split(' ').map(name => [`services.*.${name}`, merger])

const MERGERS = new PathTable<Merger>(
  Object.fromEntries([
    ...services('annotations build.args build.additional_contexts build.labels deploy.labels dns dns_opt', append),
    ...services('dns_search env_file label_file environment labels volumes.*.volume.labels sysctls tmpfs', append),
    ...services('command entrypoint healthcheck.test ulimits.*', replace),
    ...services('extra_hosts build.extra_hosts', mergeHosts),
    ...services('networks models', mergeNames),
    ...services('build', mergeBuild),
    ...services('depends_on', mergeDependencies),
    ...services('logging', mergeLogging),
    ['networks.*.ipam.config', mergePools],
    ['networks.*.labels', append],
    ['volumes.*.labels', append],
  ]),
)

type Key = (entry: Value, path: Path) => string

const byName: Key = (entry, path) => {
  if (typeof entry !== 'string') throw new ComposeError(`${path.join('.')}: unexpected type ${goType(entry)}`)
  return cut(entry)?.[0] ?? entry
}

const byTarget: Key = (entry, path) => {
  if (typeof entry === 'string') return String(parseVolumeSpec(entry).target)
  if (!isMapping(entry)) return ''
  if (typeof entry.target !== 'string')
    throw new ComposeError(`service volume ${path.join('.')} is missing a mount target`)
  return entry.target
}

const byDevice: Key = (entry, path) => {
  if (typeof entry === 'string') return entry.split(':')[1] ?? entry
  if (!isMapping(entry)) return ''
  if (typeof entry.target !== 'string')
    throw new ComposeError(`service device ${path.join('.')} is missing a mount target`)
  return entry.target
}

const byMount =
  (folder: string): Key =>
  (entry, path) => {
    if (typeof entry === 'string') return `${folder}/${entry}`
    if (isMapping(entry)) return typeof entry.target === 'string' ? entry.target : `${folder}/${String(entry.source)}`
    throw new ComposeError(`${path.join('.')}: unsupported expose value ${String(entry)}`)
  }

const byPort: Key = (entry, path) => {
  if (!isMapping(entry)) return String(entry)
  if (entry.target === undefined) throw new ComposeError(`service ports ${path.join('.')} is missing a target port`)
  const { host_ip = '0.0.0.0', published = '', target, protocol = 'tcp' } = entry
  return `${String(host_ip)}:${String(published)}:${String(target)}/${String(protocol)}`
}

const byFile: Key = (entry, path) => {
  if (!isMapping(entry)) return String(entry)
  if (typeof entry.path !== 'string') throw new ComposeError(`environment path attribute ${path.join('.')} is missing`)
  return entry.path
}

const byValue: Key = (entry, path) => {
  if (typeof entry === 'string' || typeof entry === 'number') return String(entry)
  throw new ComposeError(`${path.join('.')}: unsupported expose value ${String(entry)}`)
}

const keyed = (names: string, key: Key): [string, Key][] => names.split(' ').map(name => [`services.*.${name}`, key])

const KEYS = new PathTable<Key>(
  Object.fromEntries([
    ['networks.*.labels', byName],
    ['networks.*.ipam.options', byName],
    ...keyed('annotations build.args build.additional_contexts build.platform build.tags build.labels', byName),
    ...keyed('cap_add cap_drop deploy.labels dns dns_opt dns_search environment labels links', byName),
    ...keyed('networks.*.aliases networks.*.link_local_ips profiles sysctls tmpfs', byName),
    ...keyed('devices', byDevice),
    ...keyed('volumes', byTarget),
    ...keyed('configs', byMount('')),
    ...keyed('secrets', byMount('/run/secrets')),
    ...keyed('env_file', byFile),
    ...keyed('expose', byValue),
    ...keyed('ports', byPort),
  ]),
)

/** Of list entries that say the same thing the last counts, in the place of the first. Changes `value`. */
export function unify(value: Value, path: Path = []): Value {
  if (isMapping(value)) {
    for (const [key, entry] of Object.entries(value)) value[key] = unify(entry, [...path, key])
    return value
  }
  const key = Array.isArray(value) ? KEYS.match(path) : undefined
  if (!Array.isArray(value) || !key) return value
  const entries = new Map<string, Value>()
  value.forEach((entry, i) => {
    entries.set(key(entry, [...path, `[${i}]`]), entry)
  })
  return [...entries.values()]
}
