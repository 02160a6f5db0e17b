/** Which source serves a reference. */
import type { Reference } from '../../image/reference.ts'
import type { Credentials } from '../../registry/remote.ts'
import type { ImageSource } from '../../registry/source.ts'

/** The source of a repository: a registry on this machine, else the catalogue, which also knows what cannot be reached. */
export async function sourceOf(reference: Reference, auth?: Credentials): Promise<ImageSource> {
  const { isLoopback } = await import('../../registry/http.ts')
  if (isLoopback(reference.domain)) {
    const { RemoteRegistry } = await import('../../registry/remote.ts')
    return new RemoteRegistry(reference.domain, auth)
  }
  const { catalog } = await import('../../registry/catalog.ts')
  return catalog
}
