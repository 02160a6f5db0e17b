/** The names of a configuration, resolved once: nginx keeps to what it found until it is reloaded. */
import type { Routine } from '../../../kernel/program.ts'
import { ConfigError } from './config.ts'
import { isAddress, type Site } from './site.ts'

/** Addresses of every name in the configuration. Throws ConfigError for one that nobody has. */
export function* resolveHosts(site: Site): Routine<Record<string, string[]>> {
  const resolved: Record<string, string[]> = {}
  for (const { name, at, shown } of site.hosts) {
    if (resolved[name]) continue
    const found = (yield { op: 'resolve', name }) as string[]
    const usable = found.filter(isAddress)
    if (usable.length === 0) throw new ConfigError(`host not found in upstream "${shown}"`, at)
    resolved[name] = usable
  }
  return resolved
}
