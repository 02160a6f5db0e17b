/** A build from the text of a Dockerfile to an image's config and layers (buildkit frontend and exporter, without effects). */
import { messageOf } from '../errors.ts'
import { encodeConfig, type HistoryEntry, type ImageConfig } from '../image/config.ts'
import { hostPlatform, type Platform, parsePlatform } from '../image/platform.ts'
import { fullString, parseReference, withDefaultTag } from '../image/reference.ts'
import { chainIDs } from '../layer/chain-id.ts'
import { rfc3339Nano } from '../util/time.ts'
import { type PlannedHistory, StageState } from './dispatch.ts'
import { type Parsed, parseInstructions, type Stage, type Step } from './dockerfile/instructions.ts'
import { type Dockerfile, type Language, parseDockerfile } from './dockerfile/parser.ts'
import { parseTriggers } from './dockerfile/triggers.ts'
import { BuildError, type Location } from './errors.ts'
import type { BuildEvent } from './events.ts'
import { encodeInlineCache, inlineCacheKey } from './inline-cache.ts'
import { lint, lintSettings, type MissingVariable } from './lint.ts'
import { type Outline, outlineOf, targetsOf } from './outline.ts'
import { type Backend, Solver } from './solve.ts'
import { needAll, type PlannedStage, planStages, readForTriggers, type StageOptions, type StagePlan } from './stages.ts'
import { filesTransfer, transferred } from './transfer.ts'
import { type BaseImage, inOrder, type RunEnvironment, type Source, type Vertex } from './vertex.ts'

export interface BuildRequest {
  environment: RunEnvironment
  dockerfile: Uint8Array
  /** As the errors name it. */
  dockerfileName: string
  /** What was wrong with reading it; it is then empty. */
  dockerfileError?: string
  /** Bytes that sending the Dockerfile took. */
  dockerfileTransfer: number
  /** Bytes that sending the `.dockerignore` took; undefined when it is not asked for. */
  ignoreTransfer: number | undefined
  /** Whether the context is a tar that holds the Dockerfile. */
  remote: boolean
  buildArgs: ReadonlyMap<string, string>
  labels: readonly [string, string][]
  target: string
  noCache: boolean
  /** Stages whose steps are done anew. */
  noCacheFilter: readonly string[]
  pull: boolean
  /** Images whose inline cache is used. */
  cacheFrom: readonly string[]
  /** The image gets the keys of its steps. */
  inlineCache: boolean
  /** As the user wrote it; '' for the machine's own. */
  platform: string
  /** Names of --build-context. */
  contexts: ReadonlySet<string>
  /** Images by the names that contexts were given for them. */
  contextImages: ReadonlyMap<string, string>
  explain: boolean
  /** SOURCE_DATE_EPOCH in seconds. */
  epoch: number | undefined
}

export interface BuildBackend extends Backend {
  /** An image by its full name. Throws EngineError in the registry's words. */
  image(name: string, options: { platform: Platform; pull: boolean }): Promise<BaseImage>
  /** Takes the keys that an image carries. Throws in the words of whoever was asked for it. */
  importCache(name: string, platform: Platform): Promise<void>
  /** Bytes of a layer. */
  layerSize(diffID: string): number
}

export interface BuiltImage {
  /** The config document. */
  config: string
  diffIDs: readonly string[]
  layerSizes: readonly number[]
  /** How many of them are those of the image that it stands on. */
  baseLayers: number
  nextId: number
}

/** Builds. Throws BuildError. */
export async function build(
  request: BuildRequest,
  backend: BuildBackend,
  emit: (event: BuildEvent) => void,
): Promise<BuiltImage> {
  return new Build(request, backend, emit).run()
}

/** What can be asked of a Dockerfile without a build: its warnings, its targets, what the target takes. */
export type Question = 'check' | 'targets' | 'outline'

/** Reads the Dockerfile and answers by events. Throws BuildError for what a build would end with. */
export async function ask(
  question: Question,
  request: BuildRequest,
  backend: BuildBackend,
  emit: (event: BuildEvent) => void,
): Promise<void> {
  const build = new Build(request, backend, emit)
  if (question === 'targets') emit({ type: 'targets', targets: targetsOf((await build.readAlone()).parsed) })
  else if (question === 'outline') emit({ type: 'outline', outline: (await build.plan()).outline })
  else await build.plan(request.target === '')
}

