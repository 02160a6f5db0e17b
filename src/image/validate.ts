/**
 * Checks what the store says of images by computing it anew: every digest, size and reference. `system check` and
 * the tests of builds, pulls and loads use it.
 */
import { createHash } from 'node:crypto'
import { messageOf } from '../errors.ts'
import { type LayerIndex, layerPath } from '../layer/layer-index.ts'
import { sizeOnDisk } from '../layer/layer-indexer.ts'
import type { StoreReader } from '../store/types.ts'
import { diffIDs, type ImageConfig, sha256 } from './config.ts'
import { type ImageRecord, imagePath, imageRows } from './images.ts'
import { type BlobReader, layerTarOf } from './layer-tars.ts'
import { parseReference } from './reference.ts'
import { allTags, tagsPath } from './tags.ts'

/** A document of the store that is not as it should be. */
export interface Problem {
  /** Path of the document below the store's root. */
  path: string
  message: string
}

/** Every problem of the store's images, layers and names; [] when all is well. Reads all tars. */
export async function validateImages(reader: StoreReader, blobs: BlobReader): Promise<Problem[]> {
  const problems: Problem[] = []
  const ids = new Set<string>()
  for (const row of imageRows(reader)) {
    ids.add(row.id)
    problems.push(...(await validateImage(reader, row.id)))
  }
  for (const name of reader.list('layers')) {
    if (name.endsWith('.json'))
      problems.push(...validateLayer(reader, blobs, `sha256:${name.slice(0, -'.json'.length)}`))
  }
  for (const { reference, id } of allTags(reader)) {
    if (!ids.has(id)) problems.push({ path: tagsPath, message: `${reference} names ${id}, which is not there` })
    try {
      parseReference(reference)
    } catch (error) {
      problems.push({ path: tagsPath, message: `${reference}: ${messageOf(error)}` })
    }
  }
  return problems
}

/** The problems of one image's record: its id, config, history and layers' presence. */
export async function validateImage(reader: StoreReader, id: string): Promise<Problem[]> {
  const path = imagePath(id)
  const problem = (message: string): Problem => ({ path, message })
  const record = reader.read<ImageRecord>(path)
  if (!record) return [problem('the record is missing')]
  const problems: Problem[] = []
  const digest = sha256(record.config)
  if (digest !== id || record.id !== id) problems.push(problem(`the config's digest is ${digest}`))
  const { parseConfig } = await import('./foreign.ts')
  let config: ImageConfig
  try {
    config = parseConfig(record.config)
  } catch (error) {
    return [...problems, problem(messageOf(error))]
  }
  const layers = diffIDs(config)
  const history = config.history?.filter(entry => !entry.empty_layer).length
  if (history !== undefined && history > 0 && history !== layers.length)
    problems.push(problem(`the history has ${history} layers, the image ${layers.length}`))
  if (record.layerSizes.length !== layers.length)
    problems.push(problem(`${record.layerSizes.length} sizes for ${layers.length} layers`))
  for (const [position, diffID] of layers.entries()) {
    const index = reader.read<LayerIndex>(layerPath(diffID))
    if (!index) problems.push(problem(`layer ${diffID} is missing`))
    else if (index.size !== record.layerSizes[position])
      problems.push(problem(`layer ${diffID} has ${index.size} bytes, not ${record.layerSizes[position]}`))
  }
  const row = imageRows(reader).find(other => other.id === id)
  const size = record.layerSizes.reduce((sum, bytes) => sum + bytes, 0)
  if (row && (row.size !== size || row.diffIDs.join() !== layers.join()))
    problems.push(problem('the index of images says something else'))
  return problems
}

/** The problems of one layer: its tar's digest and size, and the sum of its files. */
export function validateLayer(reader: StoreReader, blobs: BlobReader, diffID: string): Problem[] {
  const path = layerPath(diffID)
  const problems: Problem[] = []
  const problem = (message: string): void => void problems.push({ path, message })
  try {
    const index = reader.read<LayerIndex>(path)
    if (!index) return [{ path, message: 'the index is missing' }]
    if (index.diffID !== diffID) problem(`the index is of ${index.diffID}`)
    const size = index.entries.reduce((sum, entry) => sum + (entry.type === 'link' ? 0 : sizeOnDisk(entry)), 0)
    if (size !== index.size) problem(`its files have ${size} bytes, not ${index.size}`)
    const hash = createHash('sha256')
    let length = 0
    for (const piece of layerTarOf(reader, blobs, diffID).bytes()) {
      hash.update(piece)
      length += piece.length
    }
    const digest = `sha256:${hash.digest('hex')}`
    if (digest !== diffID) problem(`the tar's digest is ${digest}`)
    if (length !== index.tarSize) problem(`the tar has ${length} bytes, not ${index.tarSize}`)
  } catch (error) {
    problem(messageOf(error))
  }
  return problems
}
