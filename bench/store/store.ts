// What opening, reading and changing a store costs: medians in ms. See README.md.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { openStore } from '../../src/store/store.ts'

const { values } = parseArgs({
  options: { containers: { type: 'string', default: '1000' }, runs: { type: 'string', default: '200' } },
})
const containers = Number(values.containers)
const root = mkdtempSync(join(tmpdir(), 'minidock-bench-'))
const record = (n: number): object => ({
  v: 1,
  id: String(n).padStart(64, '0'),
  name: `container-${n}`,
  config: { Env: Array.from({ length: 20 }, (_, at) => `NAME_${at}=${'x'.repeat(20)}`), Labels: {} },
})
const path = (n: number): string => `containers/${String(n).padStart(64, '0')}/config.json`
const index = { v: 1, entries: Array.from({ length: containers }, (_, n) => ({ ...record(n), config: undefined })) }

const store = openStore(root)
store.transaction(tx => {
  for (let n = 0; n < containers; n++) tx.put(path(n), record(n))
  tx.put('index/containers.json', index)
})

let length = 0
const line = Buffer.from(`${'x'.repeat(200)}\n`)
const rows: Record<string, (run: number) => void> = {
  'open and read one document': run => void openStore(root).read(path(run % containers)),
  'read one document': run => void store.read(path(run % containers)),
  'read the index': () => void store.read('index/containers.json'),
  'view of two documents': run =>
    void store.view(reader => [reader.read(path(run % containers)), reader.read(path(0))]),
  'a transaction that changes nothing': () => store.transaction(() => undefined),
  'change one document': run => store.transaction(tx => tx.put(path(run % containers), record(run))),
  'change three documents and append': run =>
    store.transaction(tx => {
      for (const n of [run, run + 1]) tx.put(path(n % containers), record(n))
      length = tx.append('events.jsonl', length, line)
      tx.put('events-head.json', { v: 1, length })
    }),
  'change one of them and the index': run =>
    store.transaction(tx => {
      tx.put(path(run % containers), record(run))
      tx.put('index/containers.json', index)
    }),
}

const times = new Map(Object.keys(rows).map(name => [name, [] as number[]]))
for (let run = 0; run < Number(values.runs); run++)
  for (const [name, action] of Object.entries(rows)) {
    const start = process.hrtime.bigint()
    action(run)
    times.get(name)?.push(Number(process.hrtime.bigint() - start) / 1e6)
  }
for (const [name, list] of times) {
  list.sort((a, b) => a - b)
  const at = (part: number): string => (list[Math.floor(list.length * part)] ?? 0).toFixed(2).padStart(8)
  console.log(`${name.padEnd(36)} ${at(0.5)}  (90 %: ${at(0.9).trim()})`)
}
rmSync(root, { recursive: true, force: true })
