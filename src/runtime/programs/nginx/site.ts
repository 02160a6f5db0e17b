/** The configuration as the server works with it: servers by address, locations in the order in which they match. */
import { ConfigError, type Directive } from './config.ts'

export interface Location {
  readonly kind: 'prefix' | 'exact' | 'regex' | 'named'
  readonly path: string
  /** `^~`: no regular expression is tried after it. */
  readonly final: boolean
  readonly test?: RegExp
  readonly directives: readonly Directive[]
  readonly locations: readonly Location[]
  readonly parent: Level
}

/** A level of inheritance: http, server, location. */
export interface Level {
  readonly directives: readonly Directive[]
  readonly parent?: Level
}

export interface Server extends Level {
  readonly names: readonly string[]
  readonly listens: readonly Listen[]
  readonly locations: readonly Location[]
}

export interface Listen {
  readonly address: string
  readonly port: number
  readonly isDefault: boolean
  readonly ssl: boolean
}

export interface Upstream {
  readonly name: string
  readonly servers: { address: string; port: number; weight: number; backup: boolean; down: boolean }[]
}

export interface Site {
  readonly http: Level
  readonly servers: readonly Server[]
  readonly upstreams: ReadonlyMap<string, Upstream>
  readonly warnings: readonly string[]
  /** Names that the configuration mentions and that must resolve: name, port, where. */
  readonly hosts: readonly { name: string; at: Directive; shown: string }[]
}

/** Values of a directive at the nearest level that has it; [] when none does. */
export function inherited(level: Level | undefined, name: string): readonly Directive[] {
  for (let each = level; each; each = each.parent) {
    const found = each.directives.filter(directive => directive.name === name)
    if (found.length > 0) return found
  }
  return []
}

export const setting = (level: Level | undefined, name: string): string | undefined =>
  inherited(level, name).at(-1)?.args[0]

/** Makes the site of a checked configuration. Throws ConfigError. */
export function makeSite(directives: readonly Directive[]): Site {
  const block = directives.find(each => each.name === 'http')?.block ?? []
  const http: Level = { directives: block }
  const warnings: string[] = []
  const hosts: { name: string; at: Directive; shown: string }[] = []
  const upstreams = new Map<string, Upstream>()
  for (const each of block.filter(one => one.name === 'upstream')) {
    const [name = ''] = each.args
    if (upstreams.has(name)) throw new ConfigError(`duplicate upstream "${name}"`, each)
    const servers = (each.block ?? []).filter(one => one.name === 'server').map(one => upstreamServer(one, hosts))
    if (servers.length === 0) throw new ConfigError('no servers are inside upstream', { ...each, line: each.line })
    upstreams.set(name, { name, servers })
  }
  const servers = block.filter(one => one.name === 'server').map(one => makeServer(one, http))
  checkServers(block, servers, warnings)
  for (const server of servers) for (const location of server.locations) checkLocation(location, upstreams, hosts)
  return { http, servers, upstreams, warnings, hosts }
}

function upstreamServer(
  directive: Directive,
  hosts: { name: string; at: Directive; shown: string }[],
): Upstream['servers'][number] {
  const [target = '', ...options] = directive.args
  const weight = Number(/^weight=(\d+)$/.exec(options.find(each => each.startsWith('weight=')) ?? '')?.[1] ?? 1)
  for (const option of options)
    if (
      !/^(weight|max_fails|fail_timeout|max_conns|slow_start|route|service)=|^(backup|down|resolve|drain)$/.test(option)
    )
      throw new ConfigError(`invalid parameter "${option}"`, directive)
  const { host, port } = splitHost(target, 80)
  if (!isAddress(host)) hosts.push({ name: host, at: directive, shown: target })
  return { address: host, port, weight, backup: options.includes('backup'), down: options.includes('down') }
}

export function splitHost(text: string, fallback: number): { host: string; port: number } {
  const match = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(text)
  return { host: (match?.[1] ?? text).replace(/^\[|\]$/g, ''), port: Number(match?.[2] ?? fallback) }
}

export const isAddress = (host: string): boolean => /^\d+\.\d+\.\d+\.\d+$/.test(host) || host.includes(':')

function makeServer(directive: Directive, http: Level): Server {
  const directives = directive.block ?? []
  const listens = directives.filter(each => each.name === 'listen').map(makeListen)
  if (listens.length === 0) listens.push({ address: '0.0.0.0', port: 80, isDefault: false, ssl: false })
  const secure = directives.find(each => each.name === 'listen' && each.args.includes('ssl'))
  if (
    secure &&
    !directives.some(each => each.name === 'ssl_certificate') &&
    setting(http, 'ssl_certificate') === undefined
  )
    throw new ConfigError('no "ssl_certificate" is defined for the "listen ... ssl" directive', secure)
  const server: Level = { directives, parent: http }
  return {
    ...server,
    names: directives.filter(each => each.name === 'server_name').flatMap(each => each.args),
    listens,
    locations: makeLocations(directives, server),
  }
}

