/** The catalogue: the embedded images, as a registry that needs no network. */
import { madeEntries } from '../image/made-layer.ts'
import type { Descriptor } from '../image/manifest.ts'
import { familiarName, type Reference, withDefaultTag } from '../image/reference.ts'
import type { LayerIndex } from '../layer/layer-index.ts'
import { writeTar } from '../layer/tar-writer.ts'
import { type ImageDocuments, imageDocuments, indexDocument } from './catalog/document.ts'
import { expandLayer } from './catalog/expand.ts'
import type {
  Architecture,
  CatalogFamily,
  CatalogLayer,
  CatalogRepository,
  ImageSpec,
  LayerDigests,
} from './catalog/spec.ts'
import { gzip } from './gzip.ts'
import { accessDenied, type Document, type ImageSource, type LayerSupply, manifestUnknown } from './source.ts'

const architectures: readonly Architecture[] = ['amd64', 'arm64']
/** Registries that the catalogue stands for; others cannot be reached. */
const hosts = new Set([
  'docker.io',
  'gcr.io',
  'ghcr.io',
  'quay.io',
  'mcr.microsoft.com',
  'registry.k8s.io',
  'public.ecr.aws',
])

/** What is known of an image of the catalogue for all of its architectures. */
interface Image {
  index: Document
  documents: readonly (readonly [Architecture, ImageDocuments])[]
}

let repositories: Promise<ReadonlyMap<string, CatalogRepository>> | undefined
const families = new Map<string, Promise<CatalogFamily>>()
/** What the images met so far consist of: documents by digest, layers by diffID. */
const documents = new Map<string, Document>()
const layersMet = new Map<string, { layer: CatalogLayer; architecture: Architecture }>()

/** The repositories of the catalogue by familiar name. */
export function catalogRepositories(): Promise<ReadonlyMap<string, CatalogRepository>> {
  repositories ??= import('./catalog/repositories.generated.ts').then(
    ({ data }) => new Map(Object.entries(JSON.parse(data) as Record<string, CatalogRepository>)),
  )
  return repositories
}

async function loadFamily(name: string): Promise<CatalogFamily> {
  const known = families.get(name)
  if (known) return known
  const loading = import('./catalog/families.generated.ts')
    .then(module => module.families.get(name)?.())
    .then(module => JSON.parse(module?.data ?? '{"layers":{},"images":{}}') as CatalogFamily)
  families.set(name, loading)
  return loading
}

/** A layer by its name in the catalogue: `debian/bookworm`. */
async function findLayer(name: string): Promise<CatalogLayer> {
  const slash = name.indexOf('/')
  const layer = (await loadFamily(name.slice(0, slash))).layers[name.slice(slash + 1)]
  if (!layer) throw new Error(`the catalogue has no layer ${name}`)
  return layer
}

async function makeImage(spec: ImageSpec): Promise<Image> {
  const names = [...new Set(spec.steps.flatMap(step => step.layer ?? []))]
  const layers = new Map(await Promise.all(names.map(async name => [name, await findLayer(name)] as const)))
  const made = (spec.architectures ?? architectures).map(architecture => {
    const digestsOf = (name: string): LayerDigests => {
      const digests = layers.get(name)?.digests[architecture]
      if (!digests) throw new Error(`the catalogue has no layer ${name}`)
      return digests
    }
    const own = imageDocuments(spec, architecture, digestsOf)
    for (const document of [own.config, own.manifest]) documents.set(document.descriptor.digest, document)
    for (const layer of layers.values()) layersMet.set(layer.digests[architecture].diffID, { layer, architecture })
    return [architecture, own] as const
  })
  const index = indexDocument(made.map(([arch, { manifest }]) => [arch, manifest] as const))
  documents.set(index.descriptor.digest, index)
  return { index, documents: made }
}

/** Whether the catalogue has images of a registry: Docker Hub, gcr.io, ... */
export const isInCatalog = (domain: string): boolean => hosts.has(domain)

async function findRepository(reference: Reference): Promise<CatalogRepository> {
  const repository = (await catalogRepositories()).get(familiarName(reference))
  if (!repository) throw accessDenied(reference)
  return repository
}

