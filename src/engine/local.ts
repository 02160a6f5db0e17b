/** The engine over a store on this machine. Each verb's code is loaded when it is first called. */
import { type Clock, systemClock, virtualClock } from '../clock.ts'
import { ContentStore } from '../content/content-store.ts'
import { openStore } from '../store/store.ts'
import type { Store, StoreReader } from '../store/types.ts'
import { type Random, seededRandom, systemRandom } from '../util/random.ts'
import { storeRoot } from '../util/store-root.ts'
import type { EngineContext } from './context.ts'
import type { Engine } from './engine.ts'
import { Machine, type VirtualTime } from './machine.ts'

/** Where a virtual clock starts when nothing else is said: 2026-01-01 00:00:00 UTC. */
const virtualStart = Date.UTC(2026, 0, 1)
const clockPath = 'clock.json'

/** A virtual clock's state, kept in the store. */
interface ClockRecord {
  v: 1
  now: number
  seed: string
  draws: number
}

export interface OpenOptions {
  /** Told when another process holds the store's lock for long. */
  waiting?: (pid: number) => void
  /** Told of a damaged document of the store that is passed over. */
  damaged?: (message: string) => void
  /** Puts a clock of one's own before the engine's: one whose waits end, as for a command that waits for nobody. */
  clock?: (clock: Clock) => Clock
}

/** Opens the engine of an environment: MINIDOCK_HOME, MINIDOCK_CLOCK=virtual, MINIDOCK_SEED. */
export async function openLocal(
  env: Readonly<Record<string, string | undefined>>,
  options: OpenOptions = {},
): Promise<{ engine: Engine; clock: Clock; context: EngineContext }> {
  if (env.MINIDOCK_CPUS || env.MINIDOCK_MEMORY) (await import('./machine-size.ts')).sizeMachineBy(env)
  if (env.MINIDOCK_ROOTLESS || env.MINIDOCK_USERNS_REMAP) (await import('./machine-size.ts')).remapUsersBy(env)
  const root = storeRoot(env)
  const store = openStore(root, options)
  const made =
    env.MINIDOCK_CLOCK === 'virtual'
      ? virtualTime(store, env.MINIDOCK_SEED ?? 'minidock')
      : { clock: systemClock(), random: systemRandom() }
  const time = { ...made, clock: options.clock?.(made.clock) ?? made.clock }
  const content = new ContentStore(root)
  const machine = new Machine({
    store,
    content,
    binds: { store: root, limit: env.MINIDOCK_BIND_ROOT || undefined },
    ...time,
  })
  const context: EngineContext = { store, content, machine, clock: time.clock, random: time.random, env }
  return { engine: bind(context), clock: time.clock, context }
}

/** A clock and a source of randomness that go on from where the last command left them. */
function virtualTime(store: Store, seed: string): { clock: Clock; random: Random; virtual: VirtualTime } {
  const record: ClockRecord = { v: 1, now: virtualStart, seed, draws: 0 }
  const load = (reader: StoreReader): ClockRecord | undefined => {
    const known = reader.read<ClockRecord>(clockPath)
    if (known) Object.assign(record, { seed: known.seed, draws: Math.max(record.draws, known.draws) })
    return known
  }
  record.now = load(store)?.now ?? virtualStart
  const clock = virtualClock(record.now, now => {
    record.now = now
  })
  let saved = ''
  return {
    clock,
    random: seededRandom(record.seed, record),
    virtual: {
      load(reader) {
        const known = load(reader)
        clock.set(known?.now ?? record.now)
        saved = JSON.stringify(known)
      },
      save(tx) {
        if (JSON.stringify(record) !== saved) tx.put(clockPath, record)
      },
    },
  }
}

