/** The go command: version, env, mod, get, build, run, install, test, vet, fmt. */
import type { CoroutineProgram, Proc, Routine } from '../../kernel/program.ts'
import { type Call, command } from '../../kernel/userland/lib/command.ts'
import { exists } from '../../kernel/userland/lib/exists.ts'
import { textOf } from '../../kernel/userland/lib/interfaces.ts'
import { findProgram } from '../../kernel/userland/lib/spawn.ts'
import { isErrno } from '../../vfs/errno.ts'
import type { Expr, Program } from '../compiled/go/ast.ts'
import { GoSyntaxError } from '../compiled/go/lex.ts'
import { emptyProgram, parseFile } from '../compiled/go/parse.ts'
import { data as moduleData } from '../packages/data/go-modules.generated.ts'
import { online } from '../packages/lib/online.ts'
import { put } from '../packages/lib/place.ts'
import { compiledText, type GoRecord, runGo } from '../programs/compiled.ts'

/** Ends the command: lines on standard error, a status. */
class GoError extends Error {
  readonly status: number
  constructor(text: string, status = 1) {
    super(text)
    this.status = status
  }
}

interface Module {
  path: string
  version: string
  size: number
  needs: string[]
}

let known: Map<string, Module> | undefined

function modules(): Map<string, Module> {
  known ??= new Map(
    moduleData.split('\n').map(line => {
      const [path = '', version = '', size, needs = ''] = line.split('\t')
      return [path, { path, version, size: Number(size) * 1024, needs: needs.split(' ').filter(one => one !== '') }]
    }),
  )
  return known
}

interface Go {
  call: Call<Record<never, string>>
  p: Proc
  version: string
  args: string[]
}

function* warn(text: string): Routine<void> {
  yield { op: 'write', fd: 2, data: Buffer.from(text) }
}

/** The go.mod of a folder or one above it. */
function* findMod(
  p: Proc,
  folder: string,
): Routine<{ root: string; path: string; text: string; requires: Map<string, string> } | undefined> {
  for (let at = folder; ; at = at.slice(0, at.lastIndexOf('/')) || '/') {
    const file = `${at === '/' ? '' : at}/go.mod`
    if (exists(p, file)) {
      const text = yield* textOf(p, file)
      const requires = new Map<string, string>()
      for (const match of text.matchAll(/^\s*(?:require\s+)?([\w.-]+\.[\w.-]+\/\S+|[\w.-]+\.\w+\/\S+)\s+(v\S+)/gm))
        requires.set(match[1] ?? '', match[2] ?? '')
      return { root: at, path: /^module\s+(\S+)/m.exec(text)?.[1]?.replaceAll('"', '') ?? '', text, requires }
    }
    if (at === '/') return undefined
  }
}

const noMod = (): GoError =>
  new GoError("go: go.mod file not found in current directory or any parent directory; see 'go help modules'\n")

function goPath(p: Proc): string {
  return p.env.get('GOPATH') ?? `${p.env.get('HOME') ?? '/root'}/go`
}

/** Brings modules into the module cache. */
function* download(p: Proc, wanted: ReadonlyMap<string, string>, quiet: boolean): Routine<void> {
  const cache = p.env.get('GOMODCACHE') ?? `${goPath(p)}/pkg/mod`
  for (const [path, version] of wanted) {
    const escaped = path.replace(/\p{Lu}/gu, letter => `!${letter.toLowerCase()}`)
    const folder = `${cache}/${escaped}@${version}`
    if (exists(p, folder)) continue
    if (!(yield* online(p)))
      throw new GoError(
        `go: ${path}@${version}: Get "https://proxy.golang.org/${escaped}/@v/${version}.mod": dial tcp: lookup proxy.golang.org: Temporary failure in name resolution\n`,
      )
    if (!quiet) yield* warn(`go: downloading ${path} ${version}\n`)
    const size = modules().get(path)?.size ?? 300_000
    yield* put(p, `${folder}/go.mod`, { text: `module ${path}\n`, mode: 0o444 })
    yield* put(p, `${folder}/source.dat`, { text: '', size, mode: 0o444 })
    yield* put(p, `${cache}/cache/download/${escaped}/@v/${version}.zip`, {
      text: '',
      size: Math.round(size * 0.25),
      mode: 0o444,
    })
  }
}

