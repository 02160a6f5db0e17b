/** The commands on data. Each gets its arguments without its name; what it throws is its reply. */
import { CommandError, type Data, type Entry, globTest } from './data.ts'
import { bulk, bulks, list, number, OK, type Reply } from './resp.ts'

export interface Call {
  readonly data: Data
  readonly db: number
  /** Command line, name first as it was sent. */
  readonly args: readonly string[]
  /** A random number from 0 to 1. */
  random(): number
}

export interface Command {
  /** Number of words with the name; negative: at least so many. */
  readonly arity: number
  /** Changes data: is counted, and goes to the append-only file. */
  readonly write?: boolean
  run(call: Call): Reply
}

const integer = (text: string | undefined): number => {
  if (text === undefined || !/^-?\d{1,19}$/.test(text))
    throw new CommandError('ERR value is not an integer or out of range')
  return Number(text)
}
const float = (text: string | undefined): number => {
  const value =
    text === undefined || text.trim() === ''
      ? Number.NaN
      : /^[+-]?inf(inity)?$/i.test(text)
        ? text.startsWith('-')
          ? -Infinity
          : Infinity
        : Number(text)
  if (Number.isNaN(value)) throw new CommandError('ERR value is not a valid float')
  return value
}
const syntax = (): CommandError => new CommandError('ERR syntax error')
const score = (value: number): string => (value === Infinity ? 'inf' : value === -Infinity ? '-inf' : String(value))
const span = (from: number, to: number, size: number): [number, number] => {
  const start = from < 0 ? Math.max(0, size + from) : from
  const end = to < 0 ? size + to : Math.min(to, size - 1)
  return [start, end + 1]
}
const arg = (args: readonly string[], at: number): string => args[at] ?? ''

function setKey({ data, db, args }: Call): Reply {
  const [, key = '', value = '', ...options] = args
  let expires: number | undefined
  let only: 'NX' | 'XX' | undefined
  let keep = false
  let get = false
  for (let at = 0; at < options.length; at++) {
    const option = arg(options, at).toUpperCase()
    if (option === 'NX' || option === 'XX') only = option
    else if (option === 'KEEPTTL') keep = true
    else if (option === 'GET') get = true
    else if (['EX', 'PX', 'EXAT', 'PXAT'].includes(option)) {
      const amount = integer(options[++at])
      if (amount <= 0) throw new CommandError("ERR invalid expire time in 'set' command")
      expires =
        option === 'EX'
          ? data.now + amount * 1000
          : option === 'PX'
            ? data.now + amount
            : option === 'EXAT'
              ? amount * 1000
              : amount
    } else throw syntax()
  }
  const old = data.find(db, key)
  const before = get ? bulk(data.get(db, key, 'string')?.value ?? null) : undefined
  if ((only === 'NX' && old) || (only === 'XX' && !old)) return before ?? bulk(null)
  const kept = keep ? old?.expires : undefined
  const until = expires ?? kept
  data.database(db).set(key, { type: 'string', value, ...(until !== undefined && { expires: until }) })
  return before ?? OK
}

function add(call: Call, by: number): Reply {
  const { data, db, args } = call
  const key = arg(args, 1)
  const old = data.get(db, key, 'string')
  const value = integer(old?.value ?? '0') + by
  if (!Number.isSafeInteger(value)) throw new CommandError('ERR increment or decrement would overflow')
  data.need(db, key, 'string').value = String(value)
  return number(value)
}

function push(call: Call, side: 'left' | 'right', onlyIfThere: boolean): Reply {
  const { data, db, args } = call
  const key = arg(args, 1)
  if (onlyIfThere && !data.get(db, key, 'list')) return number(0)
  const { value } = data.need(db, key, 'list')
  for (const each of args.slice(2)) {
    if (side === 'left') value.unshift(each)
    else value.push(each)
  }
  return number(value.length)
}

function pop({ data, db, args }: Call, side: 'left' | 'right'): Reply {
  const key = arg(args, 1)
  const found = data.get(db, key, 'list')
  const count = args[2] === undefined ? undefined : integer(args[2])
  if (!found) return count === undefined ? bulk(null) : { list: null }
  const taken: string[] = []
  for (let left = count ?? 1; left > 0 && found.value.length > 0; left--)
    taken.push((side === 'left' ? found.value.shift() : found.value.pop()) ?? '')
  data.tidy(db, key)
  return count === undefined ? bulk(taken[0] ?? null) : bulks(taken)
}

