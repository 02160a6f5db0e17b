/** What a command loads: the libraries that only some commands need stay on the disk for the others. */
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { ok, start, tempHome } from './cli.ts'

const main = fileURLToPath(new URL('../../dist/cli/main.cjs', import.meta.url))

/** A text that only the library's own code has. */
const marks = {
  zod: 'ZodError',
  yaml: 'YAMLParseError',
  inquirer: '@inquirer',
  ora: 'dots12',
  chalk: 'bgBlackBright',
}

/** The files that a command loaded. */
async function loadedBy(home: string, ...args: string[]): Promise<string[]> {
  // Beside the store: what is in it and is not its own would be a finding.
  const folder = tempHome()
  const hook = join(folder, 'hook.cjs')
  const list = join(folder, 'loaded.json')
  writeFileSync(
    hook,
    `process.on('exit', () => require('fs').writeFileSync(${JSON.stringify(list)}, JSON.stringify(Object.keys(require.cache))))`,
  )
  // Without the code cache each chunk is a module of Node's own.
  const options = { program: main, env: { NODE_OPTIONS: `--require ${hook}` } }
  const { status } = await start(home, args, options).outcome
  expect(status).toBe(0)
  return (JSON.parse(readFileSync(list, 'utf8')) as string[]).filter(file => file !== hook)
}

const libraries = (files: readonly string[]): string[] => {
  const code = files.map(file => readFileSync(file, 'utf8')).join('')
  return Object.entries(marks).flatMap(([name, mark]) => (code.includes(mark) ? [name] : []))
}

it('loads the libraries only where they are used', async () => {
  const home = tempHome()
  await ok(home, 'run', '-d', '--name', 'box', 'busybox', 'sleep', '1000')
  const usual = [
    ['ps'],
    ['images'],
    ['logs', 'box'],
    ['run', '--rm', 'busybox', 'true'],
    ['exec', 'box', 'true'],
    ['stop', 'box'],
  ]
  for (const args of usual) expect([args, libraries(await loadedBy(home, ...args))]).toEqual([args, []])
  // Where one is needed, the mark is seen.
  expect(libraries(await loadedBy(home, 'system', 'check'))).toContain('zod')
})

it('loads few files for ps', async () => {
  const home = tempHome()
  expect((await loadedBy(home, 'ps')).length).toBeLessThanOrEqual(9)
})

it('starts the same without the code cache, or with one of another V8', async () => {
  const home = tempHome()
  const copy = tempHome()
  for (const folder of ['bin', 'dist/cli'])
    cpSync(fileURLToPath(new URL(`../../${folder}`, import.meta.url)), join(copy, folder), { recursive: true })
  const program = join(copy, 'bin/minidock.js')
  const cache = join(copy, 'dist/cli/code-cache')
  const usual = readFileSync(cache)
  const other = Buffer.from(usual.toString('latin1').replace(process.versions.v8, '0.0.0.0'), 'latin1')
  const call = () => start(home, ['run', '--rm', 'busybox', 'echo', 'hi'], { program }).outcome
  await call()
  for (const bytes of [usual, other, usual.subarray(0, 100), Buffer.from('{')]) {
    writeFileSync(cache, bytes)
    expect(await call()).toEqual({ out: 'hi\n', err: '', status: 0 })
  }
  rmSync(cache)
  expect(await call()).toEqual({ out: 'hi\n', err: '', status: 0 })
})
