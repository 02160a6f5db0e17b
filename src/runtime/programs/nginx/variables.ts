/** nginx's variables: `$host`, `$arg_x`, `${name}`, captures, and those that `set` and `map` make. */
import { type Headers, header } from '../../../kernel/userland/lib/http.ts'
import { commonLogTime } from '../../clock-words.ts'
import type { HttpRequest } from '../../http-server.ts'
import { ConfigError, type Directive } from './config.ts'
import { inherited, type Level, type Server, type Site } from './site.ts'

/** One request as it goes through the server. */
export interface Exchange {
  readonly request: HttpRequest
  readonly site: Site
  readonly server: Server
  /** Server or location that is in charge. */
  level: Level
  uri: string
  args: string
  /** Headers of the reply so far. */
  sent: Headers
  status: number
  bodyBytes: number
  captures: RegExpExecArray | undefined
  readonly set: Map<string, string>
  /** What the proxy met. */
  upstream: { address: string; status: string; host: string } | undefined
  readonly now: number
  readonly hostname: string
  readonly version: string
  readonly pid: number
  readonly id: string
  root: string
}

type Source = (x: Exchange) => string

const sources: Record<string, Source> = {
  arg: () => '',
  args: x => x.args,
  query_string: x => x.args,
  is_args: x => (x.args === '' ? '' : '?'),
  binary_remote_addr: x => x.request.peer.address,
  body_bytes_sent: x => String(x.bodyBytes),
  bytes_sent: x => String(x.bodyBytes + 238),
  connection: () => '1',
  connection_requests: () => '1',
  content_length: x => header(x.request.headers, 'Content-Length') ?? '',
  content_type: x => header(x.request.headers, 'Content-Type') ?? '',
  document_root: x => x.root,
  document_uri: x => x.uri,
  uri: x => x.uri,
  host: x => hostOf(x) || (x.server.names[0] ?? ''),
  hostname: x => x.hostname,
  https: () => '',
  msec: x => (x.now / 1000).toFixed(3),
  nginx_version: x => x.version,
  pid: x => String(x.pid),
  pipe: () => '.',
  proxy_add_x_forwarded_for: x => {
    const before = header(x.request.headers, 'X-Forwarded-For')
    return before === undefined ? x.request.peer.address : `${before}, ${x.request.peer.address}`
  },
  proxy_host: x => x.upstream?.host ?? '',
  proxy_port: x => /:(\d+)$/.exec(x.upstream?.host ?? '')?.[1] ?? '80',
  realpath_root: x => x.root,
  remote_addr: x => x.request.peer.address,
  remote_port: x => String(x.request.peer.port),
  remote_user: x => user(x),
  request: x => x.request.line,
  request_body: x => Buffer.from(x.request.body).toString('latin1'),
  request_filename: x => x.root + x.uri,
  request_id: x => x.id,
  request_length: x => String(x.request.line.length + x.request.body.length + 60),
  request_method: x => x.request.method,
  request_time: () => '0.000',
  request_uri: x => x.request.target,
  scheme: () => 'http',
  server_addr: x => x.request.local.address,
  server_name: x => x.server.names[0] ?? '',
  server_port: x => String(x.request.local.port),
  server_protocol: x => x.request.version,
  ssl_protocol: () => '',
  status: x => String(x.status),
  time_iso8601: x => `${new Date(x.now).toISOString().slice(0, 19)}+00:00`,
  time_local: x => commonLogTime(x.now),
  upstream_addr: x => x.upstream?.address ?? '',
  upstream_status: x => x.upstream?.status ?? '',
  upstream_response_time: x => (x.upstream ? '0.000' : ''),
  upstream_connect_time: x => (x.upstream ? '0.000' : ''),
  upstream_header_time: x => (x.upstream ? '0.000' : ''),
  upstream_cache_status: () => '',
  fastcgi_script_name: x => x.uri,
  fastcgi_path_info: () => '',
}
const prefixed = /^(?:arg|http|cookie|sent_http|upstream_http|sent_trailer|upstream_cookie)_/

