/** Who is logged in at the registry of a reference. */
import type { RegistryAuth } from '../../../engine/engine.ts'
import type { Reference } from '../../../image/reference.ts'
import type { CliContext } from '../../command.ts'
import { HUB_KEY, readConfigFile } from '../../config-file.ts'

/** What `docker login` kept for a registry; {} when nobody is logged in there. */
export async function authFor(
  ctx: Pick<CliContext, 'globals' | 'env'>,
  { domain }: Pick<Reference, 'domain'>,
): Promise<{ auth?: RegistryAuth }> {
  const auth = await readConfigFile(ctx).get(domain === 'docker.io' ? HUB_KEY : domain)
  return auth ? { auth } : {}
}
