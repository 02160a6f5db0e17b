/** What `docker manifest`, `buildx imagetools` and `login` do at registries, without pulling anything. */
import { EngineError, messageOf, notFound } from '../../errors.ts'
import { isIndex, type Manifest, type ManifestIndex } from '../../image/manifest.ts'
import { fullName, parseReference, type Reference, trimNamed, withDefaultTag } from '../../image/reference.ts'
import type { Credentials } from '../../registry/auth.ts'
import type { RemoteRegistry } from '../../registry/remote.ts'
import type { ImageSource } from '../../registry/source.ts'
import type { EngineContext } from '../context.ts'
import type { HeldManifest, RegistryOptions } from '../engine.ts'
import { HUB_DOMAIN, mayPush } from './hub.ts'
import { registryAt, registryOf, settingsOf, sourceOf } from './sources.ts'

/** The index or manifest that a reference names, with its exact bytes. */
export async function manifestOf(
  ctx: EngineContext,
  text: string,
  options: RegistryOptions = {},
): Promise<HeldManifest> {
  const reference = withDefaultTag(parseReference(text))
  const document = await (await readable(ctx, reference, options)).resolve(reference)
  const { digest, mediaType } = document.descriptor
  return { digest, mediaType, bytes: Buffer.from(document.text) }
}

/** The config of the image that a manifest is of. */
export async function configAt(
  ctx: EngineContext,
  text: string,
  manifest: Uint8Array,
  options: RegistryOptions = {},
): Promise<string> {
  const reference = withDefaultTag(parseReference(text))
  const { config } = JSON.parse(Buffer.from(manifest).toString()) as Manifest
  return (await (await readable(ctx, reference, options)).document(reference, config)).text
}

/** Stores a manifest under the tag or digest of a reference. */
export async function putManifest(
  ctx: EngineContext,
  text: string,
  manifest: { mediaType: string; bytes: Uint8Array },
  options: RegistryOptions = {},
): Promise<void> {
  const reference = withDefaultTag(parseReference(text))
  const registry = await writable(ctx, reference, options)
  const name = reference.digest ?? reference.tag ?? ''
  await registry.putManifest(reference.path, name, manifest.mediaType, Buffer.from(manifest.bytes).toString())
}

/** Brings a manifest and all that it names into another repository: taken over where that is possible, else copied. */
export async function copyManifest(
  ctx: EngineContext,
  from: string,
  to: string,
  options: RegistryOptions & { toAuth?: Credentials } = {},
): Promise<void> {
  const source = withDefaultTag(parseReference(from))
  const target = trimNamed(parseReference(to))
  if (fullName(source) === fullName(target)) return
  const { auth: _, toAuth, ...others } = options
  const writer = await writable(ctx, target, { ...others, ...(toAuth && { auth: toAuth }) })
  await copy(ctx, await readable(ctx, source, options), writer, source, target)
}

async function copy(
  ctx: EngineContext,
  reader: ImageSource,
  writer: RemoteRegistry,
  source: Reference,
  target: Reference,
): Promise<void> {
  const { text, descriptor } = await reader.resolve(source)
  if (isIndex(descriptor.mediaType)) {
    for (const { digest } of (JSON.parse(text) as ManifestIndex).manifests)
      await copy(ctx, reader, writer, { ...trimNamed(source), digest }, target)
  } else {
    const { config, layers } = JSON.parse(text) as Manifest
    for (const blob of [config, ...layers]) {
      if (await writer.has(target.path, blob.digest)) continue
      const near = source.domain === target.domain
      if (near && (await writer.mount(target.path, blob.digest, source.path))) continue
      if (blob === config) {
        const { text: document } = await reader.document(source, config)
        await writer.put(target.path, Buffer.from(document), config.digest)
        continue
      }
      await writer.upload(target.path, () => layerBytes(reader, source, blob))
    }
  }
  await writer.putManifest(target.path, descriptor.digest, descriptor.mediaType, text)
}

async function* layerBytes(
  reader: ImageSource,
  source: Reference,
  blob: Manifest['config'],
): AsyncGenerator<Uint8Array, void> {
  const supply = await reader.layer(source, blob, '')
  if ('index' in supply) throw new EngineError('notImplemented', `${blob.digest} cannot be copied from the catalogue`)
  yield* supply.blob
}

/** Checks a name and a password at a registry: POST /auth. @throws EngineError with Docker's words */
export async function login(ctx: EngineContext, host: string, auth: Credentials): Promise<void> {
  // The hub that minidock simulates knows everybody.
  if (host === HUB_DOMAIN && !(await settingsOf(ctx)).online) return
  const { status, reason } = await (await registryOf(ctx, { domain: host }, { auth })).login()
  if (status === 200) return
  const { isInsecure } = await import('../../registry/settings.ts')
  const scheme = isInsecure(host, await settingsOf(ctx)) ? 'http' : 'https'
  const words = `login attempt to ${scheme}://${host}/v2/ failed with status: ${status} ${reason}`
  throw new EngineError('unauthorized', words)
}

async function readable(ctx: EngineContext, reference: Reference, options: RegistryOptions): Promise<ImageSource> {
  const { isInCatalog } = await import('../../registry/catalog.ts')
  if (!options.client || isInCatalog(reference.domain)) return sourceOf(ctx, reference, options)
  return asClient(ctx, reference, options.auth, options.client.insecure)
}

async function writable(ctx: EngineContext, reference: Reference, options: RegistryOptions): Promise<RemoteRegistry> {
  if (reference.domain !== HUB_DOMAIN && options.client)
    return asClient(ctx, reference, options.auth, options.client.insecure)
  if (reference.domain === HUB_DOMAIN && !(await settingsOf(ctx)).online && !mayPush(reference, options.auth))
    throw new EngineError('forbidden', 'denied: requested access to the resource is denied')
  return registryOf(ctx, reference, options)
}

/** A registry as Docker's client reaches it by itself. @throws EngineError 'notFound' for one that needs --insecure */
async function asClient(
  ctx: EngineContext,
  { domain }: Reference,
  auth: Credentials | undefined,
  insecure: boolean,
): Promise<RemoteRegistry> {
  const { clientTransport, isPlainHttp } = await import('../../registry/http.ts')
  const { isLoopback } = await import('../../registry/settings.ts')
  const { isContainer, localTransport } = await import('./simulated-registry.ts')
  const none = notFound('the registry does without TLS')
  if (!insecure && isLoopback(domain) && isContainer(ctx, domain)) throw none
  const network = clientTransport(await settingsOf(ctx), insecure)
  const transport = isLoopback(domain) ? localTransport(ctx, network) : network
  const registry = await registryAt(ctx, domain, transport, auth ? { auth } : {})
  try {
    await registry.ping()
  } catch (error) {
    if (isPlainHttp(error)) throw none
    const why = `failed to configure transport: error pinging v2 registry: ${messageOf(error)}`
    throw new EngineError('system', why, { byClient: true })
  }
  return registry
}
