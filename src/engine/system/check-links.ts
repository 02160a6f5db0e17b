/** Whether the documents of a store fit together: indexes and records, names and images, images and layers. */
import { statSync } from 'node:fs'
import { type ContainerIndex, indexPath, recordPath } from '../../container/containers.ts'
import type { ContainerRecord } from '../../container/record.ts'
import { indexEntry } from '../../container/summary.ts'
import { ContentStore } from '../../content/content-store.ts'
import { eventsEnd } from '../../events/event-log.ts'
import { type ImageRecord, imageIndexPath, imageRows } from '../../image/images.ts'
import { allTags, tagsPath } from '../../image/tags.ts'
import { validateImage, validateLayer } from '../../image/validate.ts'
import { type LayerIndex, layerPath } from '../../layer/layer-index.ts'
import { networkPath, readNetworks } from '../../network/networks.ts'
import { predefined } from '../../network/record.ts'
import type { StoreReader } from '../../store/types.ts'
import { readVolume } from '../volume/volumes.ts'
import type { Finding } from './check.ts'

/** Everything that does not fit together. `blobs`: the digests of layers are computed anew. */
export async function checkLinks(reader: StoreReader, blobs: boolean): Promise<Finding[]> {
  return [
    ...containers(reader),
    ...networks(reader),
    ...(await images(reader)),
    ...layers(reader, blobs),
    ...events(reader),
  ]
}

function containers(reader: StoreReader): Finding[] {
  const findings: Finding[] = []
  const entries = reader.read<ContainerIndex>(indexPath)?.entries ?? {}
  const ids = reader.list('containers')
  const known = new Set<string>()
  for (const id of ids) {
    const path = recordPath(id)
    const record = reader.read<ContainerRecord>(path)
    if (!record) continue
    known.add(id)
    const problem = (message: string): void => void findings.push({ path, message })
    if (record.id !== id) problem(`it is the record of container ${record.id}`)
    const row = entries[id]
    if (!row) findings.push({ path: indexPath, message: `container ${id} is missing` })
    else if (canonical(row) !== canonical(indexEntry(record, row.wakeAt)))
      findings.push({ path: indexPath, message: `its row of container ${id} is not what the record says` })
    if (!reader.read<ImageRecord>(`images/${hex(record.image)}.json`))
      problem(`its image ${record.image} is not there: pull or load it again`)
    for (const mount of record.mounts)
      if (mount.Type === 'volume' && mount.Name && !readVolume(reader, mount.Name))
        problem(`its volume ${mount.Name} is not there`)
  }
  for (const id of Object.keys(entries))
    if (!known.has(id)) findings.push({ path: indexPath, message: `container ${id} has no record` })
  return findings
}

/** JSON whose keys are in order: two documents that say the same are equal. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
}

function networks(reader: StoreReader): Finding[] {
  const findings: Finding[] = []
  const all = readNetworks(reader)
  for (const network of all)
    for (const id of Object.keys(network.endpoints))
      if (!reader.read(recordPath(id)))
        findings.push({
          path: networkPath(network.id),
          message: `its endpoint belongs to container ${id}, which is not there`,
        })
  if (all.length > 0 || Object.keys(reader.read<ContainerIndex>(indexPath)?.entries ?? {}).length > 0)
    for (const name of predefined)
      if (!all.some(network => network.name === name))
        findings.push({ path: 'networks', message: `the network ${name} is missing` })
  return findings
}

async function images(reader: StoreReader): Promise<Finding[]> {
  const findings: Finding[] = []
  const ids = new Set<string>()
  const index = reader.read<{ entries: object; detached?: object }>(imageIndexPath)
  const listed = new Set([...Object.keys(index?.entries ?? {}), ...Object.keys(index?.detached ?? {})])
  for (const file of reader.list('images')) {
    const id = `sha256:${file.replace(/\.json$/, '')}`
    ids.add(id)
    if (!listed.has(id)) findings.push({ path: imageIndexPath, message: `image ${id} is missing` })
    findings.push(...(await validateImage(reader, id)))
  }
  for (const id of listed)
    if (!ids.has(id)) findings.push({ path: imageIndexPath, message: `image ${id} has no record` })
  const shown = new Set(imageRows(reader).map(row => row.id))
  for (const { reference, id } of allTags(reader))
    if (!shown.has(id) || !ids.has(id))
      findings.push({ path: tagsPath, message: `${reference} names ${id}, which is not there` })
  return findings
}

function layers(reader: StoreReader, digests: boolean): Finding[] {
  const content = new ContentStore(reader.root)
  const findings: Finding[] = []
  try {
    for (const file of reader.list('layers')) {
      const diffID = `sha256:${file.replace(/\.json$/, '')}`
      if (digests) {
        findings.push(...validateLayer(reader, content, diffID))
        continue
      }
      const index = reader.read<LayerIndex>(layerPath(diffID))
      if (index?.tar !== 'blob') continue
      const size = content.size(diffID)
      if (size === undefined) findings.push({ path: layerPath(diffID), message: 'its tar is missing' })
      else if (size !== index.tarSize)
        findings.push({ path: layerPath(diffID), message: `its tar has ${size} bytes, not ${index.tarSize}` })
    }
  } finally {
    content.close()
  }
  return findings
}

function events(reader: StoreReader): Finding[] {
  const end = eventsEnd(reader)
  const size = statSync(reader.locate('events.jsonl'), { throwIfNoEntry: false })?.size ?? 0
  return size < end ? [{ path: 'events.jsonl', message: `it has ${size} bytes, not ${end}` }] : []
}

const hex = (id: string): string => id.slice(id.indexOf(':') + 1)
