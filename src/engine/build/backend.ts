/** What a build needs of the engine: images, layers, the cache, processes. */

import type { BuildBackend } from '../../build/build.ts'
import { type BuildCache, putRecord, readCache, type StoredRecord } from '../../build/cache.ts'
import type { BuildContext } from '../../build/context.ts'
import { decodeInlineCache } from '../../build/inline-cache.ts'
import type { KeyParts } from '../../build/keys.ts'
import type { CacheRecord, Result } from '../../build/solve.ts'
import type { BaseImage, RunVertex, Source } from '../../build/vertex.ts'
import { EngineError } from '../../errors.ts'
import { diffIDs as diffIDsOf, platformOf } from '../../image/config.ts'
import { configOf, findImage } from '../../image/images.ts'
import { readLayerIndex } from '../../image/layer-tars.ts'
import { type Platform, platformFits } from '../../image/platform.ts'
import { familiarName, fullString, parseReference, type Reference, withDefaultTag } from '../../image/reference.ts'
import { commitLayer } from '../../layer/commit-layer.ts'
import { Layer } from '../../layer/layer.ts'
import { layerPath } from '../../layer/layer-index.ts'
import { OverlayFs } from '../../layer/overlay.ts'
import { resolveUser } from '../../runtime/user.ts'
import type { Transaction } from '../../store/types.ts'
import type { RootFs } from '../../vfs/rootfs.ts'
import type { EngineContext } from '../context.ts'
import { blobSink } from '../image/blobs.ts'
import { fetchLayersFor } from '../image/pull.ts'
import { CacheMounts } from './cache-mounts.ts'
import { runStep } from './run-step.ts'
import { SharedClock } from './shared-clock.ts'

export interface BackendOptions {
  contexts: ReadonlyMap<string, BuildContext>
  platform: Platform
  addHosts: readonly { name: string; address: string }[]
  secrets: ReadonlyMap<string, Uint8Array>
  signal: AbortSignal | undefined
}

export class LocalBackend implements BuildBackend {
  readonly #ctx: EngineContext
  readonly #options: BackendOptions
  readonly #layers = new Map<string, Layer>()
  readonly #mounts: CacheMounts
  readonly #session: string
  #cache: BuildCache
  readonly #clock: SharedClock
  /** Records that images carry, until they are used. */
  readonly #imported = new Map<string, StoredRecord>()
  /** Records of this build that are not stored yet: uses, and vertices without a layer. */
  readonly #pending = new Map<string, StoredRecord>()

  constructor(ctx: EngineContext, options: BackendOptions) {
    this.#ctx = ctx
    this.#options = options
    this.#cache = readCache(ctx.store)
    this.#session = this.#letters(25)
    this.#clock = new SharedClock(ctx.clock)
    this.#mounts = new CacheMounts(ctx.store, () => ctx.clock.now())
  }

  working<T>(part: () => Promise<T>): Promise<T> {
    return this.#clock.working(part)
  }

  get aborted(): boolean {
    return this.#options.signal?.aborted === true
  }

  now(): number {
    return this.#ctx.clock.now()
  }

