import { describe, expect, it } from 'vitest'
import { type RunSettings, runCommand } from '../harness.ts'
import { type ScriptStep, script } from './script.ts'

const www = {
  '/www/index.html': '<h1>hello</h1>\n',
  '/www/sub/a.txt': 'plain\n',
  '/www/cgi-bin/info': '#!/bin/tail -n+2\nContent-Type: text/plain\n\nfrom a script\n',
}

async function run(steps: ScriptStep[], settings: RunSettings = {}) {
  const { stdout, stderr, status } = await runCommand(['script'], {
    files: www,
    limit: 120_000,
    prepare: rootfs => rootfs.setattr('/www/cgi-bin/info', { mode: 0o755 }),
    ...settings,
    programs: { script: script(steps) },
  })
  return { stdout, stderr, status }
}

const server: ScriptStep = { run: ['httpd', '-f', '-p', '80', '-h', '/www'], background: true }

describe.each([false, true])('httpd and wget (stored between slices: %s)', suspend => {
  it('serve and fetch files, the index page and the output of a script', async () => {
    const { stdout, stderr } = await run(
      [
        server,
        { run: ['wget', '-q', '-O', '-', 'http://127.0.0.1/'] },
        { run: ['wget', '-qO-', 'http://127.0.0.1/sub/a.txt'] },
        { run: ['wget', '-qO-', 'http://127.0.0.1/cgi-bin/info?a=1'] },
        { run: ['wget', '-q', '--spider', 'http://127.0.0.1/'] },
      ],
      { suspend },
    )
    expect(stderr).toBe('')
    expect(stdout).toBe('<h1>hello</h1>\nplain\nfrom a script\n')
  })

  it('report a missing page and a port on which nobody listens', async () => {
    const { stdout, stderr } = await run(
      [server, { run: ['wget', '-q', '-O', '-', 'http://127.0.0.1/nope'] }, { run: ['wget', 'http://127.0.0.1:81/'] }],
      { suspend },
    )
    expect(stdout).toBe('[1]\n[1]\n')
    expect(stderr).toBe(
      'wget: server returned error: HTTP/1.1 404 Not Found\nConnecting to 127.0.0.1:81 (127.0.0.1:81)\n' +
        "wget: can't connect to remote host (127.0.0.1): Connection refused\n",
    )
  })

  it('show progress as busybox does when the output is no terminal', async () => {
    const { stderr } = await run([server, { run: ['wget', '-O', '/tmp/x', 'http://127.0.0.1/sub/a.txt'] }], { suspend })
    expect(stderr).toBe(
      "Connecting to 127.0.0.1 (127.0.0.1:80)\nsaving to '/tmp/x'\n" +
        'x                    100% |********************************|     6  0:00:00 ETA\n' +
        "'/tmp/x' saved\n",
    )
  })
})

describe('httpd', () => {
  it('answers in the words of busybox', async () => {
    const ask = (request: string): ScriptStep => ({ run: ['nc', '127.0.0.1', '80'], input: request })
    const { stdout } = await run([
      server,
      ask('GET /sub/a.txt HTTP/1.0\r\n\r\n'),
      ask('GET /sub HTTP/1.0\r\n\r\n'),
      ask('GET /nope HTTP/1.0\r\n\r\n'),
      ask('POST / HTTP/1.0\r\n\r\n'),
      ask('garbage\r\n\r\n'),
      ask('GET /../etc/passwd HTTP/1.0\r\n\r\n'),
      ask('GET /sub/a.txt HTTP/1.0\r\nRange: bytes=1-3\r\n\r\n'),
    ])
    const date = 'Date: Fri, 02 Jan 2026 03:04:05 GMT\r\nConnection: close\r\n'
    const page = (title: string, text: string) =>
      `HTTP/1.1 ${title}\r\n${date}Content-type: text/html\r\n\r\n<HTML><HEAD><TITLE>${title}</TITLE></HEAD>\n<BODY><H1>${title}</H1>\n${text}\n</BODY></HTML>\n`
    const file = 'Accept-Ranges: bytes\r\nLast-Modified: Fri, 02 Jan 2026 03:04:05 GMT\r\nETag: "695735a5-6"\r\n'
    expect(stdout).toBe(
      `HTTP/1.1 200 OK\r\n${date}Content-type: text/plain\r\n${file}Content-Length: 6\r\n\r\nplain\n` +
        `HTTP/1.1 302 Found\r\n${date}Content-type: text/html\r\nLocation: /sub/\r\n\r\n` +
        page('404 Not Found', 'The requested URL was not found') +
        page('501 Not Implemented', 'The requested method is not recognized') +
        page('400 Bad Request', 'Unsupported method') +
        page('400 Bad Request', 'Unsupported method') +
        `HTTP/1.1 206 Partial Content\r\n${date}Content-type: text/plain\r\nContent-Range: bytes 1-3/6\r\n${file}Content-Length: 3\r\n\r\nlai`,
    )
  })

  it('goes to the background without -f, and then holds its port', async () => {
    const { stdout, stderr } = await run([
      { run: ['httpd', '-p', '81', '-h', '/www'] },
      { run: ['wget', '-qO-', 'http://127.0.0.1:81/sub/a.txt'] },
      { run: ['httpd', '-p', '81'] },
      { run: ['netstat', '-ltn'] },
      { run: ['killall', 'httpd'] },
    ])
    expect(stderr).toBe('httpd: bind: Address already in use\n')
    expect(stdout).toBe(
      'plain\n[1]\nActive Internet connections (only servers)\n' +
        'Proto Recv-Q Send-Q Local Address           Foreign Address         State       \n' +
        'tcp        0      0 :::81                   :::*                    LISTEN      \n',
    )
  })
})

