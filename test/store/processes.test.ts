/** Several processes on one store, some of them killed: nothing that was told as done is lost, nothing is half done. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { rolldown } from 'rolldown'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openStore } from '../../src/store/store.ts'
import type { StoreReader } from '../../src/store/types.ts'
import { seededRandom } from '../../src/util/random.ts'
import { filesBelow, tempFolder } from './temp-store.ts'
import type { Account } from './worker.ts'

const built = mkdtempSync(join(tmpdir(), 'minidock-worker-'))
const worker = join(built, 'worker.mjs')

beforeAll(async () => {
  const bundle = await rolldown({ input: join(import.meta.dirname, 'worker.ts'), platform: 'node', logLevel: 'silent' })
  await bundle.write({ file: worker, format: 'esm' })
  await bundle.close()
})
afterAll(() => rmSync(built, { recursive: true, force: true }))

function start(...args: string[]): ChildProcess {
  return spawn(process.execPath, [worker, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
}

/** The number on the last whole line that a process has written. */
function lastTold(output: string): number {
  return Number(
    output
      .slice(0, output.lastIndexOf('\n') + 1)
      .split('\n')
      .at(-2) ?? 0,
  )
}

/** Throws unless everything in the store says the same. Returns the number of transactions. */
function expectWhole(store: StoreReader): number {
  const account = store.read<Account>('account.json')
  if (!account) return 0
  const { members, n, logLength } = account
  // An empty folder may be there for a document that never came.
  for (const member of new Set([...members, ...store.list('members')]))
    expect(store.read(`members/${member}/config.json`)).toEqual(members.includes(member) ? { n } : undefined)
  const log = readFileSync(store.locate('log'), 'utf8').slice(0, logLength)
  expect(log).toBe(Array.from({ length: n }, (_, at) => `${at + 1}\n`).join(''))
  return n
}

test('sixteen processes that add to one counter lose nothing', async () => {
  const root = tempFolder()
  const children = Array.from({ length: 16 }, () => start(root, 'count', '20'))
  const statuses = await Promise.all(children.map(async child => (await once(child, 'exit'))[0]))
  expect(statuses).toEqual(Array.from({ length: 16 }, () => 0))
  expect(openStore(root).read('counter.json')).toEqual({ n: 320 })
  expect(filesBelow(root)).toEqual(['counter.json', 'generation', 'version'])
})

test('after kills at random moments all that was told is there, and all of it is whole', async () => {
  const root = tempFolder()
  const random = seededRandom('kills')
  const rounds = 40
  let transactions = 0
  for (let round = 0; round < rounds; round++) {
    const children = Array.from({ length: 1 + random.below(2) }, (_, at) => start(root, 'random', `${round}-${at}`))
    const outputs = await Promise.all(
      children.map(async child => {
        let output = ''
        child.stdout?.on('data', data => {
          output += data
          // At any moment of a transaction: some time after one has been told.
          if (output.length === String(data).length) setTimeout(() => child.kill('SIGKILL'), random.below(200) / 10)
        })
        await once(child, 'close')
        return output
      }),
    )
    const before = transactions
    transactions = expectWhole(openStore(root))
    expect(transactions).toBeGreaterThanOrEqual(Math.max(before, ...outputs.map(lastTold)))
  }
  expect(transactions).toBeGreaterThan(rounds)
}, 120_000)

test('views of a store that others change are each of one moment', async () => {
  const root = tempFolder()
  const child = start(root, 'random', 'views')
  if (!child.stdout) throw new Error('no pipe')
  await once(child.stdout, 'data')
  const store = openStore(root)
  try {
    for (let look = 0; look < 200; look++) store.view(expectWhole)
  } finally {
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
})

test('the lock of a killed process is taken over at once', async () => {
  const root = tempFolder()
  const child = start(root, 'hold')
  if (!child.stdout) throw new Error('no pipe')
  await once(child.stdout, 'data')
  child.kill('SIGKILL')
  await once(child, 'exit')
  const told: number[] = []
  const begin = performance.now()
  openStore(root, { waiting: pid => told.push(pid) }).transaction(tx => tx.put('a.json', {}))
  expect(performance.now() - begin).toBeLessThan(1000)
  expect(told).toEqual([])
  expect(filesBelow(root)).toEqual(['a.json', 'generation', 'version'])
})
