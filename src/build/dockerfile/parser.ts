/**
 * From the text of a Dockerfile to its instructions (buildkit frontend/dockerfile/parser): directives, comments,
 * continuations, here-documents, flags. It knows no instruction's meaning.
 */
import { BuildError, type Location } from '../errors.ts'

export interface HereDoc {
  /** The delimiter. */
  name: string
  /** Whether variables in it are expanded: the delimiter was not quoted. */
  expand: boolean
  /** `<<-`: leading tabs are taken off. */
  chomp: boolean
  /** As it stands in the file. */
  raw: string
  /** Without leading tabs where `chomp` says so. */
  content: string
  fd: number
}

/** One instruction as it stands in the file. */
export interface Instruction {
  /** In upper case. */
  name: string
  /** As it was written. */
  written: string
  /** `--flag[=value]` words before the arguments. */
  flags: string[]
  /** What follows, with continuations joined. */
  rest: string
  /** The whole, with continuations joined. */
  original: string
  heredocs: HereDoc[]
  location: Location
  /** The lines of the comment right before it, without their marks. */
  comments: string[]
}

export interface Warning {
  rule: string
  location: Location
  detail?: string
}

/** What a file's directives make of the language. */
export interface Language {
  readonly escape: '\\' | '`'
  /** Its `# syntax=` names the frontend of the experimental channel: `docker/dockerfile:1-labs`. */
  readonly labs: boolean
}

export interface Dockerfile extends Language {
  instructions: Instruction[]
  /** `# syntax=`, `# check=`. */
  directives: Map<string, { value: string; line: number }>
  warnings: Warning[]
  lines: string[]
}

const directive = /^#\s*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(.+?)\s*$/
const known = ['syntax', 'escape', 'check']
const withHeredocs = ['ADD', 'COPY', 'RUN']
/** How many lines and bytes a Dockerfile may have; far beyond any real one. */
const maxBytes = 4 << 20

