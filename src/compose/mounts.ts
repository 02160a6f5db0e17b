/** What a service mounts, as the engine is asked for it (compose pkg/compose/create.go). */
import type { MountPoint, MountSpec } from '../api/container.ts'
import type { Held, Service, VolumeMount } from './file/model.ts'
import type { Project } from './file/project.ts'
import { lookAt } from './file/source.ts'
import { ComposeError } from './file/tree.ts'

export interface Mounts {
  Binds: string[]
  Mounts: MountSpec[]
}

export interface MountOptions {
  warn: (message: string) => void
  /** Mounts of the container that is replaced. */
  inherited: readonly MountPoint[]
  /** The paths that the image declares as volumes. */
  imageVolumes: readonly string[]
}

/** @throws ComposeError for secrets and configs that compose cannot give */
export function mountsOf(project: Project, service: Service, options: MountOptions): Mounts {
  const specs = new Map<string, MountSpec>()
  const own = inheritAnonymous(service, options, specs)
  for (const volume of own) specs.set(volume.target ?? '', specOf(project, volume, options.warn))
  for (const grant of [
    ...granted(project, service, 'secret', options.warn),
    ...granted(project, service, 'config', options.warn),
  ])
    if (!specs.has(grant.Target)) specs.set(grant.Target, grant)
  const out: Mounts = { Binds: [], Mounts: [] }
  const names = new Set([...project.volumes.values()].map(volume => volume.name))
  for (const spec of specs.values()) {
    const volume = own.find(one => one.target === spec.Target)
    const simple =
      volume !== undefined &&
      (spec.Type === 'bind'
        ? !needsBindOptions(volume.bind)
        : spec.Type === 'volume' && names.has(spec.Source ?? '') && !needsVolumeOptions(volume.volume))
    if (simple) out.Binds.push(bindText(spec.Source ?? '', volume))
    else out.Mounts.push(spec)
  }
  return out
}

/** Keeps the volumes without a name of the container that is replaced; what is left is the service's own. */
function inheritAnonymous(service: Service, options: MountOptions, specs: Map<string, MountSpec>): VolumeMount[] {
  let own = service.volumes ?? []
  for (const mount of options.inherited) {
    if (mount.Type === 'tmpfs') continue
    const spec: MountSpec = {
      Type: mount.Type === 'volume' ? 'volume' : 'bind',
      Source: mount.Type === 'volume' ? (mount.Name ?? '') : mount.Source,
      Target: mount.Destination,
      ReadOnly: !mount.RW,
    }
    if (options.imageVolumes.includes(mount.Destination)) specs.set(mount.Destination, spec)
    if (own.some(volume => volume.target === mount.Destination && !volume.source)) {
      specs.set(mount.Destination, spec)
      own = own.filter(volume => volume.target !== mount.Destination || volume.source)
    }
  }
  return own
}

function specOf(project: Project, volume: VolumeMount, warn: (message: string) => void): MountSpec {
  const { type = 'volume', source = '', target = '' } = volume
  for (const kind of ['bind', 'volume', 'tmpfs', 'image'] as const) {
    if (type !== kind && volume[kind] !== undefined)
      warn(`mount of type \`${type}\` should not define \`${kind}\` option`)
  }
  const name = type === 'volume' ? (project.volumes.get(source)?.name ?? source) : source
  return {
    Type: mountType(type),
    ...(name !== '' && { Source: name }),
    Target: target,
    ReadOnly: volume.read_only === true,
    ...(volume.consistency && { Consistency: volume.consistency }),
    ...optionsOf(type, volume),
  }
}

const mountType = (type: string): MountSpec['Type'] =>
  type === 'bind' || type === 'tmpfs' || type === 'image' || type === 'npipe' || type === 'cluster' ? type : 'volume'

function optionsOf(type: string, { bind, volume, tmpfs, image }: VolumeMount): Partial<MountSpec> {
  if (type === 'bind' && bind) {
    return {
      BindOptions: {
        ...(bind.propagation && { Propagation: bind.propagation }),
        ...(bind.create_host_path && { CreateMountpoint: true }),
        ...(bind.recursive === 'disabled' && { NonRecursive: true }),
        ...(bind.recursive === 'writable' && { ReadOnlyNonRecursive: true }),
        ...(bind.recursive === 'readonly' && { ReadOnlyForceRecursive: true }),
      },
    }
  }
  if (type === 'volume' && volume) {
    return {
      VolumeOptions: {
        ...(volume.nocopy && { NoCopy: true }),
        ...(volume.subpath && { Subpath: volume.subpath }),
        ...(volume.labels && { Labels: Object.fromEntries(volume.labels) }),
      },
    }
  }
  if (type === 'tmpfs' && tmpfs) {
    return {
      TmpfsOptions: {
        ...(tmpfs.size !== undefined && { SizeBytes: tmpfs.size }),
        ...(tmpfs.mode !== undefined && { Mode: tmpfs.mode }),
      },
    }
  }
  return type === 'image' && image?.subpath ? { ImageOptions: { Subpath: image.subpath } } : {}
}

/** What `-v` cannot say, only `--mount`. */
const needsBindOptions = (bind: VolumeMount['bind']): boolean =>
  bind !== undefined && (!bind.create_host_path || Boolean(bind.propagation) || Boolean(bind.recursive))
const needsVolumeOptions = (volume: VolumeMount['volume']): boolean =>
  volume !== undefined && ((volume.labels?.size ?? 0) > 0 || Boolean(volume.subpath) || volume.nocopy === true)

function bindText(source: string, { target = '', read_only, bind, volume }: VolumeMount): string {
  const options = [read_only ? 'ro' : 'rw', bind?.selinux, bind?.propagation, volume?.nocopy ? 'nocopy' : undefined]
  return `${source}:${target}:${options.filter(Boolean).join(',')}`
}

/** Where a secret or config goes in the container. */
export function targetOf(kind: 'secret' | 'config', source: string, target: string | undefined): string {
  const folder = kind === 'secret' ? '/run/secrets/' : '/'
  if (!target) return folder + source
  return target.startsWith('/') ? target : folder + target
}

/** The files among a service's secrets or configs; what has its content elsewhere is copied in before the start. */
function granted(
  project: Project,
  service: Service,
  kind: 'secret' | 'config',
  warn: (message: string) => void,
): MountSpec[] {
  const known: Map<string, Held> = kind === 'secret' ? project.secrets : project.configs
  const specs = new Map<string, MountSpec>()
  for (const grant of (kind === 'secret' ? service.secrets : service.configs) ?? []) {
    const held = known.get(grant.source ?? '') ?? {}
    if (held.external) throw new ComposeError(`unsupported external ${kind} ${held.name}`)
    if (held.driver) throw new ComposeError(`Docker Compose does not support ${kind}s.*.driver`)
    if (held.template_driver) throw new ComposeError(`Docker Compose does not support ${kind}s.*.template_driver`)
    if (held.environment || (kind === 'config' && held.content)) continue
    if (grant.uid || grant.gid || grant.mode !== undefined)
      warn(
        `${kind === 'secret' ? 'secrets' : 'config'} \`uid\`, \`gid\` and \`mode\` are not supported, they will be ignored`,
      )
    if (kind === 'secret' && !lookAt(held.file ?? '')) warn(`secret file ${held.name} does not exist`)
    const target = targetOf(kind, grant.source ?? '', grant.target)
    specs.set(target, { Type: 'bind', Source: held.file ?? '', Target: target, ReadOnly: true, BindOptions: {} })
  }
  return [...specs.values()]
}
