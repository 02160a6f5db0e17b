import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as fc from 'fast-check'
import { rolldown } from 'rolldown'
import { expect, test } from 'vitest'
import { openStore } from '../../src/store/store.ts'
import type { Transaction } from '../../src/store/types.ts'
import { tempFolder } from './temp-store.ts'

const paths = ['a.json', 'b.json', 'f/a.json', 'f/b.json', 'f/g/a.json', 'h/a.json']
const step = fc.oneof(
  fc.record({ op: fc.constant('put' as const), path: fc.constantFrom(...paths), value: fc.nat(9) }),
  fc.record({ op: fc.constant('remove' as const), path: fc.constantFrom(...paths, 'f', 'f/g', 'h') }),
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

function run(tx: Transaction, model: Map<string, number>, step: Step): void {
  if (step.op === 'put') {
    tx.put(step.path, { value: step.value })
    model.set(step.path, step.value)
    return
  }
  tx.remove(step.path)
  for (const path of [...model.keys()]) if (path === step.path || path.startsWith(`${step.path}/`)) model.delete(path)
}

test('transactions do to the store what they do to a map, or nothing', () => {
  const base = tempFolder()
  let n = 0
  fc.assert(
    fc.property(
      fc.array(fc.record({ steps: fc.array(step, { maxLength: 6 }), fails: fc.boolean() }), { maxLength: 6 }),
      all => {
        const store = openStore(join(base, String(n++)))
        let model = new Map<string, number>()
        for (const { steps, fails } of all) {
          const next = new Map(model)
          try {
            store.transaction(tx => {
              for (const one of steps) run(tx, next, one)
              for (const path of paths) expect(tx.read<{ value: number }>(path)?.value).toBe(next.get(path))
              if (fails) throw new Error('given up')
            })
            model = next
          } catch (error) {
            expect(String(error)).toBe('Error: given up')
          }
          const fresh = openStore(store.root)
          for (const path of paths) expect(fresh.read<{ value: number }>(path)?.value).toBe(model.get(path))
          const names = [...model.keys()].filter(path => path.startsWith('f/')).map(path => path.split('/')[1] ?? '')
          expect(fresh.list('f').filter(name => name.endsWith('.json') || names.includes(name))).toEqual(
            [...new Set(names)].sort(),
          )
        }
      },
    ),
    { numRuns: 60 },
  )
})

/** Counts up in several documents and a log, and says each number when it is committed. */
const writer = `
const { openStore } = require('./store.cjs')
const store = openStore(process.argv[2])
for (;;) {
  const n = store.transaction(tx => {
    const n = (tx.read('count.json')?.n ?? 0) + 1
    tx.put('count.json', { n })
    tx.put('other/copy.json', { n })
    tx.remove('last')
    tx.put('last/' + n + '.json', { n })
    tx.put('head.json', { length: tx.append('log', tx.read('head.json')?.length ?? 0, Buffer.from(n + '\\n')) })
    return n
  })
  require('node:fs').writeSync(1, n + '\\n')
}
`

test('processes that are killed at any moment leave whole transactions and lose none that was said', async () => {
  const folder = tempFolder()
  const root = join(folder, 'store')
  const source = fileURLToPath(new URL('../../src/store/store.ts', import.meta.url))
  const bundle = await rolldown({ input: { store: source }, platform: 'node' })
  await bundle.write({ dir: folder, format: 'cjs', entryFileNames: '[name].cjs' })
  await bundle.close()
  const script = join(folder, 'writer.cjs')
  writeFileSync(script, writer)
  const said: number[] = []
  /** A writer that is killed `delay` ms after its first word. */
  const round = async (delay: number): Promise<void> => {
    const child = spawn(process.execPath, [script, root], { stdio: ['ignore', 'pipe', 'inherit'] })
    let text = ''
    child.stdout.on('data', (data: Buffer) => {
      if (text === '') setTimeout(() => child.kill('SIGKILL'), delay)
      text += data.toString()
    })
    await once(child, 'close')
    said.push(...text.split('\n').slice(0, -1).map(Number))
  }
  for (let rounds = 0; rounds < 12; rounds++) {
    await Promise.all([round((rounds * 17) % 50), round((rounds * 29) % 50)])
    const store = openStore(root)
    const n = store.read<{ n: number }>('count.json')?.n ?? 0
    expect([store.read('other/copy.json'), store.list('last')]).toEqual([{ n }, [`${n}.json`]])
    expect(Math.max(...said)).toBeLessThanOrEqual(n)
    expect(new Set(said).size).toBe(said.length)
    const { length } = store.read<{ length: number }>('head.json') ?? { length: 0 }
    const log = readFileSync(store.locate('log'), 'utf8').slice(0, length)
    expect(log).toBe(Array.from({ length: n }, (_, at) => `${at + 1}\n`).join(''))
  }
})