describe.each([false, true])('nc (stored between slices: %s)', suspend => {
  it('passes what one end sends to the other, and the end of input too', async () => {
    const { stdout } = await run(
      [
        { run: ['nc', '-l', '-p', '5000'], background: true, input: 'from the server\n' },
        { run: ['nc', '127.0.0.1', '5000'], input: 'to the server\n' },
        { run: ['sleep', '1'] },
      ],
      { suspend },
    )
    expect(stdout.split('\n').sort()).toEqual(['', 'from the server', 'to the server'])
  })

  it('runs a program on the connection with -e', async () => {
    const { stdout } = await run(
      [
        { run: ['nc', '-ll', '-p', '7000', '-e', 'echo', 'hello', 'from', 'srv'], background: true },
        { run: ['nc', '127.0.0.1', '7000'], input: '' },
        { run: ['nc', '127.0.0.1', '7000'], input: '' },
      ],
      { suspend },
    )
    expect(stdout).toBe('hello from srv\nhello from srv\n')
  })
})

describe('curl', () => {
  const curl = (...args: string[]): ScriptStep => ({ run: ['curl', ...args] })
  const gnu: RunSettings = { flavour: 'gnu' }

  it('fetches, shows headers, follows redirects and writes out', async () => {
    const { stdout, stderr } = await run(
      [
        server,
        curl('-s', 'http://127.0.0.1/'),
        curl('-sL', '-w', '%{http_code} %{num_redirects} %{url_effective}\n', 'http://127.0.0.1/sub'),
        curl('-s', '-o', '/dev/null', '-w', '%{http_code} %{redirect_url}\n', 'http://127.0.0.1/sub'),
        curl('-fsS', 'http://127.0.0.1/nope'),
        curl('-s', '-d', 'a=b', '-o', '/tmp/out', '-w', '%{http_code} %{method}\n', 'http://127.0.0.1/'),
      ],
      gnu,
    )
    expect(stderr).toBe('curl: (22) The requested URL returned error: 404\n')
    expect(stdout).toBe(
      '<h1>hello</h1>\n' +
        '<HTML><HEAD><TITLE>404 Not Found</TITLE></HEAD>\n<BODY><H1>404 Not Found</H1>\nThe requested URL was not found\n</BODY></HTML>\n' +
        '404 1 http://127.0.0.1/sub/\n302 http://127.0.0.1/sub/\n[22]\n501 POST\n',
    )
  })

  it('traces the exchange with -v', async () => {
    const { stderr } = await run([server, curl('-sv', '-o', '/dev/null', 'http://127.0.0.1/sub/a.txt')], gnu)
    expect(stderr.replaceAll('\r', '')).toBe(`*   Trying 127.0.0.1:80...
* Connected to 127.0.0.1 (127.0.0.1) port 80 (#0)
> GET /sub/a.txt HTTP/1.1
> Host: 127.0.0.1
> User-Agent: curl/7.88.1
> Accept: */*
> 
< HTTP/1.1 200 OK
< Date: Fri, 02 Jan 2026 03:04:05 GMT
< Connection: close
< Content-type: text/plain
< Accept-Ranges: bytes
< Last-Modified: Fri, 02 Jan 2026 03:04:05 GMT
< ETag: "695735a5-6"
< Content-Length: 6
< 
{ [6 bytes data]
* Closing connection 0
`)
  })

  it('gives up when no answer comes in time', async () => {
    const { stdout, stderr } = await run(
      [
        { run: ['nc', '-l', '-p', '5000', '-e', 'sleep', '100'], background: true },
        curl('-sS', '-m', '2', 'http://127.0.0.1:5000/'),
      ],
      {},
    )
    expect(stdout).toBe('[28]\n')
    expect(stderr).toMatch(/^curl: \(28\) Operation timed out after 20\d\d milliseconds with 0 bytes received\n$/)
  })
})

describe('wget of GNU', () => {
  it('tells what it does', async () => {
    const { stdout, stderr } = await run(
      [
        server,
        { run: ['wget', '-O', '/tmp/a', 'http://127.0.0.1/sub/a.txt'] },
        { run: ['wget', 'http://127.0.0.1/nope'] },
      ],
      { flavour: 'gnu' },
    )
    expect(stdout).toBe('[8]\n')
    const stamp = '2026-01-02 03:04:05'
    expect(
      stderr.replace(/[\d.]+ [KMG]?B\/s|[\d.]+[KMG]?=[\d.]+s/g, 'RATE'),
    ).toBe(`--${stamp}--  http://127.0.0.1/sub/a.txt
Connecting to 127.0.0.1:80... connected.
HTTP request sent, awaiting response... 200 OK
Length: 6 [text/plain]
Saving to: '/tmp/a'

     0K                                                       100% RATE

${stamp} (RATE) - '/tmp/a' saved [6/6]

--${stamp}--  http://127.0.0.1/nope
Connecting to 127.0.0.1:80... connected.
HTTP request sent, awaiting response... 404 Not Found
${stamp} ERROR 404: Not Found.

`)
  })
})
