/**
 * Carries a graph out: each vertex is looked up in the cache by its key, and executed where it is not there. Effects
 * (layers, processes, cache records) are the backend's.
 */
import { posix } from 'node:path'
import { messageOf } from '../errors.ts'
import type { OverlayFs } from '../layer/overlay.ts'
import { isErrno } from '../vfs/errno.ts'
import { RootFs } from '../vfs/rootfs.ts'
import { folderMode, modeChanger } from './chmod.ts'
import type { BuildContext } from './context.ts'
import {
  type CopyOptions,
  cleanPath,
  contentDigest,
  copyPath,
  makeFolders,
  makeWorkdir,
  resolveWildcards,
} from './copy.ts'
import { BuildError, CanceledBuild } from './errors.ts'
import type { BuildEvent } from './events.ts'
import { difference, type KeyParts, keyOf } from './keys.ts'
import { mergeSame } from './merge.ts'
import { contextTransfer, transferred } from './transfer.ts'
import { isArchive, unpackArchive } from './unpack.ts'
import { type CopyVertex, inOrder, inputsOf, type RunVertex, type Source, type Vertex } from './vertex.ts'

/** A stack of layers and when its top was made. */
export interface Result {
  /** Lowest first. */
  diffIDs: readonly string[]
  /** Bytes of the top layer. */
  size: number
  /** ms since the epoch. */
  created: number
}

export interface CacheRecord extends Result {
  key: string
  parts: KeyParts
  name: string
}

/** What the engine does for a build. */
export interface Backend {
  now(): number
  /** Whether the user has stopped the build. */
  readonly aborted: boolean
  /** A stack of layers with an empty upper over it. */
  overlay(diffIDs: readonly string[]): OverlayFs
  cached(key: string): CacheRecord | undefined
  /** The newest record of a step with this name, whatever its key. */
  lastOf(name: string): CacheRecord | undefined
  /** Notes that a record was used. */
  used(key: string): void
  /** Makes a layer of an overlay's upper and keeps it under a key. */
  commit(
    overlay: OverlayFs,
    under: readonly string[],
    record: { key: string; parts: KeyParts; name: string },
  ): Promise<Result>
  /** Remembers what the client sent. */
  sent(what: string, size: number): void
  /** Remembers a vertex without a layer of its own. */
  note(record: CacheRecord): void
  /** Runs a process over the files; its status is 0, or a BuildError is thrown. */
  run(
    vertex: RunVertex,
    overlay: OverlayFs,
    mounted: (source: Source) => RootFs,
    sourceKey: (source: Source) => string,
    output: (stream: 'stdout' | 'stderr', data: Uint8Array) => void,
    stop: AbortSignal,
  ): Promise<void>
  /** Does a part of the build, side by side with others: a virtual clock goes on when all of them wait. */
  working<T>(part: () => Promise<T>): Promise<T>
  /** uid and gid for `--chown` against the files' own /etc/passwd. */
  owner(files: RootFs, chown: string): { uid: number; gid: number }
  context(name: string): BuildContext
  /** A random id as BuildKit's references are, for messages. */
  reference(): string
  /** Where the files of a step are mounted while it is done, for messages. */
  mountPoint(): string
  /** Where what the client sends is kept meanwhile, for messages. */
  transferFolder(): string
}

type Emit = (event: BuildEvent) => void

export class Solver {
  readonly #backend: Backend
  readonly #emit: Emit
  readonly #explain: boolean
  readonly #results = new Map<Vertex, Result>()
  readonly #keys = new Map<Vertex, string>()
  #nextId: number
  readonly #digests = new WeakMap<RootFs, Map<string, string>>()
  readonly #contextsLoaded = new Set<string>()
  readonly #stop = new AbortController()
  /** Of vertices that are the same, the one that stands for all. */
  #standing: ReadonlyMap<Vertex, Vertex> = new Map()

  constructor(backend: Backend, emit: Emit, options: { nextId: number; explain: boolean }) {
    this.#backend = backend
    this.#emit = emit
    this.#nextId = options.nextId
    this.#explain = options.explain
  }

  get nextId(): number {
    return this.#nextId
  }

