/** Option files and options of the server and its clients. */
import type { Proc } from '../../../kernel/program.ts'
import { isErrno } from '../../../vfs/errno.ts'
import { textNow } from '../../whole-file.ts'
import type { Flavour } from './types.ts'

export const defaultSocket = '/var/run/mysqld/mysqld.sock'

export const flavourOf = (p: Proc): Flavour => {
  const version = p.marker['version'] ?? '8.4.5'
  return { version, maria: Number(version.split('.')[0]) >= 10 }
}

/** Names are written with dashes or underscores alike. */
export const plainName = (name: string): string => name.replaceAll('-', '_').toLowerCase()

function readInto(p: Proc, path: string, groups: readonly string[], found: Map<string, string>, depth: number): void {
  const text = textNow(p, path)
  if (text === undefined || depth > 5) return
  let group = ''
  for (const raw of text.split('\n')) {
    const line = raw.trim()
    const folder = /^!includedir\s+(\S+)/.exec(line)?.[1]
    if (folder !== undefined) {
      let names: string[] = []
      try {
        names = p.readdir(folder).map(each => each.name)
      } catch (error) {
        if (!isErrno(error)) throw error
      }
      for (const name of names.sort())
        if (name.endsWith('.cnf')) readInto(p, `${folder.replace(/\/$/, '')}/${name}`, groups, found, depth + 1)
      continue
    }
    const head = /^\[(.+)\]$/.exec(line)?.[1]
    if (head !== undefined) group = head
    else if (line !== '' && !/^[#;!]/.test(line) && groups.includes(group)) {
      const [, name = '', , value = ''] = /^([^=\s]+)\s*(=\s*(.*))?$/.exec(line) ?? []
      if (name !== '') found.set(plainName(name), value.replace(/^(["'])(.*)\1$/, '$2'))
    }
  }
}

/** What option files say for these groups. */
export function optionFiles(p: Proc, groups: readonly string[], only?: string, extra?: string): Map<string, string> {
  const found = new Map<string, string>()
  if (only !== undefined) {
    readInto(p, only, groups, found, 0)
    return found
  }
  for (const path of ['/etc/my.cnf', '/etc/mysql/my.cnf']) readInto(p, path, groups, found, 0)
  if (extra !== undefined) readInto(p, extra, groups, found, 0)
  readInto(p, `${p.env.get('HOME') ?? '/root'}/.my.cnf`, groups, found, 0)
  return found
}

/** First words of the options that servers have; all others are unknown to them. */
const known =
  /^(?:authentication_policy|auto|back|basedir|bind|binlog|bulk|caching|character|check|collation|completion|concurrent|connect|console|core|datadir|default|delay|disabled|div|enforce|event|explicit|expire|external|federated|flush|ft|general|gtid|group|help|host_cache|init|innodb|interactive|join|keep|key|large|lc|local|lock|log|low|lower|mandatory|max|memlock|min|myisam|mysqlx|net|new|old|optimizer|password|performance|pid|plugin|port|protocol|query_alloc|query_prealloc|range|read|relay|replica|report|require|safe|secure|server|session|show|skip|slave|slow|socket|sort|source|sql|ssl|stored|super|symbolic|sync|table|tc|temp|thread|time|tls|tmp|tmpdir|transaction|tx|user|validate|verbose|version|wait|xa|aria|wsrep|query_cache|encrypt|userstat|use_stat|strict|feedback|proxy|progress|alter|analyze|big|column|deadlock|eq|gdb|histogram|idle|in_predicate|debug|daemonize|initialize|upgrade|print|no_defaults|defaults|defaults_file)/

/** The first option that this version does not have, as the server names it. */
export function unknownOption(args: readonly string[], flavour: Flavour): string | undefined {
  const [major = 0, minor = 0] = flavour.version.split('.').map(Number)
  for (const word of args) {
    if (!word.startsWith('--')) continue
    const [written = ''] = word.slice(2).split('=')
    const name = plainName(written).replace(/^loose_/, '')
    const removed =
      !flavour.maria &&
      (/^query_cache/.test(name) ||
        (name === 'expire_logs_days' && major * 100 + minor >= 804) ||
        (/^(default_authentication_plugin|skip_host_cache|ssl$)/.test(name) && major * 100 + minor >= 804))
    if (!plainName(written).startsWith('loose_') && (removed || !known.test(name)))
      return word.includes('=') ? `unknown variable '${word.slice(2)}'` : `unknown option '${word}'`
  }
  return undefined
}