/** A made-up sum, the same for a version wherever it is asked for. */
function sumLines(path: string, version: string): string {
  const hash = (text: string): string =>
    Buffer.from(
      [...text].reduce<number[]>((all, letter, at) => {
        all[at % 32] = ((all[at % 32] ?? 7) * 31 + letter.charCodeAt(0)) & 255
        return all
      }, new Array<number>(32).fill(7)),
    ).toString('base64')
  return `${path} ${version} h1:${hash(path + version)}\n${path} ${version}/go.mod h1:${hash(`${version}${path}`)}\n`
}

/** Go files of a folder, without tests; throws when there are none. */
function* sourcesIn(p: Proc, folder: string, tests = false): Routine<Record<string, string>> {
  let names: string[]
  try {
    names = p.readdir(folder).map(entry => entry.name)
  } catch (error) {
    if (isErrno(error)) throw new GoError(`stat ${folder}: directory not found\n`)
    throw error
  }
  const found: Record<string, string> = {}
  for (const name of names.sort())
    if (name.endsWith('.go') && (tests || !name.endsWith('_test.go')))
      found[name] = Buffer.from(yield* textOf(p, `${folder}/${name}`), 'latin1').toString('utf8')
  return found
}

interface Package {
  folder: string
  sources: Record<string, string>
  /** Import path, or `command-line-arguments`. */
  path: string
  program: Program
  record: GoRecord
}

/** Reads, parses and checks a package and those of its module that it imports. Throws GoError with the compiler's words. */
function* load(g: Go, target: string | string[]): Routine<Package> {
  const { p } = g
  const cwd = p.cwd()
  const folder = Array.isArray(target) ? cwd : absolute(cwd, target)
  const mod = yield* findMod(p, folder)
  if (!mod && !Array.isArray(target)) throw noMod()
  let sources: Record<string, string> = {}
  if (Array.isArray(target)) {
    for (const file of target) {
      if (!exists(p, file))
        throw new GoError(`no required module provides package ${file}; to add it:\n\tgo get ${file}\n`)
      sources[file] = Buffer.from(yield* textOf(p, file), 'latin1').toString('utf8')
    }
  } else sources = yield* sourcesIn(p, folder)
  if (Object.keys(sources).length === 0) throw new GoError(`no Go files in ${folder}\n`)
  const path = Array.isArray(target)
    ? 'command-line-arguments'
    : `${mod?.path ?? ''}${folder.slice(mod?.root.replace(/\/$/, '').length ?? 0)}`
  const shown = (name: string): string =>
    `${Array.isArray(target) ? './' : folder === cwd ? './' : `${folder.slice(cwd.length + 1)}/`}${name}`
  const program = emptyProgram()
  const record: GoRecord = { language: 'go', sources: {}, module: mod?.path ?? '' }
  const errors: string[] = []
  const missing = new Map<string, string>()
  const queue: [string, Record<string, string>][] = [['', sources]]
  const seen = new Set<string>()
  for (let next = queue.shift(); next; next = queue.shift()) {
    const [prefix, files] = next
    for (const [name, text] of Object.entries(files)) {
      const one = emptyProgram()
      try {
        parseFile(text, one)
        parseFile(text, program)
      } catch (error) {
        if (!(error instanceof GoSyntaxError)) throw error
        errors.push(`${shown(prefix + name)}:${error.line}:${error.column}: ${error.message}`)
        continue
      }
      record.sources[prefix + name] = text
      errors.push(...check(one, text, shown(prefix + name)))
      for (const { path: imported, line, column } of one.imports) {
        if (seen.has(imported)) continue
        seen.add(imported)
        if (mod && (imported === mod.path || imported.startsWith(`${mod.path}/`))) {
          const inner = `${mod.root === '/' ? '' : mod.root}${imported.slice(mod.path.length)}`
          if (!exists(p, inner))
            throw new GoError(
              `${shown(prefix + name).replace(/^\.\//, '')}:${line}:${column}: package ${imported} is not in std (/usr/local/go/src/${imported})\n`,
            )
          queue.push([`${inner.slice(mod.root.length + 1)}/`, yield* sourcesIn(p, inner)])
        } else if (!imported.split('/')[0]?.includes('.')) {
          if (!standard.has(imported))
            throw new GoError(
              `${shown(prefix + name).replace(/^\.\//, '')}:${line}:${column}: package ${imported} is not in std (/usr/local/go/src/${imported})\n`,
            )
        } else if (!mod || ![...mod.requires.keys()].some(one => imported === one || imported.startsWith(`${one}/`)))
          missing.set(imported, `${shown(prefix + name).replace(/^\.\//, '')}:${line}:${column}`)
      }
    }
  }
  if (missing.size > 0)
    throw new GoError(
      [...missing]
        .map(
          ([imported, where]) =>
            `${where}: no required module provides package ${imported}; to add it:\n\tgo get ${imported}\n`,
        )
        .join(''),
    )
  if (errors.length > 0)
    throw new GoError(`# ${path}\n${errors.slice(0, 10).join('\n')}\n${errors.length > 10 ? 'too many errors\n' : ''}`)
  if (mod && mod.requires.size > 0) {
    const sums = yield* textOf(p, `${mod.root}/go.sum`)
    const used = [...mod.requires].filter(([module]) =>
      [...seen].some(one => one === module || one.startsWith(`${module}/`)),
    )
    const unsummed = used.find(([module, version]) => !sums.includes(`${module} ${version}`))
    if (unsummed)
      throw new GoError(
        `${Object.keys(sources)[0]}:3:8: missing go.sum entry for module providing package ${unsummed[0]}; to add:\n\tgo mod download ${unsummed[0]}\n`,
      )
    yield* download(p, mod.requires, false)
  }
  return { folder, sources, path, program, record }
}

