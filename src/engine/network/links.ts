/**
 * `--link` on the default bridge (moby daemon/links.go): a name for another container in /etc/hosts, in the environment
 * and as a container name of its own, `/parent/alias`.
 */
import { findEntry, readIndex } from '../../container/containers.ts'
import type { ContainerRecord, LinkRecord } from '../../container/record.ts'
import { conflict, EngineError, invalid, notFound } from '../../errors.ts'
import type { Live } from '../live.ts'

/** The containers behind `NAME[:ALIAS]`. Throws EngineError for one that is not there. */
export function resolveLinks(live: Live, specs: readonly string[]): LinkRecord[] {
  return specs.map(spec => {
    const [reference = '', given] = spec.split(':')
    try {
      const { id, name } = findEntry(live.tx, reference)
      return { id, name, alias: given || reference.replace(/^\//, '') }
    } catch (error) {
      if (!(error instanceof EngineError)) throw error
      const reason = reference === '' ? 'invalid name or ID supplied: ""' : error.message
      throw new EngineError(error.kind, `could not get container for ${reference}: ${reason}`)
    }
  })
}

/** The containers that are linked to and still there, each with its address on the default bridge. */
function linked(
  live: Live,
  container: ContainerRecord,
): { link: LinkRecord; other: ContainerRecord; address: string }[] {
  return (container.links ?? []).flatMap(link => {
    if (!live.has(link.id)) return []
    const other = live.record(link.id)
    return [{ link, other, address: other.networks['bridge']?.IPAddress ?? '' }]
  })
}

/** Lines of /etc/hosts: alias, id and name, each with the address. */
export function linkedHosts(live: Live, container: ContainerRecord): { name: string; address: string }[] {
  return linked(live, container)
    .filter(({ address }) => address !== '')
    .map(({ link, other, address }) => ({
      name: [...new Set([link.alias, other.id.slice(0, 12), other.name])].join(' '),
      address,
    }))
}

/** Throws when a container that is linked to does not run, or is not on the default bridge. */
export function requireLinked(live: Live, container: ContainerRecord): void {
  for (const { link, other } of linked(live, container)) {
    if (!['running', 'paused'].includes(other.state.status))
      throw invalid(`Cannot link to a non running container: /${other.name} AS /${container.name}/${link.alias}`)
    if (!other.networks['bridge']) throw invalid(`container ${other.id} not attached to default bridge network`)
  }
}

/** Variables that tell of the containers that are linked to (moby daemon/links/links.go ToEnv). */
export function linkEnvironment(live: Live, container: ContainerRecord): string[] {
  return linked(live, container).flatMap(({ link, other, address }) => {
    const prefix = link.alias.toUpperCase().replaceAll('-', '_')
    const ports = Object.keys(other.config.ExposedPorts ?? {})
      .map(key => {
        const [port = '', protocol = 'tcp'] = key.split('/')
        return { port, protocol }
      })
      .sort((a, b) => Number(b.protocol === 'tcp') - Number(a.protocol === 'tcp') || Number(a.port) - Number(b.port))
    const url = ({ port, protocol }: { port: string; protocol: string }): string => `${protocol}://${address}:${port}`
    const [first] = ports
    return [
      ...(first ? [`${prefix}_PORT=${url(first)}`] : []),
      ...ports.flatMap(entry => {
        const name = `${prefix}_PORT_${entry.port}_${entry.protocol.toUpperCase()}`
        return [
          `${name}=${url(entry)}`,
          `${name}_ADDR=${address}`,
          `${name}_PORT=${entry.port}`,
          `${name}_PROTO=${entry.protocol}`,
        ]
      }),
      `${prefix}_NAME=/${container.name}/${link.alias}`,
      ...other.config.Env.filter(word => !/^(HOME|PATH)(=|$)/.test(word)).map(word => `${prefix}_ENV_${word}`),
    ]
  })
}

/** Others that link to a container know its new name. */
export function renameInLinks(live: Live, { id, name }: ContainerRecord): void {
  for (const entry of Object.values(readIndex(live.tx).entries)) {
    if (!entry.links?.some(link => link.id === id)) continue
    const parent = live.record(entry.id)
    parent.links = (parent.links ?? []).map(link => (link.id === id ? { ...link, name } : link))
    live.save(parent)
  }
}

/** `rm --link PARENT/ALIAS`: only the name goes. */
export function removeLink(live: Live, reference: string): void {
  const [parentName = '', alias] = reference.replace(/^\//, '').split('/')
  if (alias === undefined) throw conflict('Conflict, cannot remove the default link name of the container')
  const parent = live.findLinkParent(parentName, alias)
  if (!parent) throw notFound(`No such container: ${reference}`)
  parent.links = (parent.links ?? []).filter(link => link.alias !== alias)
  live.save(parent)
}
