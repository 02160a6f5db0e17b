/**
 * The engine's interface: one method an endpoint of the Docker Engine API, with its shapes. The CLI, compose,
 * labs and the API server are clients of it and know nothing below. Every method rejects with `EngineError`.
 * Whatever trickles is an AsyncIterable; leaving the loop early (or aborting `signal`) ends it.
 */
import type {
  ContainerCreateRequest,
  ContainerCreateResponse,
  ContainerInspect,
  ContainerStats,
  ContainerSummary,
  ContainerTop,
  ContainerUpdateRequest,
  ContainerWaitResponse,
  FilesystemChange,
  PathStat,
} from '../api/container.ts'
import type { ExecCreateRequest, ExecInspect } from '../api/exec.ts'
import type { ImageDeleteItem, ImageHistoryItem, ImageInspect, ImageSummary, ProgressMessage } from '../api/image.ts'
import type { EndpointSettings, NetworkCreateRequest, NetworkInspect } from '../api/network.ts'
import type {
  BuildCacheRecord,
  DiskUsage,
  EventMessage,
  Filters,
  PruneReport,
  SystemInfo,
  SystemVersion,
} from '../api/system.ts'
import type { Volume, VolumeCreateRequest } from '../api/volume.ts'
import type { BuildRequest, Question } from '../build/build.ts'
import type { BuildContext } from '../build/context.ts'
import type { BuildEvent } from '../build/events.ts'
import type { ImageReport } from '../image/layer-report.ts'
import type { Finding } from '../security/advisories.ts'

/** The simulated machine under the engine: ours, no endpoint of Docker's. */
export interface Host {
  /** The way of a packet from a container (or `host`) to `NAME[:PORT]` or `ADDRESS[:PORT]`. */
  trace(from: string, to: string, protocol?: 'tcp' | 'udp' | 'icmp'): Promise<NetworkTrace>
  /** What is known of an image's packages, by a sample of advisories. */
  scout(reference: string): Promise<ScoutReport>
  /** Runs a command of the host: ip, brctl, iptables, ss, ps, curl, … */
  run(argv: readonly string[]): Promise<{ stdout: Uint8Array; stderr: Uint8Array; status: number }>
  /** Runs a command in a shell's world on the host: every tool of the userland, folders of the real host, and `tools`. */
  shell(request: HostShellRequest): Promise<HostShellResult>
}

/** A command on the simulated host, and what it may use. */
export interface HostShellRequest {
  argv: readonly string[]
  cwd: string
  env: ReadonlyMap<string, string>
  /** Folders of the real host, by the place where they are seen; everything else is in memory and goes at the end. */
  folders: ReadonlyMap<string, string>
  /** Commands that are run by `call` (`docker`); those that ask for it get their standard input. */
  tools: readonly string[]
  call(call: HostToolCall): Promise<{ stdout: Uint8Array; stderr: Uint8Array; status: number }>
  limits: HostShellLimits
}

export interface HostToolCall {
  argv: readonly string[]
  cwd: string
  env: Readonly<Record<string, string>>
  input: Uint8Array
}

export interface HostShellLimits {
  /** Steps of all processes (each a few microseconds of work). */
  steps: number
  /** Time of the clock, in ms. */
  ms: number
  /** Bytes that are printed. */
  output: number
  /** Bytes of memory of all processes. */
  memory: number
}

export interface HostShellResult {
  stdout: Uint8Array
  stderr: Uint8Array
  status: number
  /** The limit that ended it. */
  stopped?: 'steps' | 'time' | 'output'
}

/** What `scout` found. */
export interface ScoutReport {
  Reference: string
  Digest: string
  Size: number
  User: string
  /** Name of the distribution; '' without one. */
  Release: string
  Packages: number
  Findings: Finding[]
  /** Of the sample of advisories. */
  SampleDate: string
}

/** What `trace` found. */
export interface NetworkTrace {
  From: string
  To: string
  Address: string
  Port: number
  Protocol: 'tcp' | 'udp' | 'icmp'
  Hops: { at: string; what: string; rule?: string; table?: string; chain?: string }[]
  Reached: boolean
  /** What the sender is told. */
  Result: string
}

export interface Engine {
  host: Host
  containers: Containers
  exec: Execs
  images: Images
  registry: Registries
  networks: Networks
  volumes: Volumes
  system: System
}

/** A piece of a process's output. `time` is in ms since the epoch. */
export interface Frame {
  stream: 'stdout' | 'stderr'
  data: Uint8Array
  time: number
}

export interface AttachOptions {
  stdin?: boolean
  stdout?: boolean
  stderr?: boolean
  /** Also what was printed before. */
  logs?: boolean
}

