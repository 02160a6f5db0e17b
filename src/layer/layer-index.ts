/**
 * The index of a layer, as it is stored at layers/<hex of the diffID>.json: every entry of the layer's tar in
 * order, with where its bytes are.
 */
import type { FileType } from '../vfs/filesystem.ts'

/** 'link' is a hard link to an earlier entry. Whiteouts are entries like others, with their `.wh.` names. */
export type EntryType = FileType | 'link'

export interface LayerEntry {
  /** Relative to the root, without `./`, without a slash at the end; '' is the root itself. */
  path: string
  type: EntryType
  /** Permission bits, 0 to 0o7777. */
  mode: number
  /** Default 0. */
  uid?: number
  gid?: number
  /** Seconds since the epoch, with a fraction where the tar has one. */
  mtime: number
  /** Bytes of a file. Default 0. */
  size?: number
  /** A symlink's text, or the path of the entry that a hard link is another name of. */
  target?: string
  rdev?: readonly [number, number]
  /** Extended attributes: name and base64 of the value. */
  xattrs?: readonly (readonly [string, string])[]
  /** Where a file's bytes start in the layer's tar (a blob of the content store). */
  offset?: number
  /** In a layer without a tar: the first bytes of the file; what is missing up to `size` is zeros. */
  text?: string
  base64?: string
}

export interface LayerIndex {
  version: 1
  /** sha256:… of the uncompressed tar. */
  diffID: string
  /** 'blob': the tar is the blob named diffID. 'made': it is written from the entries when asked for. */
  tar: 'blob' | 'made'
  /** Bytes of the tar. */
  tarSize: number
  /** Sum of the entries' sizes: what the layer adds to an image's size. */
  size: number
  entries: LayerEntry[]
}

/** Where the index of a layer is stored. */
export function layerPath(diffID: string): string {
  return `layers/${diffID.slice(diffID.indexOf(':') + 1)}.json`
}
