/**
 * A transaction that breaks off at any of its system calls leaves the store as before or as after. The calls are
 * counted by a stand-in for `node:fs`; from the chosen one on nothing works any more, as in a process that was killed,
 * or exactly one fails, as on a full disk.
 */
import type * as Fs from 'node:fs'
import { cpSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { EngineError } from '../../src/errors.ts'
import { openStore } from '../../src/store/store.ts'
import type { Store, Transaction } from '../../src/store/types.ts'
import { contentsOf, filesBelow, tempFolder } from './temp-store.ts'

const { fault } = vi.hoisted(() => ({
  fault: { at: Number.POSITIVE_INFINITY, calls: 0, kind: 'kill' as 'kill' | 'ENOSPC' },
}))

vi.mock('node:fs', async importOriginal => {
  const real = await importOriginal<typeof Fs>()
  const changing = ['openSync', 'writeSync', 'fsyncSync', 'renameSync', 'unlinkSync', 'mkdirSync', 'rmSync', 'linkSync']
  const wrap =
    (name: string, call: (...args: unknown[]) => unknown) =>
    (...args: unknown[]): unknown => {
      // A full disk does not keep files from being removed.
      if (name === 'unlinkSync' && fault.kind !== 'kill') return call(...args)
      fault.calls++
      if (fault.kind === 'kill' ? fault.calls < fault.at : fault.calls !== fault.at) return call(...args)
      // A write may be cut short.
      if (name === 'writeSync' && fault.calls === fault.at && args[1] instanceof Uint8Array)
        call(args[0], args[1], 0, args[1].length >> 1, args[4])
      throw Object.assign(new Error(fault.kind), { code: fault.kind })
    }
  const entries = Object.entries(real).map(([name, call]) => [
    name,
    changing.includes(name) ? wrap(name, call as (...args: unknown[]) => unknown) : call,
  ])
  return Object.fromEntries(entries)
})

function withFault<T>(kind: typeof fault.kind, at: number, action: () => T): { error: unknown } | { value: T } {
  Object.assign(fault, { kind, at, calls: 0 })
  try {
    return { value: action() }
  } catch (error) {
    return { error }
  } finally {
    fault.at = Number.POSITIVE_INFINITY
    fault.kind = 'kill'
  }
}

interface Head {
  length: number
}

function append(tx: Transaction, text: string): void {
  const length = tx.read<Head>('head.json')?.length ?? 0
  tx.put('head.json', { length: tx.append('log', length, Buffer.from(text)) })
}

/** What a store holds, its log as far as it is committed. */
function stateOf(root: string): Record<string, string> {
  const { log = '', ...documents } = contentsOf(root)
  const { length } = JSON.parse(documents['head.json'] ?? '{"length":0}') as Head
  return { ...documents, log: log.slice(0, length) }
}

function fill(store: Store): void {
  store.transaction(tx => {
    for (const name of ['a', 'b']) {
      tx.put(`containers/${name}/config.json`, { name })
      tx.putBytes(`containers/${name}/fs/data/1`, Buffer.from(name.repeat(100)))
    }
    tx.put('index.json', { names: ['a', 'b'] })
    append(tx, 'created\n')
  })
}

const transactions: Record<string, (tx: Transaction) => void> = {
  'one document': tx => tx.put('index.json', { names: ['c'] }),
  'a new document in a new folder': tx => tx.put('volumes/v.json', { name: 'v' }),
  'several documents': tx => {
    tx.put('index.json', { names: ['a', 'b', 'c'] })
    tx.put('containers/c/config.json', { name: 'c' })
    tx.put('containers/a/config.json', { name: 'a', state: 'running' })
  },
  'a document and bytes at the end of a log': tx => append(tx, 'started\n'),
  'bytes replaced and removed': tx => {
    tx.putBytes('containers/a/fs/data/1', Buffer.from('new'))
    tx.putBytes('containers/a/fs/data/2', Buffer.from('more'))
    tx.remove('containers/b/fs/data/1')
    tx.put('index.json', { names: [] })
  },
  'a folder removed': tx => tx.remove('containers/a'),
  'a folder removed with what names it': tx => {
    tx.remove('containers/a')
    tx.put('index.json', { names: ['b'] })
    append(tx, 'removed\n')
  },
  'a folder removed and filled anew': tx => {
    tx.remove('containers/a')
    tx.put('containers/a/config.json', { name: 'other' })
    tx.putBytes('containers/a/fs/data/2', Buffer.from('other'))
    tx.put('index.json', { names: ['other', 'b'] })
  },
  'a log begun anew': tx => {
    tx.remove('log')
    tx.put('head.json', { length: tx.append('log', 0, Buffer.from('new\n')) })
  },
}

/** Runs a transaction with a fault at each call in turn; `look` is told the outcome and the store's folder. */
function eachFault(
  kind: typeof fault.kind,
  change: (tx: Transaction) => void,
  look: (outcome: {
    root: string
    store: Store
    error: unknown
    before: Record<string, string>
    after: Record<string, string>
  }) => void,
): number {
  const folder = tempFolder()
  const [origin, root] = [join(folder, 'origin'), join(folder, 'store')]
  fill(openStore(origin))
  const before = stateOf(origin)
  cpSync(origin, root, { recursive: true })
  openStore(root).transaction(change)
  const after = stateOf(root)
  for (let at = 1; ; at++) {
    rmSync(root, { recursive: true })
    cpSync(origin, root, { recursive: true })
    const store = openStore(root)
    const result = withFault(kind, at, () => store.transaction(change))
    const calls = fault.calls
    look({ root, store, error: 'error' in result ? result.error : undefined, before, after })
    if (calls < at) return at
  }
}

test.each(Object.entries(transactions))('%s: a kill at any moment leaves it undone or done', (_, change) => {
  const seen = { before: 0, after: 0 }
  eachFault('kill', change, ({ root, error, before, after }) => {
    // This process plays the killed one, so that its lock would count as held.
    rmSync(join(root, 'lock'), { force: true })
    const store = openStore(root)
    const now = stateOf(root)
    expect([before, after]).toContainEqual(now)
    seen[JSON.stringify(now) === JSON.stringify(after) ? 'after' : 'before']++
    if (error === undefined) expect(now).toEqual(after)
    expect(() => store.transaction(tx => tx.put('more.json', {}))).not.toThrow()
    expect(readFileSync(join(root, 'more.json'), 'utf8')).toBe('{}')
  })
  expect(Math.min(seen.before, seen.after)).toBeGreaterThan(0)
})

test.each(Object.entries(transactions))('%s: a disk that is full at any moment leaves all or nothing', (_, change) => {
  eachFault('ENOSPC', change, ({ root, store, error, before, after }) => {
    if (error !== undefined) {
      expect(error).toBeInstanceOf(EngineError)
      expect((error as Error).message).toMatch(new RegExp(`^\\w+ ${root}.*: no space left on device$`))
    }
    // What follows completes or forgets it, in the same process and in others.
    store.transaction(tx => tx.read('index.json'))
    expect(error === undefined ? [after] : [before, after]).toContainEqual(stateOf(root))
    expect(filesBelow(root).filter(path => path.includes('.tmp-') && !path.startsWith('trash/'))).toEqual([])
  })
})