  #layer(diffID: string): Layer {
    const known = this.#layers.get(diffID)
    if (known) return known
    const layer = new Layer(readLayerIndex(this.#ctx.store, diffID), this.#ctx.content)
    this.#layers.set(diffID, layer)
    return layer
  }

  layerSize(diffID: string): number {
    return this.#layer(diffID).size
  }

  overlay(diffIDs: readonly string[]): OverlayFs {
    return OverlayFs.create(diffIDs.map(diffID => this.#layer(diffID)).reverse(), this.now())
  }

  async image(name: string, { platform, pull }: { platform: Platform; pull: boolean }): Promise<BaseImage> {
    const local = pull ? undefined : this.#local(name, platform)
    if (local) return local
    const reference = parseReference(name)
    try {
      const { config, diffIDs } = await fetchLayersFor(this.#ctx, reference, platform, (tx, ids) =>
        putRecord(
          tx,
          this.#record(
            { diffIDs: ids, size: 0, created: this.now() },
            `pulled ${ids.join(' ')}`,
            { kind: 'pulled', name },
            `pulled from ${name}`,
          ),
        ),
      )
      this.#cache = readCache(this.#ctx.store)
      return { name, diffIDs, layerSizes: diffIDs.map(id => this.layerSize(id)), config }
    } catch (error) {
      if (pull) {
        const own = this.#local(name, platform)
        if (own) return own
      }
      if (error instanceof EngineError && error.kind === 'notFound' && /denied|not exist/.test(error.message))
        throw new EngineError(
          'notFound',
          'pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed',
        )
      if (error instanceof EngineError && error.kind === 'notFound')
        throw new EngineError(
          'notFound',
          `${name.replace(/^docker\.io\/library\//, `${familiarName(reference) === name ? '' : 'docker.io/library/'}`)}: not found`,
        )
      if (error instanceof EngineError) throw new EngineError(error.kind, asRequest(error.message, reference))
      throw error
    }
  }

  /** An image of the store, if it is for the platform. */
  #local(name: string, platform: Platform): BaseImage | undefined {
    try {
      const record = findImage(this.#ctx.store, name)
      const config = configOf(record)
      if (!platformFits(platformOf(config), platform)) return undefined
      return { name, diffIDs: diffIDsOf(config), layerSizes: record.layerSizes, config }
    } catch (error) {
      if (error instanceof EngineError && error.kind === 'notFound') return undefined
      throw error
    }
  }

  async importCache(name: string, platform: Platform): Promise<void> {
    const { config, layerSizes } = await this.image(fullString(withDefaultTag(parseReference(name))), {
      platform,
      pull: false,
    })
    const diffIDs = diffIDsOf(config)
    for (const { key, layer, created } of decodeInlineCache(config)) {
      const result = { diffIDs: diffIDs.slice(0, layer + 1), size: layerSizes[layer] ?? 0, created }
      this.#imported.set(key, this.#record(result, key, {}, `imported from ${name}`))
    }
  }

  cached(key: string): CacheRecord | undefined {
    const record = this.#cache.records[key] ?? this.#pending.get(key) ?? this.#imported.get(key)
    return (
      record && {
        key,
        parts: record.parts,
        name: record.name,
        diffIDs: record.diffIDs,
        size: record.size,
        created: record.created,
      }
    )
  }

  lastOf(name: string): CacheRecord | undefined {
    const [newest] = Object.values(this.#cache.records)
      .filter(record => record.name === name)
      .sort((a, b) => b.lastUsed - a.lastUsed)
    return newest && this.cached(newest.key)
  }

  used(key: string): void {
    const record = this.#cache.records[key] ?? this.#imported.get(key)
    if (record) this.#pending.set(key, { ...record, lastUsed: this.now(), used: record.used + 1 })
  }

  sent(what: string, size: number): void {
    const key = `local ${what}`
    const known = this.#cache.records[key]
    const made = this.#record(
      { diffIDs: [], size, created: this.now() },
      key,
      { local: what },
      `local source for ${what.replace(/ .*/, '')}`,
    )
    this.#pending.set(key, {
      ...made,
      ...(known && { id: known.id, created: known.created, used: known.used + 1 }),
      type: 'source.local',
    })
  }

  note(record: CacheRecord): void {
    this.#pending.set(record.key, this.#record(record, record.key, record.parts, record.name))
  }