/** An attached process: what it prints, and its input. */
export interface Session {
  /** Ends when the process ends, or when the session is closed. */
  frames: AsyncIterable<Frame>
  write(data: Uint8Array): Promise<void>
  closeInput(): Promise<void>
  resize(rows: number, cols: number): Promise<void>
  /** Detaches; the process goes on. */
  close(): Promise<void>
}

export interface ContainerListOptions {
  all?: boolean
  /** The n last created, whatever their state. */
  limit?: number
  size?: boolean
  filters?: Filters
}

export interface LogsOptions {
  follow?: boolean
  stdout?: boolean
  stderr?: boolean
  /** ms since the epoch. */
  since?: number
  until?: number
  /** Number of lines from the end; absent: all. */
  tail?: number
  /** The attributes of the log and a blank before each line. */
  details?: boolean
  signal?: AbortSignal
}

export type WaitCondition = 'not-running' | 'next-exit' | 'removed'

export interface RemoveContainerOptions {
  force?: boolean
  volumes?: boolean
  link?: boolean
}

export interface CommitOptions {
  repo?: string
  tag?: string
  comment?: string
  author?: string
  pause?: boolean
  changes?: string[]
}

export interface Containers {
  create(
    request: ContainerCreateRequest,
    options?: { name?: string; platform?: string },
  ): Promise<ContainerCreateResponse>
  start(id: string): Promise<void>
  /** `t` seconds of grace (-1: for ever). */
  stop(id: string, options?: { signal?: string; t?: number }): Promise<void>
  restart(id: string, options?: { signal?: string; t?: number }): Promise<void>
  kill(id: string, options?: { signal?: string }): Promise<void>
  pause(id: string): Promise<void>
  unpause(id: string): Promise<void>
  wait(id: string, options?: { condition?: WaitCondition; signal?: AbortSignal }): Promise<ContainerWaitResponse>
  remove(id: string, options?: RemoveContainerOptions): Promise<void>
  rename(id: string, name: string): Promise<void>
  update(id: string, request: ContainerUpdateRequest): Promise<{ Warnings: string[] }>
  inspect(id: string, options?: { size?: boolean }): Promise<ContainerInspect>
  list(options?: ContainerListOptions): Promise<ContainerSummary[]>
  logs(id: string, options?: LogsOptions): AsyncIterable<Frame>
  /** Attach before `start` to miss nothing. */
  attach(id: string, options: AttachOptions): Promise<Session>
  resize(id: string, rows: number, cols: number): Promise<void>
  top(id: string, psArgs?: string): Promise<ContainerTop>
  stats(id: string, options?: { stream?: boolean; signal?: AbortSignal }): AsyncIterable<ContainerStats>
  changes(id: string): Promise<FilesystemChange[]>
  export(id: string): AsyncIterable<Uint8Array>
  commit(id: string, options?: CommitOptions): Promise<{ Id: string }>
  statPath(id: string, path: string): Promise<PathStat>
  /** A tar of a file or folder, named by its base name. */
  getArchive(id: string, path: string): Promise<{ stat: PathStat; tar: AsyncIterable<Uint8Array> }>
  putArchive(
    id: string,
    path: string,
    tar: AsyncIterable<Uint8Array>,
    options?: { noOverwriteDirNonDir?: boolean; copyUidGid?: boolean },
  ): Promise<void>
  prune(filters?: Filters): Promise<PruneReport>
}

export interface Execs {
  create(container: string, request: ExecCreateRequest): Promise<{ Id: string }>
  start(id: string, options: { detach?: boolean; tty?: boolean; rows?: number; cols?: number }): Promise<Session>
  resize(id: string, rows: number, cols: number): Promise<void>
  inspect(id: string): Promise<ExecInspect>
}

export interface ImageListOptions {
  all?: boolean
  filters?: Filters
  digests?: boolean
  sharedSize?: boolean
}

export interface ImportOptions {
  repo?: string
  tag?: string
  message?: string
  changes?: string[]
  platform?: string
}

/** Who pulls or pushes. */
export interface RegistryAuth {
  username: string
  password: string
  /** What a registry gave instead of a password. */
  identityToken?: string
}

export interface BuildOptions extends Omit<BuildRequest, 'contexts'> {
  /** The build's own context under '', others by name. */
  contexts: ReadonlyMap<string, BuildContext>
  addHosts: readonly { name: string; address: string }[]
  secrets: ReadonlyMap<string, Uint8Array>
  /** A build, or what can be told of the Dockerfile without one. */
  output: 'build' | Question
  /** Names of each image that comes out of a build; the image is the same. */
  images: readonly (readonly string[])[]
  /** Times in the image's own layers are not after `epoch`. */
  clampTimes: boolean
  /** Whether the files of the last stage come out, by an event. */
  files: boolean
  signal?: AbortSignal
}

