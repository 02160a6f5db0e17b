/** Which source serves a reference. */
import type { Reference } from '../../image/reference.ts'
import type { Credentials } from '../../registry/remote.ts'
import type { ImageSource } from '../../registry/source.ts'
import type { EngineContext } from '../context.ts'

/** The source of a repository: a registry on this machine, what was pushed to the hub, else the catalogue, which also knows what cannot be reached. */
export async function sourceOf(ctx: EngineContext, reference: Reference, auth?: Credentials): Promise<ImageSource> {
  const { isLoopback } = await import('../../registry/http.ts')
  if (isLoopback(reference.domain)) {
    const { RemoteRegistry } = await import('../../registry/remote.ts')
    const { transportOf } = await import('./simulated-registry.ts')
    return new RemoteRegistry(reference.domain, transportOf(ctx), auth)
  }
  const { HUB_DOMAIN, hubTransport, isOnHub } = await import('./hub.ts')
  if (isOnHub(ctx, reference)) {
    const { RemoteRegistry } = await import('../../registry/remote.ts')
    return new RemoteRegistry(HUB_DOMAIN, hubTransport(ctx), auth)
  }
  const { catalog } = await import('../../registry/catalog.ts')
  return catalog
}
