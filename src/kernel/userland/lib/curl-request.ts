/** The request that curl's options describe. */
import { isErrno } from '../../../vfs/errno.ts'
import type { Proc, Routine } from '../../program.ts'
import type { options } from './curl-options.ts'
import { Failure } from './failure.ts'
import { type Headers, hostHeader, type Url } from './http.ts'
import { readFile } from './input.ts'
import type { Options } from './options.ts'

export interface CurlRequest {
  readonly method: string
  /** Header lines in curl's order. */
  readonly headers: Headers
  readonly body: string | undefined
}

type Given = Options<typeof options>

/** What -d, -F, -T and their like send, with the method and the headers that follow from them. */
export interface Payload {
  readonly method: string | undefined
  readonly body: string | undefined
  readonly type: string | undefined
  /** Text for the query with -G. */
  readonly query: string | undefined
}

/** Reads what is to be sent. Fails with 26 when a file cannot be read. */
export function* payload(p: Proc, given: Given): Routine<Payload> {
  const parts: string[] = []
  let type: string | undefined
  for (const { key, value } of given.given) {
    switch (key) {
      case 'data':
        parts.push(value.startsWith('@') ? (yield* contents(p, value.slice(1))).replace(/[\r\n\0]/g, '') : value)
        break
      case 'dataRaw':
        parts.push(value)
        break
      case 'dataBinary':
        parts.push(value.startsWith('@') ? yield* contents(p, value.slice(1)) : value)
        break
      case 'dataUrlencode':
        parts.push(urlencoded(value))
        break
      case 'json':
        parts.push(value.startsWith('@') ? yield* contents(p, value.slice(1)) : value)
        type = 'application/json'
        break
    }
  }
  const upload = given.value('upload')
  if (upload !== undefined) {
    return {
      method: 'PUT',
      body: yield* contents(p, upload === '-' ? '/dev/stdin' : upload),
      type: undefined,
      query: undefined,
    }
  }
  if (given.has('form')) return yield* multipart(p, given.values('form'))
  if (parts.length === 0) return { method: undefined, body: undefined, type: undefined, query: undefined }
  const text = parts.join(type === undefined ? '&' : '')
  if (given.has('get')) return { method: undefined, body: undefined, type: undefined, query: text }
  return { method: 'POST', body: text, type: type ?? 'application/x-www-form-urlencoded', query: undefined }
}

/** Puts a request together for one address. */
export function requestFor(p: Proc, given: Given, url: Url, data: Payload, keepMethod: boolean): CurlRequest {
  const body = keepMethod ? data.body : undefined
  const method =
    given.value('request') ?? (given.has('head') ? 'HEAD' : ((keepMethod ? data.method : undefined) ?? 'GET'))
  const own: Headers = []
  const replaced = new Set<string>()
  for (const line of given.values('header')) {
    const match = /^([^:;]+)([:;])\s*(.*)$/.exec(line)
    if (!match?.[1]) continue
    replaced.add(match[1].toLowerCase())
    if (match[3] !== '' || match[2] === ';') own.push([match[1], match[3] ?? ''])
  }
  const headers: Headers = []
  const standard = (name: string, value: string | undefined) => {
    if (value === undefined) return
    if (!replaced.has(name.toLowerCase())) headers.push([name, value])
  }
  const host = own.findIndex(([name]) => name.toLowerCase() === 'host')
  if (host >= 0) headers.push(...own.splice(host, 1))
  else standard('Host', hostHeader(url))
  const user = given.value('user') ?? (url.user === undefined ? undefined : decodeURIComponent(url.user))
  if (user !== undefined) standard('Authorization', `Basic ${Buffer.from(user, 'latin1').toString('base64')}`)
  const agent = given.value('agent') ?? `curl/${p.marker.version ?? '7.88.1'}`
  if (given.has('range')) standard('Range', `bytes=${given.value('range')}`)
  if (agent !== '') standard('User-Agent', agent)
  standard('Accept', data.type === 'application/json' && body !== undefined ? 'application/json' : '*/*')
  standard('Referer', given.value('referer'))
  const cookies = given.values('cookie').filter(text => text.includes('='))
  if (cookies.length > 0) standard('Cookie', cookies.join('; '))
  headers.push(...own)
  if (body !== undefined) {
    standard('Content-Length', String(body.length))
    standard('Content-Type', data.type)
  }
  return { method, headers, body }
}

function* contents(p: Proc, path: string): Routine<string> {
  try {
    return yield* readFile(p, path === '-' ? '-' : path)
  } catch (error) {
    if (!isErrno(error)) throw error
    throw new Failure(`(26) Failed to open ${path}`, 26)
  }
}

function urlencoded(value: string): string {
  const encode = (text: string) =>
    text.replace(/[^A-Za-z0-9._~-]/g, c => `%${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`)
  const equals = value.indexOf('=')
  if (equals === -1) return encode(value)
  return equals === 0 ? encode(value.slice(1)) : `${value.slice(0, equals)}=${encode(value.slice(equals + 1))}`
}

function* multipart(p: Proc, forms: string[]): Routine<Payload> {
  const boundary = `------------------------${Buffer.from(p.random(8)).toString('hex')}`
  let body = ''
  for (const form of forms) {
    const equals = form.indexOf('=')
    const name = form.slice(0, equals)
    const value = form.slice(equals + 1)
    body += `--${boundary}\r\nContent-Disposition: form-data; name="${name}"`
    if (value.startsWith('@')) {
      const path = value.slice(1).split(';')[0] ?? ''
      const type = /;type=([^;]+)/.exec(value)?.[1] ?? 'application/octet-stream'
      body += `; filename="${path.split('/').pop()}"\r\nContent-Type: ${type}\r\n\r\n${yield* contents(p, path)}\r\n`
    } else body += `\r\n\r\n${value.startsWith('<') ? yield* contents(p, value.slice(1)) : value}\r\n`
  }
  return {
    method: 'POST',
    body: `${body}--${boundary}--\r\n`,
    type: `multipart/form-data; boundary=${boundary}`,
    query: undefined,
  }
}
