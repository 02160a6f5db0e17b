/** POST /containers/create (moby daemon/create.go). */
import { existsSync } from 'node:fs'
import type { ContainerCreateRequest, ContainerCreateResponse, HostConfig } from '../../api/container.ts'
import type { EndpointSettings } from '../../api/network.ts'
import { mergeConfig } from '../../container/config.ts'
import { readIndex } from '../../container/containers.ts'
import { containerEvent } from '../../container/events.ts'
import { completeHostConfig, machineHostname, sorted } from '../../container/host-config.ts'
import { checkName, generateName } from '../../container/names.ts'
import type { ContainerRecord, MountRecord } from '../../container/record.ts'
import { initialState } from '../../container/state.ts'
import { checkCreate } from '../../container/validate.ts'
import { conflict, EngineError, invalid, notFound } from '../../errors.ts'
import { remappingOf, userNamespaces } from '../../kernel/user-namespaces.ts'
import { ensureNetworks, findNetwork } from '../../network/networks.ts'
import { checkBind } from '../../volume/bind-policy.ts'
import { checkLocalOptions } from '../../volume/local-driver.ts'
import { resolveMounts } from '../../volume/mounts.ts'
import { volumeMountpoint } from '../../volume/record.ts'
import type { EngineContext } from '../context.ts'
import { imageForContainer } from '../image/for-container.ts'
import type { Live } from '../live.ts'
import { endpointErrors } from '../network/checks.ts'
import { several } from '../network/errors.ts'
import { emptyEndpoint, renameEndpoints } from '../network/join.ts'
import { renameInLinks, resolveLinks } from '../network/links.ts'
import { readVolume, useVolume } from '../volume/volumes.ts'
import { nameInUse } from './errors.ts'
import { removeAnonymous } from './remove.ts'

/** Makes a container; the image must be in the store. */
export async function createContainer(
  ctx: EngineContext,
  request: ContainerCreateRequest,
  options: { name?: string; platform?: string } = {},
): Promise<ContainerCreateResponse> {
  const made = await ctx.machine.change(async live => {
    const container = createIn(live, request, options)
    const failure = await furnish(live, container)
    if (failure) return failure
    live.emit(containerEvent(container, 'create'))
    return { Id: container.id, Warnings: warnings(container.hostConfig) }
  })
  if (made instanceof EngineError) throw made
  return made
}

/**
 * What a new container needs in its files. A failure is returned, because it leaves what the daemon leaves: not the
 * container nor its anonymous volumes, but the named ones that were made for it.
 */
async function furnish(live: Live, container: ContainerRecord): Promise<EngineError | undefined> {
  if (container.config.WorkingDir === '' && !container.mounts.some(mount => mount.Type === 'volume')) return undefined
  try {
    const world = await live.world(container)
    world.files.furnish(live, container)
    return undefined
  } catch (error) {
    if (!(error instanceof EngineError)) throw error
    live.drop(container)
    removeAnonymous(live, container)
    return error
  }
}

function createIn(
  live: Live,
  request: ContainerCreateRequest,
  options: { name?: string; platform?: string },
): ContainerRecord {
  const given = request.HostConfig ?? {}
  const givenName = options.name ? checkName(options.name) : undefined
  checkCreate(request)
  checkRemapped(request.HostConfig ?? {})
  const image = imageForContainer(live.tx, request.Image ?? '', options.platform)
  const hostConfig = completeHostConfig(given)
  const onDefaultBridge = ['default', 'bridge'].includes(hostConfig.NetworkMode)
  const links = onDefaultBridge ? resolveLinks(live, given.Links ?? []) : []
  hostConfig.Links = null
  for (const mode of ['NetworkMode', 'IpcMode', 'PidMode'] as const)
    hostConfig[mode] = withDonorId(live, mode, hostConfig)
  const id = live.random.id()
  const hostname = hostConfig.NetworkMode === 'host' ? machineHostname : id.slice(0, 12)
  const { config, path, args } = mergeConfig(request, image.config, { hostname })
  const index = readIndex(live.tx)
  const holder = (name: string): string | undefined =>
    Object.values(index.entries).find(entry => entry.name === name)?.id
  const clash = givenName === undefined ? undefined : holder(givenName)
  if (givenName !== undefined && clash !== undefined) throw nameInUse(givenName, clash)
  const name =
    givenName ??
    generateName(
      n => live.random.below(n),
      candidate => holder(candidate) !== undefined,
    )
  const networks = endpoints(live, request, hostConfig)
  const mounts = mountRecords(live, hostConfig, config.Volumes)
  // Ports that are published are exposed as well.
  const exposed = {
    ...config.ExposedPorts,
    ...Object.fromEntries(Object.keys(hostConfig.PortBindings).map(port => [port, {}])),
  }
  if (Object.keys(exposed).length > 0) config.ExposedPorts = sorted(exposed)
  const container: ContainerRecord = {
    v: 1,
    id,
    name,
    created: live.time,
    sequence: index.next,
    image: image.id,
    platform: image.platform,
    path,
    args,
    config,
    hostConfig,
    state: initialState(),
    mounts,
    networks,
    ports: {},
    sandboxId: '',
    restartCount: 0,
    logLength: 0,
    attached: 0,
    execs: [],
    graphId: live.random.id(),
    sizeRw: 0,
    sizeRootFs: image.size,
    stoppedByHand: false,
    ...(links.length > 0 && { links }),
  }
  live.add(container)
  return container
}

