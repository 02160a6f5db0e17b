/** `--link`: names of another container in /etc/hosts of the default bridge. */
import type { ContainerRecord } from '../../container/record.ts'
import type { Live } from '../live.ts'

/** Lines for the containers that are linked to: alias, id and name, each with the address. */
export function linkedHosts(live: Live, container: ContainerRecord): { name: string; address: string }[] {
  return (container.hostConfig.Links ?? []).flatMap(link => {
    const [reference = '', alias = reference] = link.split(':')
    const other = live.find(reference)
    const address = other.networks['bridge']?.IPAddress ?? ''
    if (address === '') return []
    return [{ name: [...new Set([alias, other.id.slice(0, 12), other.name])].join(' '), address }]
  })
}