/** Reads a Dockerfile. Throws BuildError. */
export function parseDockerfile(bytes: Uint8Array): Dockerfile {
  if (bytes.length > maxBytes) throw new BuildError('dockerfile is too large')
  const text = Buffer.from(bytes)
    .toString('utf8')
    .replace(/^\ufeff/, '')
  const given = text.split('\n')
  const lines = given.map(line => line.replace(/\r$/, ''))
  const directives = readDirectives(lines)
  const escape = directives.get('escape')?.value === '`' ? '`' : '\\'
  const warnings: Warning[] = []
  const instructions: Instruction[] = []
  let comments: string[] = []
  for (let at = 0; at < lines.length; ) {
    const start = at
    const first = (lines[at++] ?? '').trim()
    if (first.startsWith('#')) comments.push(first.slice(1).trim())
    else if (first === '') comments = []
    if (first === '' || first.startsWith('#')) continue
    let line = first
    let [open, body] = continued(line, escape)
    line = body
    let gap = false
    while (open && at < lines.length) {
      const next = lines[at++] ?? ''
      if (/^\s*#/.test(next)) continue
      if (next.trim() === '') {
        gap = true
        continue
      }
      ;[open, body] = continued(next, escape)
      line += body
    }
    if (gap) warnings.push({ rule: 'NoEmptyContinuation', location: { start: at, end: at } })
    const instruction = split(line, { start: start + 1, end: at })
    if (withHeredocs.includes(instruction.name)) at = readHeredocs(instruction, given, at)
    instruction.location = { start: start + 1, end: at }
    instruction.comments = comments
    comments = []
    instructions.push(instruction)
  }
  if (instructions.length === 0) {
    if (bytes.length === 0) throw new BuildError('the Dockerfile cannot be empty')
    const last = lastLine(lines)
    throw new BuildError('file with no instructions', { location: { start: last, end: last } })
  }
  const labs = /(?:^|[:-])labs$/.test(directives.get('syntax')?.value ?? '')
  return { instructions, escape, labs, directives, warnings, lines }
}

/** The number of the last line; what follows a final newline is none. */
const lastLine = (lines: readonly string[]): number => lines.length - (lines.at(-1) === '' ? 1 : 0)

/** Directives stand before everything else; the first line that is none ends them. */
function readDirectives(lines: readonly string[]): Dockerfile['directives'] {
  const found: Dockerfile['directives'] = new Map()
  for (const [at, line] of lines.entries()) {
    const match = directive.exec(line.trimStart())
    const name = match?.[1]?.toLowerCase() ?? ''
    if (!match || !known.includes(name)) break
    // BuildKit counts the line only once it is taken: what is shown is the one before.
    const location = { start: at, end: at }
    if (found.has(name)) throw new BuildError(`only one ${name} parser directive can be used`, { location })
    const value = match[2] ?? ''
    if (name === 'escape' && value !== '\\' && value !== '`')
      throw new BuildError(`invalid escape token '${value}' does not match \` or \\`)
    found.set(name, { value, line: at + 1 })
  }
  return found
}

/** Whether a line goes on, and what it holds without the mark. */
function continued(line: string, escape: '\\' | '`'): [boolean, string] {
  const pattern = escape === '\\' ? /(^|[^\\])\\[ \t]*$/ : /(^|[^`])`[ \t]*$/
  const match = pattern.exec(line)
  return match ? [true, line.slice(0, match.index) + (match[1] ?? '')] : [false, line]
}

function split(line: string, location: Location): Instruction {
  const match = /^(\S+)\s*([\s\S]*)$/.exec(line.trim())
  const written = match?.[1] ?? ''
  const { flags, rest } = takeFlags((match?.[2] ?? '').trim())
  return {
    name: written.toUpperCase(),
    written,
    flags,
    rest,
    original: line.trim(),
    heredocs: [],
    location,
    comments: [],
  }
}

/** Words that begin with `--`, up to the first that does not or is just `--`. Quotes and escapes hold a word together. */
function takeFlags(text: string): { flags: string[]; rest: string } {
  const flags: string[] = []
  let at = 0
  for (;;) {
    while (at < text.length && /\s/.test(text[at] ?? '')) at++
    if (!text.startsWith('--', at)) break
    let word = ''
    let quote = ''
    let end = at
    for (; end < text.length; end++) {
      const char = text[end] ?? ''
      if (quote === '' && /\s/.test(char)) break
      if (quote === '' && (char === '"' || char === "'")) quote = char
      else if (quote !== '' && char === quote) quote = ''
      else if (char === '\\' && end + 1 < text.length) word += text[++end] ?? ''
      else word += char
    }
    at = end
    if (word === '--') break
    flags.push(word)
  }
  return { flags, rest: text.slice(at).trim() }
}

const heredocWord = /(?:^|\s)(\d*)<<(-?)(["']?)([a-zA-Z_][a-zA-Z0-9_.-]*)\3(?=\s|$|[;|&>])/g

/** Takes in the lines of the here-documents that an instruction names; the next line's index. */
function readHeredocs(instruction: Instruction, lines: readonly string[], from: number): number {
  if (instruction.rest.startsWith('[')) return from
  let at = from
  for (const match of instruction.rest.matchAll(heredocWord)) {
    const [, fd = '', dash = '', quote = '', name = ''] = match
    const chomp = dash === '-'
    const raw: string[] = []
    for (;;) {
      const line = lines[at++]
      if (line === undefined)
        throw new BuildError('unterminated heredoc', {
          location: { start: instruction.location.start, end: lastLine(lines) },
        })
      const shown = chomp ? line.replace(/^\t+/, '') : line
      if (shown.replace(/\r$/, '') === name) break
      raw.push(`${line}\n`)
    }
    instruction.heredocs.push({
      name,
      expand: quote === '',
      chomp,
      raw: raw.join(''),
      content: raw.map(line => (chomp ? line.replace(/^\t+/, '') : line)).join(''),
      fd: fd === '' ? 0 : Number(fd),
    })
  }
  return at
}