/** A mode with the id of the container that it names; one that is not there matters to the network only at the start. */
function withDonorId(live: Live, mode: 'NetworkMode' | 'IpcMode' | 'PidMode', hostConfig: HostConfig): string {
  const [kind, reference] = [
    hostConfig[mode].slice(0, 'container:'.length),
    hostConfig[mode].slice('container:'.length),
  ]
  if (kind !== 'container:') return hostConfig[mode]
  try {
    return `container:${live.find(reference).id}`
  } catch (error) {
    if (mode === 'NetworkMode' && error instanceof EngineError && error.kind === 'notFound') return hostConfig[mode]
    throw error
  }
}

/** Endpoints by network name, the network mode's first. */
function endpoints(
  live: Live,
  request: ContainerCreateRequest,
  hostConfig: HostConfig,
): Record<string, EndpointSettings> {
  const mode = hostConfig.NetworkMode
  if (mode.startsWith('container:')) {
    const { IPv4Address, IPv6Address } =
      request.NetworkingConfig?.EndpointsConfig?.[request.HostConfig?.NetworkMode ?? '']?.IPAMConfig ?? {}
    if (IPv4Address || IPv6Address)
      throw invalid(
        `invalid config for network ${request.HostConfig?.NetworkMode}: invalid endpoint settings:\nuser specified IP address is supported on user defined networks only`,
      )
    return {}
  }
  const given = request.NetworkingConfig?.EndpointsConfig ?? {}
  const all = ensureNetworks(live.tx, live.time, live.random)
  const out: Record<string, EndpointSettings> = {}
  for (const reference of new Set([mode, ...Object.keys(given)])) {
    const known = all.find(network => network.name === reference || network.id === reference)
    const wanted = given[reference] ?? (known && given[known.name])
    const endpoint = emptyEndpoint(wanted)
    if (request.MacAddress && reference === mode) endpoint.MacAddress = request.MacAddress
    out[known?.name ?? reference] = endpoint
    if (reference !== mode) endpoint.NetworkID = findNetwork(all, reference).id
    const errors = known ? endpointErrors(known, endpoint) : []
    if (known && errors.length > 0)
      throw invalid(several(`invalid config for network ${known.name}: invalid endpoint settings`, errors))
  }
  return out
}

function mountRecords(live: Live, hostConfig: HostConfig, volumes: Record<string, unknown> | null): MountRecord[] {
  const resolved = resolveMounts({
    hostConfig,
    volumes,
    volumeName: () => live.random.id(),
    mountsOf: reference => live.find(reference).mounts,
    hostPathExists: existsSync,
  })
  return resolved.map(mount => {
    const { volumeLabels, volumeOptions, ...record } = mount
    if (mount.Type === 'bind') checkBind(live.worlds.binds, mount.Source)
    if (mount.Type === 'volume' && mount.Name) {
      const driver = mount.Driver ?? 'local'
      if (driver !== 'local') throw notFound(`error looking up volume plugin ${driver}: plugin "${driver}" not found`)
      if (!readVolume(live.tx, mount.Name)) checkLocalOptions(mount.Name, volumeOptions ?? {})
      useVolume(live, mount.Name, {
        anonymous: mount.anonymous ?? false,
        driver,
        labels: volumeLabels ?? null,
        options: volumeOptions ?? null,
      })
      return { ...record, Source: volumeMountpoint(mount.Name) }
    }
    if (mount.Type === 'image') {
      const image = imageForContainer(live.tx, mount.image ?? '', undefined)
      return { ...record, image: image.id, Source: `/var/lib/docker/overlay2/${live.random.id()}/merged` }
    }
    return record
  })
}

function warnings(hostConfig: HostConfig): string[] {
  const out: string[] = []
  if (hostConfig.NetworkMode === 'host' && Object.keys(hostConfig.PortBindings).length > 0)
    out.push('Published ports are discarded when using host network mode')
  if (hostConfig.OomKillDisable && hostConfig.Memory === 0)
    out.push(
      'OOM killer is disabled for the container, but no memory limit is set, this can result in the system running out of resources.',
    )
  if (hostConfig.Mounts?.some(mount => mount.Type === 'image')) out.push('Image mount is an experimental feature')
  return out
}

/** POST /containers/{id}/rename (moby daemon/rename.go). */
export async function renameContainer(ctx: EngineContext, reference: string, newName: string): Promise<void> {
  await ctx.machine.change(live => {
    if (reference === '' || newName === '') throw invalid('Neither old nor new names may be empty')
    const container = live.find(reference)
    const slashed = newName.startsWith('/') ? newName : `/${newName}`
    if (`/${container.name}` === slashed) throw invalid('Renaming a container with the same name as its current name')
    const allocating = 'Error when allocating new name: '
    let name: string
    try {
      name = checkName(slashed)
    } catch (error) {
      throw error instanceof Error ? invalid(allocating + error.message) : error
    }
    const holder = Object.values(readIndex(live.tx).entries).find(entry => entry.name === name)
    if (holder) throw conflict(allocating + nameInUse(name, holder.id).message)
    const oldName = `/${container.name}`
    container.name = name
    renameInLinks(live, container)
    renameEndpoints(live, container)
    live.emit(containerEvent(container, 'rename', { oldName }))
    live.save(container)
  })
}

/** What a container whose users are remapped cannot have (moby daemon_unix.go verifyPlatformContainerSettings). */
function checkRemapped({ UsernsMode = '', Privileged, NetworkMode, PidMode }: Partial<HostConfig>): void {
  if (userNamespaces.remapping !== 'remap' || remappingOf(UsernsMode) === 'none') return
  if (Privileged)
    throw invalid(
      'privileged mode is incompatible with user namespaces.  You must run the container in the host namespace when running privileged mode',
    )
  if (NetworkMode === 'host')
    throw invalid("cannot share the host's network namespace when user namespaces are enabled")
  if (PidMode === 'host') throw invalid('cannot share the host PID namespace when user namespaces are enabled')
}