const listenWords =
  /^(default_server|default|ssl|http2|quic|proxy_protocol|deferred|bind|reuseport|(?:backlog|rcvbuf|sndbuf|fastopen|accept_filter|ipv6only|so_keepalive|setfib)=.*)$/

function makeListen(directive: Directive): Listen {
  const [where = '', ...options] = directive.args
  for (const option of options)
    if (!listenWords.test(option)) throw new ConfigError(`invalid parameter "${option}"`, directive)
  const isDefault = options.includes('default_server') || options.includes('default')
  const ssl = options.includes('ssl')
  if (/^\d+$/.test(where)) {
    const port = Number(where)
    if (port < 1 || port > 65_535)
      throw new ConfigError(`invalid port in "${where}" of the "listen" directive`, directive)
    return { address: '0.0.0.0', port, isDefault, ssl }
  }
  if (where.startsWith('unix:')) return { address: where, port: 0, isDefault, ssl }
  const { host, port } = splitHost(where, 80)
  if (where.includes(':') && !/^(\[[^\]]*\]|[^:]*)(:\d+)?$/.test(where))
    throw new ConfigError(`invalid port in "${where}" of the "listen" directive`, directive)
  if (port < 1 || port > 65_535)
    throw new ConfigError(`invalid port in "${where}" of the "listen" directive`, directive)
  if (host === '*' || host === '') return { address: '0.0.0.0', port, isDefault, ssl }
  if (host === 'localhost') return { address: '127.0.0.1', port, isDefault, ssl }
  if (!isAddress(host)) throw new ConfigError(`host not found in "${where}" of the "listen" directive`, directive)
  return { address: host, port, isDefault, ssl }
}

function makeLocations(directives: readonly Directive[], parent: Level): Location[] {
  const locations: Location[] = []
  for (const each of directives) {
    if (each.name !== 'location') continue
    const location = makeLocation(each, parent)
    if (
      location.kind !== 'regex' &&
      locations.some(other => other.path === location.path && kindKey(other) === kindKey(location))
    )
      throw new ConfigError(`duplicate location "${location.path}"`, each)
    locations.push(location)
  }
  return locations
}

const kindKey = (location: Location): string => (location.kind === 'prefix' ? 'prefix' : location.kind)

function makeLocation(directive: Directive, parent: Level): Location {
  const [first = '', second] = directive.args
  const glued = second === undefined ? /^(=|\^~|~\*|~)(.+)$/.exec(first) : null
  const modifier = second === undefined ? (glued?.[1] ?? '') : first
  const path = second ?? glued?.[2] ?? first
  if (!['', '=', '^~', '~', '~*'].includes(modifier))
    throw new ConfigError(`invalid location modifier "${modifier}"`, directive)
  const directives = directive.block ?? []
  const level = { directives, parent }
  const base = { path, final: modifier === '^~', directives, parent, locations: makeLocations(directives, level) }
  if (modifier === '~' || modifier === '~*')
    return { ...base, kind: 'regex', test: pattern(path, modifier === '~*', directive) }
  return { ...base, kind: modifier === '=' ? 'exact' : path.startsWith('@') ? 'named' : 'prefix' }
}

