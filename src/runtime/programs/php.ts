/** php as far as it tells its version and serves a folder with `-S`. Scripts are not run. */
import type { CoroutineProgram, Json, Proc, Routine } from '../../kernel/program.ts'
import { header } from '../../kernel/userland/lib/http.ts'
import { isErrno } from '../../vfs/errno.ts'
import { type HttpReply, type HttpRequest, type Serving, serveHttp } from '../http-server.ts'
import { readFileNow, textNow } from '../whole-file.ts'

interface State {
  serving: Serving
  root: string
}

const say = (fd: number, text: string) => ({ op: 'write' as const, fd, data: Buffer.from(text, 'latin1') })

export const program: CoroutineProgram = {
  kind: 'coroutine',
  name: 'php',
  *main(p, saved) {
    const state = (saved as unknown as State | undefined) ?? (yield* start(p))
    if (typeof state === 'number') return state
    yield* serveHttp(p, state.serving, {
      *answer(request) {
        const reply = answer(p, state.root, request)
        yield say(
          2,
          `${stamp(p)} ${request.peer.address}:${request.peer.port} [${reply.status}]: ${request.method} ${request.target}\n`,
        )
        return reply
      },
      // biome-ignore lint/correctness/useYield: it just ends
      *signal() {
        return true
      },
      idle: () => p.checkpoint(state as unknown as Json),
    })
    return 0
  },
}

/** `[Mon Nov 30 18:49:11 2026]`. */
function stamp(p: Proc): string {
  const [day, date, month, year, time] = new Date(p.now()).toUTCString().replace(',', '').split(' ')
  return `[${day} ${month} ${date} ${time} ${year}]`
}

function* start(p: Proc): Routine<State | number> {
  const version = p.marker['version'] ?? '8.4.8'
  const words = p.argv.slice(1)
  if (words[0] === '-v' || words[0] === '--version') {
    yield say(1, `PHP ${version} (cli) (built: Jun  5 2025 17:05:12) (NTS)\nCopyright (c) The PHP Group\n`)
    return 0
  }
  const address = words[words.indexOf('-S') + 1]
  if (!words.includes('-S') || address === undefined) {
    yield say(2, 'php: minidock does not run PHP scripts; -v and the built-in web server (-S) are modelled\n')
    return 126
  }
  const [, host = '', port = ''] = /^(.*):(\d+)$/.exec(address) ?? []
  const root = words.includes('-t') ? (words[words.indexOf('-t') + 1] ?? '.') : p.cwd()
  // Once: process 1 has no default for them.
  for (const signal of ['TERM', 'INT']) p.sigaction(signal, 'catch')
  try {
    const listener = p.listen(host.replace(/^\[|\]$/g, '') || '::', Number(port), 'tcp')
    yield say(2, `${stamp(p)} PHP ${version} Development Server (http://${address}) started\n`)
    return { serving: { listeners: [listener], open: [] }, root }
  } catch (error) {
    if (!isErrno(error)) throw error
    yield say(2, `${stamp(p)} Failed to listen on ${address} (reason: ${error.message})\n`)
    return 1
  }
}

function answer(p: Proc, root: string, request: HttpRequest): HttpReply {
  const path = decodeURIComponent(request.target.split('?')[0]?.replace(/%(?![0-9a-f]{2})/gi, '%25') ?? '/')
  const safe = path
    .split('/')
    .filter(part => part !== '' && part !== '.' && part !== '..')
    .join('/')
  const file = `${root}/${safe}`
  const html = (status: number, body: string): HttpReply => ({
    status,
    headers: [
      ['Host', header(request.headers, 'Host') ?? ''],
      ['Content-type', 'text/html; charset=UTF-8'],
    ],
    body: Buffer.from(body),
  })
  const script = safe === '' ? textNow(p, `${root}/index.php`) : undefined
  // Adminer's first page asks for a server and an account; what follows needs PHP.
  if (script?.includes('adminer.php'))
    return html(
      200,
      '<!DOCTYPE html>\n<html lang="en">\n<title>Login - Adminer</title>\n<h2>Login</h2>\n<form action="" method="post">\n<p><input name="auth[server]" placeholder="db"> <input name="auth[username]"> <input type="password" name="auth[password]"> <input name="auth[db]"> <input type="submit" value="Login">\n</form>\n',
    )
  if (safe.endsWith('.php') || script !== undefined) return html(500, 'minidock does not run PHP\n')
  try {
    return { ...html(200, ''), body: readFileNow(p, safe === '' ? `${root}/index.html` : file) }
  } catch (error) {
    if (!isErrno(error)) throw error
    return html(
      404,
      `<!doctype html><html><head><title>404 Not Found</title></head><body><h1>Not Found</h1><p>The requested resource <code class="url">${path.replaceAll('<', '&lt;')}</code> was not found on this server.</p></body></html>`,
    )
  }
}
