/**
 * The names of images: `repositories.json`, from repository to reference to image id, as moby's reference store
 * keeps it. Keys are familiar strings: `nginx` -> `nginx:latest`, `nginx@sha256:…`.
 */
import { orInstead } from '../store/damaged.ts'
import type { StoreReader, Transaction } from '../store/types.ts'
import { familiarName, familiarString, type Reference, trimNamed, withDefaultTag } from './reference.ts'

interface TagsDocument {
  v: 1
  repositories: Record<string, Record<string, string>>
}

export const tagsPath = 'repositories.json'

/** The key of a reference: with a digest the tag is left out, since the digest says more. */
function keyOf(reference: Reference): string {
  if (reference.digest === undefined) return familiarString(withDefaultTag(reference))
  return familiarString({ ...trimNamed(reference), digest: reference.digest })
}

function readDocument(reader: StoreReader): TagsDocument {
  const read = (): TagsDocument => reader.read<TagsDocument>(tagsPath) ?? { v: 1, repositories: {} }
  // Readers go on without the names; who would write them anew must not lose what the damaged document still has.
  return 'put' in reader ? read() : orInstead(reader, read, () => ({ v: 1, repositories: {} }))
}

/** The image id that a reference names; undefined when nothing has that name. */
export function lookupTag(reader: StoreReader, reference: Reference): string | undefined {
  const { repositories } = readDocument(reader)
  const name = familiarName(reference)
  if (!Object.hasOwn(repositories, name)) return undefined
  return own(repositories[name] ?? {}, keyOf(reference))
}

const own = (map: Record<string, string>, key: string): string | undefined =>
  Object.hasOwn(map, key) ? map[key] : undefined

/** Every name there is, sorted by repository and reference. */
export function allTags(reader: StoreReader): { name: string; reference: string; id: string }[] {
  const { repositories } = readDocument(reader)
  return Object.keys(repositories)
    .sort()
    .flatMap(name =>
      Object.entries(repositories[name] ?? {})
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([reference, id]) => ({ name, reference, id })),
    )
}

/** The names of each image, as `RepoTags` and `RepoDigests` list them (sorted). */
export function namesById(reader: StoreReader): Map<string, { tags: string[]; digests: string[] }> {
  const names = new Map<string, { tags: string[]; digests: string[] }>()
  for (const { reference, id } of allTags(reader)) {
    const known = names.get(id) ?? { tags: [], digests: [] }
    ;(reference.includes('@') ? known.digests : known.tags).push(reference)
    names.set(id, known)
  }
  return names
}

/** Gives an image a name, taking it from the image that had it. Returns that one's id. */
export function setTag(tx: Transaction, reference: Reference, id: string): string | undefined {
  const document = readDocument(tx)
  const name = familiarName(reference)
  const repository = Object.hasOwn(document.repositories, name) ? (document.repositories[name] ?? {}) : {}
  const key = keyOf(reference)
  const before = own(repository, key)
  repository[key] = id
  document.repositories[name] = repository
  tx.put(tagsPath, document)
  return before
}

/** Takes a name away; returns whether there was one. */
export function removeTag(tx: Transaction, reference: Reference): boolean {
  const document = readDocument(tx)
  const name = familiarName(reference)
  if (!Object.hasOwn(document.repositories, name)) return false
  const repository = document.repositories[name] ?? {}
  const key = keyOf(reference)
  if (!Object.hasOwn(repository, key)) return false
  delete repository[key]
  if (Object.keys(repository).length === 0) delete document.repositories[name]
  tx.put(tagsPath, document)
  return true
}
