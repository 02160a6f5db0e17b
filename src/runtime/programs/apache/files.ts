/** What Apache answers a request with: a file, a folder's index, a redirect, or one of its pages. */
import { posix } from 'node:path'
import type { Proc } from '../../../kernel/program.ts'
import { type Headers, header } from '../../../kernel/userland/lib/http.ts'
import { isErrno } from '../../../vfs/errno.ts'
import type { Stat } from '../../../vfs/filesystem.ts'
import { httpDate } from '../../clock-words.ts'
import type { HttpReply, HttpRequest } from '../../http-server.ts'
import { readFileNow, textNow } from '../../whole-file.ts'
import type { ApacheConfig } from './config.ts'

export interface ApacheReply extends HttpReply {
  /** What the error log is told. */
  problem?: string
}

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html',
  htm: 'text/html',
  css: 'text/css',
  js: 'text/javascript',
  json: 'application/json',
  txt: 'text/plain',
  xml: 'application/xml',
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  svg: 'image/svg+xml',
  ico: 'image/vnd.microsoft.icon',
  pdf: 'application/pdf',
}

const WORDS: Readonly<Record<number, [title: string, text: string]>> = {
  400: ['Bad Request', 'Your browser sent a request that this server could not understand.<br />\n'],
  403: ['Forbidden', "You don't have permission to access this resource."],
  404: ['Not Found', 'The requested URL was not found on this server.'],
  405: ['Method Not Allowed', 'The requested method METHOD is not allowed for this URL.'],
  500: [
    'Internal Server Error',
    'The server encountered an internal error or\nmisconfiguration and was unable to complete\nyour request.',
  ],
  501: ['Not Implemented', 'METHOD not supported for current URL.<br />\n'],
}