  /**
   * The layers of a vertex; everything it needs is done first. What does not need each other is done side by side; the
   * first failure cancels the rest. Throws BuildError.
   */
  async solve(top: Vertex): Promise<Result> {
    const all = inOrder(top)
    this.#standing = mergeSame(all)
    const order = all.filter(vertex => this.#standing.get(vertex) === vertex)
    const wanted = this.#needed(order)
    for (const vertex of order) if (vertex.kind === 'image') this.#image(vertex, wanted.image(vertex))
    for (const vertex of order) this.#loadContexts(vertex, order)
    const underWay = new Map<Vertex, Promise<void>>()
    let failure: { error: unknown } | undefined
    const fail = (error: unknown): void => {
      failure ??= { error }
      this.#stop.abort()
    }
    for (const vertex of order) {
      const inputs = inputsOf(vertex).map(input => underWay.get(this.#standsFor(input)))
      const work = async (): Promise<void> => {
        if (vertex.kind !== 'image') this.#demandSources(vertex)
        await Promise.all(inputs)
        if (failure) return this.#canceled(vertex)
        if (this.#backend.aborted) throw new CanceledBuild()
        await this.#backend.working(() => this.#one(vertex))
      }
      underWay.set(vertex, work().catch(fail))
    }
    await Promise.all(underWay.values())
    if (failure) throw failure.error
    return this.result(top)
  }

  /** Sources in a context that are not there fail at once, whatever else is under way. Throws BuildError. */
  #demandSources(vertex: Vertex): void {
    if (vertex.kind !== 'copy' || vertex.source.kind !== 'context' || vertex.sources.length === 0) return
    const { files, remote } = this.#backend.context(vertex.source.name)
    if (remote) return
    for (const given of vertex.sources) {
      if (vertex.step.add && isUrl(given)) continue
      for (const path of resolveWildcards(files, cleanPath(given)))
        if (!files.exists(path))
          return this.#failed(vertex, this.#start(vertex.name), this.#notThere(path, vertex.step.excludes))
    }
  }

  /** A process that was about to be started when another step failed. */
  #canceled(vertex: Vertex): void {
    if (vertex.kind !== 'run') return
    const isReady = inputsOf(vertex).every(input => this.#results.has(this.#standsFor(input)))
    if (!isReady || (!vertex.noCache && this.#backend.cached(this.#key(vertex).key))) return
    this.#emit({ type: 'canceled', id: this.#start(vertex.name), time: this.#backend.now() })
  }

  #standsFor(vertex: Vertex): Vertex {
    return this.#standing.get(vertex) ?? vertex
  }

  /** What each step gave, by its key. */
  records(): { key: string; result: Result }[] {
    return [...this.#results].flatMap(([vertex, result]) => {
      const key = this.#keys.get(vertex)
      return key === undefined || vertex.kind === 'image' ? [] : [{ key, result }]
    })
  }

  result(vertex: Vertex): Result {
    const result = this.#results.get(this.#standsFor(vertex))
    if (!result) throw new Error(`${vertex.name} was not solved`)
    return result
  }

  /** Images whose files are read by a step that is not in the cache. */
  #needed(order: readonly Vertex[]): { image(vertex: Vertex): boolean } {
    const loaded = new Set<Vertex>()
    const seen = new Map<Vertex, boolean>()
    // Whether a vertex would come from the cache, as far as that can be told without reading.
    const hit = (vertex: Vertex): boolean => {
      const known = seen.get(vertex)
      if (known !== undefined) return known
      let found = false
      try {
        found = !vertex.noCache && vertex.kind !== 'image' && this.#backend.cached(this.#key(vertex).key) !== undefined
      } catch {
        // What it reads is not there yet, or not at all: that comes out when it is done.
      }
      seen.set(vertex, found)
      return found
    }
    for (const vertex of order) {
      if (vertex.kind === 'image' || vertex.kind === 'scratch') continue
      if (!hit(vertex) && vertex.parent.kind === 'image') loaded.add(this.#standsFor(vertex.parent))
    }
    return { image: vertex => loaded.has(vertex) }
  }

  async #one(vertex: Vertex): Promise<void> {
    if (vertex.kind === 'scratch') {
      this.#results.set(vertex, { diffIDs: [], size: 0, created: 0 })
      return
    }
    if (vertex.kind === 'image') return
    if (vertex.kind === 'copy' && vertex.loads) return this.#contextBase(vertex)
    const id = this.#start(vertex.name)
    try {
      const { key, parts } = this.#key(vertex)
      const record = vertex.noCache ? undefined : this.#backend.cached(key)
      if (this.#explain) this.#why(id, vertex, parts, record)
      if (record) {
        this.#backend.used(key)
        this.#results.set(vertex, record)
        this.#emit({ type: 'cached', id, time: this.#backend.now() })
        return
      }
      this.#results.set(vertex, await this.#execute(vertex, id, { key, parts, name: vertex.name }))
      this.#emit({ type: 'done', id, time: this.#backend.now() })
    } catch (error) {
      this.#failed(vertex, id, error)
    }
  }

  /** Tells why a step has come to nothing, and throws it. */
  #failed(vertex: Vertex, id: number, error: unknown): never {
    if (error instanceof CanceledBuild) {
      this.#emit({ type: 'canceled', id, time: this.#backend.now() })
      throw error
    }
    if (!(error instanceof BuildError) && !isErrno(error) && !isEngineError(error)) throw error
    const failure =
      error instanceof BuildError ? error : new BuildError(messageOf(error), { location: vertex.location })
    const message = failure.message.replace(/^failed to compute cache key: /, '')
    this.#emit({ type: 'error', id, message, time: this.#backend.now() })
    // What is fetched fails before anybody knows which line wanted it.
    const location = error instanceof OfflineError ? undefined : (failure.location ?? vertex.location)
    throw new BuildError(failure.message, { ...(location && { location }), step: vertex.name })
  }

  #start(name: string): number {
    const id = this.#nextId++
    this.#emit({ type: 'start', id, name, time: this.#backend.now() })
    return id
  }

  /** A base: its layers are there; it counts as cached when a build has taken them before. */
  #image(vertex: Vertex & { kind: 'image' }, wanted: boolean): void {
    const id = this.#start(vertex.name)
    const { image } = vertex
    const { key, parts } = this.#key(vertex)
    const record = this.#backend.cached(key)
    const result = { diffIDs: image.diffIDs, size: 0, created: 0 }
    this.#results.set(vertex, result)
    if (wanted && record) this.#emit({ type: 'cached', id, time: this.#backend.now() })
    else {
      if (wanted) this.#backend.note({ ...result, key, parts, name: vertex.name, created: this.#backend.now() })
      this.#emit({ type: 'done', id, time: this.#backend.now() })
    }
  }