function bind(ctx: EngineContext): Engine {
  const exec = () => import('./container/exec.ts')
  const registry = () => import('./image/registry.ts')
  const networks = () => import('./network/list.ts')
  const connections = () => import('./network/connect.ts')
  const volume = () => import('./volume/verbs.ts')
  const archive = () => import('./container/archive.ts')
  const system = () => import('./system/system.ts')
  return {
    containers: {
      create: async (request, options) =>
        (await import('./container/create.ts')).createContainer(ctx, request, options),
      start: async id => (await import('./container/start.ts')).startContainer(ctx, id),
      stop: async (id, options) => (await import('./container/stop.ts')).stopContainer(ctx, id, options),
      restart: async (id, options) => (await import('./container/stop.ts')).restartContainer(ctx, id, options),
      kill: async (id, options) => (await import('./container/kill.ts')).killContainer(ctx, id, options),
      pause: async id => (await import('./container/pause.ts')).pauseContainer(ctx, id),
      unpause: async id => (await import('./container/pause.ts')).unpauseContainer(ctx, id),
      wait: async (id, options) => (await import('./container/wait.ts')).waitContainer(ctx, id, options),
      remove: async (id, options) => (await import('./container/remove.ts')).removeContainer(ctx, id, options),
      rename: async (id, name) => (await import('./container/create.ts')).renameContainer(ctx, id, name),
      update: async (id, request) => (await import('./container/update.ts')).updateContainer(ctx, id, request),
      inspect: async (id, options) => (await import('./container/inspect.ts')).inspect(ctx, id, options),
      list: async options => (await import('./container/list.ts')).listContainers(ctx, options),
      logs: (id, options) => later(async () => (await import('./container/logs.ts')).containerLogs(ctx, id, options)),
      attach: async (id, options) => (await import('./container/attach.ts')).attachContainer(ctx, id, options),
      resize: async (id, rows, cols) => (await import('./container/attach.ts')).resizeContainer(ctx, id, rows, cols),
      top: async (id, args) => (await import('./container/top.ts')).topContainer(ctx, id, args),
      stats: (id, options) =>
        later(async () => (await import('./container/stats.ts')).containerStats(ctx, id, options)),
      changes: async id => (await import('./container/changes.ts')).containerChanges(ctx, id),
      export: id => later(async () => (await import('./container/changes.ts')).exportContainer(ctx, id)),
      commit: async (id, options) => (await import('./container/commit.ts')).commitContainer(ctx, id, options),
      statPath: async (id, path) => (await archive()).statPath(ctx, id, path),
      getArchive: async (id, path) => (await archive()).getArchive(ctx, id, path),
      putArchive: async (id, path, tar, options) => (await archive()).putArchive(ctx, id, path, tar, options),
      prune: async filters => (await import('./container/prune.ts')).pruneContainers(ctx, filters),
    },
    exec: {
      create: async (container, request) => (await exec()).createExec(ctx, container, request),
      start: async (id, options) => (await exec()).startExec(ctx, id, options),
      resize: async (id, rows, cols) => (await exec()).resizeExec(ctx, id, rows, cols),
      inspect: async id => (await exec()).inspectExec(ctx, id),
    },
    images: {
      pull: (reference, options) =>
        later(async () => (await import('./image/pull.ts')).pullImage(ctx, reference, options)),
      push: (reference, options) =>
        later(async () => (await import('./image/push.ts')).pushImage(ctx, reference, options)),
      list: async options => (await import('./image/list.ts')).listImages(ctx, options),
      inspect: async (reference, options) => (await import('./image/inspect.ts')).inspectImage(ctx, reference, options),
      layers: async (reference, options) => (await import('./image/layers.ts')).imageLayers(ctx, reference, options),
      history: async (reference, options) => (await import('./image/inspect.ts')).imageHistory(ctx, reference, options),
      tag: async (source, target) => (await import('./image/tag.ts')).tagImage(ctx, source, target),
      remove: async (reference, options) => (await import('./image/remove.ts')).removeImage(ctx, reference, options),
      save: (references, options) =>
        later(async () => (await import('./image/save.ts')).saveImages(ctx, references, options)),
      load: (tar, options) => later(async () => (await import('./image/load.ts')).loadImages(ctx, tar, options)),
      import: (tar, options) => later(async () => (await import('./image/import.ts')).importImage(ctx, tar, options)),
      prune: async filters => (await import('./image/prune.ts')).pruneImages(ctx, filters),
      search: async (term, options) => (await import('./image/search.ts')).searchImages(ctx, term, options),
      pruneCache: async options => (await import('./build/usage.ts')).pruneCache(ctx, options),
      build: options => later(async () => (await import('./build/build.ts')).buildImage(ctx, options)),
    },
    registry: {
      manifest: async (reference, options) => (await registry()).manifestOf(ctx, reference, options),
      config: async (reference, manifest, options) => (await registry()).configAt(ctx, reference, manifest, options),
      put: async (reference, manifest, options) => (await registry()).putManifest(ctx, reference, manifest, options),
      copy: async (from, to, options) => (await registry()).copyManifest(ctx, from, to, options),
      login: async (host, auth) => (await registry()).login(ctx, host, auth),
    },
    networks: {
      create: async request => (await import('./network/create.ts')).createNetwork(ctx, request),
      list: async filters => (await networks()).listNetworks(ctx, filters),
      inspect: async id => (await networks()).inspectNetwork(ctx, id),
      remove: async id => (await import('./network/remove.ts')).removeNetwork(ctx, id),
      connect: async (id, container, endpoint) => (await connections()).connectNetwork(ctx, id, container, endpoint),
      disconnect: async (id, container, force) => (await connections()).disconnectNetwork(ctx, id, container, force),
      prune: async filters => (await import('./network/remove.ts')).pruneNetworks(ctx, filters),
    },
    volumes: {
      create: async request => (await volume()).createVolume(ctx, request),
      list: async filters => (await volume()).listVolumes(ctx, filters),
      inspect: async name => (await volume()).inspectVolume(ctx, name),
      remove: async (name, force) => (await volume()).removeVolumeByName(ctx, name, force),
      prune: async filters => (await volume()).pruneVolumes(ctx, filters),
    },
    host: {
      trace: async (from, to, protocol) => (await import('./host/trace.ts')).traceNetwork(ctx, from, to, protocol),
      scout: async reference => (await import('./image/scout.ts')).scoutImage(ctx, reference),
      run: async argv => (await import('./host/run.ts')).runOnHost(ctx, argv),
      shell: async request => (await import('./host/shell.ts')).runShell(ctx, request),
    },
    system: {
      info: async () => (await system()).systemInfo(ctx),
      version: async () => (await system()).systemVersion(),
      df: async () => (await system()).diskUsage(ctx),
      events: options => later(async () => (await import('./system/events.ts')).systemEvents(ctx, options)),
    },
  }
}

/** An iterable whose maker is loaded when someone starts to read it. */
async function* later<T>(make: () => Promise<AsyncIterable<T>>): AsyncGenerator<T> {
  yield* await make()
}
