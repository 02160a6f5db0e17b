/**
 * What a program of C, C++, Rust or Java does, as far as its source says it plainly: lines that it prints one after the
 * other, endless loops around them, a server with routes that answer fixed texts. Nothing is run here.
 */
import type { PlainRecord, Route, Step } from '../compiled/plain.ts'

type Language = PlainRecord['language']

const string = String.raw`"((?:\\.|[^"\\])*)"`

/** The record of a source; undefined when main does what is not recognised. */
export function find(language: Language, source: string): PlainRecord | undefined {
  const text = source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|[^:"'])\/\/[^\n]*/g, '$1')
  const server = language === 'rust' ? rustServer(text) : language === 'java' ? javaServer(text) : undefined
  const body = mainBody(language, text)
  if (body === undefined && !server) return undefined
  const steps = server ? prints(language, body ?? '') : statements(language, body ?? '')
  return steps && { language, steps, ...(server && { server }) }
}

function unescape(text: string): string {
  return text.replace(
    /\\(n|t|r|0|\\|"|'|x[\da-f]{2})/gi,
    (_, code: string) =>
      ({ n: '\n', t: '\t', r: '\r', '0': '\0', '\\': '\\', '"': '"', "'": "'" })[code] ??
      String.fromCharCode(Number.parseInt(code.slice(1), 16)),
  )
}

/** What stands between the braces of main. */
function mainBody(language: Language, text: string): string | undefined {
  const start = {
    c: /\bmain\s*\([^)]*\)\s*\{/,
    'c++': /\bmain\s*\([^)]*\)\s*\{/,
    rust: /\bfn\s+main\s*\(\s*\)[^{]*\{/,
    java: /\bvoid\s+main\s*\([^)]*\)[^{]*\{/,
  }[language].exec(text)
  return start ? inBraces(text, start.index + start[0].length - 1) : undefined
}

function inBraces(text: string, open: number): string {
  let depth = 0
  let quoted = false
  for (let at = open; at < text.length; at++) {
    const c = text.charAt(at)
    if (c === '\\' && quoted) at++
    else if (c === '"') quoted = !quoted
    else if (!quoted && c === '{') depth++
    else if (!quoted && c === '}' && --depth === 0) return text.slice(open + 1, at)
  }
  return text.slice(open + 1)
}

const printing: Record<Language, RegExp> = {
  c: new RegExp(
    String.raw`^(printf|puts|fprintf|fputs)\s*\(\s*(?:(stdout|stderr)\s*,\s*)?${string}\s*(?:,([^;]*))?\)\s*;`,
  ),
  'c++': new RegExp(String.raw`^(std::cout|cout|std::cerr|cerr)()\s*<<\s*${string}([^;]*);`),
  rust: new RegExp(String.raw`^(println|print|eprintln|eprint)!()\s*\(\s*${string}\s*(?:,([^;]*))?\)\s*;?`),
  java: new RegExp(String.raw`^System\.(out|err)\.(println|printf|print)\s*\(\s*${string}\s*(?:[+,]([^;]*))?\)\s*;`),
}

/** A value that a template can hold: `argv[1]`, `getenv("X")`. */
function value(expression: string): string | undefined {
  const text = expression.trim()
  const env =
    /(?:getenv|System\.getenv|env::var)\s*\(\s*"(\w+)"\s*\)(?:\.unwrap_or(?:_else\(\|_\|\s*|\()"([^"]*)")?/.exec(text)
  if (env) return `\${env:${env[1]}:${env[2] ?? ''}}`
  const arg = /^(?:argv|args)\[(\d+)\]$/.exec(text)
  if (arg) return `\${arg:${arg[1]}}`
  const word = new RegExp(`^${string}$`).exec(text)
  if (word) return unescape(word[1] ?? '')
  return /^-?\d+$/.test(text) ? text : undefined
}

/** The step that a printing statement is; undefined when it prints what is not known before. */
function printStep(language: Language, match: RegExpExecArray): Step | undefined {
  const [, name = '', where = '', raw = '', rest = ''] = match
  let text = unescape(raw)
  let fd: 1 | 2 =
    /stderr|cerr|^eprint|^err$/.test(`${name} ${where}`) || name.startsWith('eprint') || name === 'err' ? 2 : 1
  if (language === 'c++') {
    for (const part of rest
      .split('<<')
      .map(one => one.trim())
      .filter(one => one !== '')) {
      const more = /^(std::)?endl$/.test(part) ? '\n' : value(part)
      if (more === undefined) return undefined
      text += more
    }
  } else if (language === 'java' && where !== 'printf') {
    for (const part of rest
      .split('+')
      .map(one => one.trim())
      .filter(one => one !== '')) {
      const more = value(part)
      if (more === undefined) return undefined
      text += more
    }
    if (where === 'println') text += '\n'
  } else {
    const values = rest.trim() === '' ? [] : rest.split(/,(?![^(]*\))/).map(value)
    if (values.includes(undefined)) return undefined
    let at = 0
    text = text.replace(language === 'rust' ? /\{\{|\}\}|\{(?::\??)?\}|\{\w+\}/g : /%%|%[-+0-9.]*[a-z]/g, place =>
      place === '%%' ? '%' : place === '{{' ? '{' : place === '}}' ? '}' : (values[at++] ?? '\0missing'),
    )
    if (text.includes('\0missing')) return undefined
    if (name === 'puts' || name === 'println' || name === 'eprintln') text += '\n'
  }
  if (language === 'c' && where === 'stderr') fd = 2
  return { do: 'print', text, fd }
}

/** Statements one by one; undefined as soon as one is not recognised. */
function statements(language: Language, body: string, depth = 0): Step[] | undefined {
  const steps: Step[] = []
  let rest = body.trim()
  while (rest !== '') {
    const print = printing[language].exec(rest)
    if (print) {
      const step = printStep(language, print)
      if (!step) return undefined
      steps.push(step)
      rest = rest.slice(print[0].length).trim()
      continue
    }
    const loop =
      /^(?:while\s*\(\s*(?:1|true)\s*\)|loop|for\s*\(\s*;\s*;\s*\))\s*\{/.exec(rest) ??
      /^for\s*(?:\(\s*int\s+\w+\s*=\s*0\s*;\s*\w+\s*<\s*(\d+)\s*;\s*(?:\w+\+\+|\+\+\w+)\s*\)|\w+\s+in\s+0\.\.(\d+))\s*\{/.exec(
        rest,
      )
    if (loop && depth < 5) {
      const inner = inBraces(rest, loop[0].length - 1)
      const inside = statements(language, inner, depth + 1)
      if (!inside) return undefined
      const times = loop[1] ?? loop[2]
      steps.push({ do: 'repeat', times: times === undefined ? 'ever' : Number(times), steps: inside })
      rest = rest.slice(loop[0].length + inner.length + 1).trim()
      continue
    }
    const sleep =
      /^(?:(?:std::)?this_thread::sleep_for\([^;]*?(\d+)[^;]*\)|(?:std::)?thread::sleep\([^;]*from_(?:secs|millis)\((\d+)\)\)|Thread\.sleep\((\d+)L?\)|sleep\((\d+)\)|usleep\((\d+)\))\s*;/.exec(
        rest,
      )
    if (sleep) {
      const number = Number(sleep.slice(1).find(one => one !== undefined))
      const unit = /from_millis|Thread\.sleep|milliseconds/.test(sleep[0])
        ? 1
        : sleep[0].startsWith('usleep')
          ? 0.001
          : 1000
      steps.push({ do: 'sleep', ms: number * unit })
      rest = rest.slice(sleep[0].length).trim()
      continue
    }
    const end =
      /^(?:return(?:\s+(\d+|EXIT_SUCCESS|EXIT_FAILURE))?|(?:std::process::|System\.)?exit\s*\(\s*(\d+)\s*\)|Ok\(\(\)\))\s*;?/.exec(
        rest,
      )
    if (end && !/^return\s+[^;\d]/.test(rest.replace(/EXIT_\w+/, '0'))) {
      steps.push({
        do: 'exit',
        status: end[1] === 'EXIT_FAILURE' ? 1 : Number(end[1]?.replace(/EXIT_SUCCESS/, '0') ?? end[2] ?? 0),
      })
      return steps
    }
    const nothing = /^(?:;|fflush\([^;]*\);|setbuf\([^;]*\);|std::ios::[^;]*;)/.exec(rest)
    if (!nothing) return undefined
    rest = rest.slice(nothing[0].length).trim()
  }
  return steps
}

/** Only what is printed, of a main that does more. */
function prints(language: Language, body: string): Step[] {
  const steps: Step[] = []
  const each = new RegExp(printing[language].source.slice(1), 'g')
  for (const match of body.matchAll(each)) {
    const step = printStep(language, match as unknown as RegExpExecArray)
    if (step) steps.push(step)
  }
  return steps
}

const plain = (method: string, path: string, body: string, type: string): Route => ({
  method,
  path,
  status: 200,
  type,
  body,
})

function rustServer(text: string): PlainRecord['server'] {
  const address =
    /(?:bind|serve|from|listen|parse|run)\s*\(?[^;]*?"?(0\.0\.0\.0|127\.0\.0\.1|\[::\]|localhost)"?\s*(?:"\s*,|:|,|\], ?)\s*(\d+)/.exec(
      text,
    ) ?? /\[\s*(0|127)\s*,\s*0\s*,\s*0\s*,\s*[01]\s*\]\s*,\s*(\d+)/.exec(text)
  if (!address || !/(actix_web|axum|warp|rocket|tiny_http|hyper|TcpListener)/.test(text)) return undefined
  const host =
    address[1] === '127' || address[1] === '127.0.0.1' || address[1] === 'localhost' ? '127.0.0.1' : '0.0.0.0'
  const answers = new Map(
    [...text.matchAll(/fn\s+(\w+)\s*\([^)]*\)[^{]*\{([\s\S]*?)\n\}/g)].map(match => [
      match[1] ?? '',
      new RegExp(`(?:body\\(|json\\(|Html\\(|^\\s*|format!\\()\\s*${string}`, 'm').exec(match[2] ?? '')?.[1],
    ]),
  )
  const routes: Route[] = []
  for (const match of text.matchAll(/#\[(get|post|put|delete)\("([^"]+)"\)\]\s*(?:pub\s+)?(?:async\s+)?fn\s+(\w+)/g))
    routes.push(
      plain(
        (match[1] ?? '').toUpperCase(),
        match[2] ?? '/',
        unescape(answers.get(match[3] ?? '') ?? ''),
        'text/plain; charset=utf-8',
      ),
    )
  for (const match of text.matchAll(
    /\.route\(\s*"([^"]+)"\s*,\s*(?:web::)?(get|post|put|delete)\(\s*\)?(?:\.to\()?\s*(?:(\w+)|\|\|\s*async\s*(?:move\s*)?\{?\s*"((?:\\.|[^"\\])*)")/g,
  ))
    routes.push(
      plain(
        (match[2] ?? '').toUpperCase(),
        match[1] ?? '/',
        unescape(match[4] ?? answers.get(match[3] ?? '') ?? ''),
        'text/plain; charset=utf-8',
      ),
    )
  if (routes.length === 0) {
    const literal =
      /"HTTP\/1\.1 200 OK(?:\\r\\n[^"\\]*)*\\r\\n\\r\\n((?:\\.|[^"\\])*)"/.exec(text)?.[1] ??
      /let\s+(?:body|contents|response|html)\s*=\s*"((?:\\.|[^"\\])*)"/.exec(text)?.[1]
    if (literal === undefined) return undefined
    routes.push(plain('', '*', unescape(literal), ''))
  }
  const graceful = /actix_web|rocket/.test(text)
  return { host, port: address[2] ?? '8080', routes, notFound: { body: '', type: '' }, ...(graceful && { graceful }) }
}

function javaServer(text: string): PlainRecord['server'] {
  const routes: Route[] = []
  const prefix = /@RequestMapping\("([^"]*)"\)\s*public\s+class/.exec(text)?.[1] ?? ''
  for (const match of text.matchAll(
    /@(Get|Post|Put|Delete|Request)Mapping(?:\(\s*(?:value\s*=\s*|path\s*=\s*)?"([^"]*)"[^)]*\))?([\s\S]*?return\s+"((?:\\.|[^"\\])*)")/g,
  ))
    if (!match[0].includes('public class'))
      routes.push(
        plain(
          match[1] === 'Request' ? '' : (match[1] ?? '').toUpperCase(),
          `${prefix}${match[2] ?? '/'}` || '/',
          unescape(match[4] ?? ''),
          'text/plain;charset=UTF-8',
        ),
      )
  if (routes.length > 0)
    return {
      host: '0.0.0.0',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a template of plain.ts
      port: '${env:SERVER_PORT:8080}',
      routes,
      notFound: { body: '{"status":404,"error":"Not Found"}', type: 'application/json' },
    }
  const port = /new\s+InetSocketAddress\(\s*(?:"[^"]*"\s*,\s*)?(\d+)\s*\)/.exec(text)?.[1]
  if (port === undefined) return undefined
  const words = /String\s+(?:response|body|html|text)\s*=\s*"((?:\\.|[^"\\])*)"/.exec(text)?.[1] ?? ''
  for (const match of text.matchAll(/createContext\(\s*"([^"]*)"/g))
    routes.push(plain('', match[1] === '/' ? '*' : (match[1] ?? '*'), unescape(words), ''))
  return {
    host: '0.0.0.0',
    port,
    routes,
    notFound: { body: '<h1>404 Not Found</h1>No context found for request', type: 'text/html' },
  }
}
