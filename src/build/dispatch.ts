/**
 * One stage's instructions, each turned into a change of the image's config, a vertex of the graph, or both (buildkit
 * frontend/dockerfile/dockerfile2llb). Nothing is read or run yet.
 */
import { posix } from 'node:path'
import type { ImageContainerConfig } from '../api/image.ts'
import { messageOf } from '../errors.ts'
import type { HistoryEntry } from '../image/config.ts'
import { isStopSignal } from '../kernel/signals.ts'
import { parsePublish } from '../network/port-spec.ts'
import { durationString } from '../util/go-duration.ts'
import { quote } from '../util/strconv.ts'
import { type ExpandOptions, expandWord, expandWords } from './dockerfile/expand.ts'
import type { CopyStep, Health, RunStep, Step } from './dockerfile/instructions.ts'
import type { MountSpec } from './dockerfile/mount.ts'
import { BuildError, type Location } from './errors.ts'
import type { MissingVariable } from './lint.ts'
import type { RunEnvironment, RunVertex, Source, Vertex } from './vertex.ts'

/** A history entry whose time follows from the layer that it stands for. */
export interface PlannedHistory extends HistoryEntry {
  /** The vertex whose layer it is; absent for those without a layer and for the base's own. */
  vertex?: Vertex
}

export interface StageContext {
  /** `builder` in `[builder 2/4]`; '' in a file of one stage. */
  label: string
  /** Number of steps that the progress counts. */
  total: number
  escape: string
  buildArgs: ReadonlyMap<string, string>
  globals: ReadonlyMap<string, string | undefined>
  platformArgs: ReadonlyMap<string, string>
  noCache: boolean
  environment: RunEnvironment
  /** Is told of variables that nobody has set. */
  missing(variable: MissingVariable): void
  /** Where `--from` leads. */
  source(from: string): Source
}

/** What a stage has become so far. */
export class StageState {
  readonly #context: StageContext
  config: ImageContainerConfig
  author: string | undefined
  history: PlannedHistory[]
  /** Its files; undefined while a stage from scratch has none. */
  top: Vertex
  /** ARG of this stage and of those below, in order. */
  readonly #args: Map<string, string | undefined>
  /** Variables as RUN sees them: the config's and the arguments. */
  readonly #env: Map<string, string>
  #count: number
  #cmdSet = false

  constructor(
    context: StageContext,
    base: {
      config: ImageContainerConfig
      history: PlannedHistory[]
      top: Vertex
      author: string | undefined
      counted: boolean
      /** The stage that it stands on. */
      below?: StageState | undefined
    },
  ) {
    this.#context = context
    this.config = structuredClone(base.config)
    this.history = [...base.history]
    this.author = base.author
    this.top = base.top
    this.#count = base.counted ? 1 : 0
    this.#args = new Map(base.below?.args)
    this.#env = new Map(
      (this.config.Env ?? []).map(variable => {
        const equals = variable.indexOf('=')
        return equals < 0 ? [variable, ''] : [variable.slice(0, equals), variable.slice(equals + 1)]
      }),
    )
    for (const [key, value] of this.#args) if (value !== undefined && !this.#env.has(key)) this.#env.set(key, value)
  }

  get args(): ReadonlyMap<string, string | undefined> {
    return this.#args
  }

