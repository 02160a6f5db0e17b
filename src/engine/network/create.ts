/** POST /networks/create, with the checks of moby daemon/network.go and libnetwork/controller.go in their order. */
import type { IpamPool, NetworkCreateRequest } from '../../api/network.ts'
import { conflict, forbidden, invalid, notFound } from '../../errors.ts'
import { contains, formatPrefix, overlaps, parseAddress, parsePrefix } from '../../network/address.ts'
import { bridgeOptions, checkBridgeOptions } from '../../network/bridge-options.ts'
import { checkPool, pickSubnet, pickSubnet6 } from '../../network/ipam.ts'
import { ensureNetworks, nextIndex, saveNetwork } from '../../network/networks.ts'
import { type NetworkRecord, predefined } from '../../network/record.ts'
import type { EngineContext } from '../context.ts'
import type { Live } from '../live.ts'
import { notManager } from '../swarm.ts'
import { several } from './errors.ts'

/** Makes a network. */
export async function createNetwork(
  ctx: EngineContext,
  request: NetworkCreateRequest,
): Promise<{ Id: string; Warning: string }> {
  return ctx.machine.change(live => ({ Id: createIn(live, request).id, Warning: '' }))
}

/** The same within a change that is under way. */
export function createIn(live: Live, request: NetworkCreateRequest): NetworkRecord {
  const network = newNetwork(live, request)
  saveNetwork(live.tx, network)
  live.emit({
    type: 'network',
    action: 'create',
    id: network.id,
    attributes: { name: network.name, type: network.driver },
  })
  return network
}

function newNetwork(live: Live, request: NetworkCreateRequest): NetworkRecord {
  const all = ensureNetworks(live.tx, live.time, live.random)
  const { Name: name } = request
  if ((predefined as readonly string[]).includes(name) || name === 'default')
    throw forbidden(`operation is not permitted on predefined ${name} network`)
  const driver = request.Driver || 'bridge'
  if (driver === 'overlay') throw notManager()
  const given = (request.IPAM?.Config ?? []).filter(pool => pool.Subnet || pool.Gateway || pool.IPRange)
  checkPools(given)
  if (name.trim() === '') throw invalid('invalid name: name is empty')
  if (all.some(network => network.name === name)) throw conflict(`network with name ${name} already exists`)
  const network: NetworkRecord = {
    v: 1,
    id: live.random.id(),
    name,
    created: live.time,
    driver,
    scope: 'local',
    internal: request.Internal ?? false,
    attachable: request.Attachable ?? false,
    ingress: request.Ingress ?? false,
    configOnly: request.ConfigOnly ?? false,
    configFrom: request.ConfigFrom?.Network ?? '',
    enableIPv4: request.EnableIPv4 ?? true,
    enableIPv6: request.EnableIPv6 ?? false,
    ipam: { driver: request.IPAM?.Driver || 'default', options: request.IPAM?.Options ?? {}, config: given },
    options: request.Options ?? {},
    labels: request.Labels ?? {},
    index: nextIndex(all),
    endpoints: {},
  }
  checkConfiguration(network, request)
  if (network.configOnly) return { ...network, driver: 'null' }
  if (!['bridge', 'host', 'null', 'macvlan', 'ipvlan'].includes(driver)) throw notFound(`plugin "${driver}" not found`)
  if (network.ingress) throw forbidden('Ingress network can only be global scope network')
  if (request.Scope === 'swarm') throw forbidden('cannot create a swarm scoped network when swarm is not active')
  if (network.configFrom !== '') takeOver(network, all)
  if (driver === 'host' || driver === 'null') throw forbidden(`only one instance of "${driver}" network is allowed`)
  if (!network.enableIPv4 && !network.enableIPv6) throw invalid('IPv4 or IPv6 must be enabled')
  if (!['default', 'null'].includes(network.ipam.driver)) throw notFound(`plugin "${network.ipam.driver}" not found`)
  if (network.ipam.driver === 'null') throw invalid('ipv4 pool is empty')
  takePools(network, all)
  checkDriver(network, all)
  return network
}

/** What a network that is only a configuration, or takes one over, may say (libnetwork validateConfiguration). */
function checkConfiguration(network: NetworkRecord, request: NetworkCreateRequest): void {
  if (network.configOnly) {
    if (network.internal || network.attachable || network.ingress || request.Scope)
      throw forbidden(
        'configuration network can only contain network specific fields. Network operator fields like [ ingress | internal | attachable | scope ] are not supported.',
      )
    if (network.configFrom !== '') throw forbidden('a configuration network depends on another configuration network')
  } else if (network.configFrom !== '') {
    const own = [network.ipam.options ?? {}, network.options, network.labels].some(map => Object.keys(map).length > 0)
    if (own || network.ipam.config.length > 0 || network.ipam.driver !== 'default')
      throw forbidden(
        'user specified configurations are not supported if the network depends on a configuration network',
      )
  }
}

/** Fills in what the configuration network says. */
function takeOver(network: NetworkRecord, all: readonly NetworkRecord[]): void {
  const source = all.find(other => other.name === network.configFrom && other.configOnly)
  if (!source) throw notFound(`configuration network "${network.configFrom}" does not exist`)
  Object.assign(network, {
    enableIPv6: source.enableIPv6,
    ipam: { ...source.ipam, config: [...source.ipam.config] },
    options: { ...source.options },
    labels: { ...source.labels },
  })
}

