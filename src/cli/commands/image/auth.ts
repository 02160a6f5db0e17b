/** Who is logged in at the registry of a reference. */
import type { RegistryAuth } from '../../../engine/engine.ts'
import type { Reference } from '../../../image/reference.ts'
import type { CliContext } from '../../command.ts'
import { readConfigFile } from '../../config-file.ts'

/** The key under which Docker Hub's login is kept. */
const HUB = 'https://index.docker.io/v1/'

/** What `docker login` kept for a registry; {} when nobody is logged in there. */
export function authFor(ctx: Pick<CliContext, 'globals'>, { domain }: Reference): { auth?: RegistryAuth } {
  const kept = readConfigFile(ctx).auths.get(domain === 'docker.io' ? HUB : domain)
  if (kept === undefined) return {}
  const text = Buffer.from(kept, 'base64').toString()
  const colon = text.indexOf(':')
  return colon < 0 ? {} : { auth: { username: text.slice(0, colon), password: text.slice(colon + 1) } }
}