class Build {
  readonly #request: BuildRequest
  readonly #backend: BuildBackend
  readonly #tell: (event: BuildEvent) => void
  /** What has happened since the Dockerfile was read: its warnings, once known, are told as a part of that step. */
  #held: BuildEvent[] | undefined
  readonly #platform: Platform
  readonly #images = new Map<string, BaseImage>()
  readonly #sources = new Map<string, Vertex>()
  readonly #states = new Map<number, StageState>()
  readonly #missing: MissingVariable[] = []
  /** The number of the step that reads the Dockerfile. */
  readonly #definition = 1
  #nextId = 1

  constructor(request: BuildRequest, backend: BuildBackend, emit: (event: BuildEvent) => void) {
    this.#request = request
    this.#backend = backend
    this.#tell = emit
    this.#platform = request.platform === '' ? hostPlatform : parsePlatform(request.platform)
  }

  readonly #emit = (event: BuildEvent): void => {
    if (this.#held) this.#held.push(event)
    else this.#tell(event)
  }

  #release(): void {
    const held = this.#held ?? []
    this.#held = undefined
    for (const event of held) this.#tell(event)
  }

  /** The same where nothing follows that could be a part of that step. */
  async readAlone(): Promise<{ file: Dockerfile; parsed: Parsed }> {
    const read = await this.#holding(() => this.read())
    this.#release()
    return read
  }

  /** The Dockerfile as its instructions. */
  async read(): Promise<{ file: Dockerfile; parsed: Parsed }> {
    const { dockerfile, dockerfileError } = this.#request
    await this.#load()
    if (dockerfileError !== undefined) {
      // A folder in its place is read where it was sent to.
      const told = dockerfileError.replace(
        /^read (?=.*: is a directory$)/,
        () => `read ${this.#backend.transferFolder()}/`,
      )
      throw new BuildError(`failed to read dockerfile: ${told}`)
    }
    this.#backend.sent('dockerfile', dockerfile.length)
    const file = parseDockerfile(dockerfile)
    const syntax = file.directives.get('syntax')?.value
    if (syntax !== undefined) await this.#frontend(syntax)
    return { file, parsed: parseInstructions(file.instructions, file) }
  }

  /**
   * From the Dockerfile to the steps of its target, with the Dockerfile's warnings on the way.
   * @param everything  all stages are looked at, whether the target needs them or not
   */
  async plan(everything = false): Promise<{ target: StageState; outline: Outline }> {
    const { file, parsed } = await this.#holding(() => this.read())
    let needed: Stage[] = []
    try {
      const plan = planStages(parsed, this.#stageOptions(file))
      if (everything) needAll(plan)
      needed = plan.needed.flatMap(index => plan.stages[index]?.stage ?? [])
      await this.#loadAll(plan, file)
      const images = [...this.#images.values()].map(({ name, digest, diffIDs }) => ({
        name,
        digest: digest ?? chainOf(diffIDs),
      }))
      this.#emit({ type: 'materials', images: images.sort((a, b) => (a.name < b.name ? -1 : 1)) })
      for (const index of plan.needed) this.#dispatch(plan, index, file)
      const target = this.#states.get(plan.target)
      if (!target) throw new Error('the target was not reached')
      return { target, outline: outlineOf(plan, (stage, name) => this.#states.get(stage)?.args.get(name)) }
    } finally {
      this.#warn(file, parsed, needed)
      this.#release()
    }
  }

  /** Holds back what follows the reading of the Dockerfile. */
  async #holding<T>(act: () => Promise<T>): Promise<T> {
    try {
      return await act()
    } catch (error) {
      this.#release()
      throw error
    }
  }

  #stageOptions(language: Language): StageOptions {
    return {
      buildArgs: this.#request.buildArgs,
      platformArgs: this.#platformArgs(),
      target: this.#request.target,
      contexts: this.#request.contexts,
      contextImages: this.#request.contextImages,
      language,
    }
  }

  /** What the stages start from and read, and the context's `.dockerignore`. */
  async #loadAll(plan: StagePlan, language: Language): Promise<void> {
    await this.#loadImages(plan, language)
    await this.#loadNamed(plan)
    const { ignoreTransfer } = this.#request
    if (ignoreTransfer !== undefined) {
      await this.#step('[internal] load .dockerignore', [`transferring context: ${transferred(ignoreTransfer)} done`])
      this.#backend.sent('context (.dockerignore)', ignoreTransfer === filesTransfer([]) ? 0 : ignoreTransfer)
    }
  }

  /** Tells the warnings. Throws BuildError where the file wants them to be errors. */
  #warn(file: Dockerfile, parsed: Parsed, needed: readonly Stage[]): void {
    const given = this.#request.buildArgs.get('BUILDKIT_DOCKERFILE_CHECK') ?? file.directives.get('check')?.value
    const settings = lintSettings(given ?? '')
    const warnings = lint({ file, parsed, needed, missing: this.#missing, settings })
    for (const warning of warnings) this.#tell({ type: 'warning', id: this.#definition, ...warning })
    this.#release()
    if (!settings.error || warnings.length === 0) return
    const rules = [...new Set(warnings.map(({ rule }) => rule))].sort()
    throw new BuildError(`lint violation found for rules: ${rules.join(', ')}`)
  }

  async run(): Promise<BuiltImage> {
    const { epoch } = this.#request
    const { target } = await this.plan()
    await this.#importCaches()
    const solver = new Solver(this.#backend, this.#emit, { nextId: this.#nextId, explain: this.#request.explain })
    const result = await solver.solve(target.top)
    const created = (vertex: Vertex): number => solver.result(vertex).created
    const history = await timed(withAllLayers(target, result.diffIDs.length, created), created, epoch)
    const { config, author } = target
    if (this.#request.labels.length > 0)
      config.Labels = { ...config.Labels, ...Object.fromEntries(this.#request.labels) }
    const newest = epoch !== undefined ? rfc3339Nano(epoch * 1000) : history.at(-1)?.created
    const document: ImageConfig = {
      architecture: this.#platform.architecture,
      ...(author !== undefined && { author }),
      config: ordered(config),
      created: newest ?? rfc3339Nano(this.#backend.now()),
      history,
      os: this.#platform.os,
      rootfs: { type: 'layers', diff_ids: [...result.diffIDs] },
      ...(this.#platform.variant && { variant: this.#platform.variant }),
      ...(this.#request.inlineCache && { [inlineCacheKey]: encodeInlineCache(solver.records(), result.diffIDs) }),
    }
    return {
      config: encodeConfig(document),
      diffIDs: result.diffIDs,
      layerSizes: result.diffIDs.map(diffID => this.#backend.layerSize(diffID)),
      baseLayers: baseLayers(target.top),
      nextId: solver.nextId,
    }
  }

  /** Caches that cannot be had are told of, and the build goes on without. */
  async #importCaches(): Promise<void> {
    for (const name of this.#request.cacheFrom) {
      const act = async (): Promise<void> => {
        try {
          await this.#backend.importCache(name, this.#platform)
        } catch (error) {
          throw new Error(`failed to configure registry cache importer: ${messageOf(error)}`)
        }
      }
      await this.#during(`importing cache manifest from ${name}`, [], act).catch(() => undefined)
    }
  }

  /** The `.dockerignore` of each named context that the stages read. */
  async #loadNamed(plan: StagePlan): Promise<void> {
    const used = plan.needed.flatMap(index => {
      const { base, reads } = plan.stages[index] ?? { base: 'scratch', reads: new Map<string, never>() }
      return [base, ...reads.values()]
    })
    const names = new Set(used.flatMap(each => (typeof each === 'object' && 'context' in each ? [each.context] : [])))
    for (const name of names)
      await this.#step(`[context ${name}] load .dockerignore`, [
        `transferring ${name}: ${transferred(this.#backend.context(name).ignoreTransfer ?? 0)} done`,
      ])
  }

  /** What comes before the Dockerfile can be read. */
  async #load(): Promise<void> {
    const { dockerfileName, dockerfileTransfer, remote } = this.#request
    if (remote) {
      await this.#step('[internal] load remote build context', [])
      await this.#step('copy /context /', [])
    } else
      await this.#step(`[internal] load build definition from ${dockerfileName}`, [
        `transferring dockerfile: ${transferred(dockerfileTransfer)} done`,
      ])
  }

  /** A step of the frontend's own of which nothing is seen but its lines. */
  async #step(name: string, lines: readonly string[]): Promise<void> {
    return this.#during(name, lines, async () => undefined)
  }

  /** A step of the frontend's own, and what is done in it. */
  async #during<T>(name: string, lines: readonly string[], act: () => Promise<T>): Promise<T> {
    const id = this.#nextId++
    const time = (): number => this.#backend.now()
    this.#emit({ type: 'start', id, name, time: time() })
    let result: T
    try {
      result = await act()
    } catch (error) {
      this.#emit({ type: 'error', id, message: error instanceof Error ? error.message : String(error), time: time() })
      throw error
    }
    for (const text of lines) this.#emit({ type: 'status', id, text, time: time() })
    if (id === this.#definition) this.#held ??= []
    this.#emit({ type: 'done', id, time: time() })
    return result
  }

  /** `# syntax=docker/dockerfile:1`: the frontend is built in, whatever image it names. */
  async #frontend(name: string): Promise<void> {
    const reference = fullString(withDefaultTag(parseReference(name)))
    await this.#step(`resolve image config for docker-image://${reference}`, [])
    const id = this.#nextId++
    this.#emit({ type: 'start', id, name: `docker-image://${reference}`, time: this.#backend.now() })
    this.#emit({ type: 'cached', id, time: this.#backend.now() })
  }

  #platformArgs(): ReadonlyMap<string, string> {
    const text = ({ os, architecture, variant }: Platform): string =>
      `${os}/${architecture}${variant ? `/${variant}` : ''}`
    const args = (prefix: string, platform: Platform): [string, string][] => [
      [`${prefix}PLATFORM`, text(platform)],
      [`${prefix}OS`, platform.os],
      [`${prefix}ARCH`, platform.architecture],
      [`${prefix}VARIANT`, platform.variant ?? ''],
    ]
    return new Map([
      ...args('BUILD', hostPlatform),
      ...args('TARGET', this.#platform),
      ['TARGETSTAGE', this.#request.target || 'default'],
    ])
  }

  /** The configs of all images that are needed. */
  async #loadImages(plan: StagePlan, language: Language): Promise<void> {
    // What triggers of an image read may be stages that nothing needed before.
    for (const done = new Set<number>(); plan.needed.some(index => !done.has(index)); ) {
      for (const index of plan.needed) {
        const planned = plan.stages[index]
        if (!planned || done.has(index)) continue
        done.add(index)
        const { base, stage } = planned
        if (typeof base === 'object' && 'image' in base) {
          const image = await this.#loadImage(base.image, base.platform, base.written, stage)
          readForTriggers(plan, index, image.config.config?.OnBuild ?? [], this.#stageOptions(language))
        }
        for (const [from, read] of planned.reads)
          if ('image' in read) await this.#loadImage(read.image, '', from, stage)
      }
    }
  }

  async #loadImage(name: string, platform: string, written: string, stage: Stage): Promise<BaseImage> {
    const known = this.#images.get(`${name} ${platform}`)
    if (known) return known
    const load = async (): Promise<BaseImage> =>
      this.#backend.image(name, {
        platform: platform === '' ? this.#platform : parsePlatform(platform),
        pull: this.#request.pull,
      })
    try {
      const image = await this.#during(`[internal] load metadata for ${name}`, [], load)
      this.#images.set(`${name} ${platform}`, image)
      return image
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      throw new BuildError(`${written}: failed to resolve source metadata for ${name}: ${message}`, {
        location: stage.location,
        step: `[internal] load metadata for ${name}`,
      })
    }
  }

  #dispatch(plan: StagePlan, index: number, parsed: Dockerfile): void {
    const planned = plan.stages[index]
    if (!planned) return
    const { stage } = planned
    const label = isAlone(plan) ? '' : stage.name === '' ? `stage-${index}` : stage.name
    const { base } = planned
    const external = typeof base === 'object' && !('stage' in base)
    const inherited = this.#base(planned, label)
    const triggers = parseTriggers(inherited.config.OnBuild ?? [], stage.location, parsed)
    delete inherited.config.OnBuild
    const steps = [...triggers, ...stage.steps]
    const total = steps.filter(counts).length + (external ? 1 : 0)
    if (inherited.top.kind === 'image' && external)
      inherited.top.name = `[${label === '' ? '' : `${label} `}${'1'.padStart(String(total).length)}/${total}] ${inherited.top.name}`
    const { noCache, noCacheFilter } = this.#request
    const state = new StageState(
      {
        label,
        total,
        escape: parsed.escape,
        buildArgs: this.#request.buildArgs,
        globals: plan.globals,
        platformArgs: this.#platformArgs(),
        noCache: noCache || noCacheFilter.some(name => name.toLowerCase() === stage.name && name !== ''),
        missing: variable => this.#missing.push(variable),
        environment: this.#request.environment,
        source: from => this.#source(planned, from),
      },
      {
        ...inherited,
        counted: inherited.top.kind === 'image' && external,
        below: typeof base === 'object' && 'stage' in base ? this.#states.get(base.stage) : undefined,
      },
    )
    for (const step of steps) state.dispatch(step)
    this.#states.set(index, state)
  }

  /** What a stage starts from. */
  #base(
    planned: PlannedStage,
    label: string,
  ): {
    config: NonNullable<ImageConfig['config']>
    history: PlannedHistory[]
    top: Vertex
    author: string | undefined
  } {
    const { base, stage } = planned
    if (typeof base === 'object' && 'stage' in base) {
      const state = this.#states.get(base.stage)
      if (!state) throw new Error(`stage ${base.stage} comes later`)
      return { config: structuredClone(state.config), history: state.history, top: state.top, author: state.author }
    }
    const empty = {
      config: { Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'], WorkingDir: '/' },
      history: [],
      author: undefined,
    }
    const plain = { location: stage.location, noCache: false, createdBy: '' }
    if (base === 'scratch') return { ...empty, top: { kind: 'scratch', name: label, ...plain } }
    if ('context' in base) return { ...empty, top: contextVertex(base.context, stage.location) }
    const image = this.#images.get(`${base.image} ${base.platform}`)
    if (!image) throw new Error(`${base.image} was not loaded`)
    return {
      config: structuredClone(image.config.config ?? {}),
      history: [...(image.config.history ?? [])],
      author: image.config.author,
      top: { kind: 'image', name: `FROM ${base.image}`, ...plain, image },
    }
  }

  #source(planned: PlannedStage, from: string): Source {
    if (from === '') return { kind: 'context', name: '' }
    const read = planned.reads.get(from)
    if (!read) return { kind: 'vertex', vertex: this.#scratch() }
    if ('context' in read) return { kind: 'context', name: read.context }
    if ('stage' in read) {
      const state = this.#states.get(read.stage)
      if (!state) throw new Error(`stage ${read.stage} comes later`)
      return { kind: 'vertex', vertex: state.top }
    }
    const known = this.#sources.get(read.image)
    if (known) return { kind: 'vertex', vertex: known }
    const image = this.#images.get(`${read.image} `)
    if (!image) throw new Error(`${read.image} was not loaded`)
    const vertex: Vertex = {
      kind: 'image',
      name: `FROM ${read.image}`,
      location: planned.stage.location,
      noCache: false,
      createdBy: '',
      image,
    }
    this.#sources.set(read.image, vertex)
    return { kind: 'vertex', vertex }
  }

  #scratch(): Vertex {
    return { kind: 'scratch', name: 'scratch', location: undefined, noCache: false, createdBy: '' }
  }
}