  /** The first step that reads a context has it sent. */
  #loadContexts(vertex: Vertex, order: readonly Vertex[]): void {
    const sources =
      vertex.kind === 'copy' && vertex.sources.length > 0
        ? [vertex.source]
        : vertex.kind === 'run'
          ? vertex.mounts.flatMap(({ source }) => source ?? [])
          : []
    for (const source of sources) {
      if (source.kind !== 'context' || this.#contextsLoaded.has(source.name)) continue
      if (this.#backend.context(source.name).remote) continue
      this.#contextsLoaded.add(source.name)
      const name = source.name === '' ? '[internal] load build context' : `[context ${source.name}] load from client`
      const id = this.#start(name)
      const { sent, content } = this.#transfer(source.name, order)
      this.#backend.sent('context', content)
      this.#emit({
        type: 'status',
        id,
        text: `transferring ${source.name === '' ? 'context' : `${source.name}`}: ${transferred(sent)} done`,
        time: this.#backend.now(),
      })
      this.#emit({ type: 'done', id, time: this.#backend.now() })
    }
  }

  /** A stage that starts from a context: sending it is all that is seen. */
  async #contextBase(vertex: CopyVertex): Promise<void> {
    const { key, parts } = this.#key(vertex)
    const record = this.#backend.cached(key)
    if (record) this.#backend.used(key)
    this.#results.set(vertex, record ?? (await this.#execute(vertex, 0, { key, parts, name: vertex.name })))
  }

  /** How much of a context is sent: what the steps of the build read of it. */
  #transfer(name: string, order: readonly Vertex[]): ReturnType<typeof contextTransfer> {
    const { files } = this.#backend.context(name)
    const paths = order.flatMap(vertex => {
      if (vertex.kind === 'copy' && vertex.source.kind === 'context' && vertex.source.name === name)
        return vertex.sources.flatMap(source => resolveWildcards(files, cleanPath(source)))
      if (
        vertex.kind === 'run' &&
        vertex.mounts.some(({ source }) => source?.kind === 'context' && source.name === name)
      )
        return ['/']
      return []
    })
    return contextTransfer(files, paths)
  }

  #files(source: Source): RootFs {
    if (source.kind === 'context') return this.#backend.context(source.name).files
    return new RootFs(this.#backend.overlay(this.result(source.vertex).diffIDs), () => this.#backend.now())
  }

  /** A vertex's key and what it is made of. Throws BuildError when it reads what is not there. */
  #key(vertex: Vertex): { key: string; parts: KeyParts } {
    const parts = this.#parts(vertex)
    const key = keyOf(parts)
    this.#keys.set(vertex, key)
    return { key, parts }
  }

  #parentKey(vertex: Vertex): string {
    const standing = this.#standsFor(vertex)
    return this.#keys.get(standing) ?? this.#key(standing).key
  }

  #parts(vertex: Vertex): KeyParts {
    switch (vertex.kind) {
      case 'scratch':
        return { kind: 'scratch' }
      case 'image':
        return { kind: 'image', layers: vertex.image.diffIDs.join(' ') }
      case 'mkdir':
        return {
          kind: 'mkdir',
          parent: this.#parentKey(vertex.parent),
          instruction: vertex.path,
          user: vertex.user,
          ...(vertex.mode !== undefined && { mode: String(vertex.mode) }),
        }
      case 'copy':
        return this.#copyParts(vertex)
      case 'run':
        return this.#runParts(vertex)
    }
  }

  #copyParts(vertex: CopyVertex): KeyParts {
    const { step } = vertex
    const parts: KeyParts = {
      kind: step.add ? 'add' : 'copy',
      parent: this.#parentKey(vertex.parent),
      target: vertex.target,
      instruction: [step.chown, step.chmod, step.parents, step.unpack, ...step.excludes].join(' '),
    }
    for (const { name, content } of vertex.files) parts[`file <<${name}`] = content
    if (vertex.sources.length === 0) return parts
    const files = this.#files(vertex.source)
    for (const [at, source] of vertex.sources.entries())
      for (const path of this.#matches(vertex, files, source))
        parts[`file ${path.slice(1)}`] = `${at} ${this.#digest(files, path, step.excludes)}`
    return parts
  }

  /** Each source is read once for its digest, whoever asks: contexts and results do not change during a build. */
  #digest(files: RootFs, path: string, excludes: readonly string[] = []): string {
    const known = this.#digests.get(files) ?? new Map<string, string>()
    this.#digests.set(files, known)
    const name = JSON.stringify([path, ...excludes])
    const digest = known.get(name)
    if (digest !== undefined) return digest
    try {
      const found = contentDigest(files, path, excludes)
      known.set(name, found)
      return found
    } catch (error) {
      if (!isErrno(error)) throw error
      throw this.#notThere(path, excludes)
    }
  }

  #notThere(path: string, excludes: readonly string[] = []): BuildError {
    // With patterns the copy itself is the first that misses it.
    if (excludes.length > 0) return new BuildError(`lstat ${path.replace(/(.)\/$/, '$1')}: no such file or directory`)
    return new BuildError(
      `failed to compute cache key: failed to calculate checksum of ref ${this.#backend.reference()}: ${JSON.stringify(path.replace(/(.)\/$/, '$1'))}: not found`,
    )
  }

  #matches(vertex: CopyVertex, files: RootFs, source: string): string[] {
    if (vertex.step.add && isUrl(source)) throw new OfflineError(offline(source))
    return resolveWildcards(files, cleanPath(source))
  }

  #runParts(vertex: RunVertex): KeyParts {
    const parts: KeyParts = {
      kind: 'run',
      parent: this.#parentKey(vertex.parent),
      instruction: vertex.argv.join(' '),
      words: JSON.stringify(vertex.argv),
      cwd: vertex.cwd,
      user: vertex.user,
      network: vertex.network,
      environment: environmentKey(vertex.environment),
      security: vertex.security,
    }
    for (const variable of vertex.env) {
      const equals = variable.indexOf('=')
      parts[`env ${variable.slice(0, equals)}`] = variable.slice(equals + 1)
    }
    if (vertex.script) parts['script'] = vertex.script.content
    for (const { spec, source } of vertex.mounts) {
      parts[`mount ${spec.target}`] = JSON.stringify(spec)
      if (source) parts[`file ${spec.source || '.'}`] = this.#digest(this.#files(source), cleanPath(spec.source))
    }
    return parts
  }

  #why(id: number, vertex: Vertex, parts: KeyParts, record: CacheRecord | undefined): void {
    const last = record ? undefined : this.#backend.lastOf(vertex.name)
    const text = record
      ? 'cached: the instruction, what it reads and the step before it are the same'
      : vertex.noCache
        ? 'not cached: --no-cache'
        : last
          ? `not cached: ${difference(last.parts, parts) ?? 'its record was pruned'}`
          : 'not cached: it was not built before'
    this.#emit({ type: 'why', id, text })
  }

  async #execute(
    vertex: Exclude<Vertex, { kind: 'image' | 'scratch' }>,
    id: number,
    record: { key: string; parts: KeyParts; name: string },
  ): Promise<Result> {
    const under = this.result(vertex.parent).diffIDs
    const overlay = this.#backend.overlay(under)
    const files = new RootFs(overlay, () => this.#backend.now())
    if (vertex.kind === 'mkdir') {
      const owner = vertex.user === '' ? undefined : this.#backend.owner(files, vertex.user)
      makeWorkdir(files, vertex.path, { owner, now: this.#backend.now() }, vertex.mode)
    } else if (vertex.kind === 'copy') await this.#copy(vertex, files)
    else
      await this.#backend.run(
        vertex,
        overlay,
        source => this.#files(source),
        source => (source.kind === 'context' ? source.name : this.result(source.vertex).diffIDs.join(' ')),
        (stream, data) => this.#emit({ type: 'log', id, stream, data, time: this.#backend.now() }),
        this.#stop.signal,
      )
    return this.#backend.commit(overlay, under, record)
  }

  async #copy(vertex: CopyVertex, files: RootFs): Promise<void> {
    const { step } = vertex
    const now = this.#backend.now()
    const options: CopyOptions = {
      owner: step.chown === '' ? undefined : this.#backend.owner(files, step.chown),
      mode: step.chmod === '' ? undefined : modeChanger(step.chmod, vertex.location),
      folderMode: folderMode(step.chmod),
      shown: path => `${this.#backend.mountPoint()}${path}`,
      excludes: step.excludes,
      parents: step.parents,
      now,
    }
    for (const file of vertex.files) this.#hereFile(files, file, vertex.target, options)
    if (vertex.sources.length === 0) return
    const source = this.#files(vertex.source)
    for (const given of vertex.sources) {
      for (const path of this.#matches(vertex, source, given)) {
        if (step.add && step.unpack !== false && (await isArchive(source, path))) {
          makeFolders(files, vertex.target.replace(/(.)\/$/, '$1'), options)
          await unpackArchive(source, path, files, vertex.target, options.owner)
        } else copyPath(source, path, files, vertex.target, options)
      }
    }
  }

  #hereFile(files: RootFs, file: { name: string; content: string }, target: string, options: CopyOptions): void {
    const isFolder =
      target.endsWith('/') || target === '/' || (files.exists(target) && files.stat(target).type === 'dir')
    const path = isFolder ? posix.join(target, file.name) : target
    makeFolders(files, posix.dirname(path), options, options.folderMode)
    files.writeFile(path, Buffer.from(file.content), { mode: 0o644 })
    const owner = options.owner ?? { uid: 0, gid: 0 }
    files.setattr(path, {
      ...owner,
      mode: options.mode ? options.mode(0o644, false) : 0o644,
      mtime: options.now,
      atime: options.now,
    })
  }
}

