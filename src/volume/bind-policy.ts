/** Which folders of the real host may be bound into containers. */
import { realpathSync } from 'node:fs'
import { dirname, join, sep } from 'node:path'
import { type EngineError, forbidden } from '../errors.ts'

export interface BindPolicy {
  /** The store: never bound, and not seen in what holds it. */
  store: string
  /** `MINIDOCK_BIND_ROOT`: nothing outside it is bound. */
  limit: string | undefined
}

/**
 * The path behind a bind's source, links resolved; for one that is not there yet, that of the folder it would be in.
 * Throws when the policy refuses it.
 */
export function checkBind(policy: BindPolicy, source: string): string {
  const path = realPath(source)
  const store = realPath(policy.store)
  if (inside(store, path)) throw refused(source, `is minidock's own store`)
  if (policy.limit !== undefined && !inside(realPath(policy.limit), path))
    throw refused(source, `is outside ${policy.limit}, and MINIDOCK_BIND_ROOT allows no other folder`)
  return path
}

const refused = (source: string, why: string): EngineError => forbidden(`minidock does not bind ${source}: it ${why}`)

const inside = (folder: string, path: string): boolean =>
  path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep)

function realPath(path: string): string {
  const rest: string[] = []
  for (let at = path; ; ) {
    try {
      return join(realpathSync.native(at), ...rest)
    } catch {
      const parent = dirname(at)
      if (parent === at) return path
      rest.unshift(at.slice(parent.length).replace(/^[/\\]/, ''))
      at = parent
    }
  }
}
