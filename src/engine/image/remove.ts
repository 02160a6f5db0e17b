/** DELETE /images/{name} (moby daemon/images/image_delete.go). */
import type { ImageDeleteItem } from '../../api/image.ts'
import { readIndex } from '../../container/containers.ts'
import { conflict, type EngineError, invalid, notFound } from '../../errors.ts'
import { forgetBlobs } from '../../image/distribution.ts'
import {
  dropImage,
  imageOfContainer,
  imageRow,
  imageRows,
  resolveImage,
  sweepDetached,
  unusedLayers,
} from '../../image/images.ts'
import { familiarString, fullName, parseReference, type Reference, withDefaultTag } from '../../image/reference.ts'
import { allTags, removeTag } from '../../image/tags.ts'
import { chainIDs } from '../../layer/chain-id.ts'
import { layerPath } from '../../layer/layer-index.ts'
import type { Transaction } from '../../store/types.ts'
import type { EngineContext } from '../context.ts'
import type { Live } from '../live.ts'
import { imageEvent } from './events.ts'
import { keptLayers } from './kept-layers.ts'

/** Takes a name from an image, and removes the image with its last one. */
export async function removeImage(
  ctx: EngineContext,
  reference: string,
  options: { force?: boolean; noPrune?: boolean } = {},
): Promise<ImageDeleteItem[]> {
  return ctx.machine.change(live => removeIn(live, reference, options))
}

/** The same as part of another change (prune). */
export function removeIn(live: Live, text: string, options: { force?: boolean; noPrune?: boolean }): ImageDeleteItem[] {
  // A path without a name is none of the API's.
  if (text === '') throw notFound('page not found')
  if (text.trim() === '') throw invalid('image name cannot be blank')
  const { tx } = live
  sweepImages(tx)
  const force = options.force ?? false
  const id = resolveImage(tx, text)
  const out: ImageDeleteItem[] = []
  const untag = (reference: Reference): void => {
    removeTag(tx, reference)
    out.push({ Untagged: familiarString(reference) })
    live.emit(imageEvent(tx, 'untag', id, id))
  }
  const hex = id.slice('sha256:'.length)
  const byId = hex.startsWith(text) || id.startsWith(text)
  if (byId) {
    const references = referencesTo(tx, id)
    if (isSingle(references)) {
      checkConflict(tx, id, { hard: true, stopped: !force })
      for (const reference of references) untag(reference)
    }
    deleteImage(live, id, out, { force, prune: !options.noPrune, quiet: false })
    return out
  }
  const user = usersOf(tx, id)[0]
  if (!force && user && isSingle(referencesTo(tx, id)))
    throw conflict(
      `conflict: unable to remove repository reference ${JSON.stringify(text)} (must force) - container ${user.id.slice(0, 12)} is using its referenced image ${hex.slice(0, 12)}`,
    )
  const reference = withDefaultTag(parseReference(text))
  untag(reference.digest === undefined ? reference : { ...reference, ...dropTag(reference) })
  const left = referencesTo(tx, id)
  const sameName = left.filter(other => fullName(other) === fullName(reference))
  // Digests of a repository go with its last tag.
  if (reference.digest === undefined && !sameName.some(other => other.digest === undefined))
    for (const other of sameName) {
      removeTag(tx, other)
      out.push({ Untagged: familiarString(other) })
    }
  if (referencesTo(tx, id).length > 0) return out
  deleteImage(live, id, out, { force, prune: !options.noPrune, quiet: true })
  return out
}

function dropTag({ domain, path, digest }: Reference): Reference {
  return digest === undefined ? { domain, path } : { domain, path, digest }
}

/** Every name of an image, sorted. */
function referencesTo(tx: Transaction, id: string): Reference[] {
  return allTags(tx)
    .filter(tag => tag.id === id)
    .map(tag => parseReference(tag.reference))
}

/** Whether an image has at most one tag, all its names being of one repository. */
function isSingle(references: readonly Reference[]): boolean {
  if (references.length <= 1) return true
  const tags = references.filter(reference => reference.digest === undefined)
  if (tags.length > 1) return false
  const repositories = new Set(references.filter(reference => reference.digest !== undefined).map(fullName))
  const single = tags[0] ?? references[0]
  return repositories.size === 1 && single !== undefined && repositories.has(fullName(single))
}