/** All files of a named context, as a stage starts from them. */
const contextVertex = (name: string, location: Location): Vertex => ({
  kind: 'copy',
  name: `[context ${name}] load from client`,
  location,
  noCache: false,
  createdBy: '',
  parent: { kind: 'scratch', name: '', location, noCache: false, createdBy: '' },
  source: { kind: 'context', name },
  step: { add: false, chown: '', chmod: '', parents: false, excludes: [], checksum: '', unpack: false },
  sources: ['/'],
  files: [],
  target: '/',
  loads: true,
})

const counts = (step: Step): boolean =>
  step.kind === 'copy' || step.kind === 'run' || (step.kind === 'workdir' && step.text !== '/')

/** Layers that history does not know, as those of a named context, are put at its end (buildkit normalizeLayersAndHistory). */
function withAllLayers(target: StageState, layers: number, created: (vertex: Vertex) => number): PlannedHistory[] {
  const { history, top } = target
  const missing = layers - history.filter(entry => !entry.empty_layer).length
  if (missing <= 0) return history
  const stack = inOrder(top).filter(vertex => vertex.kind !== 'image' && vertex.kind !== 'scratch')
  return [
    ...history,
    ...stack.slice(-missing).map(vertex => ({
      created: rfc3339Nano(created(vertex)),
      created_by: vertex.name.replace(
        /^\[((?:\S+ )?)\s*(\d+)\//,
        (_, label: string, step: string) => `[${label}${Number(step)}/`,
      ),
      comment: 'buildkit.exporter.image.v0',
    })),
  ]
}

/**
 * Fills in the times of history: a layer's is when it was made; an entry without a layer has that of the layer before it,
 * or of the first new one (buildkit exporter/containerimage normalizeLayersAndHistory).
 */
async function timed(
  planned: readonly PlannedHistory[],
  createdOf: (vertex: Vertex) => number,
  epoch: number | undefined,
): Promise<HistoryEntry[]> {
  const history: HistoryEntry[] = planned.map(({ vertex, ...entry }) => {
    const { created, ...rest } = entry
    if (!vertex) return created === undefined ? rest : { created, ...rest }
    return { created: rfc3339Nano(epoch === undefined ? createdOf(vertex) : epoch * 1000), ...rest }
  })
  let created: string | undefined
  let missing = false
  for (const entry of history) {
    if (entry.created !== undefined) {
      created = entry.created
      if (missing) break
    } else missing = true
  }
  missing = false
  return history.map(entry => {
    if (entry.created !== undefined) {
      if (missing) created = entry.created
      return entry
    }
    missing = true
    return {
      ...(created !== undefined && { created: epoch === undefined ? created : rfc3339Nano(epoch * 1000) }),
      ...entry,
    }
  })
}

/** The container config with its keys in the order in which BuildKit writes them. */
function ordered(config: NonNullable<ImageConfig['config']>): NonNullable<ImageConfig['config']> {
  const keys = [
    ...(['User', 'ExposedPorts', 'Env', 'Entrypoint', 'Cmd', 'Volumes', 'WorkingDir', 'Labels', 'StopSignal'] as const),
    ...(['ArgsEscaped', 'Healthcheck', 'OnBuild', 'Shell'] as const),
  ]
  return Object.fromEntries(
    keys.flatMap(key => {
      const value = config[key]
      if (value === undefined || value === null || value === '') return []
      if (Array.isArray(value) && value.length === 0) return []
      const isMap = typeof value === 'object' && !Array.isArray(value) && key !== 'Healthcheck'
      return [[key, isMap ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value]]
    }),
  )
}

function baseLayers(top: Vertex): number {
  let bottom = top
  while ('parent' in bottom) bottom = bottom.parent
  return bottom.kind === 'image' ? bottom.image.diffIDs.length : 0
}

/** What an image of the store is known by in a build: its stack of layers. */
const chainOf = (diffIDs: readonly string[]): string => chainIDs(diffIDs).at(-1) ?? ''

/** Whether there is but one stage; what mounts and COPY --from may read counts as another, be it nothing. */
const isAlone = ({ stages: [only, ...more] }: StagePlan): boolean =>
  more.length === 0 &&
  only !== undefined &&
  only.stage.steps.every(step =>
    step.kind === 'run' ? step.mounts.length === 0 : step.kind !== 'copy' || step.from === '',
  )
