/** Go's zero values of the fields that the Engine API leaves out of its JSON (`omitempty`), for templates. */
import { nilMap, nilSlice } from '../template/value.ts'
import type { Optional } from './inspect.ts'

const config = {
  'Config.ExposedPorts': nilMap,
  'Config.Healthcheck': null,
  'Config.ArgsEscaped': false,
  'Config.StopSignal': '',
  'Config.Shell': nilSlice,
}

export const containerZeroValues: Optional = {
  ...config,
  'Config.NetworkDisabled': false,
  'Config.MacAddress': '',
  'Config.StopTimeout': null,
  'State.Health': null,
  'HostConfig.Annotations': nilMap,
  'HostConfig.StorageOpt': nilMap,
  'HostConfig.Tmpfs': nilMap,
  'HostConfig.Sysctls': nilMap,
  'HostConfig.Mounts': nilSlice,
  'HostConfig.Init': null,
  'HostConfig.KernelMemory': 0,
  'HostConfig.KernelMemoryTCP': 0,
  SizeRw: null,
  SizeRootFs: null,
  ImageManifestDescriptor: null,
}

export const imageZeroValues: Optional = {
  ...config,
  Author: '',
  Container: '',
  ContainerConfig: null,
  Descriptor: null,
  Manifests: nilSlice,
  OsVersion: '',
  Variant: '',
  VirtualSize: 0,
}

export const networkZeroValues: Optional = { Peers: nilSlice, Services: nilMap }

export const volumeZeroValues: Optional = { ClusterVolume: null, Status: nilMap, UsageData: null }

/** Those of an object of any kind, told by the fields that it has. */
export function zeroValuesOf(object: unknown): Optional {
  if (typeof object !== 'object' || object === null) return {}
  if ('HostConfig' in object) return containerZeroValues
  if ('RepoTags' in object) return imageZeroValues
  return 'IPAM' in object ? networkZeroValues : 'Mountpoint' in object ? volumeZeroValues : {}
}
