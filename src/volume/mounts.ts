/**
 * From `-v`, `--mount`, `--tmpfs`, VOLUME and `--volumes-from` to the mount points of a container, with the
 * checks and words of moby (volume/mounts/linux_parser.go, validate.go).
 */
import { posix } from 'node:path'
import type { HostConfig, MountSpec } from '../api/container.ts'
import { type EngineError, invalid } from '../errors.ts'

/** A mount point before its volume exists. It has the fields of the container's mount record. */
export interface ResolvedMount {
  Type: string
  Name?: string
  Source: string
  Destination: string
  Driver?: string
  Mode: string
  RW: boolean
  Propagation: string
  options?: string
  anonymous?: boolean
  subpath?: string
  image?: string
  noCopy?: boolean
  hidden?: boolean
  /** A bind whose missing source folder is made (`-v`, not `--mount`). */
  createSource?: boolean
  volumeLabels?: Record<string, string>
  volumeOptions?: Record<string, string>
}

export interface MountInputs {
  hostConfig: Pick<HostConfig, 'Binds' | 'Mounts' | 'Tmpfs' | 'VolumesFrom' | 'VolumeDriver'>
  /** Config.Volumes: the image's and those of `-v /path`. */
  volumes: Record<string, unknown> | null
  /** A fresh 64-digit name for an anonymous volume. */
  volumeName: () => string
  /** Mounts of another container, for `--volumes-from`. */
  mountsOf: (container: string) => readonly ResolvedMount[]
  /** Whether a host path exists, for binds by `--mount`. */
  hostPathExists: (path: string) => boolean
}

const volumeNamePattern = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/
const propagations = ['private', 'rprivate', 'slave', 'rslave', 'shared', 'rshared']
/** What a mode may say, one word of each kind. */
const modes = [['rw', 'ro'], ['z', 'Z'], propagations, ['nocopy'], ['default', 'consistent', 'delegated', 'cached']]

/** All mount points, in Docker's order: volumes-from, binds, mounts, then volumes of the config. */
export function resolveMounts(inputs: MountInputs): ResolvedMount[] {
  const byPath = new Map<string, ResolvedMount>()
  const given = new Set<string>()
  for (const spec of inputs.hostConfig.VolumesFrom ?? []) {
    const [container, readonly] = parseVolumesFrom(spec)
    for (const mount of inputs.mountsOf(container)) {
      if (mount.Type === 'tmpfs') continue
      byPath.set(mount.Destination, { ...mount, RW: !readonly && mount.RW, Mode: '', noCopy: true })
    }
  }
  const addGiven = (mount: ResolvedMount): void => {
    if (given.has(mount.Destination)) throw invalid(`Duplicate mount point: ${mount.Destination}`)
    given.add(mount.Destination)
    byPath.set(mount.Destination, mount)
  }
  for (const bind of inputs.hostConfig.Binds ?? []) addGiven(parseBind(bind, inputs))
  const binds = new Set(given)
  for (const spec of inputs.hostConfig.Mounts ?? []) addGiven(parseMount(spec, inputs))
  for (const [path, options] of Object.entries(inputs.hostConfig.Tmpfs ?? {})) {
    const destination = absolute(path, () => invalid(`invalid mount path: '${path}' mount path must be absolute`))
    if (destination === '/') throw invalid("invalid specification: destination can't be '/'")
    // Over a mount of `--mount` a tmpfs goes unnoticed (moby registerMountPoints).
    if (!binds.has(destination)) given.delete(destination)
    addGiven({
      Type: 'tmpfs',
      Source: '',
      Destination: destination,
      Mode: '',
      RW: !/(^|,)ro(,|$)/.test(options),
      Propagation: '',
      options,
      hidden: true,
    })
  }
  for (const path of Object.keys(inputs.volumes ?? {})) {
    // The daemon takes any path here; runc mounts it below the root.
    const destination = clean(path.startsWith('/') ? path : `/${path}`)
    if (byPath.has(destination)) continue
    byPath.set(destination, { ...anonymousVolume(inputs, destination), Mode: '' })
  }
  return [...byPath.values()]
}