/** The Host header without its port, or the host of an absolute target. */
export function hostOf(x: { request: HttpRequest }): string {
  const absolute = /^https?:\/\/([^/?#]+)/i.exec(x.request.target)?.[1]
  return (absolute ?? header(x.request.headers, 'Host') ?? '').replace(/:\d+$/, '').toLowerCase()
}

function user(x: Exchange): string {
  const match = /^Basic (\S+)/i.exec(header(x.request.headers, 'Authorization') ?? '')
  return match
    ? (Buffer.from(match[1] ?? '', 'base64')
        .toString('latin1')
        .split(':', 1)[0] ?? '')
    : ''
}

/** The value of a variable; '' when it has none. */
export function variable(x: Exchange, name: string, depth = 0): string {
  if (/^\d$/.test(name)) return x.captures?.[Number(name)] ?? ''
  const own = x.set.get(name) ?? x.captures?.groups?.[name]
  if (own !== undefined) return own
  const map = x.site.http.directives.find(each => each.name === 'map' && each.args[1] === `$${name}`)
  if (map && depth < 10) return mapped(x, map, depth + 1)
  const source = sources[name]
  if (source) return source(x)
  const [, kind, rest = ''] = /^(arg|http|cookie|sent_http|upstream_http)_(.+)$/.exec(name) ?? []
  const dashed = rest.replaceAll('_', '-')
  if (kind === 'http') return header(x.request.headers, dashed) ?? ''
  if (kind === 'sent_http' || kind === 'upstream_http') return header(x.sent, dashed) ?? ''
  if (kind === 'arg') return new Map(pairs(x.args, '&')).get(rest) ?? ''
  if (kind === 'cookie') return new Map(pairs(header(x.request.headers, 'Cookie') ?? '', /;\s*/)).get(rest) ?? ''
  return ''
}

const pairs = (text: string, by: string | RegExp): [string, string][] =>
  text.split(by).map(each => {
    const equals = each.indexOf('=')
    return equals < 0 ? [each, ''] : [each.slice(0, equals), each.slice(equals + 1)]
  })

function mapped(x: Exchange, map: Directive, depth: number): string {
  const value = expand(x, map.args[0] ?? '', depth)
  let fallback = ''
  for (const { name, args } of map.block ?? []) {
    if (name === 'default') fallback = args[0] ?? ''
    else if (name.startsWith('~')) {
      const test = name.startsWith('~*') ? new RegExp(name.slice(2), 'i') : new RegExp(name.slice(1))
      if (test.test(value)) return expand(x, args[0] ?? '', depth)
    } else if (name.toLowerCase() === value.toLowerCase()) return expand(x, args[0] ?? '', depth)
  }
  return expand(x, fallback, depth)
}

const reference = /\$(?:\{(\w+)\}|([A-Za-z_]\w*|\d))/g

/** A text with its variables filled in. */
export function expand(x: Exchange, text: string, depth = 0): string {
  return text.includes('$')
    ? text.replace(reference, (_, braced: string | undefined, bare: string) => variable(x, braced ?? bare, depth))
    : text
}

const takesVariables = new Set(
  'return rewrite set root alias try_files add_header proxy_pass proxy_set_header log_format access_log error_page if index expires fastcgi_param map'.split(
    ' ',
  ),
)

/** Throws ConfigError for a variable that nothing makes. */
export function checkVariables(directives: readonly Directive[], http: Level): void {
  const known = new Set<string>()
  const collect = (each: Directive): void => {
    if (each.name === 'set' || each.name === 'map' || each.name === 'geo' || each.name === 'split_clients')
      known.add((each.args.at(each.name === 'set' ? 0 : -1) ?? '').slice(1))
    if (['location', 'server_name', 'if', 'rewrite'].includes(each.name))
      for (const word of each.args) for (const match of word.matchAll(/\(\?P?<(\w+)>/g)) known.add(match[1] ?? '')
    for (const inner of each.block ?? []) collect(inner)
  }
  for (const each of directives) collect(each)
  const check = (each: Directive): void => {
    if (takesVariables.has(each.name))
      for (const word of each.name === 'rewrite' ? each.args.slice(1) : each.args)
        for (const [, braced, bare = ''] of word.matchAll(reference)) {
          const name = braced ?? bare
          if (/^\d$/.test(name) || known.has(name) || name in sources || prefixed.test(name)) continue
          throw new ConfigError(`unknown "${name}" variable`)
        }
    for (const inner of each.block ?? []) check(inner)
  }
  for (const each of directives) check(each)
  for (const each of inherited(http, 'access_log')) {
    const format = each.args[1]
    if (format === undefined || format === 'combined' || format.includes('=')) continue
    if (!http.directives.some(one => one.name === 'log_format' && one.args[0] === format))
      throw new ConfigError(`unknown log format "${format}"`, each)
  }
}

const combined =
  '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"'

/** The line for the access log; undefined when the format is of nobody. A value that is empty is written `-`. */
export function logLine(x: Exchange, format: string): string {
  const own = x.site.http.directives.find(each => each.name === 'log_format' && each.args[0] === format)
  const words = own ? own.args.slice(1).filter(each => !each.startsWith('escape=')) : [combined]
  return `${words.join('').replace(reference, (_, braced: string | undefined, bare: string) => variable(x, braced ?? bare) || '-')}\n`
}
