/**
 * What was found in the source of a Rust, C, C++ or Java program: the lines it prints, and the server it may be. Used
 * where the language itself is not run: see docs/programs.md for what is recognised.
 */
import type { Json, Proc, Routine } from '../../kernel/program.ts'
import { toBytes } from '../../kernel/userland/lib/bytes.ts'
import { Connection, readHead } from '../../kernel/userland/lib/http.ts'
import { isErrno } from '../../vfs/errno.ts'

/** A text with `${env:NAME:default}`, `${arg:1}` and `${host}` where the program fills something in. */
export type Template = string

export type Step =
  | { do: 'print'; text: Template; fd: 1 | 2 }
  | { do: 'sleep'; ms: number }
  | { do: 'exit'; status: number }
  | { do: 'repeat'; times: number | 'ever'; steps: Step[] }

export interface Route {
  method: string
  /** `/hello/{name}`. */
  path: string
  status: number
  type: string
  body: Template
  /** What is logged when it is asked for. */
  log?: Template
}

export interface PlainRecord {
  language: 'rust' | 'c' | 'c++' | 'java'
  steps: Step[]
  server?: {
    graceful?: boolean
    host: string
    port: Template
    routes: Route[]
    notFound: { body: string; type: string }
    header?: string
  }
}

/** Runs a record; the exit status. */
export function* runPlain(p: Proc, record: PlainRecord, saved: Json | undefined): Routine<number> {
  if (saved === undefined) {
    const status = yield* runSteps(p, record.steps)
    if (status !== undefined) return status
    if (!record.server) return 0
  }
  const { server } = record
  if (!server) return 0
  let socket: number
  if (saved === undefined) {
    const port = Number(fill(p, server.port))
    p.memory(record.language === 'java' ? 90 << 20 : 2 << 20)
    try {
      socket = p.listen(
        server.host === '127.0.0.1' || server.host === 'localhost' ? '127.0.0.1' : '0.0.0.0',
        port,
        'tcp',
      )
    } catch (error) {
      if (!isErrno(error)) throw error
      yield {
        op: 'write',
        fd: 2,
        data: toBytes(`Error: ${error.message} (os error ${error.code === 'EADDRINUSE' ? 98 : 13})\n`),
      }
      return 1
    }
    // The JVM stops in order at SIGTERM; what C and Rust do is the kernel's default.
    if (record.language === 'java' || server.graceful)
      for (const signal of ['TERM', 'INT']) p.sigaction(signal, 'catch')
  } else socket = (saved as { socket: number }).socket
  for (let stored = saved !== undefined; ; stored = false) {
    if (!stored) p.checkpoint({ record: record as unknown as Json, state: { socket } })
    let fd: number
    try {
      fd = (yield { op: 'accept', fd: socket }) as number
    } catch (error) {
      if (!isErrno(error, 'EINTR')) throw error
      const signal = p.takeSignal()
      if (signal !== undefined) return server.graceful ? 0 : signal === 'TERM' ? 143 : 130
      continue
    }
    yield* answer(p, server, fd)
  }
}

function* runSteps(p: Proc, steps: readonly Step[]): Routine<number | undefined> {
  for (const step of steps) {
    if (step.do === 'print')
      yield { op: 'write', fd: step.fd, data: toBytes(Buffer.from(fill(p, step.text)).toString('latin1')) }
    else if (step.do === 'sleep') yield { op: 'sleep', ms: step.ms }
    else if (step.do === 'exit') return step.status
    else
      for (let at = 0; step.times === 'ever' || at < step.times; at++) {
        yield { op: 'cpu', ms: 0.01 }
        const status = yield* runSteps(p, step.steps)
        if (status !== undefined) return status
      }
  }
  return undefined
}

/** Fills a template in. */
function fill(p: Proc, text: Template, params: ReadonlyMap<string, string> = new Map()): string {
  return text.replace(
    /\$\{(env|arg|param|host):?(\w*):?([^}]*)\}/g,
    (_, kind: string, name: string, fallback: string) => {
      if (kind === 'env') return Buffer.from(p.env.get(name) ?? fallback, 'latin1').toString('utf8')
      if (kind === 'arg') return p.argv[Number(name)] ?? fallback
      if (kind === 'host') return p.uname().nodename
      return params.get(name) ?? fallback
    },
  )
}

const reasons: Record<number, string> = {
  200: 'OK',
  201: 'Created',
  204: 'No Content',
  404: 'Not Found',
  500: 'Internal Server Error',
}

function* answer(p: Proc, server: NonNullable<PlainRecord['server']>, fd: number): Routine<void> {
  try {
    const head = yield* readHead(new Connection(fd))
    if (!head) return
    const [method = 'GET', target = '/'] = head.first.split(' ')
    const path = target.split('?')[0] ?? '/'
    let found: { route: Route; params: Map<string, string> } | undefined
    for (const route of server.routes) {
      const names: string[] = []
      const source = route.path
        .replace(/[.*+?^$()|[\]\\]/g, '\\$&')
        .replace(/\{(\w+)\}|<(\w+)>|:(\w+)/g, (_, a?: string, b?: string, c?: string) => {
          names.push(a ?? b ?? c ?? '')
          return '([^/]+)'
        })
      const hit = route.path === '*' ? ([''] as const) : new RegExp(`^${source}$`).exec(path)
      if (!hit || (route.method !== '' && route.method !== method && !(route.method === 'GET' && method === 'HEAD')))
        continue
      found = { route, params: new Map(names.map((name, at) => [name, decodeURIComponent(hit[at + 1] ?? '')])) }
      break
    }
    const { route, params } = found ?? {}
    if (route?.log !== undefined)
      yield { op: 'write', fd: 1, data: toBytes(Buffer.from(fill(p, route.log, params)).toString('latin1')) }
    const status = route?.status ?? 404
    const body = Buffer.from(route ? fill(p, route.body, params) : server.notFound.body)
    const type = route?.type ?? server.notFound.type
    const lines = [
      `HTTP/1.1 ${status} ${reasons[status] ?? ''}`,
      ...(type === '' ? [] : [`content-type: ${type}`]),
      `content-length: ${body.length}`,
      `date: ${new Date(p.now()).toUTCString()}`,
      'connection: close',
    ]
    yield { op: 'write', fd, data: toBytes(`${lines.join('\r\n')}\r\n\r\n`) }
    if (method !== 'HEAD') yield { op: 'write', fd, data: body }
  } catch (error) {
    if (!isErrno(error)) throw error
  } finally {
    p.close(fd)
  }
}
