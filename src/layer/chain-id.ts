import { createHash } from 'node:crypto'

/**
 * The chainID of a stack of layers (OCI image spec, config.md): the first one's diffID, then
 * sha256(chainID + ' ' + diffID). `diffIDs` lowest first; '' when empty.
 */
export function chainID(diffIDs: readonly string[]): string {
  const [first = '', ...rest] = diffIDs
  return rest.reduce(
    (chain, diffID) => `sha256:${createHash('sha256').update(`${chain} ${diffID}`).digest('hex')}`,
    first,
  )
}

/** The chainIDs of every layer of a stack, lowest first. */
export function chainIDs(diffIDs: readonly string[]): string[] {
  return diffIDs.map((_, index) => chainID(diffIDs.slice(0, index + 1)))
}
