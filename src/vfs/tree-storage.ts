/**
 * How a `TreeFs` is stored: `<prefix>/fs.json` with the first nodes, `<prefix>/nodes/<n>.json` with the others
 * in groups, `<prefix>/data/<n>` with the bytes of larger files. Keeps track of what has changed since.
 */
import type { StoreReader, Transaction } from '../store/types.ts'
import { readDataFile } from './data-file.ts'
import { type NodeDocument, nodeDocument, nodeOf, type TreeNode } from './tree-node.ts'

/** Nodes in one document. */
const GROUP = 256
const VERSION = 1

interface Header {
  version: number
  root: number
  nextIno: number
  nextFile: number
  /** Numbers of the documents with the other nodes. */
  groups: number[]
  nodes: NodeDocument[]
}

export class TreeStorage {
  /** Where the data files are, once there are any. */
  private dataFolder = ''
  private readonly dirtyGroups = new Set<number>()
  private readonly dirtyContents = new Set<TreeNode>()
  /** Data files that nothing refers to any more. */
  private readonly garbage: number[] = []
  /** What is stored of each file's bytes. */
  private readonly contents = new Map<number, NodeDocument['data']>()
  /** Number of nodes in each group. */
  private readonly groups: number[] = []
  private openGroup = 0
  private nextFile = 1

  get changed(): boolean {
    return this.dirtyGroups.size > 0 || this.dirtyContents.size > 0 || this.garbage.length > 0
  }

  /** Counts a new node into a group with room. */
  newGroup(): number {
    const room = (group: number): boolean => (this.groups[group] ?? 0) < GROUP
    if (!room(this.openGroup)) {
      this.openGroup = 0
      while (!room(this.openGroup)) this.openGroup++
    }
    this.groups[this.openGroup] = (this.groups[this.openGroup] ?? 0) + 1
    return this.openGroup
  }

  /** Notes that a node's document has to be written. */
  touch(node: TreeNode): void {
    this.dirtyGroups.add(node.group)
  }

  /** Notes that a file's bytes have to be written. */
  touchContent(node: TreeNode): void {
    this.dirtyContents.add(node)
    this.touch(node)
  }

  /** Notes that a node is gone. */
  forget(node: TreeNode): void {
    node.content?.discard(file => this.garbage.push(file))
    this.contents.delete(node.ino)
    this.dirtyContents.delete(node)
    this.groups[node.group] = (this.groups[node.group] ?? 1) - 1
    this.touch(node)
  }

  readData(file: number, at: number, length: number): Uint8Array {
    return readDataFile(this.dataFolder, file, at, length)
  }

  /** Writes what changed; nothing when nothing did. */
  save(
    tx: Transaction,
    prefix: string,
    tree: { root: number; nextIno: number; nodes: ReadonlyMap<number, TreeNode> },
  ): void {
    this.dataFolder = tx.locate(`${prefix}/data`)
    for (const node of this.dirtyContents) this.saveContent(tx, prefix, node)
    this.dirtyContents.clear()
    for (const file of this.garbage.splice(0)) tx.remove(`${prefix}/data/${file}`)
    if (this.dirtyGroups.size === 0) return
    const written = new Map<number, NodeDocument[]>([[0, []]])
    for (const group of this.dirtyGroups) written.set(group, [])
    for (const node of tree.nodes.values())
      written.get(node.group)?.push(nodeDocument(node, this.contents.get(node.ino)))
    for (const [group, nodes] of written) {
      const path = `${prefix}/nodes/${group}.json`
      if (group > 0 && nodes.length > 0) tx.put(path, { version: VERSION, nodes })
      else if (group > 0) tx.remove(path)
    }
    const header: Header = {
      version: VERSION,
      root: tree.root,
      nextIno: tree.nextIno,
      nextFile: this.nextFile,
      groups: [...this.groups.keys()].filter(group => group > 0 && this.groups[group]),
      nodes: written.get(0) ?? [],
    }
    tx.put(`${prefix}/fs.json`, header)
    this.dirtyGroups.clear()
  }

  /** Reads what `save` wrote: nodes with their entries, and for `attach` the document of each file's bytes. */
  load(
    store: StoreReader,
    prefix: string,
    attach: (node: TreeNode, data: NodeDocument['data']) => void,
  ): { root: number; nextIno: number; nodes: Map<number, TreeNode> } | undefined {
    const header = store.read<Header>(`${prefix}/fs.json`)
    if (!header) return undefined
    this.dataFolder = store.locate(`${prefix}/data`)
    this.nextFile = header.nextFile
    const documents = header.nodes.map(document => ({ document, group: 0 }))
    for (const group of header.groups) {
      const stored = store.read<{ nodes: NodeDocument[] }>(`${prefix}/nodes/${group}.json`)
      for (const document of stored?.nodes ?? []) documents.push({ document, group })
    }
    const nodes = new Map<number, TreeNode>()
    for (const { document, group } of documents) {
      this.groups[group] = (this.groups[group] ?? 0) + 1
      const node = nodeOf(document, group)
      nodes.set(node.ino, node)
      if (document.data) this.contents.set(node.ino, document.data)
      if (node.type === 'file') attach(node, document.data)
    }
    for (const { document } of documents) link(nodes, document)
    return { root: header.root, nextIno: header.nextIno, nodes }
  }

  private saveContent(tx: Transaction, prefix: string, node: TreeNode): void {
    const path = (file: number): string => `${prefix}/data/${file}`
    const data = node.content?.save({
      newFile: () => this.nextFile++,
      append: (file, committed, bytes) => tx.append(path(file), committed, bytes),
      remove: file => tx.remove(path(file)),
    })
    this.contents.set(node.ino, data)
  }
}

/** Puts a directory's entries in their places. */
function link(nodes: ReadonlyMap<number, TreeNode>, document: NodeDocument): void {
  const node = nodes.get(document.ino)
  for (const [name, ino] of document.entries ?? []) {
    const child = nodes.get(ino)
    if (!node?.entries || !child) continue
    node.entries.set(name, child)
    if (child.entries) {
      child.parent = node
      node.nlink++
    } else child.nlink++
  }
}
