/** Whiteouts of the OCI image spec: `.wh.name` hides `name` of the layers below, `.wh..wh..opq` hides all of a directory. */

export const WHITEOUT_PREFIX = '.wh.'
export const OPAQUE = '.wh..wh..opq'
/** Prefix of AUFS's own files, which Docker skips. */
const AUFS_PREFIX = '.wh..wh.'

export type Marker = { kind: 'whiteout'; name: string } | { kind: 'opaque' } | { kind: 'ignored' }

/** What a base name in a layer marks; undefined for an ordinary file. */
export function markerOf(name: string): Marker | undefined {
  if (!name.startsWith(WHITEOUT_PREFIX)) return undefined
  if (name === OPAQUE) return { kind: 'opaque' }
  if (name.startsWith(AUFS_PREFIX)) return { kind: 'ignored' }
  return { kind: 'whiteout', name: name.slice(WHITEOUT_PREFIX.length) }
}
