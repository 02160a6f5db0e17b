/** Bringing a folder's node_modules to what a tree says. */
import type { Proc, Routine } from '../../../kernel/program.ts'
import { exists } from '../../../kernel/userland/lib/exists.ts'
import { isErrno } from '../../../vfs/errno.ts'
import { put, take } from '../lib/place.ts'
import { asBytes, readPackage } from './lock.ts'
import type { Node, Tree } from './tree.ts'

/** Programs that a package's command runs as, where minidock models it; others say that they are not modelled. */
const modelled = new Set([
  'nodemon',
  'vite',
  'react-scripts',
  'webpack',
  'tsc',
  'yarn',
  'pnpm',
  'npm',
  'npx',
  'cowsay',
  'rimraf',
  'cross-env',
  'concurrently',
  'http-server',
  'serve',
])

/** What changed on the disk. */
export interface Changes {
  added: number
  removed: number
  changed: number
  /** Bytes of the archives that were fetched. */
  bytes: number
}

/** Versions in node_modules by path, as far as `.package-lock.json` or the folders tell. */
function* present(p: Proc, root: string): Routine<Map<string, string>> {
  const found = new Map<string, string>()
  const walk = function* (folder: string): Routine<void> {
    if (!exists(p, `${root}/${folder}`)) return
    for (const { name, type } of p.readdir(`${root}/${folder}`)) {
      if (name.startsWith('.') || type !== 'dir') continue
      const path = `${folder}/${name}`
      if (name.startsWith('@') && !path.slice(0, -name.length - 1).endsWith(name)) {
        yield* walk(path)
        continue
      }
      if (!exists(p, `${root}/${path}/package.json`)) continue
      try {
        found.set(path, (yield* readPackage(p, `${root}/${path}/package.json`)).version ?? '')
      } catch {
        found.set(path, '')
      }
      yield* walk(`${path}/node_modules`)
    }
  }
  yield* walk('node_modules')
  return found
}

/** Installs what is missing, takes away what is too much. `root` holds node_modules. Throws the Errno of what may not be written. */
export function* reify(p: Proc, root: string, tree: Tree): Routine<Changes> {
  const before = yield* present(p, root)
  const changes: Changes = { added: 0, removed: 0, changed: 0, bytes: 0 }
  for (const path of before.keys()) {
    if (tree.has(path)) continue
    take(p, `${root}/${path}`)
    changes.removed++
  }
  if (tree.size > 0 && !exists(p, `${root}/node_modules`)) p.mkdir(`${root}/node_modules`, 0o755)
  for (const node of tree.values()) {
    const old = before.get(node.path)
    if (old === node.version || node.kept) continue
    if (old !== undefined) take(p, `${root}/${node.path}`)
    changes[old === undefined ? 'added' : 'changed']++
    changes.bytes += Math.round((node.manifest?.size ?? 20_000) * 0.27)
    yield* writePackage(p, `${root}/${node.path}`, node)
  }
  for (const node of tree.values()) {
    if (node.path.lastIndexOf('node_modules/') !== 0) continue
    yield* linkCommands(p, `${root}/node_modules/.bin`, node, name => `../${name}`)
  }
  dropLinks(p, `${root}/node_modules/.bin`)
  return changes
}

/** Links to the commands of a package; `to` makes a link's text of a path from node_modules. */
export function* linkCommands(p: Proc, folder: string, node: Node, to: (path: string) => string): Routine<void> {
  for (const [command, file] of Object.entries(node.bin)) {
    if (!/^[\w.@-]+$/.test(command) || command === '..' || command === '.') continue
    yield* put(p, `${folder}/${command}`, { link: to(`${node.path.slice('node_modules/'.length)}/${clean(file)}`) })
  }
}

function dropLinks(p: Proc, folder: string): void {
  if (!exists(p, folder)) return
  for (const { name } of p.readdir(folder)) {
    try {
      p.stat(`${folder}/${name}`)
    } catch (error) {
      if (!isErrno(error)) throw error
      p.unlink(`${folder}/${name}`)
    }
  }
}

/** A path inside a package, whatever it was written as. */
function clean(path: string): string {
  return path
    .split('/')
    .filter(part => part !== '' && part !== '.' && part !== '..')
    .join('/')
}

function* writePackage(p: Proc, folder: string, node: Node): Routine<void> {
  const { manifest } = node
  const main = clean(manifest?.main ?? 'index.js') || 'index.js'
  const json = {
    name: node.name,
    version: node.version,
    ...(node.license !== '' && { license: node.license }),
    main,
    ...(manifest?.module && { type: 'module' }),
    ...(Object.keys(node.bin).length > 0 && { bin: node.bin }),
    ...(Object.keys(node.dependencies).length > 0 && { dependencies: node.dependencies }),
    ...(Object.keys(node.optional).length > 0 && { optionalDependencies: node.optional }),
    ...(Object.keys(node.peer).length > 0 && { peerDependencies: node.peer }),
    ...(node.engine !== '' && { engines: { node: node.engine } }),
  }
  let left = manifest?.size ?? 20_000
  const add = function* (path: string, text: string, mode = 0o644, size = text.length): Routine<void> {
    left -= size
    yield* put(p, `${folder}/${path}`, { text, mode, size })
  }
  yield* add('package.json', asBytes(json))
  yield* add(/\.[cm]?js(on)?$/.test(main) ? main : `${main}.js`, Buffer.from(missingCode(node)).toString('latin1'))
  for (const [command, file] of Object.entries(node.bin)) {
    const path = clean(file)
    if (path === '' || path === main) continue
    const program = modelled.has(command) ? command : `${node.name.replace('/', '-')}-${command}`
    yield* add(path, `\x7fELFminidock-program: ${program} version=${node.version} package=${node.name}\n`, 0o755)
  }
  const large = clean(manifest?.largest ?? 'README.md') || 'README.md'
  if (left > 0 && large !== main && !exists(p, `${folder}/${large}`)) yield* add(large, '', 0o644, left)
  else if (left > 0) yield* add('README.md', '', 0o644, left)
}

/** What requiring a package says of which there are only the files (assets/node/packages has the code of others). */
function missingCode(node: Node): string {
  const words = `minidock: the package '${node.name}' ${node.version} is installed, but its JavaScript is not part of the simulation (docs/programs.md lists what is)`
  return node.manifest?.module
    ? `throw new Error(${JSON.stringify(words)})\nexport default undefined\n`
    : `throw new Error(${JSON.stringify(words)})\n`
}
