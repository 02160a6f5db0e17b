/** The directives that nginx knows: where they may stand, and with how many arguments. */
import { ConfigError, type Directive } from './config.ts'

type Context =
  | 'main'
  | 'events'
  | 'http'
  | 'server'
  | 'location'
  | 'upstream'
  | 'if'
  | 'limit_except'
  | 'map'
  | 'types'
  | 'stream'

interface Rule {
  readonly in: readonly Context[]
  readonly args: readonly [least: number, most: number]
  /** The context that its block makes. */
  readonly block?: Context
  /** `on` or `off`. */
  readonly flag?: boolean
  /** May be given several times. */
  readonly many?: boolean
}

const hsl: readonly Context[] = ['http', 'server', 'location']
const hslf: readonly Context[] = ['http', 'server', 'location', 'if']
const many = Number.POSITIVE_INFINITY
const row = (contexts: readonly Context[], least: number, most: number, more: Partial<Rule> = {}): Rule => ({
  in: contexts,
  args: [least, most],
  ...more,
})

const rules = new Map<string, Rule>(
  Object.entries({
    user: row(['main'], 1, 2),
    worker_processes: row(['main'], 1, 1),
    worker_rlimit_nofile: row(['main'], 1, 1),
    worker_cpu_affinity: row(['main'], 1, many),
    error_log: row(['main', 'http', 'server', 'location', 'stream'], 1, 2, { many: true }),
    pid: row(['main'], 1, 1),
    daemon: row(['main'], 1, 1, { flag: true }),
    master_process: row(['main'], 1, 1, { flag: true }),
    load_module: row(['main'], 1, 1, { many: true }),
    env: row(['main'], 1, 1, { many: true }),
    pcre_jit: row(['main'], 1, 1, { flag: true }),
    events: row(['main'], 0, 0, { block: 'events' }),
    http: row(['main'], 0, 0, { block: 'http' }),
    stream: row(['main'], 0, 0, { block: 'stream' }),
    worker_connections: row(['events'], 1, 1),
    multi_accept: row(['events'], 1, 1, { flag: true }),
    use: row(['events'], 1, 1),
    accept_mutex: row(['events'], 1, 1, { flag: true }),
    server: row(['http'], 0, 0, { block: 'server', many: true }),
    upstream: row(['http'], 1, 1, { block: 'upstream', many: true }),
    map: row(['http'], 2, 2, { block: 'map', many: true }),
    geo: row(['http'], 1, 2, { block: 'map', many: true }),
    split_clients: row(['http'], 2, 2, { block: 'map', many: true }),
    types: row(hsl, 0, 0, { block: 'types', many: true }),
    location: row(['server', 'location'], 1, 2, { block: 'location', many: true }),
    if: row(['server', 'location'], 1, many, { block: 'if', many: true }),
    limit_except: row(['location'], 1, many, { block: 'limit_except' }),
    listen: row(['server'], 1, many, { many: true }),
    server_name: row(['server'], 1, many, { many: true }),
    root: row(hslf, 1, 1),
    alias: row(['location'], 1, 1),
    index: row(hsl, 1, many, { many: true }),
    try_files: row(['server', 'location'], 2, many),
    return: row(['server', 'location', 'if'], 1, 2, { many: true }),
    rewrite: row(['server', 'location', 'if'], 2, 3, { many: true }),
    set: row(['server', 'location', 'if'], 2, 2, { many: true }),
    break: row(['server', 'location', 'if'], 0, 0, { many: true }),
    error_page: row(hslf, 2, many, { many: true }),
    add_header: row(hslf, 2, 3, { many: true }),
    expires: row(hslf, 1, 2),
    autoindex: row(hsl, 1, 1, { flag: true }),
    autoindex_exact_size: row(hsl, 1, 1, { flag: true }),
    autoindex_localtime: row(hsl, 1, 1, { flag: true }),
    autoindex_format: row(hsl, 1, 1),
    default_type: row(hsl, 1, 1),
    charset: row(hslf, 1, 1),
    allow: row([...hsl, 'limit_except'], 1, 1, { many: true }),
    deny: row([...hsl, 'limit_except'], 1, 1, { many: true }),
    satisfy: row(hsl, 1, 1),
    internal: row(['location'], 0, 0),
    auth_basic: row([...hsl, 'limit_except'], 1, 1),
    auth_basic_user_file: row([...hsl, 'limit_except'], 1, 1),
    stub_status: row(['server', 'location'], 0, 1),
    log_format: row(['http', 'stream'], 2, many, { many: true }),
    access_log: row([...hslf, 'limit_except', 'stream'], 1, many, { many: true }),
    client_max_body_size: row(hsl, 1, 1),
    proxy_pass: row(['location', 'if', 'limit_except'], 1, 1),
    proxy_set_header: row(hsl, 2, 2, { many: true }),
    proxy_hide_header: row(hsl, 1, 1, { many: true }),
    proxy_redirect: row(hsl, 1, 2, { many: true }),
    proxy_intercept_errors: row(hsl, 1, 1, { flag: true }),
    fastcgi_pass: row(['location', 'if'], 1, 1),
    fastcgi_param: row(hsl, 2, 3, { many: true }),
    fastcgi_index: row(hsl, 1, 1),
    fastcgi_split_path_info: row(['location'], 1, 1),
    uwsgi_pass: row(['location', 'if'], 1, 1),
    grpc_pass: row(['location', 'if'], 1, 1),
    ssl_certificate: row(['http', 'server'], 1, 1, { many: true }),
    ssl_certificate_key: row(['http', 'server'], 1, 1, { many: true }),
    resolver: row([...hsl, 'upstream'], 1, many),
    resolver_timeout: row([...hsl, 'upstream'], 1, 1),
  }),
)