function expire({ data, db, args }: Call, unit: number, absolute: boolean): Reply {
  const entry = data.find(db, arg(args, 1))
  const amount = integer(args[2])
  if (!entry) return number(0)
  const at = absolute ? amount * unit : data.now + amount * unit
  const option = args[3]?.toUpperCase()
  if (option === 'NX' && entry.expires !== undefined) return number(0)
  if (option === 'XX' && entry.expires === undefined) return number(0)
  if (option === 'GT' && (entry.expires === undefined || at <= entry.expires)) return number(0)
  if (option === 'LT' && entry.expires !== undefined && at >= entry.expires) return number(0)
  if (at <= data.now) data.database(db).delete(arg(args, 1))
  else entry.expires = at
  return number(1)
}

const hashGet = (pairs: readonly [string, string][] | undefined, field: string): string | undefined =>
  pairs?.find(([name]) => name === field)?.[1]
function hashSet(pairs: [string, string][], field: string, value: string): boolean {
  const found = pairs.find(([name]) => name === field)
  if (found) found[1] = value
  else pairs.push([field, value])
  return !found
}

const sorted = (pairs: readonly [string, number][]): [string, number][] =>
  [...pairs].sort((a, b) => a[1] - b[1] || (a[0] < b[0] ? -1 : 1))

const members = ({ data, db }: Call, key: string): string[] => data.get(db, key, 'set')?.value ?? []

function combine(call: Call, keys: readonly string[], how: 'inter' | 'union' | 'diff'): string[] {
  const [first = [], ...rest] = keys.map(key => members(call, key))
  if (how === 'union') return [...new Set([first, ...rest].flat())]
  return first.filter(each =>
    how === 'inter' ? rest.every(set => set.includes(each)) : !rest.some(set => set.includes(each)),
  )
}
function store(call: Call, values: string[]): Reply {
  const key = arg(call.args, 1)
  call.data.database(call.db).delete(key)
  if (values.length > 0) call.data.need(call.db, key, 'set').value = values
  return number(values.length)
}

function bound(text: string): { value: number; open: boolean } {
  const open = text.startsWith('(')
  try {
    return { value: float(open ? text.slice(1) : text), open }
  } catch {
    throw new CommandError('ERR min or max is not a float')
  }
}

function range(call: Call, reverse: boolean, byScore: boolean): Reply {
  const { data, db, args } = call
  const options = args.slice(4).map(each => each.toUpperCase())
  const scores = options.includes('WITHSCORES')
  const backwards = reverse || options.includes('REV')
  const asScore = byScore || options.includes('BYSCORE')
  let items = sorted(data.get(db, arg(args, 1), 'zset')?.value ?? [])
  if (backwards) items.reverse()
  if (asScore) {
    const [low, high] = backwards
      ? [bound(arg(args, 3)), bound(arg(args, 2))]
      : [bound(arg(args, 2)), bound(arg(args, 3))]
    items = items.filter(
      ([, value]) =>
        (low.open ? value > low.value : value >= low.value) && (high.open ? value < high.value : value <= high.value),
    )
    const limit = options.indexOf('LIMIT')
    if (limit >= 0) {
      const from = integer(args[4 + limit + 1])
      const count = integer(args[4 + limit + 2])
      items = items.slice(from, count < 0 ? undefined : from + count)
    }
  } else items = items.slice(...span(integer(args[2]), integer(args[3]), items.length))
  return bulks(items.flatMap(([member, value]) => (scores ? [member, score(value)] : [member])))
}

function scan(call: Call, values: string[][], from: number): Reply {
  const { args } = call
  let match: RegExp | undefined
  for (let at = from; at < args.length; at += 2) {
    const option = arg(args, at).toUpperCase()
    if (option === 'MATCH') match = globTest(arg(args, at + 1))
    else if (option !== 'COUNT' && option !== 'TYPE') throw syntax()
  }
  return list([bulk('0'), bulks(values.filter(([key = '']) => match?.test(key) ?? true).flat())])
}

