/** package.json and package-lock.json: reading them as a submission may have them, writing them as npm does. */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { Proc, Routine } from '../../../kernel/program.ts'
import { fromBytes, toBytes } from '../../../kernel/userland/lib/bytes.ts'
import { readFile } from '../../../kernel/userland/lib/input.ts'
import { put } from '../lib/place.ts'
import { versionsOf } from './registry.ts'
import type { Node, Project, Tree } from './tree.ts'

const texts = z.record(z.string(), z.string()).catch({})
const packageShape = z.looseObject({
  name: z.string().optional().catch(undefined),
  version: z.string().optional().catch(undefined),
  scripts: texts.optional(),
  dependencies: texts.optional(),
  devDependencies: texts.optional(),
  optionalDependencies: texts.optional(),
  peerDependencies: texts.optional(),
  bin: z.union([z.string(), texts]).optional().catch(undefined),
  main: z.string().optional().catch(undefined),
})
export type PackageJson = z.infer<typeof packageShape>

const lockShape = z.looseObject({
  lockfileVersion: z.number().optional(),
  packages: z
    .record(
      z.string(),
      z.looseObject({
        name: z.string().optional(),
        version: z.string().optional(),
        dependencies: texts.optional(),
        optionalDependencies: texts.optional(),
        peerDependencies: texts.optional(),
        devDependencies: texts.optional(),
        bin: z.union([z.string(), texts]).optional(),
        license: z.union([z.string(), z.unknown()]).optional(),
        dev: z.boolean().optional(),
        optional: z.boolean().optional(),
        os: z.array(z.string()).optional(),
        cpu: z.array(z.string()).optional(),
        libc: z.unknown().optional(),
        funding: z.unknown().optional(),
        engines: z.unknown().optional(),
      }),
    )
    .optional(),
})

/** JSON that is none, in npm's words. */
export class BadJson extends Error {
  readonly path: string
  constructor(path: string, message: string) {
    super(message)
    this.path = path
  }
}

/** UTF-8 text of JSON as the byte string that files hold. */
export const asBytes = (value: unknown, indent = 2): string =>
  fromBytes(Buffer.from(`${JSON.stringify(value, null, indent)}\n`))

function* readJson(p: Proc, path: string): Routine<unknown> {
  const text = Buffer.from(toBytes(yield* readFile(p, path)))
    .toString('utf8')
    .replace(/^\uFEFF/, '')
  try {
    return JSON.parse(text)
  } catch (error) {
    const words = error instanceof Error ? error.message.replace(/ \(line \d+ column \d+\)$/, '') : ''
    throw new BadJson(
      path,
      `JSON.parse ${words.replace(/^Unexpected token .*, .*is not valid JSON$/, m => m)} while parsing ${JSON.stringify(text.slice(0, 40))}`,
    )
  }
}

/** Reads a package.json. Throws the Errno of a file that cannot be read, and BadJson. */
export function* readPackage(p: Proc, path: string): Routine<PackageJson> {
  const parsed = packageShape.safeParse(yield* readJson(p, path))
  if (!parsed.success) throw new BadJson(path, 'JSON.parse Invalid package.json: must be an object')
  return parsed.data
}

export function projectOf(json: PackageJson, folder: string): Project {
  return {
    name: json.name ?? folder.slice(folder.lastIndexOf('/') + 1),
    version: json.version ?? '1.0.0',
    dependencies: json.dependencies ?? {},
    devDependencies: json.devDependencies ?? {},
    optionalDependencies: json.optionalDependencies ?? {},
    peerDependencies: json.peerDependencies ?? {},
  }
}

/** What a lock file says the tree is, and what it takes the project's own dependencies to be; undefined without one of version 2 or 3. */
export function* readLock(
  p: Proc,
  path: string,
): Routine<{ tree: Tree; root: Pick<Project, 'dependencies' | 'devDependencies'> } | undefined> {
  const parsed = lockShape.safeParse(yield* readJson(p, path))
  const packages = parsed.data?.packages
  if (!packages) return undefined
  const cpu = p.uname().machine === 'aarch64' ? 'arm64' : 'x64'
  const tree: Tree = new Map()
  for (const [where, one] of Object.entries(packages)) {
    if (!where.startsWith('node_modules/') || where.split('/').includes('..') || one.version === undefined) continue
    const name = one.name ?? where.slice(where.lastIndexOf('node_modules/') + 'node_modules/'.length)
    // Packages for other machines are in the lock file, but are not installed.
    if (one.os?.length && !one.os.includes('linux')) continue
    if (one.cpu?.length && !one.cpu.includes(cpu)) continue
    const manifest = versionsOf(name).find(known => known.version === one.version) ?? versionsOf(name)[0]
    tree.set(where, {
      path: where,
      name,
      version: one.version,
      dependencies: one.dependencies ?? {},
      optional: one.optionalDependencies ?? {},
      peer: one.peerDependencies ?? {},
      bin: typeof one.bin === 'string' ? { [name.split('/').pop() ?? name]: one.bin } : (one.bin ?? {}),
      license: typeof one.license === 'string' ? one.license : '',
      engine: '',
      funding: one.funding !== undefined || manifest?.funding === true,
      manifest,
      ...(one.dev && { dev: true }),
      ...(one.optional && { optionalOnly: true }),
    })
  }
  const root = packages['']
  return { tree, root: { dependencies: root?.dependencies ?? {}, devDependencies: root?.devDependencies ?? {} } }
}

/** A made-up digest that is the same for a version wherever it is installed. */
function integrity(node: Node): string {
  return `sha512-${createHash('sha512').update(`${node.name}@${node.version}`).digest('base64')}`
}

function entry(node: Node): Record<string, unknown> {
  const base = node.name.slice(node.name.lastIndexOf('/') + 1)
  const some = (key: string, value: Record<string, string>): Record<string, unknown> =>
    Object.keys(value).length > 0 ? { [key]: value } : {}
  return {
    version: node.version,
    resolved: `https://registry.npmjs.org/${node.name}/-/${base}-${node.version}.tgz`,
    integrity: integrity(node),
    ...(node.dev && { dev: true }),
    ...(node.license !== '' && { license: node.license }),
    ...some('dependencies', node.dependencies),
    ...some('bin', node.bin),
    ...(node.engine !== '' && { engines: { node: node.engine } }),
    ...some('optionalDependencies', node.optional),
    ...some('peerDependencies', node.peer),
  }
}

/** Writes package-lock.json (`hidden`: node_modules/.package-lock.json, without the project itself). */
export function* writeLock(p: Proc, path: string, project: Project, tree: Tree, hidden = false): Routine<void> {
  const own = {
    name: project.name,
    version: project.version,
    ...(Object.keys(project.dependencies).length > 0 && { dependencies: project.dependencies }),
    ...(Object.keys(project.devDependencies).length > 0 && { devDependencies: project.devDependencies }),
  }
  const packages = Object.fromEntries([
    ...(hidden ? [] : [['', own] as const]),
    ...[...tree.values()].map(node => [node.path, entry(node)] as const),
  ])
  const lock = { name: project.name, version: project.version, lockfileVersion: 3, requires: true, packages }
  yield* put(p, path, { text: asBytes(lock) })
}
