/**
 * Makes src/registry/catalog/*.generated.ts from the definitions in fixtures/catalog: resolves what they share,
 * and computes the digests of every layer for each architecture.
 *
 *   npx tsx scripts/catalog.ts          layers whose definition did not change keep their digests
 *   npx tsx scripts/catalog.ts --all    computes all of them anew
 */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parse } from 'yaml'
import { madeEntries } from '../src/image/made-layer.ts'
import type { LayerEntry } from '../src/layer/layer-index.ts'
import { sizeOnDisk } from '../src/layer/layer-indexer.ts'
import { writeTar } from '../src/layer/tar-writer.ts'
import { imageDocuments, indexDocument } from '../src/registry/catalog/document.ts'
import { expandLayer } from '../src/registry/catalog/expand.ts'
import type {
  Architecture,
  CatalogFamily,
  CatalogLayer,
  CatalogRepository,
  ImageSpec,
  LayerDigests,
  LayerSpec,
  StepSpec,
} from '../src/registry/catalog/spec.ts'
import { gzip, storedFor } from '../src/registry/gzip.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const definitions = join(root, 'fixtures/catalog')
const output = join(root, 'src/registry/catalog')

/** A definition file, as it is written. */
interface Definition {
  repositories: Record<string, Omit<CatalogRepository, 'family'>>
  sets?: Record<string, Content>
  layers?: Record<string, Content & { time: string }>
  images: Record<string, ImageDefinition>
}

/** What only definitions say: shared content, users over those of a base system, words to fill in. */
type Content = Partial<LayerSpec> & {
  use?: string[]
  users?: { base: string; passwd: string[]; group: string[] }
  replace?: Record<string, string>
}

interface ImageDefinition extends Omit<ImageSpec, 'steps' | 'created'> {
  time: string
  /** `family/image` whose layers, history and config this one starts with. */
  from?: string
  comment?: string
  steps: (string | Omit<StepSpec, 'time'>)[]
}

const yamlIn = (folder: string): string[] =>
  readdirSync(join(definitions, folder))
    .filter(name => name.endsWith('.yaml'))
    .sort()
const load = (path: string): unknown => parse(readFileSync(join(definitions, path), 'utf8'))
const families = new Map(yamlIn('.').map(file => [basename(file, '.yaml'), load(file) as Definition]))
const sharedSets = Object.assign({}, ...yamlIn('sets').map(name => load(join('sets', name)))) as Record<string, Content>

/** A layer's content with that of the sets it uses before its own. */
function resolveContent(content: Content, sets: Record<string, Content>): Partial<LayerSpec> {
  const { use = [], users, replace = {}, ...given } = content
  const own = users ? { ...given, files: { ...accounts(users, sets), ...given.files } } : given
  const parts = use.map(name => {
    const set = sets[name]
    if (!set) throw new Error(`no set ${name}`)
    return resolveContent(set, sets)
  })
  const all = [...parts, own]
  const joined = <T>(pick: (part: Partial<LayerSpec>) => T[] | undefined): T[] => all.flatMap(part => pick(part) ?? [])
  const merged: Partial<LayerSpec> = {
    ...own,
    dirs: joined(p => p.dirs),
    files: filled(Object.assign({}, ...all.map(p => p.files)) as Record<string, string>, replace),
    programs: joined(p => p.programs),
    links: Object.assign({}, ...all.map(p => p.links)),
    linkGroups: joined(p => p.linkGroups),
    fill: joined(p => p.fill),
    removes: joined(p => p.removes),
  }
  return Object.fromEntries(
    Object.entries(merged).filter(([, value]) => Object.keys(Object(value)).length > 0 || typeof value !== 'object'),
  )
}

/** The account files of a base system with more lines. */
function accounts(users: NonNullable<Content['users']>, sets: Record<string, Content>): Record<string, string> {
  const files = sets[users.base]?.files
  const more = (path: string, lines: string[]): string =>
    (files?.[path] ?? '') + lines.map(line => `${line}\n`).join('')
  return { '/etc/passwd': more('/etc/passwd', users.passwd), '/etc/group': more('/etc/group', users.group) }
}

function filled(files: Record<string, string>, words: Record<string, string>): Record<string, string> {
  const fill = (text: string): string =>
    Object.entries(words).reduce((all, [word, by]) => all.replaceAll(word, by), text)
  return Object.fromEntries(Object.entries(files).map(([path, text]) => [path, fill(text)]))
}

function digestsOf(spec: LayerSpec, arch: Architecture): LayerDigests {
  const entries = expandLayer(spec, arch)
  const hash = createHash('sha256')
  let tarSize = 0
  for (const piece of writeTar(madeEntries(entries))) {
    hash.update(piece)
    tarSize += piece.length
  }
  let stored = storedFor(tarSize, spec.compressed ?? 0)
  let blob = compress(entries, stored)
  // What is not zero is stored too, so the first guess is a little large.
  const excess = blob.size - (spec.compressed ?? 0)
  if (stored > 0 && excess > 0) {
    stored = Math.max(0, stored - excess)
    blob = compress(entries, stored)
  }
  return {
    diffID: `sha256:${hash.digest('hex')}`,
    tarSize,
    size: entries.reduce((sum, entry) => sum + (entry.type === 'link' ? 0 : sizeOnDisk(entry)), 0),
    blob: { ...blob, stored },
  }
}

