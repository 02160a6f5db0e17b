/** Transactions and reads within one process. */
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { EngineError } from '../../src/errors.ts'
import { orInstead, readWhole } from '../../src/store/damaged.ts'
import { openStore } from '../../src/store/store.ts'
import { contentsOf, filesBelow, tempFolder } from './temp-store.ts'

function thrownBy(action: () => unknown): EngineError {
  try {
    action()
  } catch (error) {
    if (error instanceof EngineError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

test('a new store is a private folder that holds its version', () => {
  const root = join(tempFolder(), 'a', 'b')
  openStore(root)
  expect(statSync(root).mode & 0o777).toBe(0o700)
  expect(filesBelow(root)).toEqual(['version'])
  expect(readFileSync(join(root, 'version'), 'utf8')).toBe('{"version":1}\n')
})

test('what one transaction wrote is found by a store opened later', () => {
  const root = tempFolder()
  openStore(root).transaction(tx => {
    tx.put('containers/a/config.json', { v: 1, name: 'web' })
    tx.put('index/containers.json', { v: 1, entries: {} })
    tx.putBytes('containers/a/data', Buffer.from('bytes'))
  })
  const store = openStore(root)
  expect(store.read('containers/a/config.json')).toEqual({ v: 1, name: 'web' })
  expect(store.read('containers/b/config.json')).toBeUndefined()
  expect(store.list('containers')).toEqual(['a'])
  expect(store.list('containers/a')).toEqual(['config.json', 'data'])
  expect(store.list('volumes')).toEqual([])
  expect(readFileSync(store.locate('containers/a/data'), 'utf8')).toBe('bytes')
  expect(filesBelow(root)).toEqual([
    'containers/a/config.json',
    'containers/a/data',
    'generation',
    'index/containers.json',
    'version',
  ])
})

test('a transaction sees what it has changed, others see it at the end', () => {
  const store = openStore(tempFolder())
  store.transaction(tx => {
    tx.put('a/1.json', { n: 1 })
    tx.put('a/2.json', { n: 2 })
  })
  store.transaction(tx => {
    tx.put('a/3.json', { n: 3 })
    tx.remove('a/1.json')
    expect([tx.read('a/1.json'), tx.read('a/3.json'), tx.list('a')]).toEqual([
      undefined,
      { n: 3 },
      ['2.json', '3.json'],
    ])
    expect(store.list('a')).toEqual(['1.json', '2.json'])
    tx.remove('a')
    expect([tx.read('a/2.json'), tx.list('a')]).toEqual([undefined, []])
    tx.put('a/4.json', { n: 4 })
    expect(tx.list('a')).toEqual(['4.json'])
  })
  expect(store.list('a')).toEqual(['4.json'])
})

test('a transaction that throws has changed nothing, and the next one works', async () => {
  const root = tempFolder()
  const store = openStore(root)
  store.transaction(tx => tx.put('a.json', { n: 1 }))
  const before = contentsOf(root)
  const failing = (): never => {
    throw new Error('no')
  }
  expect(() =>
    store.transaction(tx => {
      tx.put('a.json', { n: 2 })
      tx.putBytes('b', Buffer.from('b'))
      tx.remove('a.json')
      failing()
    }),
  ).toThrow('no')
  await expect(
    store.transactionAsync(async tx => {
      tx.put('a.json', { n: 2 })
      failing()
    }),
  ).rejects.toThrow('no')
  expect(contentsOf(root)).toEqual(before)
  expect(filesBelow(root).filter(path => path.includes('.tmp-'))).toEqual([])
  await store.transactionAsync(async tx => tx.put('a.json', { n: 3 }))
  expect(store.read('a.json')).toEqual({ n: 3 })
})

test('transactions are not nested', () => {
  const store = openStore(tempFolder())
  expect(() => store.transaction(() => store.transaction(() => 1))).toThrow('a transaction within a transaction')
  expect(store.transaction(() => 1)).toBe(1)
})

test('bytes are appended at the committed length, over what a crash has left', () => {
  const store = openStore(tempFolder())
  const log = (): string => readFileSync(store.locate('log'), 'utf8')
  expect(store.transaction(tx => tx.append('log', 0, Buffer.from('one\n')))).toBe(4)
  writeFileSync(store.locate('log'), 'one\nleft by a crash\n')
  const length = store.transaction(tx =>
    tx.append('log', tx.append('log', 4, Buffer.from('two\n')), Buffer.from('3\n')),
  )
  expect(log().slice(0, length)).toBe('one\ntwo\n3\n')
  store.transaction(tx => {
    tx.remove('log')
    tx.append('log', 0, Buffer.from('new'))
    expect(log().slice(0, length)).toBe('one\ntwo\n3\n')
  })
  expect(log()).toBe('new')
})

test('a transaction whose lock was taken by another process changes nothing', () => {
  const root = tempFolder()
  const store = openStore(root)
  store.transaction(tx => tx.put('a.json', { n: 1 }))
  const theirs = '{"pid":1,"start":"","boot":"","host":"elsewhere","token":"theirs"}'
  const error = thrownBy(() =>
    store.transaction(tx => {
      tx.put('a.json', { n: 2 })
      writeFileSync(join(root, 'lock'), theirs)
    }),
  )
  expect([error.kind, error.message]).toEqual([
    'unavailable',
    `the lock ${join(root, 'lock')} was taken by another process: try again`,
  ])
  expect(contentsOf(root)).toEqual({ 'a.json': '{"n":1}' })
  expect(readFileSync(join(root, 'lock'), 'utf8')).toBe(theirs)
})

test('the generation grows with every change, and only with changes', () => {
  const root = tempFolder()
  const store = openStore(root)
  const other = openStore(root)
  const first = store.generation()
  store.transaction(tx => tx.put('a.json', {}))
  expect(store.generation()).toBeGreaterThan(first)
  expect(store.ownGeneration()).toBe(store.generation())
  const second = store.generation()
  store.transaction(tx => tx.read('a.json'))
  expect(store.generation()).toBe(second)
  other.transaction(tx => tx.append('log', 0, Buffer.from('x')))
  expect(store.generation()).toBeGreaterThan(store.ownGeneration())
})

test('a view is repeated when a transaction came in between', () => {
  const root = tempFolder()
  const store = openStore(root)
  const writer = openStore(root)
  const write = (n: number): void =>
    writer.transaction(tx => {
      tx.put('a.json', { n })
      tx.put('b.json', { n })
    })
  write(0)
  let looks = 0
  const seen = store.view(reader => {
    const a = reader.read('a.json')
    if (looks++ < 3) write(looks)
    return [a, reader.read('b.json')]
  })
  expect([seen, looks]).toEqual([[{ n: 3 }, { n: 3 }], 4])
})

test('a damaged document is named, and the others are read', () => {
  const root = tempFolder()
  const told: string[] = []
  const store = openStore(root, { damaged: message => told.push(message) })
  store.transaction(tx => {
    tx.put('a/1.json', { n: 1 })
    tx.put('a/2.json', { n: 2 })
  })
  const path = join(root, 'a/1.json')
  const message = `the document ${path} is damaged; 'minidock system check --repair' sets it aside`
  for (const text of ['', '{"n":', '7', 'null', '"x"', '\0\0\0\0']) {
    writeFileSync(path, text)
    const error = thrownBy(() => store.read('a/1.json'))
    expect([error.kind, error.message]).toEqual(['dataLoss', message])
    expect(readWhole(store, 'a/1.json')).toBeUndefined()
    expect(store.list('a').map(name => readWhole(store, `a/${name}`))).toEqual([undefined, { n: 2 }])
  }
  expect(told).toEqual([message])
  expect(() =>
    orInstead(
      store,
      () => store.read('a'),
      () => undefined,
    ),
  ).toThrow(`read ${join(root, 'a')}: is a directory`)
})

test('a store of another version is refused and left alone', () => {
  const root = tempFolder()
  writeFileSync(join(root, 'version'), '{"version":2}\n')
  const error = thrownBy(() => openStore(root))
  expect([error.kind, error.message]).toEqual([
    'system',
    `the store ${root} has version 2, and this minidock knows version 1: use the minidock that made it, or another MINIDOCK_HOME`,
  ])
  writeFileSync(join(root, 'version'), 'x')
  expect(thrownBy(() => openStore(root)).kind).toBe('dataLoss')
  expect(filesBelow(root)).toEqual(['version'])
})

test('folders that cannot be used are named in one line', () => {
  const root = tempFolder()
  writeFileSync(join(root, 'file'), '')
  expect(thrownBy(() => openStore(join(root, 'file'))).message).toBe(`open ${join(root, 'file')}: not a directory`)
  expect(thrownBy(() => openStore(join(root, 'file', 'below'))).message).toBe(
    `open ${join(root, 'file', 'below')}: not a directory`,
  )
  const store = openStore(join(root, 'store'))
  writeFileSync(join(root, 'store', 'a'), '')
  const error = thrownBy(() => store.transaction(tx => tx.put('a/b.json', {})))
  expect(error.message).toBe(`write ${join(root, 'store', 'a/b.json')}: not a directory`)
  mkdirSync(join(root, 'store', 'c.json'))
  const put = thrownBy(() =>
    store.transaction(tx => {
      tx.put('e.json', {})
      tx.put('c.json', {})
    }),
  )
  expect(put.message).toBe(`write ${join(root, 'store', 'c.json')}: is a directory`)
  expect(filesBelow(join(root, 'store'))).toEqual(['a', 'generation', 'version'])
  symlinkSync('c.json', join(root, 'store', 'd.json'))
  expect(thrownBy(() => store.read('d.json')).message).toBe(`read ${join(root, 'store', 'd.json')}: is a directory`)
})

test.skipIf(process.getuid?.() === 0)('a store that may only be read can be read', () => {
  const root = join(tempFolder(), 'store')
  openStore(root).transaction(tx => tx.put('a.json', { n: 1 }))
  chmodSync(root, 0o500)
  const store = openStore(root)
  expect(store.read('a.json')).toEqual({ n: 1 })
  expect(thrownBy(() => store.transaction(tx => tx.put('a.json', {}))).message).toBe(
    `lock ${join(root, 'lock')}: permission denied`,
  )
  chmodSync(root, 0o700)
})

test('what a transaction removes is gone from the disk afterwards', () => {
  const root = tempFolder()
  const store = openStore(root)
  store.transaction(tx => {
    tx.put('a/1.json', {})
    tx.putBytes('a/b/c', Buffer.from('x'))
  })
  store.transaction(tx => {
    tx.remove('a')
    tx.remove('never/was')
  })
  expect(existsSync(join(root, 'a'))).toBe(false)
  expect(filesBelow(root)).toEqual(['generation', 'version'])
})

const folder = fc.constantFrom('a', 'b', 'a/x')
const name = fc.constantFrom('1.json', '2.json')
const change = fc.oneof(
  fc.record({ op: fc.constant('put' as const), folder, name, value: fc.nat() }),
  fc.record({ op: fc.constant('remove' as const), folder, name: fc.option(name) }),
)

test('transactions do what the same changes do to a map', () => {
  fc.assert(
    fc.property(fc.array(fc.array(change, { maxLength: 6 }), { maxLength: 5 }), transactions => {
      const root = tempFolder()
      const store = openStore(root)
      const model = new Map<string, string>()
      for (const changes of transactions)
        store.transaction(tx => {
          for (const step of changes) {
            const path = step.name === null ? step.folder : `${step.folder}/${step.name}`
            if (step.op === 'put') {
              tx.put(path, { value: step.value })
              model.set(path, JSON.stringify({ value: step.value }))
            } else {
              tx.remove(path)
              for (const known of [...model.keys()])
                if (known === path || known.startsWith(`${path}/`)) model.delete(known)
            }
            const value = model.get(path)
            expect(tx.read(path)).toEqual(value === undefined ? undefined : JSON.parse(value))
          }
        })
      expect(contentsOf(root)).toEqual(Object.fromEntries(model))
    }),
    { numRuns: 60 },
  )
})
