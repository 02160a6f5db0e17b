/** Settings of a Redis server: its defaults, a configuration file, the command line. */
import { splitLine } from './resp.ts'

export type Config = Record<string, string>

export const defaults: Readonly<Config> = {
  port: '6379',
  bind: '* -::*',
  dir: '/data',
  dbfilename: 'dump.rdb',
  save: '3600 1 300 100 60 10000',
  appendonly: 'no',
  appendfilename: 'appendonly.aof',
  appenddirname: 'appendonlydir',
  appendfsync: 'everysec',
  requirepass: '',
  maxmemory: '0',
  'maxmemory-policy': 'noeviction',
  maxclients: '10000',
  databases: '16',
  timeout: '0',
  'tcp-keepalive': '300',
  loglevel: 'notice',
  logfile: '',
  daemonize: 'no',
  'protected-mode': 'no',
  'lua-time-limit': '5000',
  'notify-keyspace-events': '',
  'slowlog-log-slower-than': '10000',
  'slowlog-max-len': '128',
  'hash-max-listpack-entries': '128',
  'replica-read-only': 'yes',
  'stop-writes-on-bgsave-error': 'yes',
  rdbcompression: 'yes',
  rdbchecksum: 'yes',
}
/** Accepted without an effect. */
const quiet =
  /^(aof-|auto-aof|always-show-logo|client-|hz|dynamic-hz|io-threads|lazyfree-|list-|no-appendfsync|oom-score|pidfile|proc-title|rdb-|repl|replica|latency|set-|stream-|supervised|syslog|tcp-backlog|unixsocket|zset-|activerehashing|active|enable-|hash-|jemalloc|include|loadmodule|masterauth|masteruser|user|aclfile|tls-|min-replicas|cluster-|crash|disable-thp|latency-|ignore-warnings|shutdown-|slave|crash-log-enabled|socket-mark-id|locale-collate|maxmemory-)/

export interface Problem {
  line: number
  text: string
  reason: string
}

/** Settings from the lines of a file or of the command line; what is wrong with the first bad one. */
export function readLines(text: string, config: Config): Problem | undefined {
  let saves: string[] | undefined
  const lines = text.split('\n')
  for (const [at, raw] of lines.entries()) {
    const line = raw.trim()
    if (line === '' || line.startsWith('#')) continue
    const words = splitLine(line)
    const name = words?.[0]?.toLowerCase()
    if (!words || name === undefined)
      return { line: at + 1, text: line, reason: 'Unbalanced quotes in configuration line' }
    const rest = words.slice(1)
    if (name === 'save') {
      if (rest.length === 1 && rest[0] === '') saves = []
      else if (rest.length > 0 && rest.length % 2 === 0) saves = [...(saves ?? []), ...rest]
      else return { line: at + 1, text: line, reason: 'Invalid save parameters' }
      config['save'] = saves.join(' ')
    } else if (name in defaults) {
      if (rest.length === 0) return { line: at + 1, text: line, reason: 'wrong number of arguments' }
      if (['appendonly', 'daemonize', 'protected-mode'].includes(name) && !/^(yes|no)$/i.test(rest[0] ?? ''))
        return { line: at + 1, text: line, reason: "argument must be 'yes' or 'no'" }
      config[name] = rest.join(' ')
    } else if (!quiet.test(name))
      return { line: at + 1, text: line, reason: 'Bad directive or wrong number of arguments' }
  }
  return undefined
}

/** `--port 6380 --appendonly yes` as lines of a file. */
export function argumentLines(args: readonly string[]): string {
  let text = ''
  for (const word of args)
    text += word.startsWith('--')
      ? `\n${word.slice(2)}`
      : ` ${/[\s"]/.test(word) || word === '' ? JSON.stringify(word) : word}`
  return text
}

export function bytesOf(text: string): number {
  const match = /^(\d+)(b|k|kb|m|mb|g|gb)?$/i.exec(text)
  const units: Record<string, number> = { k: 1000, kb: 1024, m: 1_000_000, mb: 1 << 20, g: 1e9, gb: 1 << 30 }
  return match ? Number(match[1]) * (units[(match[2] ?? '').toLowerCase()] ?? 1) : Number.NaN
}
