/** The nodes of a `TreeFs`, and their documents. */
import type { ContentDocument, FileContent } from './content.ts'
import type { FileType, Stat } from './filesystem.ts'
import { nameBytes } from './name-codec.ts'

export interface TreeNode {
  readonly ino: number
  readonly type: FileType
  mode: number
  uid: number
  gid: number
  mtime: number
  atime: number
  ctime: number
  /** Names of a node that is no directory; 2 and one for each subdirectory for one that is, 0 once removed. */
  nlink: number
  /** Who holds it open. Not stored: a holder holds it again after loading. */
  holds: number
  /** Number of the document that it is stored in. */
  readonly group: number
  /** Of a directory: what it contains, by name; and where it is itself (undefined: the root, or removed). */
  entries?: Map<string, TreeNode>
  parent?: TreeNode | undefined
  /** Names that an overlay's upper directory hides. */
  whiteouts?: Set<string>
  content?: FileContent
  target?: string
  rdev?: readonly [number, number]
  /** Extended attributes, name and base64 of the value, carried along from an image's layer. */
  xattrs?: readonly (readonly [string, string])[]
}

/** A node as it is stored. Entries are pairs, so that no name can be mistaken for a property. */
export interface NodeDocument {
  ino: number
  type: FileType
  mode: number
  uid: number
  gid: number
  mtime: number
  atime?: number
  ctime?: number
  entries?: (readonly [string, number])[]
  whiteouts?: string[]
  data?: ContentDocument
  target?: string
  rdev?: readonly [number, number]
  xattrs?: readonly (readonly [string, string])[]
}

/** The document of a node whose content is already stored as `data`. */
export function nodeDocument(node: TreeNode, data: ContentDocument | undefined): NodeDocument {
  return {
    ino: node.ino,
    type: node.type,
    mode: node.mode,
    uid: node.uid,
    gid: node.gid,
    mtime: node.mtime,
    ...(node.atime === node.mtime ? {} : { atime: node.atime }),
    ...(node.ctime === node.mtime ? {} : { ctime: node.ctime }),
    ...(node.entries ? { entries: [...node.entries].map(([name, child]) => [name, child.ino] as const) } : {}),
    ...(node.whiteouts?.size ? { whiteouts: [...node.whiteouts] } : {}),
    ...(data ? { data } : {}),
    ...(node.target === undefined ? {} : { target: node.target }),
    ...(node.rdev ? { rdev: node.rdev } : {}),
    ...(node.xattrs ? { xattrs: node.xattrs } : {}),
  }
}

/** The node of a document, without its entries and content. */
export function nodeOf(document: NodeDocument, group: number): TreeNode {
  return {
    ino: document.ino,
    type: document.type,
    mode: document.mode,
    uid: document.uid,
    gid: document.gid,
    mtime: document.mtime,
    atime: document.atime ?? document.mtime,
    ctime: document.ctime ?? document.mtime,
    nlink: document.type === 'dir' ? 2 : 0,
    holds: 0,
    group,
    ...(document.type === 'dir' ? { entries: new Map() } : {}),
    ...(document.whiteouts ? { whiteouts: new Set(document.whiteouts) } : {}),
    ...(document.target === undefined ? {} : { target: document.target }),
    ...(document.rdev ? { rdev: document.rdev } : {}),
    ...(document.xattrs ? { xattrs: document.xattrs } : {}),
  }
}

/** `dirSize`: the size that directories have. */
export function statOf(node: TreeNode, dirSize: number): Stat {
  const size =
    node.type === 'file'
      ? (node.content?.size ?? 0)
      : node.type === 'dir'
        ? dirSize
        : node.type === 'symlink'
          ? nameBytes(node.target ?? '')
          : 0
  const { ino, type, mode, uid, gid, nlink, mtime, atime, ctime, rdev } = node
  return rdev
    ? { ino, type, mode, uid, gid, size, nlink, rdev, mtime, atime, ctime }
    : { ino, type, mode, uid, gid, size, nlink, mtime, atime, ctime }
}
