/** Names and passwords stay where they belong: no output, no log and no file of the store but config.json has them. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { start, tempHome } from '../e2e/cli.ts'
import { memoryRegistry } from './memory-registry.ts'

const password = 'tr0ub4dor&3-secret'
const forms = [
  password,
  Buffer.from(`ann:${password}`).toString('base64'),
  encodeURIComponent(password),
  Buffer.from(password).toString('hex'),
]

function* filesBelow(folder: string): Generator<string> {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name)
    if (statSync(path).isDirectory()) yield* filesBelow(path)
    else yield path
  }
}

it('no credential is in what commands print, debug and verbose included, nor in the store beside config.json', async () => {
  const home = tempHome()
  const registry = await memoryRegistry({ username: 'ann', password })
  const { host } = registry
  const said: string[] = []
  const run = async (args: string[], input?: string, env: Record<string, string> = {}): Promise<number | null> => {
    const { out, err, status } = await start(home, args, {
      env,
      ...(input !== undefined && { input: Buffer.from(input) }),
    }).outcome
    said.push(`$ ${args.join(' ')}\n${out}${err}`)
    return status
  }
  expect(await run(['login', '-u', 'ann', '--password-stdin', host], password)).toBe(0)
  expect(await run(['pull', '-q', 'busybox'])).toBe(0)
  expect(await run(['tag', 'busybox', `${host}/app:1`])).toBe(0)
  expect(await run(['--debug', '--log-level', 'debug', 'push', `${host}/app:1`], undefined, { DEBUG: '*' })).toBe(0)
  expect(await run(['--debug', 'pull', '--verbose', `${host}/app:1`], undefined, { MINIDOCK_DEBUG: '1' })).toBe(0)
  expect(await run(['pull', `${host}/app:none`])).toBe(1)
  expect(await run(['manifest', 'inspect', '--insecure', '-v', `${host}/app:1`])).toBe(0)
  expect(await run(['buildx', 'imagetools', 'inspect', `${host}/app:1`])).toBe(0)
  expect(await run(['login', '-u', 'ann', '--password-stdin', host], `${password}x`)).toBe(1)
  await run(['info'])
  await run(['inspect', `${host}/app:1`])
  await run(['events', '--since', '1h', '--until', '0s'])
  const config = filesOf(home, 'config.json')
  expect(config.length).toBeGreaterThan(0)
  await registry.close()
  await run(['--debug', 'pull', `${host}/app:1`], undefined, { MINIDOCK_DEBUG: '1' })
  await run(['logout', host])
  for (const form of forms) {
    expect(said.filter(text => text.includes(form))).toEqual([])
    for (const path of filesBelow(home)) expect([path, readFileSync(path).includes(form)]).toEqual([path, false])
  }
})

/** The files of a name that hold the password in some form: where it is meant to be. */
function filesOf(home: string, name: string): string[] {
  return [...filesBelow(home)].filter(path => {
    const held = forms.some(form => readFileSync(path).includes(form))
    if (held) expect(path.endsWith(name)).toBe(true)
    return held
  })
}