const read = (arity: number, run: Command['run']): Command => ({ arity, run })
const write = (arity: number, run: Command['run']): Command => ({ arity, run, write: true })

export const commands: ReadonlyMap<string, Command> = new Map<string, Command>(
  Object.entries({
    get: read(2, ({ data, db, args }) => bulk(data.get(db, arg(args, 1), 'string')?.value ?? null)),
    set: write(-3, setKey),
    setnx: write(3, call => number(setKey({ ...call, args: [...call.args, 'NX'] }) === OK ? 1 : 0)),
    setex: write(4, call => {
      if (integer(call.args[2]) <= 0) throw new CommandError("ERR invalid expire time in 'setex' command")
      return setKey({ ...call, args: ['set', arg(call.args, 1), arg(call.args, 3), 'EX', arg(call.args, 2)] })
    }),
    psetex: write(4, call =>
      setKey({ ...call, args: ['set', arg(call.args, 1), arg(call.args, 3), 'PX', arg(call.args, 2)] }),
    ),
    getset: write(3, call => setKey({ ...call, args: [...call.args, 'GET'] })),
    getdel: write(2, ({ data, db, args }) => {
      const value = data.get(db, arg(args, 1), 'string')?.value ?? null
      data.database(db).delete(arg(args, 1))
      return bulk(value)
    }),
    mget: read(-2, ({ data, db, args }) =>
      bulks(
        args.slice(1).map(key => {
          const entry = data.find(db, key)
          return entry?.type === 'string' ? entry.value : null
        }),
      ),
    ),
    mset: write(-3, ({ data, db, args }) => {
      if (args.length % 2 === 0) throw new CommandError("ERR wrong number of arguments for 'mset' command")
      for (let at = 1; at < args.length; at += 2)
        data.database(db).set(arg(args, at), { type: 'string', value: arg(args, at + 1) })
      return OK
    }),
    append: write(3, ({ data, db, args }) => {
      const entry = data.need(db, arg(args, 1), 'string')
      entry.value += arg(args, 2)
      return number(entry.value.length)
    }),
    strlen: read(2, ({ data, db, args }) => number(data.get(db, arg(args, 1), 'string')?.value.length ?? 0)),
    getrange: read(4, ({ data, db, args }) => {
      const value = data.get(db, arg(args, 1), 'string')?.value ?? ''
      return bulk(value.slice(...span(integer(args[2]), integer(args[3]), value.length)))
    }),
    incr: write(2, call => add(call, 1)),
    decr: write(2, call => add(call, -1)),
    incrby: write(3, call => add(call, integer(call.args[2]))),
    decrby: write(3, call => add(call, -integer(call.args[2]))),
    incrbyfloat: write(3, ({ data, db, args }) => {
      const entry = data.get(db, arg(args, 1), 'string')
      const value = String(Number((float(entry?.value ?? '0') + float(args[2])).toPrecision(17)))
      data.need(db, arg(args, 1), 'string').value = value
      return bulk(value)
    }),
    del: write(-2, ({ data, db, args }) =>
      number(args.slice(1).filter(key => data.find(db, key) && data.database(db).delete(key)).length),
    ),
    unlink: write(-2, ({ data, db, args }) =>
      number(args.slice(1).filter(key => data.find(db, key) && data.database(db).delete(key)).length),
    ),
    exists: read(-2, ({ data, db, args }) => number(args.slice(1).filter(key => data.find(db, key)).length)),
    type: read(2, ({ data, db, args }) => ({ simple: data.find(db, arg(args, 1))?.type ?? 'none' })),
    keys: read(2, ({ data, db, args }) => {
      const test = globTest(arg(args, 1))
      return bulks(data.keys(db).filter(key => test.test(key)))
    }),
    scan: read(-2, call =>
      scan(
        call,
        call.data.keys(call.db).map(key => [key]),
        2,
      ),
    ),
    hscan: read(-3, call => scan(call, call.data.get(call.db, arg(call.args, 1), 'hash')?.value ?? [], 3)),
    sscan: read(-3, call =>
      scan(
        call,
        members(call, arg(call.args, 1)).map(each => [each]),
        3,
      ),
    ),
    zscan: read(-3, call =>
      scan(
        call,
        (call.data.get(call.db, arg(call.args, 1), 'zset')?.value ?? []).map(([name, value]) => [name, score(value)]),
        3,
      ),
    ),
    randomkey: read(1, ({ data, db, random }) => {
      const keys = data.keys(db)
      return bulk(keys[Math.floor(random() * keys.length)] ?? null)
    }),
    rename: write(3, ({ data, db, args }) => {
      const entry = data.find(db, arg(args, 1))
      if (!entry) throw new CommandError('ERR no such key')
      data.database(db).delete(arg(args, 1))
      data.database(db).set(arg(args, 2), entry)
      return OK
    }),
    copy: write(-3, ({ data, db, args }) => {
      const entry = data.find(db, arg(args, 1))
      if (!entry || data.find(db, arg(args, 2))) return number(0)
      data.database(db).set(arg(args, 2), structuredClone(entry))
      return number(1)
    }),
    dbsize: read(1, ({ data, db }) => number(data.keys(db).length)),
    flushdb: write(-1, ({ data, db }) => {
      data.database(db).clear()
      return OK
    }),
    flushall: write(-1, ({ data }) => {
      data.databases.clear()
      return OK
    }),
    expire: write(-3, call => expire(call, 1000, false)),
    pexpire: write(-3, call => expire(call, 1, false)),
    expireat: write(-3, call => expire(call, 1000, true)),
    pexpireat: write(-3, call => expire(call, 1, true)),
    ttl: read(2, call => number(timeLeft(call, 1000))),
    pttl: read(2, call => number(timeLeft(call, 1))),
    persist: write(2, ({ data, db, args }) => {
      const entry = data.find(db, arg(args, 1))
      if (entry?.expires === undefined) return number(0)
      delete entry.expires
      return number(1)
    }),
    lpush: write(-3, call => push(call, 'left', false)),
    rpush: write(-3, call => push(call, 'right', false)),
    lpushx: write(-3, call => push(call, 'left', true)),
    rpushx: write(-3, call => push(call, 'right', true)),
    lpop: write(-2, call => pop(call, 'left')),
    rpop: write(-2, call => pop(call, 'right')),
    llen: read(2, ({ data, db, args }) => number(data.get(db, arg(args, 1), 'list')?.value.length ?? 0)),
    lrange: read(4, ({ data, db, args }) => {
      const value = data.get(db, arg(args, 1), 'list')?.value ?? []
      return bulks(value.slice(...span(integer(args[2]), integer(args[3]), value.length)))
    }),
    lindex: read(3, ({ data, db, args }) =>
      bulk(data.get(db, arg(args, 1), 'list')?.value.at(integer(args[2])) ?? null),
    ),
    lset: write(4, ({ data, db, args }) => {
      const found = data.get(db, arg(args, 1), 'list')
      if (!found) throw new CommandError('ERR no such key')
      const at = integer(args[2])
      const index = at < 0 ? found.value.length + at : at
      if (index < 0 || index >= found.value.length) throw new CommandError('ERR index out of range')
      found.value[index] = arg(args, 3)
      return OK
    }),
    lrem: write(4, ({ data, db, args }) => {
      const found = data.get(db, arg(args, 1), 'list')
      const count = integer(args[2])
      if (!found) return number(0)
      let left = count === 0 ? Infinity : Math.abs(count)
      const kept: string[] = []
      for (const each of count < 0 ? found.value.reverse() : found.value) {
        if (each === args[3] && left > 0) left--
        else kept.push(each)
      }
      const gone = found.value.length - kept.length
      found.value = count < 0 ? kept.reverse() : kept
      data.tidy(db, arg(args, 1))
      return number(gone)
    }),
    ltrim: write(4, ({ data, db, args }) => {
      const found = data.get(db, arg(args, 1), 'list')
      if (found) found.value = found.value.slice(...span(integer(args[2]), integer(args[3]), found.value.length))
      data.tidy(db, arg(args, 1))
      return OK
    }),
    hset: write(-4, call => number(setFields(call))),
    hmset: write(-4, call => {
      setFields(call)
      return OK
    }),
    hsetnx: write(4, ({ data, db, args }) => {
      const { value } = data.need(db, arg(args, 1), 'hash')
      if (hashGet(value, arg(args, 2)) !== undefined) return number(0)
      value.push([arg(args, 2), arg(args, 3)])
      return number(1)
    }),
    hget: read(3, ({ data, db, args }) =>
      bulk(hashGet(data.get(db, arg(args, 1), 'hash')?.value, arg(args, 2)) ?? null),
    ),
    hmget: read(-3, ({ data, db, args }) => {
      const value = data.get(db, arg(args, 1), 'hash')?.value
      return bulks(args.slice(2).map(field => hashGet(value, field) ?? null))
    }),
    hgetall: read(2, ({ data, db, args }) => bulks((data.get(db, arg(args, 1), 'hash')?.value ?? []).flat())),
    hkeys: read(2, ({ data, db, args }) =>
      bulks((data.get(db, arg(args, 1), 'hash')?.value ?? []).map(([field]) => field)),
    ),
    hvals: read(2, ({ data, db, args }) =>
      bulks((data.get(db, arg(args, 1), 'hash')?.value ?? []).map(([, each]) => each)),
    ),
    hlen: read(2, ({ data, db, args }) => number(data.get(db, arg(args, 1), 'hash')?.value.length ?? 0)),
    hexists: read(3, ({ data, db, args }) =>
      number(hashGet(data.get(db, arg(args, 1), 'hash')?.value, arg(args, 2)) === undefined ? 0 : 1),
    ),
    hdel: write(-3, ({ data, db, args }) => {
      const found = data.get(db, arg(args, 1), 'hash')
      if (!found) return number(0)
      const before = found.value.length
      found.value = found.value.filter(([field]) => !args.slice(2).includes(field))
      const gone = before - found.value.length
      data.tidy(db, arg(args, 1))
      return number(gone)
    }),
    hincrby: write(4, ({ data, db, args }) => {
      const { value } = data.need(db, arg(args, 1), 'hash')
      const old = hashGet(value, arg(args, 2)) ?? '0'
      if (!/^-?\d+$/.test(old)) throw new CommandError('ERR hash value is not an integer')
      const sum = Number(old) + integer(args[3])
      hashSet(value, arg(args, 2), String(sum))
      return number(sum)
    }),
    hincrbyfloat: write(4, ({ data, db, args }) => {
      const { value } = data.need(db, arg(args, 1), 'hash')
      const sum = String(float(hashGet(value, arg(args, 2)) ?? '0') + float(args[3]))
      hashSet(value, arg(args, 2), sum)
      return bulk(sum)
    }),
    sadd: write(-3, ({ data, db, args }) => {
      const { value } = data.need(db, arg(args, 1), 'set')
      const before = value.length
      for (const each of args.slice(2)) if (!value.includes(each)) value.push(each)
      return number(value.length - before)
    }),
    srem: write(-3, ({ data, db, args }) => {
      const found = data.get(db, arg(args, 1), 'set')
      if (!found) return number(0)
      const before = found.value.length
      found.value = found.value.filter(each => !args.slice(2).includes(each))
      const gone = before - found.value.length
      data.tidy(db, arg(args, 1))
      return number(gone)
    }),
    smembers: read(2, call => bulks(members(call, arg(call.args, 1)))),
    sismember: read(3, call => number(members(call, arg(call.args, 1)).includes(arg(call.args, 2)) ? 1 : 0)),
    scard: read(2, call => number(members(call, arg(call.args, 1)).length)),
    spop: write(-2, ({ data, db, args, random }) => {
      const found = data.get(db, arg(args, 1), 'set')
      if (!found) return bulk(null)
      const [taken] = found.value.splice(Math.floor(random() * found.value.length), 1)
      data.tidy(db, arg(args, 1))
      return bulk(taken ?? null)
    }),
    srandmember: read(-2, call => {
      const value = members(call, arg(call.args, 1))
      return bulk(value[Math.floor(call.random() * value.length)] ?? null)
    }),
    sinter: read(-2, call => bulks(combine(call, call.args.slice(1), 'inter'))),
    sunion: read(-2, call => bulks(combine(call, call.args.slice(1), 'union'))),
    sdiff: read(-2, call => bulks(combine(call, call.args.slice(1), 'diff'))),
    sinterstore: write(-3, call => store(call, combine(call, call.args.slice(2), 'inter'))),
    sunionstore: write(-3, call => store(call, combine(call, call.args.slice(2), 'union'))),
    sdiffstore: write(-3, call => store(call, combine(call, call.args.slice(2), 'diff'))),
    zadd: write(-4, addScores),
    zscore: read(3, ({ data, db, args }) => {
      const found = data.get(db, arg(args, 1), 'zset')?.value.find(([name]) => name === args[2])
      return bulk(found ? score(found[1]) : null)
    }),
    zincrby: write(4, ({ data, db, args }) => {
      const { value } = data.need(db, arg(args, 1), 'zset')
      const found = value.find(([name]) => name === args[3])
      const sum = (found?.[1] ?? 0) + float(args[2])
      if (found) found[1] = sum
      else value.push([arg(args, 3), sum])
      return bulk(score(sum))
    }),
    zcard: read(2, ({ data, db, args }) => number(data.get(db, arg(args, 1), 'zset')?.value.length ?? 0)),
    zrem: write(-3, ({ data, db, args }) => {
      const found = data.get(db, arg(args, 1), 'zset')
      if (!found) return number(0)
      const before = found.value.length
      found.value = found.value.filter(([name]) => !args.slice(2).includes(name))
      const gone = before - found.value.length
      data.tidy(db, arg(args, 1))
      return number(gone)
    }),
    zrank: read(-3, call => rank(call, false)),
    zrevrank: read(-3, call => rank(call, true)),
    zcount: read(4, call => {
      const found = range({ ...call, args: call.args.slice(0, 4) }, false, true)
      return number('list' in found ? (found.list?.length ?? 0) : 0)
    }),
    zrange: read(-4, call => range(call, false, false)),
    zrevrange: read(-4, call => range(call, true, false)),
    zrangebyscore: read(-4, call => range(call, false, true)),
    zrevrangebyscore: read(-4, call => range(call, true, true)),
    ping: read(-1, ({ args }) =>
      args.length > 2 ? wrongNumber('ping') : args[1] === undefined ? { simple: 'PONG' } : bulk(args[1]),
    ),
    echo: read(2, ({ args }) => bulk(arg(args, 1))),
    time: read(1, ({ data }) => bulks([String(Math.floor(data.now / 1000)), String((data.now % 1000) * 1000)])),
  }),
)

