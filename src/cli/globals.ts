/** The flags before the command: `docker -D --context x ps`. */
import { join } from 'node:path'
import { storeRoot } from '../util/store-root.ts'
import type { Globals } from './command.ts'
import { StatusError } from './errors.ts'
import type { Flags } from './flags.ts'
import type { FlagSpec } from './spec.ts'
import { bool, list, string } from './tree/flag.ts'

/** Not ~/.docker: that of a real Docker, with real passwords, is none of minidock's business. */
const folder = (env: Readonly<Record<string, string | undefined>>): string =>
  env.DOCKER_CONFIG || join(storeRoot(env), 'config')

/** The table; what the defaults of some are depends on the environment. */
export function globalFlags(env: Readonly<Record<string, string | undefined>>): FlagSpec[] {
  const config = folder(env)
  return [
    string('config', 'Folder of the client configuration', { default: config }),
    string('c,context', 'Context to use for the engine, whatever DOCKER_HOST or "docker context use" say'),
    bool('D,debug', 'Log what happens inside'),
    list('H,host', 'Socket of the engine', { shows: 'string' }),
    string('l,log-level', 'What to log ("debug", "info", "warn", "error", "fatal")', { default: 'info' }),
    // minidock's own, and none of Docker's: its help does not show it.
    bool('rootless', 'The engine is an ordinary user’s, as with MINIDOCK_ROOTLESS=1', { hidden: true }),
    bool('tls', 'Use TLS; --tlsverify means it too'),
    string('tlscacert', 'Certificate of the authority to trust', { default: join(config, 'ca.pem') }),
    string('tlscert', 'TLS certificate', { default: join(config, 'cert.pem') }),
    string('tlskey', 'TLS key', { default: join(config, 'key.pem') }),
    bool('tlsverify', 'Use TLS, and check who answers'),
    bool('v,version', 'Show the version, and end'),
  ]
}

/** The address of `-H` in full, where it is not this engine's own socket; '' where it is. */
function elsewhere(host: string): string {
  if (/^(unix:\/\/(\/var\/run\/docker\.sock)?)?$/.test(host)) return ''
  const full = host.includes('://') ? host : `tcp://${host}`
  const [, authority = ''] = /^tcp:\/\/(.*)$/.exec(full) ?? []
  if (!full.startsWith('tcp://') || /:\d+$/.test(authority)) return full
  return `tcp://${authority || 'localhost'}:2375`
}

const LEVELS = new Set(['panic', 'fatal', 'error', 'warn', 'warning', 'info', 'debug', 'trace'])

/**
 * Reads the global flags' values.
 * @throws StatusError for a log level or a context that does not exist
 */
export function readGlobals(flags: Flags, env: Readonly<Record<string, string | undefined>>): Globals {
  const level = flags.string('log-level')
  if (!LEVELS.has(level.toLowerCase())) throw new StatusError(1, `Unable to parse logging level: ${level}`)
  const hosts = flags.list('host')
  if (hosts.length > 1) throw new StatusError(1, 'Specify only one -H')
  return {
    config: flags.string('config'),
    context: flags.string('context') || env.DOCKER_CONTEXT || '',
    debug: flags.bool('debug'),
    host: hosts[0] ?? env.DOCKER_HOST ?? '',
    elsewhere: elsewhere(hosts[0] ?? ''),
    rootless: flags.bool('rootless'),
  }
}

/** What holds when no global flag is given; no table is needed for it. */
export const defaultGlobals = (env: Readonly<Record<string, string | undefined>>): Globals => ({
  config: folder(env),
  context: env.DOCKER_CONTEXT ?? '',
  debug: false,
  host: env.DOCKER_HOST ?? '',
  elsewhere: '',
  rootless: false,
})