interface User {
  id: string
  running: boolean
}

/** The containers made from an image, the oldest first. */
function usersOf(tx: Transaction, image: string): User[] {
  return Object.values(readIndex(tx).entries)
    .filter(entry => entry.image === image)
    .sort((a, b) => a.sequence - b.sequence)
    .map(({ id, state }) => ({ id, running: ['running', 'paused', 'restarting'].includes(state.status) }))
}

/** Throws when something stands against deleting an image. What is `hard` cannot be forced. */
function checkConflict(
  tx: Transaction,
  id: string,
  check: { hard: boolean; stopped: boolean; references?: boolean },
): void {
  const users = usersOf(tx, id)
  const running = users.find(user => user.running)
  const stopped = users.find(user => !user.running)
  if (check.hard && imageRows(tx).some(row => row.parent === id))
    throw cannotDelete(id, 'cannot be forced', 'image has dependent child images')
  if (check.hard && running)
    throw cannotDelete(id, 'cannot be forced', `image is being used by running container ${running.id.slice(0, 12)}`)
  if (check.references && referencesTo(tx, id).length > 0)
    throw cannotDelete(id, 'must be forced', 'image is referenced in multiple repositories')
  if (check.stopped && stopped)
    throw cannotDelete(id, 'must be forced', `image is being used by stopped container ${stopped.id.slice(0, 12)}`)
}

function cannotDelete(id: string, how: string, why: string): EngineError {
  return conflict(`conflict: unable to delete ${id.slice('sha256:'.length, 'sha256:'.length + 12)} (${how}) - ${why}`)
}

/** Deletes an image with its names and layers, then its untagged parents. `quiet`: a conflict leaves it in silence. */
function deleteImage(
  live: Live,
  id: string,
  out: ImageDeleteItem[],
  options: { force: boolean; prune: boolean; quiet: boolean },
): void {
  const { tx } = live
  const row = imageRow(tx, id)
  if (!row) return
  try {
    checkConflict(tx, id, { hard: true, stopped: !options.force, references: !options.force })
  } catch (error) {
    const dangling = referencesTo(tx, id).length === 0
    if (options.quiet && (!dangling || usersOf(tx, id).length > 0)) return
    throw error
  }
  for (const reference of referencesTo(tx, id)) {
    removeTag(tx, reference)
    out.push({ Untagged: familiarString(reference) })
    live.emit(imageEvent(tx, 'untag', id, id))
  }
  const event = imageEvent(tx, 'delete', id, id)
  dropImage(tx, id, usersOf(tx, id).length > 0)
  live.emit(event)
  out.push({ Deleted: id })
  for (const chain of releaseLayers(tx, row.diffIDs)) out.push({ Deleted: chain })
  if (options.prune && row.parent !== undefined)
    deleteImage(live, row.parent, out, { force: false, prune: true, quiet: true })
}

/** Removes those layers of a stack that nothing holds any more; returns their chainIDs, top first. */
function releaseLayers(tx: Transaction, diffIDs: readonly string[]): string[] {
  const held = new Set<string>()
  const stacks = [
    ...imageRows(tx).map(row => row.diffIDs),
    ...Object.values(readIndex(tx).entries).map(entry => imageOfContainer(tx, entry.image)?.diffIDs ?? []),
    ...keptLayers(tx),
  ]
  for (const stack of stacks) for (const chain of chainIDs(stack)) held.add(chain)
  const released = chainIDs(diffIDs)
    .filter(chain => !held.has(chain))
    .reverse()
  dropLayers(tx, diffIDs)
  return released
}

/** Deletes the indexes (and tars) of those layers that no image, container or build needs. */
export function dropLayers(tx: Transaction, candidates: readonly string[]): void {
  for (const diffID of new Set(unusedLayers(tx, candidates, new Set(keptLayers(tx).flat())))) {
    tx.remove(layerPath(diffID))
    forgetBlobs(tx, diffID)
    tx.remove(`blobs/sha256/${diffID.slice('sha256:'.length)}`)
  }
}

/** Frees what images removed by force left for containers that are gone by now. */
export function sweepImages(tx: Transaction): void {
  const used = new Set(Object.values(readIndex(tx).entries).map(entry => entry.image))
  dropLayers(tx, sweepDetached(tx, used))
}