/** A PCRE as JavaScript has it. Throws ConfigError. */
export function pattern(text: string, ignoreCase: boolean, at: Directive): RegExp {
  try {
    return new RegExp(
      text
        .replace(/\(\?P?<(\w+)>/g, '(?<$1>')
        .replace(/\\A/g, '^')
        .replace(/\\z/gi, '$'),
      ignoreCase ? 'i' : '',
    )
  } catch (error) {
    const reason = /Unterminated group/.test(String(error))
      ? 'missing closing parenthesis'
      : /Nothing to repeat/.test(String(error))
        ? 'quantifier does not follow a repeatable item'
        : 'syntax error'
    throw new ConfigError(`pcre2_compile() failed: ${reason} in "${text}"`, at)
  }
}

function checkServers(block: readonly Directive[], servers: readonly Server[], warnings: string[]): void {
  const defaults = new Set<string>()
  const names = new Set<string>()
  const blocks = block.filter(each => each.name === 'server')
  servers.forEach((server, at) => {
    for (const listen of server.listens) {
      const shown = `${listen.address.includes(':') && !listen.address.startsWith('unix') ? `[${listen.address}]` : listen.address}:${listen.port}`
      if (listen.isDefault) {
        const directive = blocks[at]?.block?.find(each => each.name === 'listen') ?? blocks[at]
        if (defaults.has(shown)) throw new ConfigError(`a duplicate default server for ${shown}`, directive)
        defaults.add(shown)
      }
      for (const name of server.names.length > 0 ? server.names : ['']) {
        const key = `${name} ${shown}`
        if (names.has(key)) warnings.push(`conflicting server name "${name}" on ${shown}, ignored`)
        names.add(key)
      }
    }
  })
}

function checkLocation(
  location: Location,
  upstreams: ReadonlyMap<string, Upstream>,
  hosts: { name: string; at: Directive; shown: string }[],
): void {
  for (const each of [
    ...location.directives,
    ...location.directives.filter(one => one.name === 'if').flatMap(one => one.block ?? []),
  ]) {
    if (each.name === 'return') {
      const [code = ''] = each.args
      if (!/^\d{1,3}$/.test(code) && (each.args.length > 1 || !/^(https?:\/\/|\$)/.test(code)))
        throw new ConfigError(`invalid return code "${code}"`, each)
    }
    if (each.name === 'error_page')
      for (const code of each.args.slice(0, -1))
        if (/^\d+$/.test(code) && (Number(code) < 300 || Number(code) > 599))
          throw new ConfigError(`value "${code}" must be between 300 and 599`, each)
    if (each.name !== 'proxy_pass') continue
    const [url = ''] = each.args
    const match = /^(https?):\/\/([^/]*)(\/.*)?$/.exec(url)
    if (!match) {
      if (url.includes('$')) continue
      throw new ConfigError('invalid URL prefix', each)
    }
    if (match[3] !== undefined && (location.kind === 'regex' || location.kind === 'named') && !url.includes('$'))
      throw new ConfigError(
        '"proxy_pass" cannot have URI part in location given by regular expression, or inside named location, or inside "if" statement, or inside "limit_except" block',
        each,
      )
    const { host } = splitHost(match[2] ?? '', 80)
    if (!url.includes('$') && !upstreams.has(match[2] ?? '') && !upstreams.has(host) && !isAddress(host))
      hosts.push({ name: host, at: each, shown: host })
  }
  for (const inner of location.locations) checkLocation(inner, upstreams, hosts)
}

/** The server for a request: by name among those at its address, else the default one. */
export function chooseServer(site: Site, local: { address: string; port: number }, host: string): Server | undefined {
  const exact = (server: Server): boolean =>
    server.listens.some(each => each.port === local.port && each.address === local.address)
  const wild = (server: Server): boolean =>
    server.listens.some(each => each.port === local.port && (each.address === '0.0.0.0' || each.address === '::'))
  const at = site.servers.some(exact) ? site.servers.filter(exact) : site.servers.filter(wild)
  const name = host.toLowerCase()
  const named = (test: (each: string) => boolean): Server | undefined => at.find(server => server.names.some(test))
  return (
    named(each => !each.startsWith('~') && each.toLowerCase() === name) ??
    named(each => each.startsWith('.') && (name === each.slice(1) || name.endsWith(each))) ??
    named(each => each.startsWith('*.') && name.endsWith(each.slice(1).toLowerCase())) ??
    named(each => each.endsWith('.*') && name.startsWith(each.slice(0, -1).toLowerCase())) ??
    named(each => each.startsWith('~') && new RegExp(each.slice(1), 'i').test(host)) ??
    at.find(server => server.listens.some(each => each.isDefault && each.port === local.port)) ??
    at[0]
  )
}

/** nginx's rule: exact, then the longest prefix unless it is final, then the first regular expression. */
export function chooseLocation(
  locations: readonly Location[],
  uri: string,
): { location: Location; captures?: RegExpExecArray } | undefined {
  const exact = locations.find(each => each.kind === 'exact' && each.path === uri)
  if (exact) return { location: exact }
  let best: Location | undefined
  for (const each of locations)
    if (each.kind === 'prefix' && uri.startsWith(each.path) && each.path.length >= (best?.path.length ?? 0)) best = each
  const inner = best && best.locations.length > 0 ? chooseLocation(best.locations, uri) : undefined
  if (inner && (inner.location.kind !== 'prefix' || inner.location.final)) return inner
  if (!best?.final)
    for (const each of locations) {
      const captures = each.test?.exec(uri)
      if (captures) return chooseLocation(each.locations, uri) ?? { location: each, captures }
    }
  return inner ?? (best && { location: best })
}
