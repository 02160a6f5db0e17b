import { describe, expect, it } from 'vitest'
import { ConfigError, parseConfig } from '../../../src/runtime/programs/nginx/config.ts'
import { checkDirectives } from '../../../src/runtime/programs/nginx/directives.ts'
import { chooseLocation, makeSite } from '../../../src/runtime/programs/nginx/site.ts'
import { checkVariables } from '../../../src/runtime/programs/nginx/variables.ts'

/** What nginx 1.22 said of a server block in conf.d, recorded with `nginx -t`. */
const recorded: [config: string, words: string][] = [
  ['server { listen 80; foo; }', 'unknown directive "foo" in d.conf:1'],
  ['server { listen 80 }', 'unexpected "}" in d.conf:1'],
  ['server { listen 80; ', 'unexpected end of file, expecting "}" in d.conf:1'],
  ['listen 80;', '"listen" directive is not allowed here in d.conf:1'],
  ['server { root; }', 'invalid number of arguments in "root" directive in d.conf:1'],
  ['server { location / { proxy_pass app:3000; } }', 'invalid URL prefix in d.conf:1'],
  ['server { listen abc; }', 'host not found in "abc" of the "listen" directive in d.conf:1'],
  ['server { listen 99999; }', 'invalid port in "99999" of the "listen" directive in d.conf:1'],
  ['server { location / { } location / { } }', 'duplicate location "/" in d.conf:1'],
  ['server { root /a; root /b; }', '"root" directive is duplicate in d.conf:1'],
  ['server { location ~ ^/(a { } }', 'pcre2_compile() failed: missing closing parenthesis in "^/(a" in d.conf:1'],
  [
    'server { listen 80 default_server; } server { listen 80 default_server; }',
    'a duplicate default server for 0.0.0.0:80 in d.conf:1',
  ],
  ['upstream b { } server { location / { proxy_pass http://b; } }', 'no servers are inside upstream in d.conf:1'],
  ['server { return 200 $foo; }', 'unknown "foo" variable'],
  ['server { try_files $uri; }', 'invalid number of arguments in "try_files" directive in d.conf:1'],
  ['server "a" { }', 'invalid number of arguments in "server" directive in d.conf:1'],
  ['server; ', 'directive "server" has no opening "{" in d.conf:1'],
  ['server { listen 443 ssl; }', 'no "ssl_certificate" is defined for the "listen ... ssl" directive in d.conf:1'],
  ['server { autoindex yes; }', 'invalid value "yes" in "autoindex" directive, it must be "on" or "off" in d.conf:1'],
  ['server { upstream b { server a; } }', '"upstream" directive is not allowed here in d.conf:1'],
  ['server { location / { return abc; } }', 'invalid return code "abc" in d.conf:1'],
  ['server { rewrite a; }', 'invalid number of arguments in "rewrite" directive in d.conf:1'],
  ['server { location { } }', 'invalid number of arguments in "location" directive in d.conf:1'],
]

const read = (config: string) => {
  const files: Record<string, string> = { 'd.conf': config, main: 'events { } http { include /d.conf; }' }
  const directives = parseConfig(
    { read: path => ({ text: files[path.replace('/', '')] ?? '' }), glob: () => [] },
    'main',
    '/etc/nginx',
  ).map(each => each)
  const named = JSON.parse(JSON.stringify(directives).replaceAll('"/d.conf"', '"d.conf"')) as typeof directives
  checkDirectives(named, 'main')
  const site = makeSite(named)
  checkVariables(named, site.http)
  return site
}

describe('the configuration of nginx', () => {
  it.each(recorded)('%s: %s', (config, words) => {
    let said = ''
    try {
      read(config)
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      said = error.message.replace('/d.conf', 'd.conf')
    }
    expect(said).toBe(words)
  })

  it.each([
    ['/', '/'],
    ['/a.php', '\\.php$'],
    ['/static/a.php', '/static/'],
    ['/exact', '/exact'],
    ['/images/x', '/images/'],
  ])('sends %s to %s', (uri, path) => {
    const site = read(
      'server { location / { } location = /exact { } location ^~ /static/ { } location ~ \\.php$ { } location /images/ { } }',
    )
    expect(chooseLocation(site.servers[0]?.locations ?? [], uri)?.location.path).toBe(path)
  })
})
