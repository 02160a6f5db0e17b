import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { acquireLock } from '../../src/store/lock.ts'
import { identity, processIsGone, processWord } from '../../src/store/owner.ts'
import { tempFolder } from './temp-store.ts'

const deadPid = (): number => Number(execFileSync(process.execPath, ['-p', 'process.pid'], { encoding: 'utf8' }))
const holder = (change: object): string => JSON.stringify({ ...identity(), token: 'theirs', ...change })

test('is there while it is held, and leaves nothing', () => {
  const dir = tempFolder()
  const lock = acquireLock(join(dir, 'lock'))
  expect([readdirSync(dir), lock.takenOver]).toEqual([['lock'], false])
  lock.release()
  expect(readdirSync(dir)).toEqual([])
})

const long = new Date(Date.now() - 3_600_000)

test.each([
  ['of a process that has ended', () => holder({ pid: deadPid(), start: '' }), undefined],
  ['of a process whose number another has now', () => holder({ start: '1' }), undefined],
  ['from before the last boot', () => holder({ boot: 'another' }), undefined],
  ['of another host, after a while', () => holder({ host: 'elsewhere' }), long],
  ['without a name in it, after a while', () => '', long],
  ['with something else in it, after a while', () => 'null', long],
])('a lock %s is taken over at once', (_, text, changed) => {
  const dir = tempFolder()
  const path = join(dir, 'lock')
  writeFileSync(path, text())
  if (changed) utimesSync(path, changed, changed)
  const start = performance.now()
  const lock = acquireLock(path)
  expect(lock.takenOver).toBe(true)
  expect(performance.now() - start).toBeLessThan(1000)
  lock.release()
  expect(readdirSync(dir)).toEqual([])
})

test('a lock of a living process is waited for, and the user is told whom for', async () => {
  const path = join(tempFolder(), 'lock')
  const other = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 2500)'])
  await once(other, 'spawn')
  writeFileSync(path, holder({ pid: other.pid, start: '' }))
  const told: number[] = []
  const lock = acquireLock(path, pid => told.push(pid))
  expect([told, lock.takenOver]).toEqual([[other.pid], true])
  lock.release()
})

test('a lock that is not ours any more is left alone', () => {
  const path = join(tempFolder(), 'lock')
  const lock = acquireLock(path)
  writeFileSync(path, holder({}))
  lock.release()
  expect(existsSync(path)).toBe(true)
})

test('a process that was killed and not waited for has ended', async () => {
  // The shell does not wait for its child, which so stays a zombie.
  const parent = spawn('sh', ['-c', 'sleep 0 & echo $!; exec sleep 5'])
  try {
    const [line] = (await once(parent.stdout, 'data')) as [Buffer]
    await new Promise(resolve => setTimeout(resolve, 200))
    expect(processIsGone(Number(line.toString()), '')).toBe(true)
    expect(processIsGone(parent.pid ?? 0, '')).toBe(false)
  } finally {
    parent.kill()
  }
})

test('processes are named by number and start', () => {
  expect(processWord()).toMatch(new RegExp(`^${process.pid}-\\d*$`))
})

test('a folder that is not there is one clear line', () => {
  const path = join(tempFolder(), 'none', 'lock')
  expect(() => acquireLock(path)).toThrow(`lock ${path}: no such file or directory`)
})
