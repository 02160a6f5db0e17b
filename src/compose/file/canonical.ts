/** Short forms become long ones, and what is left out gets its default (compose-go transform, validation). */
import { isIP } from 'node:net'
import { messageOf } from '../../errors.ts'
import { parsePublish } from '../../network/port-spec.ts'
import { quote } from '../../util/strconv.ts'
import {
  ComposeError,
  cut,
  goText,
  goType,
  isMapping,
  type Mapping,
  mapping,
  PathTable,
  rewrite,
  type Value,
} from './tree.ts'
import { parseVolumeSpec } from './volume-spec.ts'

type Path = readonly string[]
/** What becomes of a value; undefined goes on with what it holds. */
type Rule = (value: Value, path: Path, options: CanonicalOptions) => Value | undefined

export interface CanonicalOptions {
  /** Variables may still be there: what cannot be read stays as it is. */
  raw: boolean
  warn: (message: string) => void
}

/** Rewrites a file's short forms in place. @throws ComposeError */
export function canonical(file: Mapping, options: CanonicalOptions): void {
  rewrite(file, (value, path) => FORMS.match(path)?.(value, path, options))
}

const at = (path: Path): string => path.join('.')
const wrong = (path: Path, value: Value, what: string): ComposeError =>
  new ComposeError(`${at(path)}: invalid type ${goType(value)}${what}`)

const toList: Rule = value => (typeof value === 'string' ? [value] : value)

const under =
  (key: string): Rule =>
  value =>
    typeof value === 'string' ? mapping([[key, value]]) : undefined

const dependencies: Rule = (value, path) => {
  if (Array.isArray(value)) {
    const started = (): Mapping =>
      mapping([
        ['condition', 'service_started'],
        ['required', true],
      ])
    return mapping(value.map(name => [String(name), started()]))
  }
  if (!isMapping(value)) throw wrong(path, value, ' for depend_on')
  for (const [name, entry] of Object.entries(value)) {
    if (!isMapping(entry)) throw new ComposeError(`${at(path)}.${name}: unsupported value ${goText(value)}`)
    entry.condition ??= 'service_started'
    entry.required ??= true
  }
  return value
}

const environmentFiles: Rule = value => {
  const long = (entry: Value): Value => {
    if (typeof entry === 'string')
      return mapping([
        ['path', entry],
        ['required', true],
      ])
    if (isMapping(entry)) entry.required ??= true
    return entry
  }
  return Array.isArray(value) ? value.map(long) : [long(value)]
}

const volume: Rule = (value, path, { raw }) => {
  if (isMapping(value)) return value
  if (typeof value !== 'string') throw wrong(path, value, ' for service volume mount')
  try {
    return parseVolumeSpec(value)
  } catch (error) {
    if (raw) return value
    throw error
  }
}

const device: Rule = (value, _path, { raw }) => {
  if (typeof value !== 'string') return value
  const parts = value.split(':')
  if (parts.length > 3) {
    if (raw) return value
    throw new ComposeError(`confusing device mapping, please use long syntax: ${value}`)
  }
  const [source = '', target = source, permissions = 'rwm'] = parts
  return mapping([
    ['source', source],
    ['target', target === '' ? source : target],
    ['permissions', permissions],
  ])
}

const ports: Rule = (value, path, { raw }) => {
  if (!Array.isArray(value)) throw wrong(path, value, ' for port')
  try {
    return value.flatMap((entry): Value[] => {
      if (typeof entry === 'number' && !Number.isInteger(entry)) throw wrong(path, entry, ' for port')
      return isMapping(entry) ? [entry] : shortPort(String(entry))
    })
  } catch (error) {
    if (raw) return value
    throw error
  }
}

/** A `[[IP:]PUBLISHED:]TARGET[/PROTOCOL]` as long forms, a range as one for each port. */
export function shortPort(spec: string): Mapping[] {
  let bindings: ReturnType<typeof parsePublish>['bindings']
  try {
    const colons = spec.split('/', 1)[0]?.split(':') ?? []
    const ip = colons.length > 3 && !spec.startsWith('[') ? colons.slice(0, -2).join(':') : ''
    if (ip !== '' && isIP(ip) !== 6) {
      // Go takes what is before the last two colons for an address with a port.
      throw new Error(`Invalid ip address ${ip}: address ${ip}:: too many colons in address`)
    }
    bindings = parsePublish([spec]).bindings
  } catch (error) {
    throw new ComposeError(messageOf(error))
  }
  return Object.keys(bindings)
    .sort()
    .flatMap(key => {
      const [target = '', protocol = ''] = key.split('/')
      return (bindings[key] ?? []).map(({ HostIp, HostPort }) => {
        const port = mapping([['mode', 'ingress']])
        if (HostIp !== '') port.host_ip = HostIp
        port.target = Number(target)
        if (HostPort !== '') port.published = HostPort
        port.protocol = protocol
        return port
      })
    })
}

const keyValues: Rule = (value, path, { raw }) => {
  if (!Array.isArray(value)) return value
  const made = mapping()
  for (const entry of value) {
    const pair = cut(String(entry))
    if (pair) made[pair[0]] = pair[1]
    else if (raw) return value
    else throw new ComposeError(`${at(path)}: invalid value ${String(entry)}, expected key=value`)
  }
  return made
}

