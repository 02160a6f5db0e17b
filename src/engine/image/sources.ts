/** Which source serves a reference, and how a registry is reached. */
import type { Reference } from '../../image/reference.ts'
import type { Credentials } from '../../registry/auth.ts'
import type { Transport } from '../../registry/http.ts'
import type { RemoteRegistry } from '../../registry/remote.ts'
import type { RegistrySettings } from '../../registry/settings.ts'
import type { ImageSource } from '../../registry/source.ts'
import type { EngineContext } from '../context.ts'

export interface SourceOptions {
  auth?: Credentials
}

/** Docker Hub's own host, where `docker.io` names are. */
const HUB_HOST = 'registry-1.docker.io'

/** What the user says about registries: the environment, and `daemon.json` in the store's folder. */
export async function settingsOf(ctx: EngineContext): Promise<RegistrySettings> {
  const { registrySettings } = await import('../../registry/settings.ts')
  return registrySettings(ctx.env, ctx.store.locate('daemon.json'))
}

/** The way to a registry's host: a container of this store, else the network. */
export async function transportTo(ctx: EngineContext, host: string): Promise<Transport> {
  const { networkTransport } = await import('../../registry/http.ts')
  const { isLoopback } = await import('../../registry/settings.ts')
  const network = networkTransport(await settingsOf(ctx))
  if (!isLoopback(host)) return network
  const { localTransport } = await import('./simulated-registry.ts')
  return localTransport(ctx, network)
}

/** A registry over a transport. */
export async function registryAt(
  ctx: EngineContext,
  host: string,
  transport: Transport,
  { auth }: SourceOptions,
): Promise<RemoteRegistry> {
  const { RemoteRegistry: Remote } = await import('../../registry/remote.ts')
  return new Remote(host, transport, {
    settings: await settingsOf(ctx),
    now: () => ctx.clock.now(),
    sleep: ms => ctx.clock.sleep(ms),
    ...(auth && { credentials: auth }),
  })
}

/** The registry that pushes and manifests of a reference go to: of `docker.io` the simulated hub, unless online. */
export async function registryOf(
  ctx: EngineContext,
  { domain }: Pick<Reference, 'domain'>,
  options: SourceOptions = {},
): Promise<RemoteRegistry> {
  const { HUB_DOMAIN, hubTransport } = await import('./hub.ts')
  if (domain !== HUB_DOMAIN) return registryAt(ctx, domain, await transportTo(ctx, domain), options)
  if ((await settingsOf(ctx)).online) return registryAt(ctx, HUB_HOST, await transportTo(ctx, HUB_HOST), options)
  return registryAt(ctx, HUB_DOMAIN, hubTransport(ctx), options)
}

/**
 * The source of a repository. Docker Hub's names and others of the catalogue: what was pushed to the simulated hub,
 * else the catalogue; with MINIDOCK_REGISTRY=online or a mirror the network. All other hosts are real.
 */
export async function sourceOf(
  ctx: EngineContext,
  reference: Reference,
  options: SourceOptions = {},
): Promise<ImageSource> {
  const { catalog, isInCatalog } = await import('../../registry/catalog.ts')
  if (!isInCatalog(reference.domain)) return registryOf(ctx, reference, options)
  const settings = await settingsOf(ctx)
  if (!settings.online) {
    const { isOnHub } = await import('./hub.ts')
    return isOnHub(ctx, reference) ? registryOf(ctx, reference, options) : catalog
  }
  const { HUB_DOMAIN } = await import('./hub.ts')
  const mirror = reference.domain === HUB_DOMAIN ? await mirrorFor(ctx, reference, settings) : undefined
  return mirror ?? registryOf(ctx, reference, options)
}

/** The first mirror that has what a reference names; its credentials are its own, so none are sent. */
async function mirrorFor(
  ctx: EngineContext,
  reference: Reference,
  settings: RegistrySettings,
): Promise<ImageSource | undefined> {
  for (const text of settings.mirrors) {
    const url = new URL(text)
    // A mirror that is written with http is meant so.
    if (url.protocol === 'http:') settings.insecure.push(url.host)
    const { networkTransport } = await import('../../registry/http.ts')
    const { localTransport } = await import('./simulated-registry.ts')
    const { isLoopback } = await import('../../registry/settings.ts')
    const network = networkTransport(settings)
    const transport = isLoopback(url.host) ? localTransport(ctx, network) : network
    const mirror = await registryAt(ctx, url.host, transport, {})
    try {
      if (reference.tag === undefined && reference.digest === undefined) await mirror.tags(reference)
      else await mirror.resolve(reference)
      return mirror
    } catch {
      // As Docker does: the next mirror, and at last the registry itself.
    }
  }
  return undefined
}