/** '' for what is usual. */
const environmentKey = ({ shmBytes, ulimits, cgroupParent }: RunVertex['environment']): string =>
  shmBytes === undefined && ulimits.length === 0 && cgroupParent === ''
    ? ''
    : JSON.stringify([shmBytes, ulimits, cgroupParent])

const isUrl = (source: string): boolean => /^(https?:|git@|git:|ssh:)/.test(source)

const isEngineError = (error: unknown): boolean => error instanceof Error && error.name === 'EngineError'

class OfflineError extends BuildError {}

/** minidock has no way to the internet: what is fetched by URL fails as on a machine without one. */
function offline(source: string): string {
  const git = /^(?:https?:\/\/\S+?\.git)(?=$|#)/.exec(source)?.[0]
  if (git !== undefined) {
    const why = `fatal: unable to access '${git}/': Could not resolve host: ${/^https?:\/\/([^/:]+)/.exec(git)?.[1] ?? ''}`
    return `failed to load cache key: error fetching default branch for repository ${git}: git stderr:\n${why}\n: exit status 128`
  }
  const host = /^(?:\w+:\/\/)?(?:[^@/]*@)?([^/:]+)/.exec(source)?.[1] ?? source
  return `failed to load cache key: Get ${JSON.stringify(source)}: dial tcp: lookup ${host}: no such host`
}