/** The answer to a request. */
export function answerFile(p: Proc, config: ApacheConfig, request: HttpRequest): ApacheReply {
  const page = new Pages(p, config, request)
  const target = request.target.replace(/^https?:\/\/[^/?#]*/i, '') || '/'
  const [raw = '/', query] = target.split('?')
  let path: string
  try {
    path = decodeURIComponent(raw)
  } catch {
    return page.error(400)
  }
  if (!path.startsWith('/') || path.includes('\0')) return page.error(400)
  const redirect = config.redirects.find(({ from }) => path === from || path.startsWith(`${from.replace(/\/$/, '')}/`))
  if (redirect) return page.redirect(redirect.status, redirect.to + path.slice(redirect.from.length))
  const clean = posix.normalize(path)
  const alias = config.aliases.find(({ from }) => clean === from || clean.startsWith(`${from.replace(/\/$/, '')}/`))
  if (clean === '/wp-admin/install.php' && isWordPress(p, config)) return page.wordPressSetUp()
  const file = Buffer.from(
    alias ? posix.join(alias.to, clean.slice(alias.from.length)) : posix.join(config.documentRoot, clean),
  ).toString('latin1')
  const rules = rulesOf(config, file)
  if (rules.denied) return page.error(403, `AH01630: client denied by server configuration: ${file}`)
  const stat = statOf(p, file)
  if (stat === 'denied')
    return page.error(
      403,
      `(13)Permission denied: AH00035: access to ${clean} denied (filesystem path '${file}') because search permissions are missing on a component of the path`,
    )
  if (!stat) return page.error(404)
  if (!['GET', 'HEAD', 'POST', 'OPTIONS'].includes(request.method))
    return page.error(['PUT', 'DELETE', 'PATCH', 'TRACE'].includes(request.method) ? 405 : 501)
  if (stat.type !== 'dir') {
    if (clean.endsWith('/') && clean !== '/') return page.error(404)
    return page.file(file, stat)
  }
  if (!clean.endsWith('/')) {
    const host = header(request.headers, 'Host') ?? request.local.address
    return page.redirect(301, `http://${host}${encodeURI(clean)}/${query === undefined ? '' : `?${query}`}`)
  }
  for (const name of config.index) {
    const inner = statOf(p, posix.join(file, name))
    if (inner && inner !== 'denied' && inner.type === 'file') return page.file(posix.join(file, name), inner)
  }
  if (rules.indexes) return page.listing(file, clean)
  return page.error(
    403,
    `AH01276: Cannot serve directory ${file}: No matching DirectoryIndex (${config.index.join(',')}) found, and server-generated directory index forbidden by Options directive`,
  )
}

/** The sections of the folders above a file, the inner ones over the outer ones. */
function rulesOf(config: ApacheConfig, file: string): { indexes: boolean; denied: boolean } {
  const rules = { indexes: false, denied: false }
  const above = config.folders
    .filter(({ path }) => path === '/' || file === path || file.startsWith(`${path}/`))
    .sort((a, b) => a.path.length - b.path.length)
  for (const { indexes = rules.indexes, denied = rules.denied } of above) Object.assign(rules, { indexes, denied })
  return rules
}

function statOf(p: Proc, path: string): Stat | 'denied' | undefined {
  try {
    return p.stat(path)
  } catch (error) {
    if (!isErrno(error)) throw error
    return error.code === 'EACCES' ? 'denied' : undefined
  }
}

/** Whether the document root holds WordPress: its first page begins the blog. */
const isWordPress = (p: Proc, { php, documentRoot }: ApacheConfig): boolean =>
  php !== undefined && textNow(p, posix.join(documentRoot, 'index.php'))?.includes('wp-blog-header.php') === true

class Pages {
  readonly #p: Proc
  readonly #config: ApacheConfig
  readonly #request: HttpRequest

  constructor(p: Proc, config: ApacheConfig, request: HttpRequest) {
    this.#p = p
    this.#config = config
    this.#request = request
  }

  #reply(status: number, headers: Headers, body: Uint8Array, problem?: string): ApacheReply {
    const common: Headers = [
      ['Date', httpDate(this.#p.now())],
      ['Server', this.#config.server],
      ...this.#config.headers,
    ]
    return { status, headers: [...common, ...headers], body, ...(problem !== undefined && { problem }) }
  }

  file(path: string, stat: Stat): ApacheReply {
    const name = path.slice(path.lastIndexOf('/') + 1)
    const ending = name.includes('.') ? name.slice(name.lastIndexOf('.') + 1).toLowerCase() : ''
    if (ending === 'php' && this.#config.php) return this.#script(path)
    const tag = `"${stat.size.toString(16)}-${Math.floor(stat.mtime * 1000).toString(16)}"`
    const modified = httpDate(Math.floor(stat.mtime / 1000) * 1000)
    const headers: Headers = [
      ['Last-Modified', modified],
      ['ETag', tag],
      ['Accept-Ranges', 'bytes'],
    ]
    const since = header(this.#request.headers, 'If-Modified-Since')
    if (header(this.#request.headers, 'If-None-Match') === tag || since === modified)
      return this.#reply(304, headers, new Uint8Array(0))
    let body: Uint8Array
    try {
      body = readFileNow(this.#p, path)
    } catch (error) {
      if (!isErrno(error)) throw error
      return this.error(403, `(13)Permission denied: AH00132: file permissions deny server access: ${path}`)
    }
    const type = this.#config.types[ending] ?? TYPES[ending]
    return this.#reply(
      200,
      [
        ...headers,
        ['Content-Length', String(body.length)],
        ...(type ? [['Content-Type', type] as [string, string]] : []),
      ],
      body,
    )
  }

  /** PHP is not run: WordPress is answered as far as its set-up page, everything else says so. */
  #script(path: string): ApacheReply {
    if (path === posix.join(this.#config.documentRoot, 'index.php') && isWordPress(this.#p, this.#config)) {
      const host = header(this.#request.headers, 'Host') ?? 'localhost'
      return this.#reply(
        302,
        [
          ['X-Redirect-By', 'WordPress'],
          ['Location', `http://${host}/wp-admin/install.php`],
          ['Content-Type', 'text/html; charset=UTF-8'],
        ],
        new Uint8Array(0),
      )
    }
    return this.error(500, `minidock does not run PHP: ${path}`)
  }

  /** The page on which WordPress asks for the site's title and its first user. */
  wordPressSetUp(): ApacheReply {
    const body =
      '<!DOCTYPE html>\n<html lang="en-US">\n<head>\n<title>WordPress &rsaquo; Installation</title>\n</head>\n<body class="wp-core-ui language-chooser">\n<p id="logo">WordPress</p>\n<form id="setup" method="post" action="?step=1">\n<label for="language">Select a default language</label>\n<input type="submit" value="Continue">\n</form>\n</body>\n</html>\n'
    return this.#reply(200, [['Content-Type', 'text/html; charset=utf-8']], Buffer.from(body))
  }

  redirect(status: number, location: string): ApacheReply {
    const title = status === 301 ? 'Moved Permanently' : 'Found'
    const text = `The document has moved <a href="${escape(location)}">here</a>.`
    return this.#page(status, title, text, [['Location', location]])
  }

  error(status: number, problem?: string): ApacheReply {
    const own = this.#config.errorPages[String(status)]
    if (own?.startsWith('/')) {
      const file = posix.join(this.#config.documentRoot, own)
      const stat = statOf(this.#p, file)
      if (stat && stat !== 'denied' && stat.type === 'file')
        return { ...this.file(file, stat), status, ...(problem !== undefined && { problem }) }
    } else if (own !== undefined && !/^https?:/.test(own))
      return this.#reply(
        status,
        [['Content-Type', 'text/html; charset=iso-8859-1']],
        Buffer.from(own, 'latin1'),
        problem,
      )
    const [title, text] = WORDS[status] ?? ['Error', '']
    return this.#page(status, title, text.replace('METHOD', escape(this.#request.method)), [], problem)
  }

  #page(status: number, title: string, text: string, more: Headers, problem?: string): ApacheReply {
    const body = `<!DOCTYPE HTML PUBLIC "-//IETF//DTD HTML 2.0//EN">\n<html><head>\n<title>${status} ${title}</title>\n</head><body>\n<h1>${title}</h1>\n<p>${text}</p>\n</body></html>\n`
    const headers: Headers = [
      ...more,
      ['Content-Length', String(body.length)],
      ['Content-Type', 'text/html; charset=iso-8859-1'],
    ]
    return this.#reply(status, headers, Buffer.from(body, 'latin1'), problem)
  }

  /** mod_autoindex's plain list. */
  listing(folder: string, path: string): ApacheReply {
    const names = this.#p
      .readdir(folder)
      .filter(({ name }) => !name.startsWith('.'))
      .map(({ name, type }) => (type === 'dir' ? `${name}/` : name))
      .sort()
    const up =
      path === '/'
        ? ''
        : `<li><a href="${escape(posix.dirname(path.replace(/\/$/, '')).replace(/([^/])$/, '$1/'))}"> Parent Directory</a></li>\n`
    const rows = names.map(name => `<li><a href="${escape(encodeURI(name))}"> ${escape(name)}</a></li>\n`).join('')
    const body = `<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 3.2 Final//EN">\n<html>\n <head>\n  <title>Index of ${escape(path.replace(/(.)\/$/, '$1'))}</title>\n </head>\n <body>\n<h1>Index of ${escape(path.replace(/(.)\/$/, '$1'))}</h1>\n<ul>${up}${rows}</ul>\n</body></html>\n`
    return this.#reply(
      200,
      [
        ['Content-Length', String(body.length)],
        ['Content-Type', 'text/html;charset=ISO-8859-1'],
      ],
      Buffer.from(body, 'latin1'),
    )
  }
}

const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
