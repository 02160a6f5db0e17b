/** What Apache's configuration says, as far as it is modelled: addresses, the document root, index files, access, logs. */
import type { Proc } from '../../../kernel/program.ts'
import { isErrno } from '../../../vfs/errno.ts'
import { textNow } from '../../whole-file.ts'

export interface ApacheConfig {
  root: string
  listen: { host: string; port: number }[]
  documentRoot: string
  index: string[]
  serverName: string | undefined
  errorLog: string
  accessLog: string
  combined: boolean
  /** Sections that apply below a folder, the outer ones first. */
  folders: { path: string; indexes?: boolean; denied?: boolean }[]
  aliases: { from: string; to: string }[]
  redirects: { from: string; to: string; status: number }[]
  headers: [name: string, value: string][]
  errorPages: Record<string, string>
  types: Record<string, string>
  /** PHP's version, where the image has it. */
  php: string | undefined
  /** The Server header. */
  server: string
}

const SIZES_OF_LINES = 1 << 16

/** The configuration, or what Apache says of a line that is wrong. */
export function readApacheConfig(p: Proc, debian: boolean): ApacheConfig | string {
  const root = debian ? '/etc/apache2' : '/usr/local/apache2'
  const file = option(p, '-f') ?? (debian ? `${root}/apache2.conf` : `${root}/conf/httpd.conf`)
  const config: ApacheConfig = {
    root,
    listen: [],
    documentRoot: debian ? '/var/www/html' : `${root}/htdocs`,
    index: ['index.html'],
    serverName: undefined,
    errorLog: '/proc/self/fd/2',
    accessLog: '/proc/self/fd/1',
    combined: false,
    folders: [],
    aliases: [],
    redirects: [],
    headers: [],
    errorPages: {},
    types: {},
    php: undefined,
    server: '',
  }
  if (debian) {
    config.php = p.env.get('PHP_VERSION')
    config.combined = true
    config.index = ['index.html', 'index.php']
  }
  const text = textNow(p, absolute(root, file))
  if (text === undefined && !debian)
    return `${p.name}: Could not open configuration file ${absolute(root, file)}: No such file or directory\n`
  const problem = readLines(p, config, absolute(root, file), text ?? '', 0)
  if (problem) return problem
  for (const each of p.argv.flatMap((word, at) => (word === '-c' || word === '-C' ? [p.argv[at + 1] ?? ''] : []))) {
    const wrong = readLines(p, config, 'Command line', each, 0)
    if (wrong) return wrong
  }
  if (config.listen.length === 0) config.listen.push({ host: '', port: 80 })
  const named = textNow(p, `${root}/conf/mime.types`)
  for (const line of (named ?? '').split('\n')) {
    const [type = '', ...ends] = line.replace(/#.*/, '').trim().split(/\s+/)
    for (const end of ends) config.types[end] = type
  }
  return config
}

function option(p: Proc, name: string): string | undefined {
  const at = p.argv.indexOf(name)
  return at < 0 ? undefined : p.argv[at + 1]
}

const absolute = (root: string, path: string): string => (path.startsWith('/') ? path : `${root}/${path}`)

function readLines(p: Proc, config: ApacheConfig, file: string, text: string, depth: number): string | undefined {
  if (depth > 8 || text.length > SIZES_OF_LINES * 16) return undefined
  const sections: { name: string; path: string }[] = []
  const lines = text.replace(/\\\r?\n/g, ' ').split('\n')
  for (const [at, line] of lines.entries()) {
    const words = [
      ...line
        .trim()
        .slice(0, SIZES_OF_LINES)
        .matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g),
    ].map(([, quoted, bare]) => quoted?.replace(/\\(.)/g, '$1') ?? bare ?? '')
    const [word = '', ...rest] = words
    if (word === '' || word.startsWith('#')) continue
    const begins = /^<(\w+)$/.exec(word)
    if (begins) {
      sections.push({ name: (begins[1] ?? '').toLowerCase(), path: (rest[0] ?? '').replace(/>$/, '') })
      continue
    }
    if (/^<\/\w+>$/.test(word)) {
      const closed = sections.pop()
      if (closed && `</${closed.name}>` === word.toLowerCase()) continue
      return syntax(file, at, `${word} without matching <${word.slice(2, -1)}> section`)
    }
    const inside = sections.findLast(({ name }) => name === 'directory')
    const skipped = sections.some(
      ({ name, path }) => name === 'ifdefine' || (name === 'ifmodule' && path.startsWith('!')),
    )
    if (skipped || sections.some(({ name }) => name === 'files' || name === 'filesmatch')) continue
    const problem = directive(p, config, word, rest, inside?.path, depth)
    if (problem) return problem === 'unknown' ? syntax(file, at, unknownCommand(word)) : problem
  }
  const left = sections.pop()
  return left === undefined ? undefined : syntax(file, lines.length - 1, `<${left.name}> was not closed.`)
}

const syntax = (file: string, at: number, words: string): string =>
  `AH00526: Syntax error on line ${at + 1} of ${file}:\n${words}\n`

const unknownCommand = (word: string): string =>
  `Invalid command '${word}', perhaps misspelled or defined by a module not included in the server configuration`