function compress(entries: readonly LayerEntry[], stored: number): { digest: string; size: number } {
  const hash = createHash('sha256')
  let size = 0
  for (const piece of gzip(writeTar(madeEntries(entries)), stored)) {
    hash.update(piece)
    size += piece.length
  }
  return { digest: `sha256:${hash.digest('hex')}`, size }
}

/** The layers as they were generated last, whose digests are kept while their content stays. */
async function previousLayers(family: string): Promise<Record<string, CatalogLayer>> {
  const path = join(output, `${family}.generated.ts`)
  if (process.argv.includes('--all') || !existsSync(path)) return {}
  const { data } = (await import(pathToFileURL(path).href)) as { data: string }
  return (JSON.parse(data) as CatalogFamily).layers
}

async function makeLayers(family: string, definition: Definition): Promise<Record<string, CatalogLayer>> {
  const before = await previousLayers(family)
  const sets = { ...sharedSets, ...definition.sets }
  const layers: Record<string, CatalogLayer> = {}
  for (const [name, content] of Object.entries(definition.layers ?? {})) {
    const spec: LayerSpec = { ...resolveContent(content, sets), time: content.time }
    const { digests: known, ...old } = before[name] ?? {}
    const same = known && JSON.stringify(sorted(old)) === JSON.stringify(sorted(spec))
    const digests = same ? known : { amd64: digestsOf(spec, 'amd64'), arm64: digestsOf(spec, 'arm64') }
    if (!same) console.log(`${family}/${name}: ${digests.amd64.size} bytes, ${digests.amd64.blob.size} compressed`)
    layers[name] = { ...spec, digests }
  }
  return layers
}

const sorted = (value: object): object => Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))

/** An image with the steps of all that it is built on. */
function resolveImage(path: string): ImageSpec {
  const [family = '', name = ''] = path.split(/\/(.*)/)
  const definition = families.get(family)?.images[name]
  if (!definition) throw new Error(`no image ${path}`)
  const { from, time, comment = 'buildkit.dockerfile.v0', steps, config, ...rest } = definition
  const base = from === undefined ? undefined : resolveImage(from)
  const own = steps.map(step => {
    const { layer, ...spec } = typeof step === 'string' ? ({ do: step } as Omit<StepSpec, 'time'>) : step
    return {
      ...spec,
      time,
      ...(comment !== '' && { comment }),
      ...(layer !== undefined && { layer: layer.includes('/') ? layer : `${family}/${layer}` }),
    }
  })
  const merged = { ...base?.config, ...config }
  return {
    ...rest,
    created: time,
    steps: [...(base?.steps ?? []), ...own],
    ...(Object.keys(merged).length > 0 && { config: merged }),
  }
}

const note = '// Made by scripts/catalog.ts from fixtures/catalog. Do not edit.\n'
const text = (value: unknown): string =>
  `'${JSON.stringify(value).replace(/[\\']/g, '\\$&').replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')}'`

const repositories: Record<string, CatalogRepository> = {}
const allLayers = new Map<string, CatalogLayer>()
const allImages = new Map<string, ImageSpec>()
for (const [family, definition] of families) {
  const layers = await makeLayers(family, definition)
  const images = Object.fromEntries(
    Object.keys(definition.images).map(name => [name, resolveImage(`${family}/${name}`)]),
  )
  for (const [name, layer] of Object.entries(layers)) allLayers.set(`${family}/${name}`, layer)
  for (const [name, image] of Object.entries(images)) allImages.set(`${family}/${name}`, image)
  for (const [name, repository] of Object.entries(definition.repositories)) {
    for (const [tag, image] of Object.entries(repository.tags)) {
      if (!Object.hasOwn(images, image)) throw new Error(`${name}:${tag} is ${image}, which ${family}.yaml has not`)
    }
    repositories[name] = { family, ...repository }
  }
  writeFileSync(
    join(output, `${family}.generated.ts`),
    `${note}export const data: string =\n  ${text({ layers, images })}\n`,
  )
}
writeFileSync(
  join(output, 'repositories.generated.ts'),
  `${note}export const data: string =\n  ${text(repositories)}\n`,
)
writeFileSync(
  join(output, 'families.generated.ts'),
  `${note}/** Loads the data of one family. */\nexport const families: ReadonlyMap<string, () => Promise<{ data: string }>> = new Map([\n${[
    ...families.keys(),
  ]
    .map(name => `  ['${name}', () => import('./${name}.generated.ts')],\n`)
    .join('')}])\n`,
)

// The digests that users see: a test compares them, so that none changes unnoticed.
const lock = [...allImages].map(([name, spec]) => {
  const documents = (['amd64', 'arm64'] as const).map(arch => {
    const digestsOf = (layer: string): LayerDigests => {
      const found = allLayers.get(layer)
      if (!found) throw new Error(`${name}: no layer ${layer}`)
      return found.digests[arch]
    }
    return [arch, imageDocuments(spec, arch, digestsOf)] as const
  })
  const index = indexDocument(documents.map(([arch, { manifest }]) => [arch, manifest]))
  const ids = documents.map(([, { config }]) => config.descriptor.digest)
  return `${name} ${index.descriptor.digest} ${ids.join(' ')}\n`
})
writeFileSync(join(definitions, 'digests.txt'), lock.join(''))