  #options(step: Step): ExpandOptions {
    const env = new Map(this.#env)
    const missing = (name: string): void => {
      if (!this.#args.has(name)) this.#context.missing({ name, location: step.location, known: [...env.keys()] })
    }
    return { escape: this.#context.escape, get: name => env.get(name), missing }
  }

  #expand(word: string, step: Step): string {
    try {
      return expandWord(word, this.#options(step))
    } catch (error) {
      throw new BuildError(`failed to process ${quote(word)}: ${messageOf(error)}`, { location: step.location })
    }
  }

  /** `[builder 2/4] ` before a step's name. */
  #numbered(text: string): string {
    const { label, total } = this.#context
    this.#count++
    const width = String(total).length
    return `[${label === '' ? '' : `${label} `}${String(this.#count).padStart(width)}/${total}] ${text}`
  }

  /** A step's text as the progress shows it: the instruction in capitals, variables that are set in place. */
  #shown(original: string): string {
    const named = original.replace(/^\S+/, word => word.toUpperCase())
    let quoted = false
    return named.replace(/'|\\.|\$(?:([a-zA-Z_]\w*)|\{([a-zA-Z_]\w*)\})/g, (match, plain?: string, braced?: string) => {
      if (match === "'") quoted = !quoted
      const name = plain ?? braced
      if (name === undefined || quoted) return match
      return this.#env.get(name) ?? match
    })
  }

  #remember(createdBy: string, vertex?: Vertex): void {
    this.history.push({
      created_by: createdBy,
      comment: 'buildkit.dockerfile.v0',
      ...(vertex ? { vertex } : { empty_layer: true }),
    })
  }

  dispatch(step: Step): void {
    switch (step.kind) {
      case 'arg':
        return this.#arg(step)
      case 'env':
        return this.#setEnv(step)
      case 'label': {
        const pairs = step.pairs.map(({ key, value }) => ({
          key: this.#expand(key, step),
          value: this.#expand(value, step),
        }))
        this.config.Labels = { ...this.config.Labels, ...Object.fromEntries(pairs.map(pair => [pair.key, pair.value])) }
        return this.#remember(`LABEL ${pairs.map(({ key, value }) => `${key}=${value}`).join(' ')}`)
      }
      case 'cmd': {
        const words = this.#withShell(step.command)
        this.config.Cmd = words
        this.config.ArgsEscaped = true
        this.#cmdSet = true
        return this.#remember(`CMD ${goList(words)}`)
      }
      case 'entrypoint': {
        const words = this.#withShell(step.command)
        this.config.Entrypoint = words
        if (!this.#cmdSet) delete this.config.Cmd
        return this.#remember(`ENTRYPOINT ${goList(words)}`)
      }
      case 'expose': {
        const words = step.words.flatMap(word => expandWords(word, this.#options(step)))
        let ports: string[]
        try {
          ports = parsePublish(words).exposed.sort()
        } catch (error) {
          throw new BuildError(messageOf(error).replace(/^I(?=nvalid)/, 'i'), { location: step.location })
        }
        this.config.ExposedPorts = { ...this.config.ExposedPorts, ...Object.fromEntries(ports.map(port => [port, {}])) }
        return this.#remember(`EXPOSE [${ports.join(' ')}]`)
      }
      case 'volume': {
        const paths = step.words.map(word => this.#expand(word, step))
        if (paths.includes(''))
          throw new BuildError('VOLUME specified can not be an empty string', { location: step.location })
        this.config.Volumes = { ...this.config.Volumes, ...Object.fromEntries(paths.map(path => [path, {}])) }
        return this.#remember(`VOLUME [${paths.join(' ')}]`)
      }
      case 'shell':
        this.config.Shell = step.words
        return this.#remember(`SHELL [${step.words.join(' ')}]`)
      case 'user':
        this.config.User = this.#expand(step.text, step)
        return this.#remember(`USER ${this.config.User}`)
      case 'stopsignal':
        this.config.StopSignal = this.#signal(step)
        return this.#remember(`STOPSIGNAL ${this.config.StopSignal}`)
      case 'maintainer':
        this.author = step.text
        return this.#remember(`MAINTAINER ${step.text}`)
      case 'onbuild':
        this.config.OnBuild = [...(this.config.OnBuild ?? []), step.text]
        return
      case 'healthcheck':
        this.config.Healthcheck = step.health
        return this.#remember(`HEALTHCHECK ${goHealth(step.health)}`)
      case 'workdir':
        return this.#workdir(step)
      case 'copy':
        return this.#copy(step)
      case 'run':
        return this.#run(step)
    }
  }

  #arg(step: Step & { kind: 'arg' }): void {
    const { buildArgs, globals, platformArgs } = this.#context
    const shown: string[] = []
    for (const arg of step.args) {
      const own = arg.value === undefined ? undefined : this.#expand(arg.value, step)
      const given = buildArgs.get(arg.key)
      const value = given ?? own ?? globals.get(arg.key) ?? platformArgs.get(arg.key)
      if (value !== undefined) this.#env.set(arg.key, value)
      this.#args.set(arg.key, value ?? this.#args.get(arg.key))
      shown.push(
        arg.value === undefined && value === undefined
          ? arg.key
          : value === undefined
            ? arg.key
            : `${arg.key}=${value}`,
      )
    }
    this.#remember(`ARG ${shown.join(' ')}`)
  }

  #setEnv(step: Step & { kind: 'env' }): void {
    const pairs = step.pairs.map(({ key, value }) => ({
      key: this.#expand(key, step),
      value: this.#expand(value, step),
    }))
    const env = [...(this.config.Env ?? [])]
    for (const { key, value } of pairs) {
      const at = env.findIndex(variable => variable.split('=', 1)[0] === key)
      if (at < 0) env.push(`${key}=${value}`)
      else env[at] = `${key}=${value}`
      this.#env.set(key, value)
    }
    this.config.Env = env
    this.#remember(`ENV ${pairs.map(({ key, value }) => `${key}=${value}`).join(' ')}`)
  }

  #signal(step: Step & { text: string }): string {
    const signal = this.#expand(step.text, step)
    if (!isStopSignal(signal)) throw new BuildError(`invalid signal: ${signal}`, { location: step.location })
    return signal
  }

  #withShell({ words, shell }: { words: string[]; shell: boolean }): string[] {
    if (!shell) return words
    return [...(this.config.Shell ?? ['/bin/sh', '-c']), ...words]
  }

  #workdir(step: Step & { kind: 'workdir' }): void {
    const text = this.#expand(step.text, step)
    // An absolute path is kept as it is written.
    const path = text.startsWith('/') ? text : posix.resolve('/', this.config.WorkingDir || '/', text)
    this.config.WorkingDir = path
    if (path === '/') return this.#remember(`WORKDIR ${path}`)
    const vertex: Vertex = {
      kind: 'mkdir',
      name: this.#numbered(this.#shown(step.original)),
      location: step.location,
      noCache: false,
      createdBy: `WORKDIR ${path}`,
      parent: this.top,
      path: posix.normalize(path),
      user: this.config.User ?? '',
    }
    this.top = vertex
    this.#remember(vertex.createdBy, vertex)
  }

  #copy(step: CopyStep): void {
    const sources = step.sources.map(word => this.#expand(word, step))
    const target = this.#expand(step.target, step)
    const chown = this.#expand(step.chown, step)
    const chmod = this.#expand(step.chmod, step)
    const files = step.heredocs.map(({ name, content, expand }) => ({
      name,
      content: expand ? this.#expandText(content, step) : content,
    }))
    const isUrl = (source: string): boolean => /^(https?:|git@|git:|ssh:)/.test(source)
    if (step.checksum !== '' && !sources.every(isUrl))
      throw new BuildError('checksum requires HTTP(S) or Git sources', { location: step.location })
    const from = step.add ? '' : this.#expand(step.from, step)
    const flags = [
      ...(step.parents ? ['--parents'] : []),
      ...(chown === '' ? [] : [`--chown=${chown}`]),
      ...(chmod === '' ? [] : [`--chmod=${chmod}`]),
    ]
    const shown = [...sources, ...step.heredocs.map(({ name }) => `<<${name}`)]
    const folder = /(^|\/)\.?$/.test(target) || target === '.'
    const absolute = posix.resolve(this.config.WorkingDir || '/', target)
    const vertex: Vertex = {
      kind: 'copy',
      name: this.#numbered(this.#shown(step.original)),
      location: step.location,
      noCache: this.#context.noCache,
      createdBy: `${[step.add ? 'ADD' : 'COPY', ...flags, ...shown, target].join(' ')} # buildkit`,
      parent: this.top,
      source: this.#context.source(from),
      step: { ...step, chown, chmod },
      sources,
      files,
      target: folder && absolute !== '/' ? `${absolute}/` : absolute,
    }
    this.top = vertex
    this.#remember(vertex.createdBy, vertex)
  }

  #expandText(text: string, step: Step): string {
    try {
      return expandWord(text, { ...this.#options(step), escape: '\\', raw: true })
    } catch (error) {
      throw new BuildError(messageOf(error), { location: step.location })
    }
  }

  #run(step: RunStep): void {
    let argv = [...step.command.words]
    let shown = step.original
    let script: { path: string; content: string } | undefined
    const [first] = step.heredocs
    if (step.command.shell) {
      if (first) {
        const [line = ''] = argv
        if (/^<<-?["']?[\w.-]+["']?$/.test(line.trim())) {
          shown += ` (${summary(first.content)})`
          if (first.raw.startsWith('#!')) {
            script = { path: `/dev/pipes/${first.name}`, content: first.content }
            argv = [script.path]
          } else argv = [first.content]
        } else argv = [[line, ...step.heredocs.map(({ raw, name }) => raw + name)].join('\n')]
      }
      argv = this.#withShell({ words: argv.length === 0 ? [''] : argv, shell: true })
    }
    if (argv.length === 0) throw new BuildError('failed to marshal LLB definition: arguments are required')
    const args = [...this.#args].map(([key, value]) => `${key}=${this.#env.get(key) ?? value ?? ''}`)
    const counted = args.length === 0 ? [] : [`|${args.length}`, ...args]
    const { environment } = this.#context
    if (step.network === 'host' && !environment.allowHost)
      throw new BuildError('failed to load LLB: network.host is not allowed')
    const vertex: Vertex = {
      kind: 'run',
      name: this.#numbered(this.#shown(shown)),
      location: step.location,
      noCache: this.#context.noCache,
      createdBy: `${['RUN', ...counted, ...argv].join(' ')} # buildkit`,
      parent: this.top,
      argv,
      env: [...this.#env].map(([name, value]) => `${name}=${value}`),
      proxy: proxyOf(this.#context.buildArgs),
      cwd: this.config.WorkingDir || '/',
      user: this.config.User ?? '',
      mounts: step.mounts.map(mount => {
        const spec = {
          ...mount,
          target: this.#expand(mount.target, step),
          source: this.#expand(mount.source, step),
          id: this.#expand(mount.id, step),
        }
        const reads = spec.type === 'bind' || (spec.type === 'cache' && mount.from !== '')
        const source = reads ? this.#context.source(this.#expand(mount.from, step)) : undefined
        return spec.type === 'cache' ? cacheMount(spec, source, step.location) : { spec, source }
      }),
      script,
      network: step.network === '' || step.network === 'default' ? environment.network : step.network,
      environment,
      security: step.security,
    }
    this.top = vertex
    this.#remember(vertex.createdBy, vertex)
  }
}

/** A cache mount with an owner or bits of its own starts from a folder that is made for it. */
function cacheMount(spec: MountSpec, from: Source | undefined, location: Location): RunVertex['mounts'][number] {
  const { uid, gid, mode } = spec
  if (uid === undefined && gid === undefined && mode === undefined) return { spec, source: from }
  const plain = { location, noCache: false, createdBy: '' }
  const made: Vertex = {
    kind: 'mkdir',
    name: '[internal] setting cache mount permissions',
    ...plain,
    parent: from?.kind === 'vertex' ? from.vertex : { kind: 'scratch', name: '', ...plain },
    path: '/cache',
    user: `${uid ?? 0}:${gid ?? 0}`,
    mode: mode ?? 0o755,
  }
  return { spec: { ...spec, source: '/cache' }, source: { kind: 'vertex', vertex: made } }
}

const proxies = ['http_proxy', 'https_proxy', 'ftp_proxy', 'no_proxy', 'all_proxy']

/** Proxies given as build arguments are set for every RUN, in both cases, and are no part of what it is. */
function proxyOf(buildArgs: ReadonlyMap<string, string>): string[] {
  return proxies.flatMap(name => {
    const value = buildArgs.get(name.toUpperCase()) ?? buildArgs.get(name)
    return value === undefined ? [] : [`${name.toUpperCase()}=${value}`, `${name}=${value}`]
  })
}

/** How a here-document is named in the progress: its first line, and that there is more. */
function summary(text: string): string {
  const [first = '', ...more] = text.replace(/^\n+/, '').split('\n')
  return more.some(line => line !== '') || first.length > 20 ? `${first.slice(0, 20)}...` : first
}

/** Go's `%q` of a list of strings. */
const goList = (words: readonly string[]): string => `[${words.map(word => quote(word)).join(' ')}]`

/** Go's `%q` of the health check, as BuildKit writes it into the history. */
function goHealth(health: Health): string {
  const spans = [health.Interval, health.Timeout, health.StartPeriod, health.StartInterval]
  const retries = String.fromCodePoint(health.Retries ?? 0)
  return `&{${goList(health.Test)} ${spans.map(span => quote(durationString(span ?? 0))).join(' ')} ${quote(retries, "'").replace("'\\x00'", "'\\x00'")}}`
}
