/** Commands about the server and the connection. */
import type { Proc, Routine } from '../../../kernel/program.ts'
import { bytesOf, type Config, defaults } from './config.ts'
import { type Data, globTest } from './data.ts'
import { bulk, bulks, failed, list, number, OK, type Reply } from './resp.ts'

export interface Client {
  fd: number
  id: number
  address: string
  name: string
  db: number
  since: number
  trusted: boolean
  /** What it sent and is no whole request yet. */
  text: string
  channels: string[]
  monitor: boolean
  /** Commands after MULTI. */
  queue?: string[][] | undefined
  waiting?: { keys: string[]; side: 'left' | 'right'; until: number }
}

export interface Server {
  readonly p: Proc
  readonly config: Config
  readonly data: Data
  readonly version: string
  readonly startedAt: number
  readonly counters: { connections: number; commands: number; hits: number; misses: number }
  readonly runId: string
  lastSave: number
  dirty: number
  clients: Client[]
  send(client: Client, reply: Reply): Routine<void>
  run(client: Client, args: string[]): Routine<Reply | undefined>
  save(): string | undefined
  backgroundSave(): Routine<void>
  shutdown(save: boolean | undefined): void
}

interface AdminCommand {
  readonly arity: number
  run(server: Server, client: Client, args: string[]): Routine<Reply | undefined>
}

const at = (args: readonly string[], index: number): string => args[index] ?? ''
/** Answers at once. */
const now = (
  arity: number,
  work: (server: Server, client: Client, args: string[]) => Reply | undefined,
): AdminCommand => ({
  arity,
  // biome-ignore lint/correctness/useYield: answers without waiting
  *run(server, client, args) {
    return work(server, client, args)
  },
})

function auth(server: Server, client: Client, args: string[]): Reply {
  const password = args.at(-1) ?? ''
  if (server.config['requirepass'] === '')
    return args.length === 2
      ? failed(
          'ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?',
        )
      : OK
  const user = args.length > 2 ? at(args, 1) : 'default'
  if (user !== 'default' || password !== server.config['requirepass'])
    return failed('WRONGPASS invalid username-password pair or user is disabled.')
  client.trusted = true
  return OK
}

function config(server: Server, args: string[]): Reply {
  const verb = at(args, 1).toUpperCase()
  if (verb === 'GET') {
    const tests = args.slice(2).map(each => globTest(each.toLowerCase()))
    return bulks(
      Object.entries(server.config)
        .filter(([name]) => tests.some(test => test.test(name)))
        .flat(),
    )
  }
  if (verb === 'SET') {
    const name = at(args, 2).toLowerCase()
    if (!(name in defaults))
      return failed(`ERR Unknown option or number of arguments for CONFIG SET - '${at(args, 2)}'`)
    const value = at(args, 3)
    if (name === 'maxmemory' && Number.isNaN(bytesOf(value)))
      return failed(
        `ERR CONFIG SET failed (possibly related to argument 'maxmemory') - argument must be a memory value`,
      )
    server.config[name] = name === 'maxmemory' ? String(bytesOf(value)) : value
    return OK
  }
  if (verb === 'RESETSTAT') return OK
  if (verb === 'REWRITE') return failed('ERR The server is running without a config file')
  return failed(`ERR unknown subcommand '${at(args, 1)}'. Try CONFIG HELP.`)
}

