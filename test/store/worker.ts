/**
 * A process that works on a store until it is done or killed; `processes.test.ts` bundles and starts it.
 * `worker.mjs ROOT count N`: adds N times 1 to a counter. `worker.mjs ROOT random SEED`: random transactions without
 * end, each told on stdout by a line when it is done. `worker.mjs ROOT hold`: takes the lock and keeps it.
 */
import { writeSync } from 'node:fs'
import { blockFor } from '../../src/clock.ts'
import { openStore } from '../../src/store/store.ts'
import type { Transaction } from '../../src/store/types.ts'
import { seededRandom } from '../../src/util/random.ts'

export interface Account {
  /** Documents of the set, each of which must hold the same number as the others. */
  members: string[]
  n: number
  logLength: number
}

/** Changes several documents, folders and a log that belong together. */
function step(tx: Transaction, below: (n: number) => number): number {
  const account = tx.read<Account>('account.json') ?? { members: [], n: 0, logLength: 0 }
  const n = account.n + 1
  const members = new Set(account.members)
  const name = `m${below(6)}`
  if (members.has(name) && below(2) === 0) {
    members.delete(name)
    tx.remove(`members/${name}`)
  } else members.add(name)
  for (const member of members) {
    tx.put(`members/${member}/config.json`, { n })
    if (below(2) === 0) tx.putBytes(`members/${member}/data/bytes`, Buffer.from(`${n}`))
  }
  const logLength = tx.append('log', account.logLength, Buffer.from(`${n}\n`))
  tx.put('account.json', { members: [...members], n, logLength } satisfies Account)
  return n
}

const [root = '', task, argument = ''] = process.argv.slice(2)
const store = openStore(root)
if (task === 'count')
  for (let left = Number(argument); left > 0; left--)
    store.transaction(tx => tx.put('counter.json', { n: (tx.read<{ n: number }>('counter.json')?.n ?? 0) + 1 }))
else if (task === 'random') {
  const random = seededRandom(argument)
  for (;;) writeSync(1, `${store.transaction(tx => step(tx, random.below))}\n`)
} else
  store.transaction(() => {
    writeSync(1, 'held\n')
    blockFor(60_000)
  })
