/** nginx's configuration language: words, blocks, includes; and its own words for what is wrong with it. */

export interface Directive {
  readonly name: string
  readonly args: readonly string[]
  readonly block?: Directive[]
  readonly file: string
  readonly line: number
}

/** What nginx says at level [emerg]; `at` follows it as ` in FILE:LINE`. */
export class ConfigError extends Error {
  constructor(text: string, at?: { file: string; line: number }) {
    super(at ? `${text} in ${at.file}:${at.line}` : text)
  }
}

interface Token {
  readonly text: string
  readonly line: number
  readonly quoted: boolean
}

/** Reads a file, or the files that a pattern means; undefined when it is not there. */
export interface ConfigFiles {
  read(path: string): { text: string } | { error: string }
  glob(pattern: string): string[]
}

const deepest = 20

/** All directives of a file and of those it includes. Throws ConfigError. */
export function parseConfig(files: ConfigFiles, path: string, prefix: string, depth = 0): Directive[] {
  const found = files.read(path)
  if ('error' in found) throw new ConfigError(`open() "${path}" failed (${found.error})`)
  const tokens = tokenize(found.text, path)
  let at = 0

  function block(inside: boolean): Directive[] {
    const directives: Directive[] = []
    let words: Token[] = []
    for (;;) {
      const token = tokens[at++]
      if (!token) {
        const where = { file: path, line: lastLine }
        if (words.length > 0) throw new ConfigError('unexpected end of file, expecting ";" or "}"', where)
        if (inside) throw new ConfigError('unexpected end of file, expecting "}"', where)
        return directives
      }
      const where = { file: path, line: token.line }
      if (!token.quoted && token.text === ';') {
        const [name, ...args] = words
        if (!name) throw new ConfigError('unexpected ";"', where)
        directives.push(...directive(name, args, where))
        words = []
      } else if (!token.quoted && token.text === '{') {
        const [name, ...args] = words
        if (!name) throw new ConfigError('unexpected "{"', where)
        const start = { file: path, line: token.line }
        words = []
        const inner = block(true)
        directives.push({ name: name.text, args: args.map(word => word.text), block: inner, ...start })
      } else if (!token.quoted && token.text === '}') {
        if (words.length > 0 || !inside) throw new ConfigError('unexpected "}"', where)
        return directives
      } else words.push(token)
    }
  }

  function directive(name: Token, args: Token[], where: { file: string; line: number }): Directive[] {
    const texts = args.map(word => word.text)
    if (name.text !== 'include') return [{ name: name.text, args: texts, ...where }]
    const [pattern] = texts
    if (pattern === undefined || texts.length !== 1)
      throw new ConfigError('invalid number of arguments in "include" directive', where)
    const full = pattern.startsWith('/') ? pattern : `${prefix}/${pattern}`
    if (depth >= deepest) throw new ConfigError('too many levels of include', where)
    const paths = /[*?[]/.test(full) ? files.glob(full) : [full]
    return paths.flatMap(each => {
      const included = files.read(each)
      if ('error' in included) throw new ConfigError(`open() "${each}" failed (${included.error})`, where)
      return parseConfig(files, each, prefix, depth + 1)
    })
  }

  const lastLine = found.text.split('\n').length
  return block(false)
}

function tokenize(text: string, file: string): Token[] {
  const tokens: Token[] = []
  let line = 1
  let at = 0
  while (at < text.length) {
    const char = text[at] ?? ''
    if (char === '\n') line++
    if (/\s/.test(char)) {
      at++
      continue
    }
    if (char === '#') {
      while (at < text.length && text[at] !== '\n') at++
      continue
    }
    if (char === ';' || char === '{' || char === '}') {
      tokens.push({ text: char, line, quoted: false })
      at++
      continue
    }
    let word = ''
    if (char === '"' || char === "'") {
      at++
      for (; text[at] !== char; at++) {
        if (at >= text.length) throw new ConfigError('unexpected end of file, expecting ";" or "}"', { file, line })
        if (text[at] === '\n') line++
        if (text[at] === '\\') word += escaped(text[++at] ?? '')
        else word += text[at]
      }
      at++
      const next = text[at] ?? ' '
      if (!/[\s;{)]/.test(next)) throw new ConfigError(`unexpected "${next}"`, { file, line })
      tokens.push({ text: word, line, quoted: true })
      continue
    }
    for (; at < text.length; at++) {
      const next = text[at] ?? ''
      if (/[\s;]/.test(next)) break
      // `${name}` is a variable, not a block.
      if (next === '{' && !word.endsWith('$')) break
      if (next === '{') {
        const close = text.indexOf('}', at)
        if (close < 0) break
        word += text.slice(at, close + 1)
        at = close
        continue
      }
      if (next === '\\' && at + 1 < text.length) {
        const after = text[++at] ?? ''
        word += /["'\\ ;{}]/.test(after) ? after : `\\${after}`
      } else word += next
    }
    tokens.push({ text: word, line, quoted: false })
  }
  return tokens
}

const escaped = (char: string): string =>
  ({ n: '\n', t: '\t', r: '\r', '"': '"', "'": "'", '\\': '\\' })[char] ?? `\\${char}`
