/** `docker network create`. */
import type { IpamPool, NetworkCreateRequest } from '../../../api/network.ts'
import { contains, type Prefix, parseAddress, parsePrefix } from '../../../network/address.ts'
import type { Command } from '../../command.ts'
import type { Flags } from '../../flags.ts'

export const command: Command = {
  async run(ctx, [name = ''], flags) {
    const request: NetworkCreateRequest = {
      Name: name,
      Driver: flags.string('driver'),
      Internal: flags.bool('internal'),
      Attachable: flags.bool('attachable'),
      Ingress: flags.bool('ingress'),
      ConfigOnly: flags.bool('config-only'),
      Scope: flags.string('scope'),
      IPAM: {
        Driver: flags.string('ipam-driver'),
        Config: pools(flags),
        Options: Object.fromEntries(flags.map('ipam-opt')),
      },
      Options: Object.fromEntries(flags.map('opt')),
      Labels: Object.fromEntries(flags.map('label')),
      ...(flags.string('config-from') !== '' && { ConfigFrom: { Network: flags.string('config-from') } }),
      ...(flags.changed('ipv4') && { EnableIPv4: flags.bool('ipv4') }),
      ...(flags.changed('ipv6') && { EnableIPv6: flags.bool('ipv6') }),
    }
    const { Id, Warning } = await (await ctx.engine()).networks.create(request)
    if (Warning !== '') ctx.err.write(`WARNING: ${Warning}\n`)
    ctx.out.write(`${Id}\n`)
    return undefined
  },
}

const prefixOf = (text: string): Prefix => {
  const prefix = parsePrefix(text)
  if (!prefix) throw new Error(`invalid CIDR address: ${text}`)
  return prefix
}

/** Whether `text`, an address or a prefix, lies in the subnet. */
function matches(subnet: string, text: string): boolean {
  let prefix: Prefix
  try {
    prefix = prefixOf(subnet)
  } catch {
    throw new Error(`invalid subnet: invalid CIDR address: ${subnet}`)
  }
  const address = text.includes('/') ? prefixOf(text).base : parseAddress(text)?.value
  const family = text.includes('/') ? prefixOf(text).family : parseAddress(text)?.family
  return address !== undefined && family === prefix.family && contains(prefix, address)
}

/** Subnets with what belongs to each (docker/cli createIPAMConfig). */
function pools(flags: Flags): IpamPool[] {
  const subnets = flags.list('subnet')
  const ranges = flags.list('ip-range')
  const gateways = flags.list('gateway')
  if (subnets.length < ranges.length || subnets.length < gateways.length) {
    throw new Error('every ip-range or gateway must have a corresponding subnet')
  }
  const made: IpamPool[] = []
  for (const subnet of subnets) {
    if (made.some(pool => matches(subnet, pool.Subnet) || matches(pool.Subnet, subnet))) {
      throw new Error('multiple overlapping subnet configuration is not supported')
    }
    made.push({ Subnet: subnet })
  }
  for (const range of ranges) {
    prefixOf(range)
    const pool = made.find(p => matches(p.Subnet, range))
    if (!pool) throw new Error(`no matching subnet for range ${range}`)
    if (pool.IPRange) {
      throw new Error(
        `cannot configure multiple ranges (${range}, ${pool.IPRange}) on the same subnet (${pool.Subnet})`,
      )
    }
    pool.IPRange = range
  }
  for (const gateway of gateways) {
    const pool = made.find(p => matches(p.Subnet, gateway))
    if (!pool) throw new Error(`no matching subnet for gateway ${gateway}`)
    if (pool.Gateway) {
      throw new Error(
        `cannot configure multiple gateways (${gateway}, ${pool.Gateway}) for the same subnet (${pool.Subnet})`,
      )
    }
    pool.Gateway = gateway
  }
  for (const [name, address] of flags.map('aux-address')) {
    const pool = made.find(p => matches(p.Subnet, address))
    if (!pool) throw new Error(`no matching subnet for aux-address ${address}`)
    pool.AuxiliaryAddresses = { ...pool.AuxiliaryAddresses, [name]: address }
  }
  return made
}
