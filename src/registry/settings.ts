/** What users say about registries: MINIDOCK_REGISTRY, the proxy variables, and `daemon.json` in Docker's format. */
import { readFileSync } from 'node:fs'
import { isIPv4 } from 'node:net'
import { codeOf, invalid, messageOf } from '../errors.ts'

export interface RegistrySettings {
  /** Names of Docker Hub, and others of the catalogue, come from the network. */
  online: boolean
  /** Addresses that are asked before Docker Hub: `https://mirror.example`. */
  mirrors: string[]
  /** Hosts, `host:port` or networks (`10.0.0.0/8`) that may speak HTTP, besides the loopback interface. */
  insecure: string[]
  /** Addresses of proxies; '' for none. */
  httpProxy: string
  httpsProxy: string
  /** Hosts that no proxy is asked for. */
  noProxy: string[]
}

type Env = Readonly<Record<string, string | undefined>>

/** Settings of an environment and a `daemon.json`, which need not exist. @throws EngineError for one that is wrong */
export function registrySettings(env: Env, file: string): RegistrySettings {
  const daemon = readDaemonFile(file)
  const proxies = recordOf(daemon.proxies)
  const wanted = env.MINIDOCK_REGISTRY ?? ''
  const named = wanted === '' || wanted === 'online' || wanted === 'catalog' ? [] : [wanted]
  const mirrors = [...named, ...strings(daemon['registry-mirrors'], 'registry-mirrors')].map(text => mirrorOf(text))
  return {
    online: wanted !== 'catalog' && (wanted === 'online' || mirrors.length > 0),
    mirrors,
    insecure: strings(daemon['insecure-registries'], 'insecure-registries'),
    httpProxy: textOf(proxies['http-proxy']) || variable(env, 'HTTP_PROXY'),
    httpsProxy: textOf(proxies['https-proxy']) || variable(env, 'HTTPS_PROXY'),
    noProxy: (textOf(proxies['no-proxy']) || variable(env, 'NO_PROXY')).split(',').map(word => word.trim()),
  }
}

const variable = (env: Env, name: string): string => env[name] ?? env[name.toLowerCase()] ?? ''
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')
const recordOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {}

function readDaemonFile(file: string): Record<string, unknown> {
  try {
    return recordOf(JSON.parse(readFileSync(file, 'utf8')))
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return {}
    throw invalid(`unable to configure registries with file ${file}: ${messageOf(error)}`)
  }
}

function strings(value: unknown, key: string): string[] {
  if (value === undefined) return []
  if (Array.isArray(value) && value.every(item => typeof item === 'string')) return value as string[]
  throw invalid(`invalid ${key}: must be a list of strings`)
}

function mirrorOf(text: string): string {
  let url: URL
  try {
    url = new URL(text)
  } catch {
    throw invalid(`invalid mirror: "${text}" is not a valid URI`)
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw invalid(`invalid mirror: unsupported scheme "${url.protocol.slice(0, -1)}" in "${text}"`)
  if (url.username || url.password) throw invalid(`invalid mirror: username/password not allowed in URI`)
  return url.origin
}

/** The host of `host:port`, without brackets. */
export const hostname = (host: string): string => host.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1')

/** Whether a host, with or without a port, is this machine. */
export function isLoopback(host: string): boolean {
  const name = hostname(host)
  return name === 'localhost' || name === '::1' || (isIPv4(name) && name.startsWith('127.'))
}

/** Whether a registry may do without TLS, or with a certificate that nobody vouches for. */
export function isInsecure(host: string, settings: Pick<RegistrySettings, 'insecure'>): boolean {
  if (isLoopback(host)) return true
  const name = hostname(host)
  return settings.insecure.some(entry => entry === host || entry === name || isWithin(name, entry))
}

/** Whether an IPv4 address is of a network in CIDR notation. */
function isWithin(address: string, network: string): boolean {
  const [base = '', bits = ''] = network.split('/')
  if (!isIPv4(address) || !isIPv4(base) || !/^\d{1,2}$/.test(bits) || Number(bits) > 32) return false
  const shift = 2 ** (32 - Number(bits))
  return Math.floor(numberOf(address) / shift) === Math.floor(numberOf(base) / shift)
}

const numberOf = (address: string): number => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)

/** The proxy of an address; undefined for none: as Go's http.ProxyFromEnvironment, loopback never. */
export function proxyOf(
  url: URL,
  settings: Pick<RegistrySettings, 'httpProxy' | 'httpsProxy' | 'noProxy'>,
): URL | undefined {
  const text = url.protocol === 'https:' ? settings.httpsProxy : settings.httpProxy
  if (text === '' || isLoopback(url.host)) return undefined
  const name = hostname(url.host)
  const excluded = settings.noProxy.some(entry => {
    const plain = entry.replace(/^\*?\./, '')
    if (entry === '*') return true
    return plain !== '' && (name === plain || url.host === plain || name.endsWith(`.${plain}`) || isWithin(name, entry))
  })
  if (excluded) return undefined
  try {
    return new URL(text.includes('://') ? text : `http://${text}`)
  } catch {
    throw invalid(`invalid proxy address "${text}"`)
  }
}