/** The specs of a repository's images, each once. */
async function specsOf(repository: CatalogRepository): Promise<ImageSpec[]> {
  const { images } = await loadFamily(repository.family)
  return [...new Set(Object.values(repository.tags))].flatMap(name => images[name] ?? [])
}

/** The document with a digest, among those of the repository's images. */
async function findDocument(repository: CatalogRepository, digest: string): Promise<Document | undefined> {
  for (const spec of await specsOf(repository)) {
    const image = await makeImage(spec)
    const all = [image.index, ...image.documents.flatMap(([, { manifest, config }]) => [manifest, config])]
    const found = all.find(document => document.descriptor.digest === digest)
    if (found) return found
  }
  return undefined
}

async function resolve(given: Reference): Promise<Document> {
  const reference = withDefaultTag(given)
  const repository = await findRepository(reference)
  if (reference.digest !== undefined) {
    const document = await findDocument(repository, reference.digest)
    if (!document) throw manifestUnknown(reference)
    return document
  }
  const tag = reference.tag ?? 'latest'
  const name = Object.hasOwn(repository.tags, tag) ? repository.tags[tag] : undefined
  const spec = name === undefined ? undefined : (await loadFamily(repository.family)).images[name]
  if (!spec) throw manifestUnknown(reference)
  return (await makeImage(spec)).index
}

/** The index of a layer of the catalogue, whose tar is made when it is asked for. */
export function layerIndex(layer: CatalogLayer, architecture: Architecture): LayerIndex {
  const { diffID, tarSize, size } = layer.digests[architecture]
  return { version: 1, diffID, tar: 'made', tarSize, size, entries: expandLayer(layer, architecture) }
}

/** The compressed bytes of a layer, as the catalogue's manifests name them. */
export function layerBlob(layer: CatalogLayer, architecture: Architecture): Iterable<Uint8Array> {
  const { blob } = layer.digests[architecture]
  return gzip(writeTar(madeEntries(expandLayer(layer, architecture))), blob.stored)
}

/** The embedded images as a source to pull from. */
export const catalog: ImageSource = {
  // One by one: what is printed is the same every time.
  atOnce: 1,
  async greeting({ domain, path }) {
    const hub = domain === 'docker.io'
    const [host, auth, service] = hub
      ? ['registry-1.docker.io', 'auth.docker.io', 'registry.docker.io']
      : [domain, domain, domain]
    return [
      `ping: GET https://${host}/v2/ -> 401, bearer (simulated: the image is of the embedded catalogue)`,
      `token: GET https://${auth}/token?service=${service}&scope=repository:${path}:pull -> 200`,
    ]
  },
  resolve,
  async document(reference, descriptor) {
    const { digest } = descriptor
    const document = documents.get(digest) ?? (await findDocument(await findRepository(reference), digest))
    if (!document) throw manifestUnknown({ ...reference, digest: descriptor.digest })
    return document
  },
  async layer(reference: Reference, descriptor: Descriptor, diffID: string): Promise<LayerSupply> {
    let found = layersMet.get(diffID)
    if (!found) {
      for (const spec of await specsOf(await findRepository(reference))) await makeImage(spec)
      found = layersMet.get(diffID)
    }
    if (!found) throw manifestUnknown({ ...reference, digest: descriptor.digest })
    return { index: layerIndex(found.layer, found.architecture) }
  },
  async tags(reference) {
    return Object.keys((await findRepository(reference)).tags).sort()
  },
}

/** Every image of the catalogue, for those who check it: its documents, and its layers' names and data. */
export async function* catalogImages(): AsyncGenerator<{
  name: string
  index: Document
  documents: Image['documents']
  layers: { name: string; layer: CatalogLayer }[]
}> {
  for (const [repository, { family, tags }] of await catalogRepositories()) {
    for (const image of new Set(Object.values(tags))) {
      const spec = (await loadFamily(family)).images[image]
      if (!spec) continue
      const names = spec.steps.flatMap(step => step.layer ?? [])
      const layers = await Promise.all(names.map(async name => ({ name, layer: await findLayer(name) })))
      yield { name: `${repository}/${image}`, ...(await makeImage(spec)), layers }
    }
  }
}
