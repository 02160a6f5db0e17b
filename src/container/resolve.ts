/** From what a user typed (a full id, a name, a prefix of an id) to one container. */
import { EngineError, invalid, notFound } from '../errors.ts'
import type { LinkRecord } from './record.ts'

export interface Named {
  id: string
  name: string
  links?: readonly LinkRecord[]
}

export const noSuchContainer = (reference: string): EngineError => notFound(`No such container: ${reference}`)

/**
 * Docker's order (moby daemon/container.go): the full id, then the name (with or without a leading slash, or `parent/alias` of a link),
 * then an id prefix that only one container has.
 */
export function resolveContainer<T extends Named>(all: Iterable<T>, reference: string): T {
  if (reference.trim() === '')
    throw new EngineError('invalid', 'invalid container name or ID: value is empty', { byClient: true })
  const name = reference.startsWith('/') ? reference.slice(1) : reference
  const linked = name.includes('/') ? behindLink(all, name) : undefined
  let byName: T | undefined
  const byPrefix: T[] = []
  for (const candidate of all) {
    if (candidate.id === reference || candidate.id === linked) return candidate
    if (candidate.name === name) byName = candidate
    else if (candidate.id.startsWith(reference)) byPrefix.push(candidate)
  }
  if (byName) return byName
  const [first, second] = byPrefix
  if (first && second) throw invalid(`multiple IDs found with provided prefix: ${reference}`)
  if (!first) throw noSuchContainer(reference)
  return first
}

/** The id of the container that `parent/alias` names (`--link`). */
function behindLink(all: Iterable<Named>, name: string): string | undefined {
  const [parent, alias] = name.split('/')
  for (const candidate of all)
    if (candidate.name === parent) return candidate.links?.find(link => link.alias === alias)?.id
  return undefined
}
