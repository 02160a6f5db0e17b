/** Smaller servers of the catalogue: they start, answer from their state, log and end as the real ones. */
import { expect, it } from 'vitest'
import { start, tempHome } from './cli.ts'

/** `docker ARGS` in a store of its own, with the virtual clock. */
function store(): (...args: string[]) => Promise<string> {
  const home = tempHome()
  return async (...args) => {
    const { out, err } = await start(home, args, { env: { MINIDOCK_CLOCK: 'virtual' } }).outcome
    return out + err
  }
}

it('whoami shows who answers and what was asked', async () => {
  const docker = store()
  await docker('run', '-d', '--name', 'who', '-h', 'host1', '-p', '8080:80', 'traefik/whoami')
  const told = await docker('curl', '-s', '-H', 'X-Lab: 7', 'http://localhost:8080/path?q=1')
  expect(told.replace(/RemoteAddr: .*/, 'RemoteAddr: PEER').replace(/User-Agent: [^\r]*/, 'User-Agent: AGENT')).toBe(
    'Hostname: host1\nIP: 127.0.0.1\nIP: ::1\nIP: 172.17.0.2\nRemoteAddr: PEER\nGET /path?q=1 HTTP/1.1\r\nHost: localhost:8080\r\nUser-Agent: AGENT\r\nAccept: */*\r\nX-Lab: 7\r\n\r\n',
  )
  expect(await docker('logs', 'who')).toBe('2026/01/01 00:00:00 Starting up on port 80\n')
  await docker('stop', 'who')
  expect(await docker('ps', '-a', '--format', '{{.Status}}')).toMatch(/^Exited \(2\)/)
})

it('memcached keeps values between connections, counts, and loses all when it ends', async () => {
  const docker = store()
  await docker('run', '-d', '--name', 'mc', 'memcached:1.6-alpine')
  const say = (lines: string): Promise<string> =>
    docker('exec', 'mc', 'sh', '-c', `printf '${lines}quit\\r\\n' | nc 127.0.0.1 11211`)
  expect(await say('set n 5 0 2\\r\\n41\\r\\nadd n 0 0 1\\r\\n1\\r\\nget n x\\r\\nincr n 1\\r\\n')).toBe(
    'STORED\r\nNOT_STORED\r\nVALUE n 5 2\r\n41\r\nEND\r\n42\r\n',
  )
  expect(await say('get n\\r\\nincr n x\\r\\nnope\\r\\ndelete n\\r\\nget n\\r\\n')).toBe(
    'VALUE n 5 2\r\n42\r\nEND\r\nCLIENT_ERROR invalid numeric delta argument\r\nERROR\r\nDELETED\r\nEND\r\n',
  )
  await say('set gone 0 10 1\\r\\nx\\r\\nset kept 0 0 1\\r\\ny\\r\\n')
  await docker('clock', 'advance', '11s')
  expect(await say('get gone kept\\r\\n')).toBe('VALUE kept 0 1\r\ny\r\nEND\r\n')
  await docker('restart', 'mc')
  expect(await say('get kept\\r\\n')).toBe('END\r\n')
  await docker('stop', 'mc')
  expect(await docker('logs', 'mc')).toBe('Signal handled: Terminated.\n'.repeat(2))
})

it('httpd serves its document root, its configuration decides, and it logs both', async () => {
  const docker = store()
  await docker('run', '-d', '--name', 'web', '-p', '8080:80', 'httpd:2.4')
  const get = (path: string): Promise<string> =>
    docker('curl', '-s', '-w', '%{http_code}\\n', `http://localhost:8080${path}`)
  expect(await get('/')).toBe('<html><body><h1>It works!</h1></body></html>\n200\n')
  await docker('exec', 'web', 'sh', '-c', 'cd htdocs && mkdir list && echo x > "list/a b.txt" && chmod 600 index.html')
  expect(await get('/list/')).toBe(
    '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 3.2 Final//EN">\n<html>\n <head>\n  <title>Index of /list</title>\n </head>\n <body>\n<h1>Index of /list</h1>\n<ul><li><a href="/"> Parent Directory</a></li>\n<li><a href="a%20b.txt"> a b.txt</a></li>\n</ul>\n</body></html>\n200\n',
  )
  expect((await get('/nope')).split('\n').at(-2)).toBe('404')
  expect((await get('/list')).split('\n').at(-2)).toBe('301')
  const logs = (await docker('logs', 'web')).split('\n').filter(line => line.includes('GET'))
  expect(logs.map(line => line.replace(/^.*"GET/, 'GET'))).toEqual([
    'GET / HTTP/1.1" 200 45',
    'GET /list/ HTTP/1.1" 200 254',
    'GET /nope HTTP/1.1" 404 196',
    'GET /list HTTP/1.1" 301 235',
  ])
  await docker('exec', 'web', 'sh', '-c', 'echo "Lisen 81" >> conf/httpd.conf')
  expect(await docker('exec', 'web', 'httpd', '-t')).toBe(
    "AH00526: Syntax error on line 34 of /usr/local/apache2/conf/httpd.conf:\nInvalid command 'Lisen', perhaps misspelled or defined by a module not included in the server configuration\n",
  )
  await docker('stop', 'web')
  expect(await docker('ps', '-a', '--format', '{{.Status}}')).toMatch(/^Exited \(0\)/)
})

it('mongo, rabbitmq and adminer start, are found by their tools, and stop', async () => {
  const docker = store()
  await docker(
    'run',
    '-d',
    '--name',
    'mongo',
    '-e',
    'MONGO_INITDB_ROOT_USERNAME=r',
    '-e',
    'MONGO_INITDB_ROOT_PASSWORD=p',
    'mongo:7',
  )
  await docker('run', '-d', '--name', 'queue', 'rabbitmq:3-management')
  await docker('run', '-d', '--name', 'page', '-p', '8080:8080', 'adminer')
  await docker('clock', 'advance', '10s')
  expect(await docker('exec', 'mongo', 'mongosh', '--quiet', '--eval', 'db.runCommand({ping:1})')).toBe('{ ok: 1 }\n')
  expect(await docker('exec', 'queue', 'rabbitmq-diagnostics', '-q', 'check_running')).toBe('')
  expect(await docker('curl', '-s', 'http://localhost:8080/')).toContain('<title>Login - Adminer</title>')
  await docker('stop', 'mongo', 'queue', 'page')
  const states = (await docker('ps', '-a', '--format', '{{.Names}} {{.Status}}')).trim().split('\n')
  expect(states.map(line => line.replace(/\).*/, ')')).sort()).toEqual([
    'mongo Exited (0)',
    'page Exited (0)',
    'queue Exited (0)',
  ])
})