/** Words of `ValidateIPAM` (moby api/types/network/ipam.go). */
function checkPools(given: readonly IpamPool[]): void {
  const errors: string[] = []
  for (const pool of given) {
    const subnet = parsePrefix(pool.Subnet)
    if (!subnet) {
      errors.push(`invalid subnet ${pool.Subnet}: invalid CIDR block notation`)
      continue
    }
    if (subnetText(pool.Subnet) !== formatPrefix(subnet))
      errors.push(`invalid subnet ${pool.Subnet}: it should be ${formatPrefix(subnet)}`)
    const range = pool.IPRange ? parsePrefix(pool.IPRange) : undefined
    if (pool.IPRange && !range) errors.push(`invalid ip-range ${pool.IPRange}: invalid CIDR block notation`)
    if (range && pool.IPRange) {
      if (range.bits < subnet.bits)
        errors.push(`invalid ip-range ${pool.IPRange}: CIDR block is bigger than its parent subnet ${pool.Subnet}`)
      if (subnetText(pool.IPRange) !== formatPrefix(range))
        errors.push(`invalid ip-range ${pool.IPRange}: it should be ${formatPrefix(range)}`)
      if (!overlaps(range, subnet))
        errors.push(`invalid ip-range ${pool.IPRange}: parent subnet ${pool.Subnet} doesn't contain ip-range`)
    }
    const addresses: [what: string, text: string][] = [
      ...(pool.Gateway ? [['gateway', pool.Gateway] as [string, string]] : []),
      ...Object.values(pool.AuxiliaryAddresses ?? {}).map((text): [string, string] => ['auxiliary address', text]),
    ]
    for (const [what, text] of addresses) {
      const address = parseAddress(text)
      if (!address) errors.push(`invalid ${what} ${text}: invalid address`)
      else if (address.family !== subnet.family || !contains(subnet, address.value))
        errors.push(`invalid ${what} ${text}: parent subnet ${pool.Subnet} doesn't contain this address`)
    }
  }
  if (errors.length > 0) throw invalid(several('invalid network config', errors))
}

/** A prefix as written, its address in the one true form. */
function subnetText(text: string): string {
  const [address = '', bits = ''] = text.split('/')
  const whole = parsePrefix(`${address}/${address.includes(':') ? 128 : 32}`)
  return whole ? `${formatPrefix(whole).split('/')[0]}/${Number(bits)}` : text
}

/** Takes the given subnets, and one from the default pools for each enabled family that has none. */
function takePools(network: NetworkRecord, all: readonly NetworkRecord[]): void {
  const enabled = (family: 4 | 6): boolean => (family === 4 ? network.enableIPv4 : network.enableIPv6)
  const inUse = all.filter(other => !other.configOnly).flatMap(other => other.ipam.config.map(config => config.Subnet))
  const families = new Set<4 | 6>()
  for (const pool of network.ipam.config) {
    const subnet = parsePrefix(pool.Subnet)
    if (!subnet || !enabled(subnet.family)) continue
    if (families.has(subnet.family) && network.driver === 'bridge')
      throw forbidden(`bridge driver doesn't support multiple subnets`)
    families.add(subnet.family)
    for (const other of inUse) {
      const prefix = parsePrefix(other)
      if (prefix && overlaps(prefix, subnet))
        throw forbidden('invalid pool request: Pool overlaps with other one on this address space')
    }
    checkPool(pool)
  }
  const automatic: (4 | 6)[] = []
  for (const family of [4, 6] as const) {
    if (!enabled(family) || families.has(family)) continue
    automatic.push(family)
    const seed = all.find(other => other.name === 'bridge')?.id ?? network.id
    network.ipam.config.push(family === 4 ? pickSubnet(inUse) : pickSubnet6(seed, inUse))
  }
  if (automatic.length > 0) network.ipam.automatic = automatic
  // Given ones of IPv4 come first, what was picked comes last.
  const isSix = (pool: IpamPool): boolean => pool.Subnet.includes(':')
  const picked = network.ipam.config.splice(network.ipam.config.length - automatic.length)
  network.ipam.config = [...network.ipam.config.sort((a, b) => Number(isSix(a)) - Number(isSix(b))), ...picked]
}

/** What the driver itself refuses. */
function checkDriver(network: NetworkRecord, all: readonly NetworkRecord[]): void {
  const { driver, options } = network
  if (driver === 'bridge') {
    checkBridgeOptions(network)
    const { bridge } = bridgeOptions(network)
    const holder = all.find(other => other.driver === 'bridge' && bridgeOptions(other).bridge === bridge)
    if (holder)
      throw conflict(
        `cannot create network ${network.id} (${bridge}): conflicts with network ${holder.id} (${bridge}): networks have same bridge name`,
      )
    return
  }
  const modes = driver === 'macvlan' ? ['bridge', 'private', 'vepa', 'passthru'] : ['l2', 'l3', 'l3s']
  const mode = options[`${driver}_mode`]
  if (mode && !modes.includes(mode))
    throw invalid(`requested ${driver} mode '${mode}' is not valid, '${modes[0]}' mode is the ${driver} driver default`)
  const { parent } = options
  if (!parent) return
  if (all.some(other => other.driver === driver && other.options['parent'] === parent))
    throw forbidden(`network dm-${network.id.slice(0, 12)} is already using parent interface ${parent}`)
  const known =
    parent === 'eth0' || all.some(other => other.driver === 'bridge' && bridgeOptions(other).bridge === parent)
  if (!known && !/^[^.]+\.\d+$/.test(parent))
    throw invalid(`invalid subinterface vlan name ${parent}, example formatting is eth0.10`)
}
