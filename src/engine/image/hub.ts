/** The simulated Docker Hub: what users of this store have pushed there, kept as a registry keeps it under `hub/`. */
import { readFileSync } from 'node:fs'
import type { Reference } from '../../image/reference.ts'
import type { Credentials } from '../../registry/auth.ts'
import type { Transport } from '../../registry/http.ts'
import { type RegistryFiles, serve } from '../../registry/serve.ts'
import type { StoreReader, Transaction } from '../../store/types.ts'
import type { EngineContext } from '../context.ts'
import { toAnswer, wholeBody } from './simulated-registry.ts'

const FOLDER = 'hub'
export const HUB_DOMAIN = 'docker.io'

/** The way to the hub. */
export function hubTransport(ctx: EngineContext): Transport {
  return async (_host, call) => {
    const body = await wholeBody(call.body)
    const { method, path, headers = {} } = call
    const request = { method, path, headers, body }
    const looks = method === 'GET' || method === 'HEAD'
    const answer = looks
      ? serve(filesOf(ctx.store, undefined), request)
      : ctx.store.transaction(tx => serve(filesOf(tx, tx), request))
    return toAnswer(answer)
  }
}

/** Whether somebody has pushed to a repository. */
export function isOnHub(ctx: EngineContext, { domain, path }: Reference): boolean {
  return (
    domain === HUB_DOMAIN &&
    ctx.store.list(`${FOLDER}/docker/registry/v2/repositories/${path}/_manifests/tags`).length > 0
  )
}

/** Whether the hub lets somebody push to a repository: to those under the own name. */
export function mayPush({ path }: Reference, auth: Credentials | undefined): boolean {
  return auth !== undefined && path.split('/', 1)[0] === auth.username.toLowerCase()
}

function filesOf(reader: StoreReader, tx: Transaction | undefined): RegistryFiles {
  // What this transaction writes is not at its place before it ends.
  const pending = new Map<string, Uint8Array>()
  return {
    read(path) {
      const own = pending.get(path)
      if (own) return own
      try {
        return readFileSync(reader.locate(`${FOLDER}/${path}`))
      } catch {
        return undefined
      }
    },
    write(path, data) {
      pending.set(path, data)
      tx?.putBytes(`${FOLDER}/${path}`, data)
    },
    list: path => reader.list(`${FOLDER}/${path}`),
    remove(path) {
      for (const known of pending.keys()) if (known === path || known.startsWith(`${path}/`)) pending.delete(known)
      tx?.remove(`${FOLDER}/${path}`)
    },
  }
}