/** One line's effect. A text is an error; `unknown` for a command that no module has. */
function directive(
  p: Proc,
  config: ApacheConfig,
  word: string,
  [first = '', second = '', third = '']: readonly string[],
  folder: string | undefined,
  depth: number,
): string | undefined {
  const section = (): ApacheConfig['folders'][number] => {
    const path = (folder ?? config.documentRoot).replace(/(.)\/$/, '$1')
    let known = config.folders.find(each => each.path === path)
    if (!known) config.folders.push((known = { path }))
    return known
  }
  switch (word.toLowerCase()) {
    case 'serverroot':
      config.root = first
      return undefined
    case 'listen': {
      const [, host = '', port = ''] = /^(?:(.*):)?(\d+)$/.exec(first) ?? []
      if (port === '') return `Port must be specified\n`
      config.listen.push({ host: host.replace(/^\[|\]$/g, ''), port: Number(port) })
      return undefined
    }
    case 'documentroot':
      config.documentRoot = first.replace(/(.)\/$/, '$1')
      return undefined
    case 'directoryindex':
      config.index = [first, second, third].filter(name => name !== '')
      return undefined
    case 'servername':
      config.serverName = first
      return undefined
    case 'errorlog':
      config.errorLog = absolute(config.root, first)
      return undefined
    case 'customlog':
      config.accessLog = absolute(config.root, first)
      config.combined = second === 'combined'
      return undefined
    case 'options': {
      const words = [first, second, third].map(each => each.toLowerCase())
      section().indexes = words.some(each => ['indexes', '+indexes', 'all'].includes(each))
      return undefined
    }
    case 'require':
      section().denied = first.toLowerCase() === 'all' && second.toLowerCase() === 'denied'
      return undefined
    case 'alias':
      config.aliases.push({ from: first, to: second })
      return undefined
    case 'redirect':
      config.redirects.push(
        third === ''
          ? { from: first, to: second, status: 302 }
          : { from: second, to: third, status: first === 'permanent' ? 301 : Number(first) || 302 },
      )
      return undefined
    case 'header':
      if (['set', 'add', 'append'].includes(first.toLowerCase())) config.headers.push([second, third])
      return undefined
    case 'errordocument':
      config.errorPages[first] = second
      return undefined
    case 'addtype':
      config.types[second.replace(/^\./, '')] = first
      return undefined
    case 'include':
    case 'includeoptional':
      return include(p, config, absolute(config.root, first), word, depth)
    default:
      return KNOWN.has(word.toLowerCase()) ? undefined : 'unknown'
  }
}

function include(p: Proc, config: ApacheConfig, path: string, word: string, depth: number): string | undefined {
  const folder = path.slice(0, path.lastIndexOf('/'))
  const pattern = path.slice(path.lastIndexOf('/') + 1)
  let names = [pattern]
  if (/[*?]/.test(pattern)) {
    try {
      const test = new RegExp(
        `^${pattern
          .replace(/[.+^${}()|[\]\\]/g, '\\$&')
          .replaceAll('*', '[^/]*')
          .replaceAll('?', '.')}$`,
      )
      names = p
        .readdir(folder)
        .map(({ name }) => name)
        .filter(name => test.test(name))
        .sort()
    } catch (error) {
      if (!isErrno(error)) throw error
      return undefined
    }
  }
  for (const name of names) {
    const text = textNow(p, `${folder}/${name}`)
    if (text === undefined) {
      if (word.toLowerCase() === 'includeoptional') continue
      return `${p.name}: Could not open configuration file ${folder}/${name}: No such file or directory\n`
    }
    const problem = readLines(p, config, `${folder}/${name}`, text, depth + 1)
    if (problem) return problem
  }
  return undefined
}

/** Commands of the modules that images load, which change nothing here. */
const KNOWN = new Set(
  (
    'loadmodule user group serveradmin allowoverride loglevel logformat typesconfig addhandler addencoding addlanguage ' +
    'addcharset addoutputfilter sethandler timeout keepalive maxkeepaliverequests keepalivetimeout hostnamelookups ' +
    'pidfile mutex serversignature servertokens traceenable enablemmap enablesendfile accessfilename usecanonicalname ' +
    'scriptalias scriptsock browsermatch setenv setenvif passenv unsetenv requestheader rewriteengine rewriterule ' +
    'rewritecond rewritebase proxypass proxypassreverse proxyrequests proxypreservehost sslengine sslcertificatefile ' +
    'sslcertificatekeyfile expiresactive expiresbytype expiresdefault fileetag indexoptions indexignore addicon ' +
    'addiconbytype addiconbyencoding adddescription readmename headername defaulticon languagepriority ' +
    'forcelanguagepriority startservers minsparethreads maxsparethreads threadsperchild maxrequestworkers ' +
    'maxconnectionsperchild minspareservers maxspareservers order allow deny satisfy authtype authname authuserfile ' +
    'defaultruntimedir define undefine limitrequestbody limitrequestfieldsize protocols php_value php_admin_value ' +
    'php_flag php_admin_flag directoryslash defaulttype mimemagicfile addoutputfilterbytype contentdigest serveralias'
  ).split(' '),
)
