/** Go's zero values of the fields that the Engine API leaves out of its JSON (`omitempty`), for templates. */
import { nilMap, nilSlice } from '../template/value.ts'

/** Fields that the type has and an object may lack, by path (`State.Health`), with Go's zero value of each. */
export type Optional = Readonly<Record<string, unknown>>

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
  'Config.User': '',
  'Config.Env': nilSlice,
  'Config.Entrypoint': nilSlice,
  'Config.Cmd': nilSlice,
  'Config.Volumes': nilMap,
  'Config.WorkingDir': '',
  'Config.Labels': nilMap,
  'Config.OnBuild': nilSlice,
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
