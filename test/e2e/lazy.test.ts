/** What a command loads: the libraries that only some commands need stay on the disk for the others. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ok, start, tempHome } from './cli.ts'

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
  const { status } = await start(home, args, { env: { NODE_OPTIONS: `--require ${hook}` } }).outcome
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
