/** The Go types of what `inspect` shows, as far as templates see more of them than of their JSON. */
import type { ImageInspect } from '../../api/image.ts'
import { toJson } from '../template/json.ts'
import { fieldsOf, Struct } from '../template/value.ts'
import { imageView } from './image-view.ts'
import { goValue, jsonName } from './shape.ts'
import {
  containerZeroValues,
  imageZeroValues,
  networkZeroValues,
  type Optional,
  volumeZeroValues,
} from './zero-values.ts'

export interface GoType {
  /** The document as the type reads it, where that is not the server's JSON. */
  view?: (object: unknown) => unknown
  zeros: Optional
  /**
   * The fields of structs in Go's order, by path, the deepest first. A struct that is embedded in another has its
   * fields in brackets after its name: `{{.HostConfig.Resources.Memory}}` and `{{.HostConfig.Memory}}` are the same.
   */
  structs?: Readonly<Record<string, string>>
}

/** From docker/docker api/types (container, network, image) of v28.5. */
const hostConfig =
  'Binds ContainerIDFile LogConfig NetworkMode PortBindings RestartPolicy AutoRemove VolumeDriver VolumesFrom ' +
  'ConsoleSize Annotations CapAdd CapDrop CgroupnsMode DNS DNSOptions DNSSearch ExtraHosts GroupAdd IpcMode Cgroup ' +
  'Links OomScoreAdj PidMode Privileged PublishAllPorts ReadonlyRootfs SecurityOpt StorageOpt Tmpfs UTSMode UsernsMode ' +
  'ShmSize Sysctls Runtime Isolation Resources( CPUShares Memory NanoCPUs CgroupParent BlkioWeight BlkioWeightDevice ' +
  'BlkioDeviceReadBps BlkioDeviceWriteBps BlkioDeviceReadIOps BlkioDeviceWriteIOps CPUPeriod CPUQuota ' +
  'CPURealtimePeriod CPURealtimeRuntime CpusetCpus CpusetMems Devices DeviceCgroupRules DeviceRequests KernelMemory ' +
  'KernelMemoryTCP MemoryReservation MemorySwap MemorySwappiness OomKillDisable PidsLimit Ulimits CPUCount CPUPercent ' +
  'IOMaximumIOps IOMaximumBandwidth ) Mounts MaskedPaths ReadonlyPaths Init'

export const containerType: GoType = {
  zeros: containerZeroValues,
  structs: {
    HostConfig: hostConfig,
    Config:
      'Hostname Domainname User AttachStdin AttachStdout AttachStderr ExposedPorts Tty OpenStdin StdinOnce Env Cmd ' +
      'Healthcheck ArgsEscaped Image Volumes WorkingDir Entrypoint NetworkDisabled MacAddress OnBuild Labels StopSignal ' +
      'StopTimeout Shell',
    NetworkSettings:
      'NetworkSettingsBase( Bridge SandboxID SandboxKey Ports HairpinMode LinkLocalIPv6Address LinkLocalIPv6PrefixLen ' +
      'SecondaryIPAddresses SecondaryIPv6Addresses ) DefaultNetworkSettings( EndpointID Gateway GlobalIPv6Address ' +
      'GlobalIPv6PrefixLen IPAddress IPPrefixLen IPv6Gateway MacAddress ) Networks',
    '':
      'ContainerJSONBase( ID Created Path Args State Image ResolvConfPath HostnamePath HostsPath LogPath Name ' +
      'RestartCount Driver Platform MountLabel ProcessLabel AppArmorProfile ExecIDs HostConfig GraphDriver SizeRw ' +
      'SizeRootFs ) Mounts Config NetworkSettings ImageManifestDescriptor',
  },
}

export const imageType: GoType = {
  view: image => imageView(image as ImageInspect),
  zeros: imageZeroValues,
  structs: {
    Config:
      'ImageConfig( User ExposedPorts Env Entrypoint Cmd Volumes WorkingDir Labels StopSignal ArgsEscaped ) ' +
      'DockerOCIImageConfigExt( Healthcheck OnBuild Shell )',
    '':
      'ID RepoTags RepoDigests Parent Comment Created Container ContainerConfig DockerVersion Author Config Architecture ' +
      'Variant Os OsVersion Size VirtualSize GraphDriver RootFS Metadata Descriptor Manifests',
  },
}

export const networkType: GoType = { zeros: networkZeroValues }

export const volumeType: GoType = { zeros: volumeZeroValues }

/** That of an object of any kind, told by the fields that it has. */
export function goTypeOf(object: unknown): GoType {
  if (typeof object !== 'object' || object === null) return { zeros: {} }
  if ('HostConfig' in object) return containerType
  if ('RepoTags' in object) return imageType
  return 'IPAM' in object ? networkType : 'Mountpoint' in object ? volumeType : { zeros: {} }
}

/** An object of the API for templates (see `goValue`), with all that its Go type has and its JSON has not. */
export function typedValue(object: unknown, type: GoType): unknown {
  const value = goValue(type.view?.(object) ?? object)
  for (const [path, zero] of Object.entries(type.zeros)) {
    const { owner, last } = placeOf(value, path)
    if (owner && !Object.hasOwn(owner, last)) Object.defineProperty(owner, last, { value: zero })
  }
  let whole = value
  for (const [path, fields] of Object.entries(type.structs ?? {})) {
    if (path === '') whole = struct(whole, fields)
    else {
      const { owner, last } = placeOf(value, path)
      if (owner?.[last]) Object.defineProperty(owner, last, { value: struct(owner[last], fields) })
    }
  }
  return whole
}

/** The struct that holds the last field of a path. */
function placeOf(value: unknown, path: string): { owner: Readonly<Record<string, unknown>> | undefined; last: string } {
  const names = path.split('.')
  const last = names.pop() ?? ''
  let owner = fieldsOf(value)
  for (const name of names) owner = fieldsOf(owner?.[name])
  return { owner, last }
}

function struct(value: unknown, layout: string): unknown {
  const from = fieldsOf(value)
  if (!from) return value
  const fields: Record<string, unknown> = {}
  const names: string[] = []
  let embedded: Record<string, unknown> | undefined
  for (const word of layout.split(' ')) {
    if (word === ')') embedded = undefined
    else if (word.endsWith('(')) {
      const inner: Record<string, unknown> = {}
      embedded = inner
      fields[word.slice(0, -1)] = new Struct('struct', inner, () => jsonOf(from, Object.keys(inner)))
    } else if (Object.hasOwn(from, word)) {
      names.push(word)
      ;(embedded ?? fields)[word] = from[word]
      // Methods are found by their name, and neither printed nor in JSON.
      if (embedded) fields[word] = () => from[word]
    }
  }
  return new Struct('struct', fields, () => jsonOf(from, names))
}

/** The JSON of some fields; zero values that JSON leaves out are not enumerable. */
function jsonOf(fields: Readonly<Record<string, unknown>>, names: readonly string[]): string {
  const shown = names.filter(name => Object.prototype.propertyIsEnumerable.call(fields, name))
  return toJson(Object.fromEntries(shown.map(name => [jsonName(name), fields[name]])))
}
