/** `--network NAME` or `--network name=NAME,alias=...,ip=...` (docker/cli opts.NetworkOpt). */
import { csvFields } from '../go/csv.ts'

/** A network that a container is to join, and how. */
export interface NetworkAttachment {
  target: string
  aliases: string[]
  driverOpts: Record<string, string>
  linkLocalIPs: string[]
  ipv4?: string
  ipv6?: string
  macAddress?: string
  gwPriority?: number
}

/** @throws in docker's words for what is no hardware address */
export function checkMacAddress(text: string): void {
  if (text !== '' && !/^([0-9a-f]{2}[:-]){5}[0-9a-f]{2}$/i.test(text))
    throw new Error(`${text} is not a valid mac address`)
}

/** Reads one value of the flag. */
export function parseNetwork(text: string): NetworkAttachment {
  const attachment: NetworkAttachment = { target: '', aliases: [], driverOpts: Object.create(null), linkLocalIPs: [] }
  if (!/\w+=\w+(,\w+=\w+)*/.test(text)) return { ...attachment, target: text }
  for (const field of csvFields(text)) {
    const equals = field.indexOf('=')
    if (equals < 0) throw new Error(`invalid field ${field}`)
    const key = field.slice(0, equals).trim().toLowerCase()
    const value = field
      .slice(equals + 1)
      .trim()
      .toLowerCase()
    switch (key) {
      case 'name':
        attachment.target = value
        break
      case 'alias':
        attachment.aliases.push(value)
        break
      case 'ip':
        attachment.ipv4 = value
        break
      case 'ip6':
        attachment.ipv6 = value
        break
      case 'mac-address':
        attachment.macAddress = value
        break
      case 'link-local-ip':
        attachment.linkLocalIPs.push(value)
        break
      case 'driver-opt': {
        const at = value.indexOf('=')
        if (at < 0) throw new Error('invalid key value pair format in driver options')
        attachment.driverOpts[value.slice(0, at).trim().toLowerCase()] = value
          .slice(at + 1)
          .trim()
          .toLowerCase()
        break
      }
      case 'gw-priority':
        if (!/^[+-]?\d+$/.test(value)) throw new Error(`invalid gw-priority (${value}): invalid syntax`)
        attachment.gwPriority = Number(value)
        break
      default:
        throw new Error(`invalid field key ${key}`)
    }
  }
  if (attachment.target === '') throw new Error('network name/id is not specified')
  return attachment
}