const names: Rule = value => (Array.isArray(value) ? mapping(value.map(name => [String(name), null])) : undefined)

const ssh: Rule = value => {
  if (!Array.isArray(value)) return value
  return mapping(
    value.map(entry => {
      const text = String(entry)
      const pair = cut(text)
      if (!pair && text !== 'default') throw new ComposeError(`invalid ssh key ${quote(text)}`)
      return pair ?? ([text, null] as const)
    }),
  )
}

/** `external: {name: x}` is the old form of `external: true` with a name. */
const external: Rule = (value, path, { warn }) => {
  if (!isMapping(value) || !isMapping(value.external ?? null)) return undefined
  const old = value.external as Mapping
  value.external = true
  if (old.name !== undefined) {
    warn(`${at(path)}: external.name is deprecated. Please set name and external: true`)
    if (value.name !== undefined && value.name !== old.name)
      throw new ComposeError(`${at(path)}: name and external.name conflict; only use name`)
    value.name ??= old.name
  }
  return undefined
}

const asText: Rule = value => (typeof value === 'string' ? value : goText(value))
const allGpus: Rule = value => (typeof value === 'string' ? [mapping([['count', 'all']])] : undefined)

const FORMS = new PathTable<Rule>({
  'services.*.build': under('context'),
  'services.*.build.secrets.*': under('source'),
  'services.*.build.provenance': asText,
  'services.*.build.sbom': asText,
  'services.*.build.additional_contexts': keyValues,
  'services.*.build.ssh': ssh,
  'services.*.depends_on': dependencies,
  'services.*.env_file': environmentFiles,
  'services.*.label_file': toList,
  'services.*.extends': under('service'),
  'services.*.gpus': allGpus,
  'services.*.networks': names,
  'services.*.models': names,
  'services.*.volumes.*': volume,
  'services.*.dns': toList,
  'services.*.devices.*': device,
  'services.*.secrets.*': under('source'),
  'services.*.configs.*': under('source'),
  'services.*.ports': ports,
  'services.*.develop.watch.*.ignore': toList,
  'services.*.develop.watch.*.include': toList,
  'volumes.*': external,
  'networks.*': external,
  'secrets.*': external,
  'configs.*': external,
  'include.*': under('path'),
})

const deviceDefaults: Rule = value => {
  if (isMapping(value) && value.count === undefined && value.device_ids === undefined) value.count = 'all'
  return value
}

const DEFAULTS = new PathTable<Rule>({
  'services.*.build': value => {
    if (isMapping(value)) value.context ??= '.'
    return value
  },
  'services.*.secrets.*': value => {
    if (isMapping(value)) value.target ??= `/run/secrets/${String(value.source)}`
    return value
  },
  'services.*.ports.*': value => {
    if (isMapping(value)) {
      value.protocol ??= 'tcp'
      value.mode ??= 'ingress'
    }
    return value
  },
  'services.*.deploy.resources.reservations.devices.*': deviceDefaults,
  'services.*.gpus.*': deviceDefaults,
})

/** Fills in what a file of long forms leaves out. */
export function setDefaults(file: Mapping, options: CanonicalOptions): void {
  rewrite(file, (value, path) => DEFAULTS.match(path)?.(value, path, options))
}

const oneOf =
  (...keys: string[]): Rule =>
  (value, path) => {
    if (!isMapping(value)) return value
    const count = keys.filter(key => value[key] !== undefined).length
    if (count > 1) throw new ComposeError(`${at(path)}: ${keys.join('|')} attributes are mutually exclusive`)
    if (count === 0 && value.driver === undefined && value.external === undefined)
      throw new ComposeError(`${at(path)}: one of ${keys.join('|')} must be set`)
    return value
  }

const externalAlone: Rule = (value, path) => {
  if (!isMapping(value) || value.external !== true) return value
  const other = Object.keys(value).find(key => key !== 'name' && key !== 'external' && !key.startsWith('x-'))
  if (other !== undefined)
    throw new ComposeError(`${at(path)}: conflicting parameters "external" and ${quote(other)} specified`)
  return value
}

const deviceChoice: Rule = (value, path) => {
  if (isMapping(value) && value.count !== undefined && value.device_ids !== undefined)
    throw new ComposeError(`${at(path)}: "count" and "device_ids" attributes are exclusive`)
  return value
}

const CHECKS = new PathTable<Rule>({
  'volumes.*': externalAlone,
  'configs.*': oneOf('file', 'environment', 'content'),
  'secrets.*': oneOf('file', 'environment'),
  'services.*.ports.*': (value, path) => {
    const ip = isMapping(value) ? value.host_ip : undefined
    if (typeof ip === 'string' && isIP(ip) === 0) throw new ComposeError(`${at(path)}: invalid ip address: ${ip}`)
    return value
  },
  'services.*.develop.watch.*.path': (value, path) => {
    if (value === '') throw new ComposeError(`${at(path)}: value can't be blank`)
    return value
  },
  'services.*.deploy.resources.reservations.devices.*': deviceChoice,
  'services.*.gpus.*': deviceChoice,
})

/** What must not stand side by side. @throws ComposeError */
export function checkForms(file: Mapping, options: CanonicalOptions): void {
  rewrite(file, (value, path) => CHECKS.match(path)?.(value, path, options))
}