export interface CachePruneOptions {
  /** Also what images share. */
  all: boolean
  filters?: Filters
  /** Bytes that may stay; 0 for none. */
  keepBytes: number
}

export interface Images {
  /** Fetches an image. `all`: every tag of the repository. */
  pull(
    reference: string,
    options?: { platform?: string; all?: boolean; auth?: RegistryAuth; signal?: AbortSignal; verbose?: boolean },
  ): AsyncIterable<ProgressMessage>
  /** Sends an image, or every tag of a repository, to its registry. */
  push(
    reference: string,
    options?: { all?: boolean; platform?: string; auth?: RegistryAuth },
  ): AsyncIterable<ProgressMessage>
  list(options?: ImageListOptions): Promise<ImageSummary[]>
  inspect(reference: string, options?: { platform?: string }): Promise<ImageInspect>
  history(reference: string, options?: { platform?: string }): Promise<ImageHistoryItem[]>
  /** What each layer adds, changes, removes and wastes; not a part of Docker's API. */
  layers(reference: string, options?: { platform?: string }): Promise<ImageReport>
  tag(source: string, target: string): Promise<void>
  remove(reference: string, options?: { force?: boolean; noPrune?: boolean }): Promise<ImageDeleteItem[]>
  save(references: string[], options?: { platform?: string }): AsyncIterable<Uint8Array>
  load(tar: AsyncIterable<Uint8Array>, options?: { quiet?: boolean; platform?: string }): AsyncIterable<ProgressMessage>
  import(tar: AsyncIterable<Uint8Array>, options?: ImportOptions): AsyncIterable<ProgressMessage>
  prune(filters?: Filters): Promise<{ ImagesDeleted: ImageDeleteItem[]; SpaceReclaimed: number }>
  search(term: string, options?: { limit?: number; filters?: Filters }): Promise<ImageSearchResult[]>
  pruneCache(options: CachePruneOptions): Promise<BuildCacheRecord[]>
  /** Builds an image; the last event names it. Rejects with BuildError. */
  build(options: BuildOptions): AsyncIterable<BuildEvent>
}

/** Registries, looked at and changed without pulling or pushing an image. */
export interface Registries {
  /** The manifest or list that a registry holds for a reference. */
  manifest(reference: string, options?: RegistryOptions): Promise<HeldManifest>
  /** The config's text of the image that a manifest of a repository is of. */
  config(reference: string, manifest: Uint8Array, options?: RegistryOptions): Promise<string>
  put(reference: string, manifest: { mediaType: string; bytes: Uint8Array }, options?: RegistryOptions): Promise<void>
  /** Brings what a reference names into the repository of another. */
  copy(from: string, to: string, options?: RegistryOptions & { toAuth?: RegistryAuth }): Promise<void>
  /** Checks a name and a password. `host`: `docker.io` or another with its port. */
  login(host: string, auth: RegistryAuth): Promise<void>
}

/** A manifest or list as a registry holds it. */
export interface HeldManifest {
  digest: string
  mediaType: string
  bytes: Uint8Array
}

export interface RegistryOptions {
  auth?: RegistryAuth
  /** As `docker manifest` goes there, not the engine: TLS only, or with `insecure` plain HTTP too. */
  client?: { insecure: boolean }
}

export interface ImageSearchResult {
  name: string
  description: string
  star_count: number
  is_official: boolean
}

export interface Networks {
  create(request: NetworkCreateRequest): Promise<{ Id: string; Warning: string }>
  list(filters?: Filters): Promise<NetworkInspect[]>
  inspect(id: string, options?: { verbose?: boolean }): Promise<NetworkInspect>
  remove(id: string): Promise<void>
  connect(id: string, container: string, endpoint?: Partial<EndpointSettings>): Promise<void>
  disconnect(id: string, container: string, force?: boolean): Promise<void>
  prune(filters?: Filters): Promise<string[]>
}

export interface Volumes {
  create(request: VolumeCreateRequest): Promise<Volume>
  list(filters?: Filters): Promise<Volume[]>
  inspect(name: string): Promise<Volume>
  remove(name: string, force?: boolean): Promise<void>
  prune(filters?: Filters): Promise<PruneReport>
}

export interface System {
  info(): Promise<SystemInfo>
  version(): Promise<SystemVersion>
  df(): Promise<DiskUsage>
  events(options?: {
    since?: number
    until?: number
    filters?: Filters
    signal?: AbortSignal
  }): AsyncIterable<EventMessage>
}