/** The words of a bad volume name (moby volume/service). */
export function checkVolumeName(name: string): void {
  if (Buffer.byteLength(name) === 1)
    throw invalid(`create ${name}: volume name is too short, names should be at least two alphanumeric characters`)
  if (!volumeNamePattern.test(name))
    throw invalid(
      `create ${name}: "${name}" includes invalid characters for a local volume name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host directory, use absolute path`,
    )
}

/** The words of a mode, or undefined for one that is not known or says two things of a kind (linuxValidMountMode). */
function modeWords(mode: string): string[] | undefined {
  const words = mode === '' ? [] : mode.split(',')
  const kinds = words.map(word => modes.findIndex(kind => kind.includes(word)))
  return kinds.includes(-1) || new Set(kinds).size < kinds.length ? undefined : words
}

function parseVolumesFrom(spec: string): [container: string, readonly: boolean] {
  const colon = spec.indexOf(':')
  const container = colon < 0 ? spec : spec.slice(0, colon)
  const mode = colon < 0 ? '' : spec.slice(colon + 1)
  if (spec === '') throw invalid('volumes-from specification cannot be an empty string')
  const words = modeWords(mode)
  if (!words || words.some(word => propagations.includes(word) || word === 'nocopy'))
    throw invalid(`invalid mode: ${mode}`)
  if (container === '') throw invalid('invalid name or ID supplied: ""')
  return [container, words.includes('ro')]
}

/** `source:destination[:mode]`, or `destination` for an anonymous volume. */
function parseBind(spec: string, inputs: MountInputs): ResolvedMount {
  const bad = (reason: string): EngineError =>
    invalid(`invalid volume specification: '${spec}'${reason === '' ? '' : `: ${reason}`}`)
  const parts = splitSpec(spec)
  if (parts.length > 3 || parts.some(part => part === '')) throw bad('')
  const [first = '', second, mode = ''] = parts
  if (second === undefined)
    return anonymousVolume(
      inputs,
      absolute(first, () => bad('')),
    )
  const host = isHostPath(first)
  const type = host ? 'bind' : 'volume'
  const destination = absolute(second, () =>
    bad(`invalid mount config for type "${type}": invalid mount path: '${second}' mount path must be absolute`),
  )
  if (destination === '/')
    throw bad('invalid mount config for type "' + type + "\": invalid specification: destination can't be '/'")
  const words = modeWords(mode)
  if (!words) throw invalid(`invalid mode: ${mode}`)
  const rw = !words.includes('ro')
  const foreign = host ? words.includes('nocopy') : words.some(word => propagations.includes(word))
  if (foreign)
    throw bad(`invalid mount config for type "${type}": field ${host ? 'Volume' : 'Bind'}Options must not be specified`)
  if (host) {
    const propagation = words.find(word => propagations.includes(word)) ?? 'rprivate'
    return {
      Type: 'bind',
      Source: normalizeHost(first),
      Destination: destination,
      Mode: mode,
      RW: rw,
      Propagation: propagation,
      createSource: true,
    }
  }
  checkVolumeName(first)
  return {
    Type: 'volume',
    Name: first,
    Source: '',
    Destination: destination,
    Driver: inputs.hostConfig.VolumeDriver || 'local',
    Mode: mode === '' ? 'z' : mode,
    RW: rw,
    Propagation: '',
    ...(words.includes('nocopy') && { noCopy: true }),
  }
}