function info(server: Server, args: string[]): Reply {
  const wanted = args.slice(1).map(each => each.toLowerCase())
  const { data, p, counters } = server
  const uptime = Math.floor((p.now() - server.startedAt) / 1000)
  const used = 900_000 + [...data.databases.values()].reduce((sum, keys) => sum + keys.size * 90, 0)
  const sections: [string, string[]][] = [
    [
      'Server',
      [
        `redis_version:${server.version}`,
        'redis_git_sha1:00000000',
        'redis_git_dirty:0',
        'redis_build_id:6f7ad7f5a4d7e2c1',
        'redis_mode:standalone',
        `os:Linux ${p.uname().release} ${p.uname().machine}`,
        'arch_bits:64',
        'multiplexing_api:epoll',
        'gcc_version:12.2.0',
        `process_id:${p.pid}`,
        `run_id:${server.runId}`,
        `tcp_port:${server.config['port']}`,
        `uptime_in_seconds:${uptime}`,
        `uptime_in_days:${Math.floor(uptime / 86_400)}`,
        'hz:10',
        `executable:${p.exe}`,
        'config_file:',
      ],
    ],
    [
      'Clients',
      [
        `connected_clients:${server.clients.length}`,
        `maxclients:${server.config['maxclients']}`,
        `blocked_clients:${server.clients.filter(each => each.waiting).length}`,
      ],
    ],
    [
      'Memory',
      [
        `used_memory:${used}`,
        `used_memory_human:${(used / 1_048_576).toFixed(2)}M`,
        'used_memory_rss:8500000',
        'used_memory_rss_human:8.11M',
        `maxmemory:${server.config['maxmemory']}`,
        `maxmemory_policy:${server.config['maxmemory-policy']}`,
        'mem_allocator:jemalloc-5.3.0',
      ],
    ],
    [
      'Persistence',
      [
        'loading:0',
        `rdb_changes_since_last_save:${server.dirty}`,
        'rdb_bgsave_in_progress:0',
        `rdb_last_save_time:${Math.floor(server.lastSave / 1000)}`,
        'rdb_last_bgsave_status:ok',
        `aof_enabled:${server.config['appendonly'] === 'yes' ? 1 : 0}`,
      ],
    ],
    [
      'Stats',
      [
        `total_connections_received:${counters.connections}`,
        `total_commands_processed:${counters.commands}`,
        'instantaneous_ops_per_sec:0',
        'rejected_connections:0',
        'expired_keys:0',
        'evicted_keys:0',
        `keyspace_hits:${counters.hits}`,
        `keyspace_misses:${counters.misses}`,
      ],
    ],
    ['Replication', ['role:master', 'connected_slaves:0', 'master_repl_offset:0']],
    [
      'CPU',
      [
        `used_cpu_sys:${(p.rusage('self').systemMs / 1000).toFixed(6)}`,
        `used_cpu_user:${(p.rusage('self').userMs / 1000).toFixed(6)}`,
      ],
    ],
    ['Cluster', ['cluster_enabled:0']],
    [
      'Keyspace',
      [...data.databases]
        .map(([index]) => ({ index, keys: data.keys(index) }))
        .filter(({ keys }) => keys.length > 0)
        .map(
          ({ index, keys }) =>
            `db${index}:keys=${keys.length},expires=${keys.filter(key => data.find(index, key)?.expires !== undefined).length},avg_ttl=0`,
        ),
    ],
  ]
  const shown = sections.filter(
    ([name]) =>
      wanted.length === 0 || wanted.some(each => ['all', 'default', 'everything', name.toLowerCase()].includes(each)),
  )
  return bulk(shown.map(([name, lines]) => `# ${name}\r\n${lines.map(line => `${line}\r\n`).join('')}`).join('\r\n'))
}

function clientCommand(server: Server, client: Client, args: string[]): Reply {
  switch (at(args, 1).toUpperCase()) {
    case 'SETNAME':
      client.name = at(args, 2)
      return OK
    case 'GETNAME':
      return bulk(client.name === '' ? null : client.name)
    case 'ID':
      return number(client.id)
    case 'LIST':
      return bulk(
        server.clients
          .map(
            each =>
              `id=${each.id} addr=${each.address} laddr=127.0.0.1:${server.config['port']} fd=${each.fd} name=${each.name} age=${Math.floor((server.p.now() - each.since) / 1000)} idle=0 flags=N db=${each.db} cmd=client|list user=default\n`,
          )
          .join(''),
      )
    case 'SETINFO':
    case 'NO-EVICT':
    case 'REPLY':
      return OK
    case 'KILL':
      return OK
  }
  return failed(`ERR unknown subcommand '${at(args, 1)}'. Try CLIENT HELP.`)
}

function block(side: 'left' | 'right'): AdminCommand {
  return {
    arity: -3,
    *run(server, client, args) {
      const keys = args.slice(1, -1)
      const seconds = Number(args.at(-1))
      if (Number.isNaN(seconds) || seconds < 0) return failed('ERR timeout is not a float or out of range')
      const key = keys.find(each => server.data.get(client.db, each, 'list'))
      if (key !== undefined) {
        const reply = yield* server.run(client, [side === 'left' ? 'lpop' : 'rpop', key])
        return list([bulk(key), reply ?? bulk(null)])
      }
      client.waiting = { keys, side, until: seconds === 0 ? 0 : server.data.now + seconds * 1000 }
      return undefined
    },
  }
}