  #record(result: Result, key: string, parts: KeyParts, name: string): StoredRecord {
    const now = this.now()
    return {
      id: this.#letters(25),
      key,
      parts,
      name,
      diffIDs: result.diffIDs,
      size: result.size,
      created: result.created,
      lastUsed: now,
      used: 1,
      type: 'regular',
    }
  }

  async commit(
    overlay: OverlayFs,
    under: readonly string[],
    { key, parts, name }: { key: string; parts: KeyParts; name: string },
  ): Promise<Result> {
    const index = await commitLayer(overlay, () => blobSink(this.#ctx))
    const result = { diffIDs: [...under, index.diffID], size: index.size, created: this.now() }
    await this.#ctx.machine.change(({ tx }) => {
      tx.put(layerPath(index.diffID), index)
      putRecord(tx, this.#record(result, key, parts, name))
      this.store(tx)
    })
    this.#cache = readCache(this.#ctx.store)
    return result
  }

  /** Stores what was noted and what cache mounts hold. */
  store(tx: Transaction): void {
    for (const record of this.#pending.values()) putRecord(tx, record)
    this.#pending.clear()
    this.#mounts.save(tx, ({ name, description, size }) => {
      const key = `mount ${name}`
      const known = readCache(tx).records[key]
      const made = this.#record({ diffIDs: [], size, created: this.now() }, key, {}, description)
      putRecord(tx, {
        ...made,
        ...(known && { id: known.id, name: known.name, created: known.created, used: known.used + 1 }),
        type: 'exec.cachemount',
      })
    })
  }

  async run(
    vertex: RunVertex,
    overlay: OverlayFs,
    mounted: (source: Source) => RootFs,
    sourceKey: (source: Source) => string,
    output: (stream: 'stdout' | 'stderr', data: Uint8Array) => void,
    stop: AbortSignal,
  ): Promise<void> {
    const { platform, addHosts, secrets } = this.#options
    const signal = this.#options.signal ? AbortSignal.any([this.#options.signal, stop]) : stop
    const wanted = vertex.mounts.flatMap(({ spec, source }) => {
      if (spec.type !== 'cache') return []
      const seed = source && { files: () => mounted(source), identity: sourceKey(source) }
      return [{ spec, seed, fresh: vertex.noCache, command: vertex.argv.join(' ') }]
    })
    const mounts = await this.#mounts.take(wanted, wait => this.#clock.away(wait))
    const step = {
      clock: this.#clock,
      random: this.#ctx.random,
      machine: platform.architecture === 'arm64' ? 'aarch64' : 'x86_64',
      addHosts,
      signal,
      secret: (id: string) => secrets.get(id),
      cacheMount: mounts.of,
    }
    try {
      await runStep(step, vertex, overlay, mounted, output)
    } finally {
      mounts.release()
    }
  }

  owner(files: RootFs, chown: string): { uid: number; gid: number } {
    const text = (path: string): string => {
      try {
        return Buffer.from(files.readFile(path)).toString('latin1')
      } catch {
        return ''
      }
    }
    const [user = '', group] = chown.split(':')
    const isNumber = (name: string): boolean => /^\d+$/.test(name)
    // A name that nobody has is root's (buildkit solver/llbsolver/file/user_linux.go).
    const found = known(() => resolveUser(user, text('/etc/passwd'), ''), 0)
    const uid = isNumber(user) ? Number(user) : found.uid
    // A user gives its group as well, a number the group of the same number: also where the group named is not found.
    const own = isNumber(user) ? Number(user) : found.gid
    return {
      uid,
      gid: group === undefined ? own : known(() => resolveUser(`:${group}`, '', text('/etc/group')), own).gid,
    }
  }

  context(name: string): BuildContext {
    const context = this.#options.contexts.get(name)
    if (!context) throw new Error(`no context ${name}`)
    return context
  }

  reference(): string {
    const hex = Buffer.from(this.#ctx.random.bytes(16)).toString('hex')
    const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)]
    return `${parts.join('-')}::${this.#session}`
  }

  mountPoint(): string {
    return `/var/lib/docker/overlay2/${this.#letters(25)}/merged`
  }

  transferFolder(): string {
    return `/var/lib/docker/tmp/buildkit-mount${this.#ctx.random.below(2 ** 32)}`
  }

  #letters(count: number): string {
    const letters = 'abcdefghijklmnopqrstuvwxyz0123456789'
    return [...this.#ctx.random.bytes(count)].map(byte => letters[byte % letters.length]).join('')
  }
}

/** A registry that cannot be reached, as BuildKit tells it: it asks for the manifest at once. */
const asRequest = (message: string, { path, tag, digest }: Reference): string =>
  message.replace(
    /^Get "(https?:\/\/[^"/]+)\/v2\/": /,
    (_, registry: string) =>
      `failed to do request: Head "${registry}/v2/${path}/manifests/${digest ?? tag ?? 'latest'}": `,
  )

/** Root for whoever is not found, in a group of the caller's. */
function known(find: () => { uid: number; gid: number }, gid: number): { uid: number; gid: number } {
  try {
    return find()
  } catch (error) {
    if (error instanceof EngineError) return { uid: 0, gid }
    throw error
  }
}
