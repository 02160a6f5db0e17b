/** A file that compose refuses is refused by `up` in the same words, before the engine is asked for anything. */
import { expect, it } from 'vitest'
import type { Engine } from '../../src/engine/engine.ts'
import { runLine } from '../cli/memory-context.ts'
import { folderOf, readCases } from './cases.ts'

/** An engine that notes what it is asked. */
function watchedEngine(asked: string[]): Engine {
  const part = (name: string): unknown =>
    new Proxy(() => {}, {
      get: (_, key) => part(`${name}.${String(key)}`),
      apply: () => {
        asked.push(name)
        throw new Error(`the engine was asked for ${name}`)
      },
    })
  // It is awaited: it must not look like a promise.
  return new Proxy({} as Engine, { get: (_, key) => (key === 'then' ? undefined : part(String(key))) })
}

const withoutTime = (text: string): string => text.replace(/^time="[^"]*" /gm, '')
/** What ends with an error; those that are only warned of may start. */
const refused = readCases('mistakes.txt').filter(({ err }) => !/^level=warning [^\n]*\n$/.test(err) && err !== '')

it.each(refused)('$title', async ({ file, err }) => {
  const asked: string[] = []
  const cwd = folderOf({ 'compose.yaml': file })
  const { stderr, stdout, status } = await runLine(['compose', '-p', 't', 'up', '-d'], {
    engine: watchedEngine(asked),
    cwd,
    env: { HOME: '/home/user' },
  })
  expect({ asked, stdout, failed: status !== 0 }).toEqual({ asked: [], stdout: '', failed: true })
  expect(withoutTime(stderr).replaceAll(cwd, '/lab')).toBe(err)
})