export const administration: ReadonlyMap<string, AdminCommand> = new Map<string, AdminCommand>(
  Object.entries({
    auth: now(-2, auth),
    select: now(2, (server, client, args) => {
      const index = at(args, 1)
      if (!/^\d+$/.test(index)) return failed('ERR value is not an integer or out of range')
      if (Number(index) >= Number(server.config['databases'])) return failed('ERR DB index is out of range')
      client.db = Number(index)
      return OK
    }),
    quit: now(-1, () => OK),
    reset: now(1, () => ({ simple: 'RESET' })),
    hello: now(-1, (server, client, args) => {
      if (args[2]?.toUpperCase() === 'AUTH') auth(server, client, ['auth', at(args, 3), at(args, 4)])
      if (!client.trusted)
        return failed(
          'NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol version at the same time',
        )
      return list([
        bulk('server'),
        bulk('redis'),
        bulk('version'),
        bulk(server.version),
        bulk('proto'),
        number(2),
        bulk('id'),
        number(client.id),
        bulk('mode'),
        bulk('standalone'),
        bulk('role'),
        bulk('master'),
        bulk('modules'),
        list([]),
      ])
    }),
    config: now(-2, (server, _, args) => config(server, args)),
    info: now(-1, (server, _, args) => info(server, args)),
    client: now(-2, clientCommand),
    command: now(-1, (_, __, args) => (at(args, 1).toUpperCase() === 'COUNT' ? number(241) : list([]))),
    role: now(1, () => list([bulk('master'), number(0), list([])])),
    wait: now(3, () => number(0)),
    debug: now(-2, () => OK),
    object: now(-2, (server, client, args) => {
      const entry = server.data.find(client.db, at(args, 2))
      if (!entry) return bulk(null)
      if (at(args, 1).toUpperCase() !== 'ENCODING') return number(0)
      const small = entry.value.length <= 128
      const names = {
        string: /^-?\d{1,19}$/.test(String(entry.value)) ? 'int' : String(entry.value).length <= 44 ? 'embstr' : 'raw',
        list: small ? 'listpack' : 'quicklist',
        hash: small ? 'listpack' : 'hashtable',
        set:
          entry.type === 'set' && entry.value.every(each => /^-?\d+$/.test(each))
            ? 'intset'
            : small
              ? 'listpack'
              : 'hashtable',
        zset: small ? 'listpack' : 'skiplist',
      }
      return bulk(names[entry.type])
    }),
    memory: now(-2, (server, client, args) => {
      const entry = server.data.find(client.db, at(args, 2))
      return entry ? number(56 + JSON.stringify(entry.value).length) : bulk(null)
    }),
    slowlog: now(-2, () => list([])),
    latency: now(-2, () => list([])),
    save: now(1, server => {
      const problem = server.save()
      return problem === undefined ? OK : failed('ERR')
    }),
    bgsave: {
      arity: -1,
      *run(server) {
        yield* server.backgroundSave()
        return { simple: 'Background saving started' }
      },
    },
    bgrewriteaof: now(1, () => ({ simple: 'Background append only file rewriting started' })),
    lastsave: now(1, server => number(Math.floor(server.lastSave / 1000))),
    shutdown: now(-1, (server, _, args) => {
      const option = at(args, 1).toUpperCase()
      server.shutdown(option === 'NOSAVE' ? false : option === 'SAVE' ? true : undefined)
      return undefined
    }),
    monitor: now(1, (_, client) => {
      client.monitor = true
      return OK
    }),
    multi: now(1, (_, client) => {
      if (client.queue) return failed('ERR MULTI calls can not be nested')
      client.queue = []
      return OK
    }),
    discard: now(1, (_, client) => {
      if (!client.queue) return failed('ERR DISCARD without MULTI')
      client.queue = undefined
      return OK
    }),
    exec: {
      arity: 1,
      *run(server, client) {
        const { queue } = client
        if (!queue) return failed('ERR EXEC without MULTI')
        client.queue = undefined
        const replies: Reply[] = []
        for (const args of queue) replies.push((yield* server.run(client, args)) ?? OK)
        return list(replies)
      },
    },
    watch: now(-2, () => OK),
    unwatch: now(1, () => OK),
    blpop: block('left'),
    brpop: block('right'),
    subscribe: {
      arity: -2,
      *run(server, client, args) {
        for (const channel of args.slice(1)) {
          if (!client.channels.includes(channel)) client.channels.push(channel)
          yield* server.send(client, list([bulk('subscribe'), bulk(channel), number(client.channels.length)]))
        }
        return undefined
      },
    },
    psubscribe: {
      arity: -2,
      *run(server, client, args) {
        for (const channel of args.slice(1)) {
          client.channels.push(`pattern:${channel}`)
          yield* server.send(client, list([bulk('psubscribe'), bulk(channel), number(client.channels.length)]))
        }
        return undefined
      },
    },
    unsubscribe: {
      arity: -1,
      *run(server, client, args) {
        const gone = args.length > 1 ? args.slice(1) : [...client.channels]
        for (const channel of gone) {
          client.channels = client.channels.filter(each => each !== channel)
          yield* server.send(client, list([bulk('unsubscribe'), bulk(channel), number(client.channels.length)]))
        }
        return undefined
      },
    },
    publish: {
      arity: 3,
      *run(server, _, args) {
        const [, channel = '', message = ''] = args
        let heard = 0
        for (const client of server.clients) {
          if (client.channels.includes(channel)) {
            heard++
            yield* server.send(client, bulks(['message', channel, message]))
          }
          for (const each of client.channels) {
            if (!each.startsWith('pattern:') || !globTest(each.slice(8)).test(channel)) continue
            heard++
            yield* server.send(client, bulks(['pmessage', each.slice(8), channel, message]))
          }
        }
        return number(heard)
      },
    },
    pubsub: now(-2, (server, _, args) =>
      at(args, 1).toUpperCase() === 'CHANNELS'
        ? bulks([
            ...new Set(
              server.clients.flatMap(each => each.channels.filter(channel => !channel.startsWith('pattern:'))),
            ),
          ])
        : list([]),
    ),
  }),
)
