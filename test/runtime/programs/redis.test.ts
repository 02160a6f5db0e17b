import { describe, expect, it } from 'vitest'
import { commands } from '../../../src/runtime/programs/redis/commands.ts'
import { CommandError, Data } from '../../../src/runtime/programs/redis/data.ts'
import {
  encodeReply,
  encodeRequest,
  splitLine,
  takeReply,
  takeRequest,
} from '../../../src/runtime/programs/redis/resp.ts'

const run = (data: Data, line: string): string => {
  const args = splitLine(line) ?? []
  try {
    const reply = commands.get((args[0] ?? '').toLowerCase())?.run({ data, db: 0, args, random: () => 0 })
    return reply ? encodeReply(reply) : ''
  } catch (error) {
    if (error instanceof CommandError) return encodeReply(error.reply)
    throw error
  }
}

describe('redis', () => {
  it('answers its commands', () => {
    const data = new Data()
    data.now = 1000
    const said = [
      ['SET a 1', '+OK\r\n'],
      ['INCRBY a 5', ':6\r\n'],
      ['SET a x NX', '$-1\r\n'],
      ['LPUSH a y', '-WRONGTYPE Operation against a key holding the wrong kind of value\r\n'],
      ['RPUSH l a b c', ':3\r\n'],
      ['LRANGE l -2 -1', '*2\r\n$1\r\nb\r\n$1\r\nc\r\n'],
      ['HSET h f v g w', ':2\r\n'],
      ['HGET h g', '$1\r\nw\r\n'],
      ['ZADD z 2 b 1 a', ':2\r\n'],
      ['ZRANGE z 0 -1 WITHSCORES', '*4\r\n$1\r\na\r\n$1\r\n1\r\n$1\r\nb\r\n$1\r\n2\r\n'],
      ['EXPIRE a 10', ':1\r\n'],
      ['TTL a', ':10\r\n'],
      ['INCR h', '-WRONGTYPE Operation against a key holding the wrong kind of value\r\n'],
      ['TYPE z', '+zset\r\n'],
      ['DEL a l nope', ':2\r\n'],
    ]
    expect(said.map(([line = '']) => [line, run(data, line)])).toEqual(said)
    expect(Data.load(JSON.parse(JSON.stringify(data.dump()))).dump()).toEqual(data.dump())
  })

  it('forgets what has expired', () => {
    const data = new Data()
    run(data, 'SET k v EX 1')
    data.now += 1000
    expect(run(data, 'GET k')).toBe('$-1\r\n')
  })

  it('reads what it writes, however it is cut', () => {
    const request = encodeRequest(['SET', 'a b', 'x\r\ny'])
    for (let cut = 0; cut < request.length; cut++) expect(takeRequest(request.slice(0, cut))).toBe(undefined)
    expect(takeRequest(`${request}rest`)).toEqual({ args: ['SET', 'a b', 'x\r\ny'], rest: 'rest' })
    const reply = encodeReply({ list: [{ bulk: null }, { number: 3 }, { list: [] }] })
    for (let cut = 0; cut < reply.length; cut++) expect(takeReply(reply.slice(0, cut))).toBe(undefined)
  })
})
