/** The networks of a store. */
import { type EngineError, invalid, notFound } from '../errors.ts'
import { readWhole } from '../store/damaged.ts'
import type { StoreReader, Transaction } from '../store/types.ts'
import type { Random } from '../util/random.ts'
import { initialNetworks, type NetworkRecord } from './record.ts'

export const networkPath = (id: string): string => `networks/${id}.json`

export const noSuchNetwork = (reference: string): EngineError => notFound(`network ${reference} not found`)

/** All networks but damaged ones, the predefined ones included once the store has been written to. */
export function readNetworks(reader: StoreReader): NetworkRecord[] {
  return reader.list('networks').flatMap(file => readWhole<NetworkRecord>(reader, `networks/${file}`) ?? [])
}

/** The same, after making the predefined networks of a new store. */
export function ensureNetworks(tx: Transaction, now: number, random: Random): NetworkRecord[] {
  const found = readNetworks(tx)
  if (found.length > 0) return found
  const fresh = initialNetworks(now, [random.id(), random.id(), random.id()])
  for (const network of fresh) saveNetwork(tx, network)
  return fresh
}

/** The next free number of an interface on the host: after its own, the bridges and the veths. */
export function nextIndex(all: readonly NetworkRecord[]): number {
  let last = 3
  for (const network of all) {
    last = Math.max(last, network.index ?? 3)
    for (const end of Object.values(network.endpoints)) last = Math.max(last, end.interface?.peer ?? 0)
  }
  return last + 1
}

export function saveNetwork(tx: Transaction, network: NetworkRecord): void {
  tx.put(networkPath(network.id), network)
}

/** By full id, name, or unambiguous id prefix, as moby's FindNetwork. */
export function findNetwork(all: readonly NetworkRecord[], reference: string): NetworkRecord {
  const exact = all.find(network => network.id === reference) ?? all.find(network => network.name === reference)
  if (exact) return exact
  const byPrefix = reference === '' ? [] : all.filter(network => network.id.startsWith(reference))
  if (byPrefix.length > 1)
    throw invalid(`network ${reference} is ambiguous (${byPrefix.length} matches found based on ID prefix)`)
  const [only] = byPrefix
  if (!only) throw noSuchNetwork(reference)
  return only
}
