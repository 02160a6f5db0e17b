/** From a package.json to the folders of node_modules: what goes where, as npm hoists it. Touches nothing. */
import { satisfies, validRange } from 'semver'
import { choose, hasPackage, type Manifest } from './registry.ts'

/** One folder of node_modules: the value of `packages` in a lock file. */
export interface Node {
  /** `node_modules/express/node_modules/debug`. */
  path: string
  name: string
  version: string
  dependencies: Record<string, string>
  optional: Record<string, string>
  peer: Record<string, string>
  bin: Record<string, string>
  license: string
  engine: string
  funding: boolean
  /** What the registry knows of it; undefined for what only a lock file names. */
  manifest: Manifest | undefined
  dev?: boolean
  optionalOnly?: boolean
  /** It is on the disk and stays as it is. */
  kept?: boolean
}

export interface Project {
  name: string
  version: string
  dependencies: Record<string, string>
  devDependencies: Record<string, string>
  optionalDependencies: Record<string, string>
  peerDependencies: Record<string, string>
}

/** What npm says when a package or a version of it is not there. */
export class NotFound extends Error {
  readonly kind: 'E404' | 'ETARGET'
  readonly spec: string
  constructor(kind: 'E404' | 'ETARGET', spec: string) {
    super(spec)
    this.kind = kind
    this.spec = spec
  }
}

export type Tree = Map<string, Node>

/** Folders that a tree may have at most. */
const maxNodes = 20_000

export function nodeOf(path: string, manifest: Manifest, name = manifest.name): Node {
  return {
    path,
    name,
    version: manifest.version,
    dependencies: manifest.dependencies,
    optional: manifest.optional,
    peer: manifest.peer,
    bin: manifest.bin,
    license: manifest.license,
    engine: manifest.node,
    funding: manifest.funding,
    manifest,
  }
}

/** The node that `require(name)` finds from a folder. */
export function resolveFrom(tree: Tree, from: string, name: string): Node | undefined {
  for (let at = from; ; ) {
    const node = tree.get(`${at === '' ? '' : `${at}/`}node_modules/${name}`)
    if (node || at === '') return node
    at = at.slice(0, Math.max(0, at.lastIndexOf('node_modules/') - 1))
  }
}

/** Whether an installed version is what a range asks for; what is no range (a tag, a URL) is. */
export function fits(version: string, range: string): boolean {
  const wanted = range.replace(/^npm:.+@/, '')
  return !validRange(wanted) || satisfies(version, wanted, { includePrerelease: true })
}

/** The whole tree of a project, starting with what is there already (a lock file's tree). Throws NotFound. */
export function buildTree(project: Project, start: Tree = new Map()): Tree {
  const tree: Tree = new Map(start)
  const queue: { from: string; name: string; range: string; optional: boolean }[] = []
  const want = (from: string, list: Readonly<Record<string, string>>, optional = false): void => {
    const names = Object.keys(list).sort()
    for (const name of names) queue.push({ from, name, range: list[name] ?? '', optional })
  }
  want('', { ...project.devDependencies, ...project.dependencies })
  want('', project.optionalDependencies, true)
  want('', project.peerDependencies)
  const walked = new Set<string>()
  for (let edge = queue.shift(); edge; edge = queue.shift()) {
    const found = resolveFrom(tree, edge.from, edge.name)
    let node = found && fits(found.version, edge.range) ? found : undefined
    if (!node) {
      const manifest = choose(edge.name, edge.range)
      if (!manifest) {
        if (edge.optional) continue
        throw new NotFound(hasPackage(edge.name) ? 'ETARGET' : 'E404', `${edge.name}@${edge.range || '*'}`)
      }
      const path = placeFor(tree, edge.from, edge.name)
      node = nodeOf(path, manifest, edge.name)
      tree.set(path, node)
      if (tree.size > maxNodes) throw new NotFound('ETARGET', `${edge.name}@${edge.range}`)
    }
    if (walked.has(node.path)) continue
    walked.add(node.path)
    want(node.path, node.dependencies)
    want(node.path, node.optional, true)
    want(node.path, node.peer)
  }
  for (const path of tree.keys()) if (!walked.has(path)) tree.delete(path)
  markDev(project, tree)
  return new Map([...tree].sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** The shallowest folder where a package can lie so that `from` finds it and nobody else is misled. */
function placeFor(tree: Tree, from: string, name: string): string {
  if (!tree.has(`node_modules/${name}`)) return `node_modules/${name}`
  return `${from === '' ? '' : `${from}/`}node_modules/${name}`
}

/** Marks what only development needs. */
function markDev(project: Project, tree: Tree): void {
  const needed = reach(tree, { ...project.dependencies, ...project.optionalDependencies, ...project.peerDependencies })
  for (const node of tree.values()) {
    if (needed.has(node.path)) delete node.dev
    else node.dev = true
  }
}

function reach(tree: Tree, roots: Readonly<Record<string, string>>): Set<string> {
  const seen = new Set<string>()
  const queue = Object.keys(roots).map(name => ({ from: '', name }))
  for (let edge = queue.pop(); edge; edge = queue.pop()) {
    const node = resolveFrom(tree, edge.from, edge.name)
    if (!node || seen.has(node.path)) continue
    seen.add(node.path)
    for (const name of Object.keys({ ...node.dependencies, ...node.optional, ...node.peer }))
      queue.push({ from: node.path, name })
  }
  return seen
}