function parseMount(spec: MountSpec, inputs: MountInputs): ResolvedMount {
  const bad = (reason: string): EngineError => invalid(`invalid mount config for type "${spec.Type}": ${reason}`)
  if (spec.Target === '') throw bad('field Target must not be empty')
  const destination = absolute(spec.Target, () =>
    bad(`invalid mount path: '${spec.Target}' mount path must be absolute`),
  )
  if (destination === '/') throw bad("invalid specification: destination can't be '/'")
  const common = { Destination: destination, RW: !spec.ReadOnly, Mode: '' }
  switch (spec.Type) {
    case 'bind': {
      if (!spec.Source) throw bad('field Source must not be empty')
      if (!isHostPath(spec.Source)) throw bad(`invalid mount path: '${spec.Source}' mount path must be absolute`)
      if (spec.VolumeOptions) throw bad('field VolumeOptions must not be specified')
      const source = normalizeHost(spec.Source)
      const create = spec.BindOptions?.CreateMountpoint ?? false
      if (!create && !inputs.hostPathExists(source)) throw bad(`bind source path does not exist: ${source}`)
      const propagation = spec.BindOptions?.Propagation || 'rprivate'
      if (!propagations.includes(propagation)) throw bad(`invalid propagation mode: ${propagation}`)
      return {
        ...common,
        Type: 'bind',
        Source: source,
        Propagation: propagation,
        ...(create && { createSource: true }),
      }
    }
    case 'volume': {
      if (spec.BindOptions) throw bad('field BindOptions must not be specified')
      const options = spec.VolumeOptions
      if (!spec.Source && spec.ReadOnly && !options)
        throw bad('must not set ReadOnly mode when using anonymous volumes')
      if (!spec.Source && options?.Subpath) throw bad('must not set Subpath when using anonymous volumes')
      if (spec.Source) checkVolumeName(spec.Source)
      if (options?.Subpath && !isLocalPath(options.Subpath))
        throw bad('subpath must be a relative path within the volume')
      const anonymous = spec.Source ? undefined : anonymousVolume(inputs, destination)
      return {
        ...common,
        Type: 'volume',
        Name: anonymous?.Name ?? spec.Source ?? '',
        Source: '',
        Driver: options?.DriverConfig?.Name || 'local',
        Mode: 'z',
        Propagation: '',
        ...(anonymous && { anonymous: true }),
        ...(options?.NoCopy && { noCopy: true }),
        ...(options?.Subpath && { subpath: options.Subpath }),
        ...(options?.Labels && { volumeLabels: options.Labels }),
        ...(options?.DriverConfig?.Options && { volumeOptions: options.DriverConfig.Options }),
      }
    }
    case 'tmpfs': {
      if (spec.Source) throw bad('field Source must not be specified')
      const { SizeBytes: size, Mode: mode } = spec.TmpfsOptions ?? {}
      const options = [...(size ? [`size=${size}`] : []), ...(mode ? [`mode=${mode.toString(8)}`] : [])].join(',')
      return { ...common, Type: 'tmpfs', Source: '', Propagation: '', options }
    }
    case 'image':
      if (!spec.Source) throw bad('field Source must not be empty')
      if (spec.ImageOptions?.Subpath && !isLocalPath(spec.ImageOptions.Subpath))
        throw bad('subpath must be a relative path within the volume')
      return {
        ...common,
        Type: 'image',
        Name: spec.Source,
        Source: spec.Source,
        RW: false,
        Propagation: 'rprivate',
        image: spec.Source,
        ...(spec.ImageOptions?.Subpath && { subpath: spec.ImageOptions.Subpath }),
      }
    default:
      throw bad('mount type unknown')
  }
}

/** filepath.IsLocal: stays below the folder that it starts from. */
function isLocalPath(path: string): boolean {
  const normal = posix.normalize(path)
  return !path.startsWith('/') && normal !== '..' && !normal.startsWith('../')
}

function anonymousVolume(inputs: MountInputs, destination: string): ResolvedMount {
  return {
    Type: 'volume',
    Name: inputs.volumeName(),
    Source: '',
    Destination: destination,
    Driver: inputs.hostConfig.VolumeDriver || 'local',
    Mode: '',
    RW: true,
    Propagation: '',
    anonymous: true,
  }
}

/** Splits at colons, but keeps a drive (`C:\data`) with its path where the host has drives. */
function splitSpec(spec: string): string[] {
  const drive = process.platform === 'win32' && /^[A-Za-z]:[\\/]/.test(spec) ? spec.slice(0, 2) : ''
  const parts = spec.slice(drive.length).split(':')
  return [drive + (parts[0] ?? ''), ...parts.slice(1)]
}

const isHostPath = (path: string): boolean => path.startsWith('/') || /^[A-Za-z]:[\\/]/.test(path)

const normalizeHost = (path: string): string => (path.startsWith('/') ? clean(path) : path)

function absolute(path: string, error: () => EngineError): string {
  if (!path.startsWith('/')) throw error()
  return clean(path)
}

function clean(path: string): string {
  const normal = posix.normalize(path)
  return normal.length > 1 && normal.endsWith('/') ? normal.slice(0, -1) : normal
}
