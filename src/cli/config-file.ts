/** The client's configuration, `config.json` in the folder of `--config`: who is logged in where. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RegistryAuth } from '../engine/engine.ts'
import type { CliContext } from './command.ts'
import { callHelper } from './credential-helper.ts'

/** The key under which Docker Hub's login is kept. */
export const HUB_KEY = 'https://index.docker.io/v1/'

export interface ConfigFile {
  path: string
  /** What is kept for a server; undefined when nobody is logged in there. */
  get(server: string): Promise<RegistryAuth | undefined>
  /** Keeps a login: in the file, or with the helper that is set for the server. Tells whether it is there in plain. */
  store(server: string, auth: RegistryAuth): Promise<'plain' | 'helper' | 'same'>
  /** Forgets a login. */
  erase(server: string): Promise<void>
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Reads the file; one that is absent is empty. @throws Error for a file that is not JSON */
export function readConfigFile(ctx: Pick<CliContext, 'globals' | 'env'>): ConfigFile {
  const path = join(ctx.globals.config, 'config.json')
  let whole: Record<string, unknown> = {}
  try {
    const parsed: unknown = JSON.parse(readFileSync(path, 'utf8'))
    if (isRecord(parsed)) whole = parsed
  } catch (error) {
    if (error instanceof SyntaxError) throw new Error(`loading config file: ${path}: ${error.message}`)
  }
  const auths: Record<string, unknown> = isRecord(whole.auths) ? whole.auths : {}
  const { auths: _, ...others } = whole
  const save = (): void => {
    mkdirSync(ctx.globals.config, { recursive: true, mode: 0o700 })
    writeFileSync(path, JSON.stringify({ auths, ...others }, null, '\t'), { mode: 0o600 })
  }
  const helperOf = (server: string): string | undefined => {
    const own = isRecord(whole.credHelpers) && Object.hasOwn(whole.credHelpers, server) && whole.credHelpers[server]
    const name = own || whole.credsStore
    return typeof name === 'string' && name !== '' ? name : undefined
  }
  return {
    path,
    async get(server) {
      const helper = helperOf(server)
      return helper === undefined ? kept(auths, server) : callHelper(ctx.env, helper, 'get', server)
    },
    async store(server, auth) {
      const helper = helperOf(server)
      if (helper !== undefined) {
        await callHelper(ctx.env, helper, 'store', server, auth)
        // As Docker does: an empty entry says that there is one.
        auths[server] = {}
        save()
        return 'helper'
      }
      const text = Buffer.from(`${auth.username}:${auth.password}`).toString('base64')
      const before = auths[server]
      if (isRecord(before) && before.auth === text) return 'same'
      auths[server] = { auth: text }
      save()
      return 'plain'
    },
    async erase(server) {
      const helper = helperOf(server)
      if (helper !== undefined) await callHelper(ctx.env, helper, 'erase', server)
      if (!Object.hasOwn(auths, server)) return
      delete auths[server]
      save()
    },
  }
}

/** A login that the file itself holds. Keys may be written as addresses: `https://localhost:5000/v2/`. */
function kept(auths: Record<string, unknown>, server: string): RegistryAuth | undefined {
  const plain = (key: string): string => key.replace(/^https?:\/\//, '').replace(/\/.*$/, '')
  const key = Object.hasOwn(auths, server) ? server : Object.keys(auths).find(other => plain(other) === server)
  const entry = key === undefined ? undefined : auths[key]
  if (!isRecord(entry)) return undefined
  const identity =
    typeof entry.identitytoken === 'string' && entry.identitytoken !== '' ? entry.identitytoken : undefined
  const text = typeof entry.auth === 'string' ? Buffer.from(entry.auth, 'base64').toString() : ''
  const colon = text.indexOf(':')
  if (colon < 0) return identity === undefined ? undefined : { username: '', password: '', identityToken: identity }
  const pair = { username: text.slice(0, colon), password: text.slice(colon + 1).replace(/\0+$/, '') }
  return identity === undefined ? pair : { ...pair, identityToken: identity }
}