const wrongNumber = (name: string): never => {
  throw new CommandError(`ERR wrong number of arguments for '${name}' command`)
}

function timeLeft({ data, db, args }: Call, unit: number): number {
  const entry: Entry | undefined = data.find(db, arg(args, 1))
  if (!entry) return -2
  return entry.expires === undefined ? -1 : Math.round((entry.expires - data.now) / unit)
}

function setFields({ data, db, args }: Call): number {
  if (args.length % 2 !== 0) wrongNumber(arg(args, 0).toLowerCase())
  const { value } = data.need(db, arg(args, 1), 'hash')
  let made = 0
  for (let at = 2; at < args.length; at += 2) if (hashSet(value, arg(args, at), arg(args, at + 1))) made++
  return made
}

function addScores({ data, db, args }: Call): Reply {
  let at = 2
  const flags = new Set<string>()
  while (/^(nx|xx|gt|lt|ch)$/i.test(arg(args, at))) flags.add(arg(args, at++).toUpperCase())
  if ((args.length - at) % 2 !== 0 || at >= args.length) throw syntax()
  const pairs: [string, number][] = []
  for (; at < args.length; at += 2) pairs.push([arg(args, at + 1), float(args[at])])
  const { value } = data.need(db, arg(args, 1), 'zset')
  let made = 0
  let changed = 0
  for (const [member, to] of pairs) {
    const found = value.find(([name]) => name === member)
    if (found) {
      if (flags.has('NX') || (flags.has('GT') && to <= found[1]) || (flags.has('LT') && to >= found[1])) continue
      if (found[1] !== to) changed++
      found[1] = to
    } else if (!flags.has('XX')) {
      value.push([member, to])
      made++
    }
  }
  data.tidy(db, arg(args, 1))
  return number(flags.has('CH') ? made + changed : made)
}

function rank({ data, db, args }: Call, reverse: boolean): Reply {
  const items = sorted(data.get(db, arg(args, 1), 'zset')?.value ?? [])
  if (reverse) items.reverse()
  const at = items.findIndex(([name]) => name === args[2])
  return at < 0 ? bulk(null) : number(at)
}
