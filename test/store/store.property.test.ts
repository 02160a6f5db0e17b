import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { openStore } from '../../src/store/store.ts'
import type { Transaction } from '../../src/store/types.ts'
import { tempDir } from './temp-dir.ts'

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
  const base = tempDir()
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

/** Counts up in three documents and a log, and says each number when it is committed. */
const writer = `
import { openStore } from ${JSON.stringify(fileURLToPath(new URL('../../src/store/store.ts', import.meta.url)))}
const store = openStore(process.argv[1])
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
  process.stdout.write(n + '\\n')
}
`

test('processes that are killed at any moment leave whole transactions and lose none that was said', async () => {
  const root = join(tempDir(), 'store')
  mkdirSync(root)
  const script = join(root, '..', 'writer.ts')
  writeFileSync(script, writer.replace('process.argv[1]', 'process.argv[2]'))
  const said: number[] = []
  const tsx = fileURLToPath(new URL('../../node_modules/tsx/dist/cli.mjs', import.meta.url))
  const loader = ['--import', fileURLToPath(new URL('../../node_modules/tsx/dist/esm/index.mjs', import.meta.url))]
  expect(tsx).not.toBe('')
  for (let round = 0; round < 6; round++) {
    const children = [0, 1].map(() =>
      spawn(process.execPath, [...loader, script, root], { stdio: ['ignore', 'pipe', 'inherit'] }),
    )
    const kills = children.map(async child => {
      let text = ''
      child.stdout.on('data', (data: Buffer) => {
        text += data.toString()
      })
      while (text === '') await once(child.stdout, 'data')
      await new Promise(resolve => setTimeout(resolve, 20 + (Math.floor(37 * round) % 90)))
      child.kill('SIGKILL')
      await once(child, 'close')
      said.push(...text.split('\n').slice(0, -1).map(Number))
    })
    await Promise.all(kills)
    const store = openStore(root)
    const n = store.read<{ n: number }>('count.json')?.n ?? 0
    expect(store.read('other/copy.json')).toEqual({ n })
    expect(store.list('last')).toEqual([`${n}.json`])
    expect(Math.max(...said)).toBeLessThanOrEqual(n)
    expect(new Set(said).size).toBe(said.length)
  }
})