const standard = new Set(
  'archive/tar archive/zip bufio bytes cmp compress/gzip container/list container/heap context crypto crypto/md5 crypto/rand crypto/sha1 crypto/sha256 crypto/tls database/sql embed encoding/base64 encoding/binary encoding/csv encoding/hex encoding/json encoding/xml errors expvar flag fmt hash html html/template io io/fs io/ioutil log log/slog maps math math/big math/rand math/rand/v2 mime net net/http net/http/httptest net/http/pprof net/mail net/rpc net/smtp net/url os os/exec os/signal os/user path path/filepath reflect regexp runtime runtime/debug slices sort strconv strings sync sync/atomic syscall testing text/tabwriter text/template time unicode unicode/utf8 unsafe C'.split(
    ' ',
  ),
)

/** What the compiler refuses: imports and variables that are not used. */
function check(program: Program, source: string, file: string): string[] {
  const errors: string[] = []
  const body = source.replace(/\/\/[^\n]*|\/\*[\s\S]*?\*\//g, '')
  for (const { path, name, line, column } of program.imports) {
    if (name === '_' || name === '.') continue
    if (!new RegExp(`(?<![\\w."])${name.replace(/[^\w]/g, '\\$&')}\\.`).test(body))
      errors.push(`${file}:${line}:${column}: "${path}" imported and not used`)
  }
  const imported = new Set(program.imports.map(one => one.name))
  for (const func of program.funcs) {
    if (func.name === '') continue
    const defined = new Map<string, Extract<Expr, { k: 'name' }>>()
    const used = new Set<string>()
    walk(func.body, program, defined, used)
    for (const [name, at] of defined)
      if (!used.has(name) && name !== '_')
        errors.push(`${file}:${at.line}:${at.column}: declared and not used: ${name}`)
    for (const name of used) {
      const match = /^(\w+)\./.exec(name)
      if (match?.[1] && standard.has(match[1]) && !imported.has(match[1]) && !defined.has(match[1]))
        errors.push(`${file}:1:1: undefined: ${match[1]}`)
    }
  }
  return errors
}

function walk(
  node: unknown,
  program: Program,
  defined: Map<string, Extract<Expr, { k: 'name' }>>,
  used: Set<string>,
): void {
  if (Array.isArray(node)) {
    for (const one of node) walk(one, program, defined, used)
    return
  }
  if (typeof node !== 'object' || node === null) return
  const one = node as Record<string, unknown>
  if (one['k'] === 'define' || one['k'] === 'assign') {
    for (const target of one['l'] as Expr[]) {
      if (target.k === 'name') {
        if (one['k'] === 'define' && !defined.has(target.n)) defined.set(target.n, target)
        else if (one['k'] === 'assign' && one['op'] !== '=') used.add(target.n)
      } else walk(target, program, defined, used)
    }
    walk(one['r'], program, defined, used)
    return
  }
  if (one['k'] === 'func' && typeof one['id'] === 'number') {
    walk(program.funcs[one['id']]?.body, program, defined, used)
    return
  }
  if (one['k'] === 'name' && typeof one['n'] === 'string') used.add(one['n'])
  for (const value of Object.values(one)) if (typeof value === 'object') walk(value, program, defined, used)
}

function absolute(cwd: string, path: string): string {
  const parts: string[] = []
  for (const part of (path.startsWith('/') ? path : `${cwd}/${path}`).split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return `/${parts.join('/')}`
}

interface BuildFlags {
  output: string | undefined
  targets: string[]
  stripped: boolean
  rest: string[]
}

function readFlags(args: readonly string[], running: boolean): BuildFlags {
  const flags: BuildFlags = { output: undefined, targets: [], stripped: false, rest: [] }
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? ''
    if (running && flags.targets.length > 0 && !arg.endsWith('.go')) {
      flags.rest = args.slice(at)
      break
    }
    if (!arg.startsWith('-') || arg === '-') {
      flags.targets.push(arg)
      continue
    }
    const [name = '', value] = arg.replace(/^--?/, '').split(/=(.*)/s)
    const takes = [
      'o',
      'ldflags',
      'tags',
      'gcflags',
      'asmflags',
      'mod',
      'p',
      'buildmode',
      'installsuffix',
      'run',
      'count',
      'timeout',
      'C',
      'overlay',
      'modfile',
    ].includes(name)
    const given = value ?? (takes ? args[++at] : '')
    if (
      !takes &&
      !['v', 'x', 'a', 'race', 'trimpath', 'i', 'cover', 'n', 'short', 'work', 'buildvcs', 'msan'].includes(name)
    )
      throw new GoError(
        `flag provided but not defined: -${name}\nusage: go build [-o output] [build flags] [packages]\nRun 'go help build' for details.\n`,
        2,
      )
    if (name === 'o') flags.output = given
    if (name === 'ldflags' && /(^|\s)-[sw]\b/.test(given ?? '')) flags.stripped = true
  }
  return flags
}

function* buildVerb(g: Go): Routine<number> {
  const { p } = g
  const flags = readFlags(g.args, false)
  const files = flags.targets.filter(one => one.endsWith('.go'))
  const targets: (string | string[])[] = files.length > 0 ? [files] : flags.targets.length > 0 ? flags.targets : ['.']
  for (const target of targets) {
    const all = typeof target === 'string' && target.endsWith('/...')
    const pack = yield* load(g, all ? target.slice(0, -4) || '.' : target)
    if (pack.program.package !== 'main') continue
    if (!pack.program.funcs.some(func => func.name === 'main' && !func.recv))
      throw new GoError(`# ${pack.path}\nruntime.main_main·f: function main is undeclared in the main package\n`)
    const name = Array.isArray(target)
      ? (target[0] ?? 'main').replace(/^.*\//, '').replace(/\.go$/, '')
      : (pack.path.split('/').pop() ?? 'main')
    let output = flags.output ?? name
    if (output === '/dev/null') continue
    if (output.endsWith('/') || (exists(p, output) && p.stat(output).type === 'dir'))
      output = `${output.replace(/\/$/, '')}/${name}`
    yield* writeBinary(g, pack, output, flags.stripped)
  }
  return 0
}

function* writeBinary(g: Go, pack: Package, output: string, stripped: boolean): Routine<void> {
  const { p } = g
  const imports = new Set(pack.program.imports.map(one => one.path))
  const os = p.env.get('GOOS') ?? 'linux'
  const arch = p.env.get('GOARCH') ?? (p.uname().machine === 'aarch64' ? 'arm64' : 'amd64')
  let libc: 'none' | 'glibc' | 'musl' = 'none'
  const wantsC =
    imports.has('C') ||
    imports.has('net/http') ||
    imports.has('net') ||
    imports.has('os/user') ||
    [...imports].some(one => /gin-gonic|gorilla|chi|echo|fiber/.test(one))
  if (p.env.get('CGO_ENABLED') !== '0' && wantsC && hasCompiler(p))
    libc = exists(p, '/etc/alpine-release') ? 'musl' : 'glibc'
  const heavy = [...imports].some(one => one.includes('.'))
    ? 11_400_000
    : imports.has('net/http')
      ? 7_300_000
      : imports.has('fmt')
        ? 2_150_000
        : 1_500_000
  const size =
    Math.round(heavy * (stripped ? 0.68 : 1)) +
    Object.values(pack.record.sources).reduce((sum, text) => sum + text.length, 0)
  const text = compiledText(pack.record, { version: `go${g.version}`, arch, libc })
  try {
    yield* put(
      p,
      output,
      os === 'linux' ? { text, size: Math.max(size, text.length), mode: 0o755 } : { text: 'MZ', size, mode: 0o755 },
    )
    const cache = p.env.get('GOCACHE') ?? `${p.env.get('HOME') ?? '/root'}/.cache/go-build`
    yield* put(p, `${cache}/00/std-${g.version}-a`, {
      text: '',
      size: imports.has('net/http') ? 62_000_000 : 21_000_000,
    })
  } catch (error) {
    if (isErrno(error))
      throw new GoError(
        `go: ${error.code === 'EACCES' ? `open ${output}: permission denied` : `open ${output}: ${error.message.toLowerCase()}`}\n`,
      )
    throw error
  }
}

function hasCompiler(p: Proc): boolean {
  try {
    findProgram(p, p.env.get('CC') ?? 'gcc')
    return true
  } catch (error) {
    if (isErrno(error)) return false
    throw error
  }
}

function* runVerb(g: Go): Routine<number> {
  const flags = readFlags(g.args, true)
  const files = flags.targets.filter(one => one.endsWith('.go'))
  if (flags.targets.length === 0) throw new GoError('go: no go files listed\n')
  const pack = yield* load(g, files.length > 0 ? files : (flags.targets[0] ?? '.'))
  if (pack.program.package !== 'main') throw new GoError(`package ${pack.path} is not a main package\n`)
  yield* g.call.out.flush()
  const status = yield* runGo(g.p, pack.record, undefined)
  if (status === 0) return 0
  yield* warn(`exit status ${status}\n`)
  return 1
}

function* modVerb(g: Go): Routine<number> {
  const { p } = g
  const [what, ...rest] = g.args
  const words = rest.filter(one => !one.startsWith('-'))
  const cwd = p.cwd()
  switch (what) {
    case 'init': {
      if (exists(p, `${cwd}/go.mod`)) throw new GoError(`go: ${cwd}/go.mod already exists\n`)
      const [path] = words
      if (path === undefined)
        throw new GoError(
          `go: cannot determine module path for source directory ${cwd} (outside GOPATH, module path must be specified)\n\nExample usage:\n\t'go mod init example.com/m' to initialize a v0 or v1 module\n\t'go mod init example.com/m/v2' to initialize a v2 module\n\nRun 'go help mod init' for more information.\n`,
        )
      yield* put(p, `${cwd}/go.mod`, { text: `module ${path}\n\ngo ${g.version}\n` })
      yield* warn(`go: creating new go.mod: module ${path}\n`)
      if (p.readdir(cwd).some(entry => entry.name.endsWith('.go')))
        yield* warn('go: to add module requirements and sums:\n\tgo mod tidy\n')
      return 0
    }
    case 'download': {
      const mod = yield* findMod(p, cwd)
      if (!mod) throw new GoError("go: no modules specified (see 'go help mod download')\n")
      if (mod.requires.size === 0) yield* warn('go: no module dependencies to download\n')
      yield* download(p, mod.requires, true)
      return 0
    }
    case 'tidy':
    case 'vendor':
    case 'verify': {
      const mod = yield* findMod(p, cwd)
      if (!mod) throw noMod()
      if (what === 'tidy') yield* tidy(g, mod)
      else if (what === 'verify') yield* g.call.out.write('all modules verified\n')
      else
        yield* put(p, `${mod.root}/vendor/modules.txt`, {
          text: [...mod.requires].map(([path, version]) => `# ${path} ${version}\n`).join(''),
        })
      return 0
    }
    case 'graph':
    case 'edit':
    case 'why':
      yield* warn(`minidock: go mod ${what} is not modelled\n`)
      return 1
    default:
      throw new GoError(
        what === undefined
          ? 'Go mod provides access to operations on modules.\n\nUsage:\n\n\tgo mod <command> [arguments]\n'
          : `go mod ${what}: unknown command\nRun 'go help mod' for usage.\n`,
        2,
      )
  }
}

/** Requires what the sources import, and drops what they do not. */
function* tidy(g: Go, mod: { root: string; path: string; text: string; requires: Map<string, string> }): Routine<void> {
  const { p } = g
  const imported = new Set<string>()
  const visit = function* (folder: string, depth: number): Routine<void> {
    for (const { name, type } of p.readdir(folder)) {
      if (type === 'dir' && depth < 8 && !['vendor', 'node_modules', '.git', 'testdata'].includes(name))
        yield* visit(`${folder}/${name}`, depth + 1)
      if (!name.endsWith('.go')) continue
      const one = emptyProgram()
      try {
        parseFile(Buffer.from(yield* textOf(p, `${folder}/${name}`), 'latin1').toString('utf8'), one)
      } catch (error) {
        if (!(error instanceof GoSyntaxError)) throw error
      }
      for (const { path } of one.imports)
        if (path.split('/')[0]?.includes('.') && path !== mod.path && !path.startsWith(`${mod.path}/`))
          imported.add(path)
    }
  }
  yield* visit(mod.root, 0)
  const direct = new Map<string, string>()
  for (const path of [...imported].sort()) {
    const module = [...mod.requires.keys(), ...modules().keys()].find(one => path === one || path.startsWith(`${one}/`))
    if (module === undefined) {
      throw new GoError(
        `go: finding module for package ${path}\ngo: ${mod.path} imports\n\t${path}: module ${path}: reading https://proxy.golang.org/${path}/@v/list: 404 Not Found\n`,
      )
    }
    if (!mod.requires.has(module)) {
      yield* warn(
        `go: finding module for package ${path}\ngo: found ${path} in ${module} ${modules().get(module)?.version}\n`,
      )
    }
    direct.set(module, mod.requires.get(module) ?? modules().get(module)?.version ?? 'v1.0.0')
  }
  yield* writeMod(g, mod, direct)
}

function* writeMod(
  g: Go,
  mod: { root: string; path: string; text: string },
  direct: ReadonlyMap<string, string>,
): Routine<void> {
  const { p } = g
  const indirect = new Map<string, string>()
  const queue = [...direct.keys()]
  for (let path = queue.pop(); path !== undefined; path = queue.pop())
    for (const need of modules().get(path)?.needs ?? [])
      if (!direct.has(need) && !indirect.has(need)) {
        indirect.set(need, modules().get(need)?.version ?? 'v1.0.0')
        queue.push(need)
      }
  yield* download(p, new Map([...direct, ...indirect]), false)
  const goLine = /^go\s+\S+/m.exec(mod.text)?.[0] ?? `go ${g.version}`
  const block = (list: ReadonlyMap<string, string>, note: string): string =>
    list.size === 0
      ? ''
      : `\nrequire ${
          list.size === 1 && note === ''
            ? `${[...list].map(([path, version]) => `${path} ${version}`)}\n`
            : `(\n${[...list]
                .sort()
                .map(([path, version]) => `\t${path} ${version}${note}\n`)
                .join('')})\n`
        }`
  yield* put(p, `${mod.root}/go.mod`, {
    text: `module ${mod.path}\n\n${goLine}\n${block(direct, '')}${block(indirect, ' // indirect')}`,
  })
  const all = [...direct, ...indirect].sort(([a], [b]) => (a < b ? -1 : 1))
  if (all.length > 0 || exists(p, `${mod.root}/go.sum`))
    yield* put(p, `${mod.root}/go.sum`, { text: all.map(([path, version]) => sumLines(path, version)).join('') })
}

function* getVerb(g: Go): Routine<number> {
  const mod = yield* findMod(g.p, g.p.cwd())
  if (!mod)
    throw new GoError(
      "go: go.mod file not found in current directory or any parent directory.\n\t'go get' is no longer supported outside a module.\n\tTo build and install a command, use 'go install' with a version,\n\tlike 'go install example.com/cmd@latest'\n\tFor more information, see https://golang.org/doc/go-get-install-deprecation\n\tor run 'go help get' or 'go help install'.\n",
    )
  const direct = new Map(mod.requires)
  for (const word of g.args.filter(one => !one.startsWith('-'))) {
    const [path = '', wanted] = word.split('@')
    if (path === '.' || path === './...') continue
    const module = [...modules().keys()].find(one => path === one || path.startsWith(`${one}/`))
    if (module === undefined)
      throw new GoError(
        `go: module ${path}: reading https://proxy.golang.org/${path}/@v/list: 404 Not Found\n\tserver response: not found\n`,
      )
    const version = wanted !== undefined && /^v\d/.test(wanted) ? wanted : (modules().get(module)?.version ?? 'v1.0.0')
    if (direct.get(module) !== version) yield* warn(`go: added ${module} ${version}\n`)
    direct.set(module, version)
  }
  yield* writeMod(g, mod, direct)
  return 0
}

function* testVerb(g: Go): Routine<number> {
  const { p } = g
  const flags = readFlags(g.args, false)
  const verbose = g.args.includes('-v')
  const mod = yield* findMod(p, p.cwd())
  if (!mod) throw noMod()
  const folders: string[] = []
  const visit = (folder: string, depth: number): void => {
    if (p.readdir(folder).some(entry => entry.name.endsWith('.go'))) folders.push(folder)
    if (depth < 8)
      for (const { name, type } of p.readdir(folder))
        if (type === 'dir' && !name.startsWith('.') && name !== 'vendor') visit(`${folder}/${name}`, depth + 1)
  }
  const [target = '.'] = flags.targets
  if (target.endsWith('...')) visit(absolute(p.cwd(), target.replace(/\/?\.\.\.$/, '') || '.'), 0)
  else folders.push(absolute(p.cwd(), target))
  let failed = false
  for (const folder of folders) {
    const path = `${mod.path}${folder.slice(mod.root.length)}`
    const sources = yield* sourcesIn(p, folder, true)
    if (!Object.keys(sources).some(name => name.endsWith('_test.go'))) {
      yield* g.call.out.write(`?   \t${path}\t[no test files]\n`)
      continue
    }
    const names = Object.entries(sources)
      .filter(([name]) => name.endsWith('_test.go'))
      .flatMap(([, text]) => [...text.matchAll(/^func (Test\w+)\(/gm)].map(match => match[1] ?? ''))
    yield* g.call.out.flush()
    const body = names.map(name => `\ttestingRun(${JSON.stringify(name)}, ${name})\n`).join('')
    const own = Object.fromEntries(
      Object.entries(sources).map(([name, text]) => [name, text.replace(/^func main\(/gm, 'func mainOfProgram(')]),
    )
    const main = `package main\nfunc main() {\n${body}\ttestingEnd()\n}\n`
    p.env.set('MINIDOCK_GO_TEST', verbose ? 'v' : '1')
    const status = yield* runGo(
      p,
      { language: 'go', module: mod.path, sources: { ...own, 'zz_main.go': main } },
      undefined,
    )
    p.env.delete('MINIDOCK_GO_TEST')
    if (status !== 0) failed = true
    yield* g.call.out.write(status === 0 ? `ok  \t${path}\t0.003s\n` : `FAIL\t${path}\t0.003s\n`)
  }
  if (failed) yield* g.call.out.write('FAIL\n')
  return failed ? 1 : 0
}

const verbs: Record<string, (g: Go) => Routine<number>> = {
  *version(g) {
    yield* g.call.out.write(
      `go version go${g.version} linux/${g.p.uname().machine === 'aarch64' ? 'arm64' : 'amd64'}\n`,
    )
    return 0
  },
  *env(g) {
    const { p } = g
    const values: Record<string, string> = {
      GOARCH: p.env.get('GOARCH') ?? (p.uname().machine === 'aarch64' ? 'arm64' : 'amd64'),
      GOOS: p.env.get('GOOS') ?? 'linux',
      GOPATH: goPath(p),
      GOROOT: '/usr/local/go',
      GOMODCACHE: `${goPath(p)}/pkg/mod`,
      GOCACHE: `${p.env.get('HOME') ?? '/root'}/.cache/go-build`,
      GOVERSION: `go${g.version}`,
      GOPROXY: p.env.get('GOPROXY') ?? 'https://proxy.golang.org,direct',
      GO111MODULE: p.env.get('GO111MODULE') ?? '',
      CGO_ENABLED: p.env.get('CGO_ENABLED') ?? (hasCompiler(p) ? '1' : '0'),
    }
    if (g.args[0] === '-w') return 0
    for (const name of g.args.length > 0 ? g.args : Object.keys(values).sort())
      yield* g.call.out.write(g.args.length > 0 ? `${values[name] ?? ''}\n` : `${name}='${values[name]}'\n`)
    return 0
  },
  mod: modVerb,
  get: getVerb,
  build: buildVerb,
  run: runVerb,
  test: testVerb,
  *install(g) {
    const bin = g.p.env.get('GOBIN') ?? `${goPath(g.p)}/bin`
    if (g.args.some(one => one.includes('@'))) {
      yield* warn('minidock: go install of a module from elsewhere is not modelled\n')
      return 1
    }
    return yield* buildVerb({ ...g, args: ['-o', `${bin}/`, ...g.args] })
  },
  *vet(g) {
    yield* load(g, g.args.find(one => !one.startsWith('-'))?.replace(/\/?\.\.\.$/, '') || '.')
    return 0
  },
  *fmt() {
    yield* warn('')
    return 0
  },
  *clean(g) {
    yield* g.call.out.flush()
    return 0
  },
  *list(g) {
    const mod = yield* findMod(g.p, g.p.cwd())
    if (!mod) throw noMod()
    yield* g.call.out.write(`${mod.path}\n`)
    return 0
  },
}

const usage = `Go is a tool for managing Go source code.

Usage:

	go <command> [arguments]

The commands are:

	build       compile packages and dependencies
	clean       remove object files and cached files
	env         print Go environment information
	fmt         gofmt (reformat) package sources
	get         add dependencies to current module and install them
	install     compile and install packages and dependencies
	list        list packages or modules
	mod         module maintenance
	run         compile and run Go program
	test        test packages
	version     print Go version
	vet         report likely mistakes in packages

Use "go help <command>" for more information about a command.
`

export const program: CoroutineProgram = command(
  'go',
  {},
  function* (call) {
    const { p } = call
    const [verb, ...args] = call.args
    const version = p.marker['version'] ?? '1.22.12'
    try {
      if (verb === undefined || verb === 'help') {
        yield* warn(usage)
        return verb === undefined ? 2 : 0
      }
      const run = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined
      if (!run) throw new GoError(`go ${verb}: unknown command\nRun 'go help' for usage.\n`, 2)
      return yield* run({
        call,
        p,
        version: p.marker['package']?.startsWith('golang') ? version.replace(/^(\d+\.\d+)$/, '$1.8') : version,
        args,
      })
    } catch (error) {
      if (!(error instanceof GoError)) throw error
      yield* call.out.flush()
      yield* warn(error.message)
      return error.status
    }
  },
  { raw: true },
)