// Directives that change nothing that can be seen here: they are checked for their place and number of words only.
const quiet: Record<string, readonly [readonly Context[], number, number]> = {}
const quietly = (contexts: readonly Context[], least: number, most: number, names: string): void => {
  for (const name of names.split(' ')) quiet[name] = [[...(quiet[name]?.[0] ?? []), ...contexts], least, most]
}
quietly(
  hsl,
  1,
  1,
  'sendfile tcp_nopush tcp_nodelay keepalive_requests send_timeout client_body_timeout client_body_temp_path client_body_buffer_size types_hash_max_size types_hash_bucket_size server_tokens gzip gzip_vary gzip_comp_level gzip_min_length gzip_http_version gzip_disable gzip_static gunzip proxy_http_version proxy_connect_timeout proxy_read_timeout proxy_send_timeout proxy_buffering proxy_buffer_size proxy_busy_buffers_size proxy_request_buffering proxy_ssl_verify proxy_ssl_server_name proxy_ssl_name proxy_pass_request_headers proxy_pass_request_body proxy_ignore_client_abort proxy_max_temp_file_size proxy_temp_path proxy_cache proxy_cache_key proxy_cache_lock proxy_no_cache proxy_socket_keepalive fastcgi_read_timeout fastcgi_buffer_size fastcgi_temp_path uwsgi_temp_path scgi_temp_path etag if_modified_since log_not_found log_subrequest recursive_error_pages port_in_redirect absolute_redirect server_name_in_redirect merge_slashes aio directio output_buffers chunked_transfer_encoding lingering_close reset_timedout_connection open_file_cache_valid limit_rate limit_rate_after limit_conn_status limit_req_status sub_filter_once ssi msie_padding real_ip_header real_ip_recursive mirror auth_request client_header_timeout http2',
)
quietly(
  hsl,
  1,
  many,
  'keepalive_timeout gzip_types gzip_proxied gzip_buffers proxy_buffers proxy_next_upstream proxy_cache_valid proxy_cache_bypass proxy_cache_use_stale proxy_cookie_path proxy_cookie_domain fastcgi_buffers fastcgi_hide_header limit_req limit_conn open_file_cache sub_filter add_trailer uwsgi_param include_virtual set_real_ip_from disable_symlinks proxy_ignore_headers proxy_pass_header proxy_cache_methods',
)
quietly(['http'], 2, many, 'limit_req_zone limit_conn_zone proxy_cache_path fastcgi_cache_path js_import js_path')
quietly(
  ['http', 'server'],
  1,
  many,
  'ssl_protocols ssl_ciphers ssl_prefer_server_ciphers ssl_session_cache ssl_session_timeout ssl_session_tickets ssl_dhparam ssl_stapling ssl_stapling_verify ssl_trusted_certificate ssl_client_certificate ssl_verify_client ssl_ecdh_curve ssl_buffer_size large_client_header_buffers client_header_buffer_size server_names_hash_bucket_size server_names_hash_max_size variables_hash_max_size map_hash_bucket_size underscores_in_headers ignore_invalid_headers connection_pool_size',
)
quietly(['upstream'], 0, 0, 'ip_hash least_conn')
quietly(['upstream'], 1, many, 'keepalive keepalive_requests keepalive_timeout hash zone random')
for (const [name, [contexts, least, most]] of Object.entries(quiet))
  if (!rules.has(name)) rules.set(name, row(contexts, least, most, { many: true }))

/** Throws ConfigError for what nginx would refuse: unknown names, wrong places, wrong numbers of words. */
export function checkDirectives(directives: readonly Directive[], context: Context): void {
  const seen = new Set<string>()
  for (const each of directives) {
    if (context === 'stream' || context === 'map' || context === 'types') continue
    const special = context === 'upstream' && each.name === 'server'
    const rule = special ? row(['upstream'], 1, many, { many: true }) : rules.get(each.name)
    if (!rule) throw new ConfigError(`unknown directive "${each.name}"`, each)
    if (!rule.in.includes(context)) throw new ConfigError(`"${each.name}" directive is not allowed here`, each)
    if (rule.block && !each.block) throw new ConfigError(`directive "${each.name}" has no opening "{"`, each)
    if (!rule.block && each.block) throw new ConfigError(`directive "${each.name}" is not terminated by ";"`, each)
    const [least, most] = rule.args
    if (each.args.length < least || each.args.length > most)
      throw new ConfigError(`invalid number of arguments in "${each.name}" directive`, each)
    if (rule.flag && !/^(on|off)$/i.test(each.args[0] ?? ''))
      throw new ConfigError(
        `invalid value "${each.args[0]}" in "${each.name}" directive, it must be "on" or "off"`,
        each,
      )
    if (!rule.many && seen.has(each.name)) throw new ConfigError(`"${each.name}" directive is duplicate`, each)
    seen.add(each.name)
    if (each.block && rule.block) checkDirectives(each.block, rule.block)
  }
}
