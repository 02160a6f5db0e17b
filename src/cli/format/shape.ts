/**
 * API objects as Go sees them in a template. JSON cannot tell a map from a struct, nor a nil slice from a nil pointer;
 * the names of the Engine API's fields do.
 */
import { toJson } from '../template/json.ts'
import { JsonNumber, nilMap, nilSlice, PortMap, Struct, Text } from '../template/value.ts'
import { goTimeOf } from './units.ts'

/** Fields that are Go maps; any other object is a struct. */
const MAPS = new Set(
  (
    'Annotations AuxiliaryAddresses Binding Config Containers Data DriverOpts ExposedPorts IPAMOptions Labels LogOpts ' +
    'Metadata Networks Opts Options PortBindings Ports Runtimes StorageOpt Sysctls Tmpfs Volumes Attributes Details ' +
    'IndexConfigs Mirrors ConfigMap Status UsageData'
  ).split(' '),
)
/** Those whose keys are ports, which no text of a template is. */
const PORT_MAPS = new Set(['Ports', 'PortBindings'])
/** Maps by these names only in the object named after the dot's left side. */
const STRUCTS = new Set(['.Config', '.Status', 'State.Status', '.UsageData', '.Metadata'])
/** Fields that are pointers: null prints as `<nil>`, where a slice would print as `[]`. */
const POINTERS = new Set(
  (
    'PidsLimit MemorySwappiness OomKillDisable Init IPAMConfig Platform Health SizeRw SizeRootFs Healthcheck UsageData ' +
    'ClusterVolume Peers BindOptions VolumeOptions TmpfsOptions ImageOptions Config HostConfig State NetworkSettings ' +
    'StopTimeout LastTagTime Manifest ImageManifestDescriptor ConfigFrom'
  ).split(' '),
)

/**
 * Fields whose name in Go is not that of their JSON. A template that uses the latter, as `{{.Id}}`, does not fit the
 * type, and Docker runs it over the raw JSON.
 */
const GO_NAMES = new Map([
  ['Id', 'ID'],
  ['AuxiliaryAddresses', 'AuxAddress'],
  ['Dns', 'DNS'],
  ['DnsOptions', 'DNSOptions'],
  ['DnsSearch', 'DNSSearch'],
  ['NanoCpus', 'NanoCPUs'],
  ['CpuShares', 'CPUShares'],
  ['CpuPeriod', 'CPUPeriod'],
  ['CpuQuota', 'CPUQuota'],
  ['CpuRealtimePeriod', 'CPURealtimePeriod'],
  ['CpuRealtimeRuntime', 'CPURealtimeRuntime'],
  ['CpuCount', 'CPUCount'],
  ['CpuPercent', 'CPUPercent'],
  ['HostIp', 'HostIP'],
  ['CpuCfsPeriod', 'CPUCfsPeriod'],
  ['CpuCfsQuota', 'CPUCfsQuota'],
  ['HttpProxy', 'HTTPProxy'],
  ['HttpsProxy', 'HTTPSProxy'],
])

const emptyPool = { Subnet: '', IPRange: '', Gateway: '', AuxAddress: nilMap }

const JSON_NAMES = new Map([...GO_NAMES].map(([json, go]) => [go, json]))

/** The name in JSON of a field of Go's. */
export const jsonName = (name: string): string => JSON_NAMES.get(name) ?? name

/**
 * A value for templates of an API object.
 * @param field  the field it comes from; '' for the object itself
 * @param owner  the field of the object around it
 */
export function goValue(value: unknown, field = '', owner = ''): unknown {
  const isMap = MAPS.has(field) && !STRUCTS.has(`${owner}.${field}`)
  if (value === null) return isMap ? nilMap : POINTERS.has(field) ? null : nilSlice
  if (Array.isArray(value)) return value.map(item => goValue(item, '', field))
  if (typeof value !== 'object' || value instanceof Text) return value
  const entries = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .map(([key, item]): [string, unknown] => [key, goValue(item, isMap ? '' : key, field)])
  if (isMap) return PORT_MAPS.has(field) ? new PortMap(entries) : new Map(entries)
  // What JSON leaves out of a network's address pool is empty.
  const isPool = field === '' && owner === 'Config'
  if (!isPool && !entries.some(([key]) => GO_NAMES.has(key))) return Object.fromEntries(entries)
  const renamed = Object.fromEntries(entries.map(([key, item]) => [GO_NAMES.get(key) ?? key, item]))
  return new Struct('struct', isPool ? { ...emptyPool, ...renamed } : renamed, () =>
    toJson(Object.fromEntries(entries)),
  )
}

/** An RFC 3339 text as the time.Time that some types have: it prints as Go prints times. */
export const timeValue = (text: string): Text => new Text(goTimeOf(text), text)

/** The same with no types known: every object is a map, as when Docker falls back on the raw JSON. */
export function rawValue(value: unknown): unknown {
  if (value instanceof Text) return value.json
  if (typeof value === 'number') return new JsonNumber(String(value))
  if (Array.isArray(value)) return value.map(rawValue)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([, item]) => item !== undefined)
  return new Map(entries.map(([key, item]) => [key, rawValue(item)]))
}
