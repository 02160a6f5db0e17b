/** Every flag of `create` and `run`: accepted, refused in Docker's words, and with the effect that Docker's inspect shows. */
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { container } from '../../src/cli/tree/container.ts'
import { ok, run, tempHome } from './cli.ts'
import { type Case, parseCases, playCases } from './create-flags.ts'
import { docker } from './in-process.ts'

const text = readFileSync(join(import.meta.dirname, '../../fixtures/cli/create-flags.txt'), 'utf8')
const cases = parseCases(text).filter((entry): entry is Case => typeof entry === 'object')

test('every flag of create has cases', async () => {
  const create = container.commands.find(({ name }) => name === 'create')
  const flags = typeof create?.flags === 'function' ? await create.flags() : (create?.flags ?? [])
  // Not modelled (docs/fidelity.md), with a test of its own below.
  const elsewhere = ['help', 'use-api-socket']
  const missing = flags.filter(
    ({ name, short }) =>
      !elsewhere.includes(name) &&
      !cases.some(({ flags }) => new RegExp(`(^| )(--${name}\\b|-${short ?? '[]'}\\b)`).test(flags)),
  )
  expect(missing.map(({ name }) => name)).toEqual([])
})

test('each line of flags is answered as recorded from Docker', async () => {
  const home = tempHome()
  const env = { PATH: `${home}/bin:${process.env.PATH}`, HOME: home, MINIDOCK_HOME: `${home}/store`, NO_COLOR: '1' }
  const cwd = join(home, 'lab')
  mkdirSync(cwd)
  await ok(env.MINIDOCK_HOME, 'pull', '-q', 'busybox')
  await ok(env.MINIDOCK_HOME, 'shim', `${home}/bin`)
  const told = ({ flags }: Case, output: readonly string[]): string => [`> ${flags}`, ...output].join('\n')
  const answers = await playCases(cases, { cwd, env, docker, dataRoot: '/var/lib/docker', hostname: 'minidock' })
  expect(cases.map((entry, at) => told(entry, answers[at] ?? [])).join('\n')).toBe(
    cases.map(entry => told(entry, entry.output)).join('\n'),
  )
}, 120_000)

test('what is not modelled says so', async () => {
  const home = tempHome()
  expect(await run(home, 'create', '--use-api-socket', 'busybox')).toMatchObject({
    status: 125,
    err: "docker: minidock does not model --use-api-socket: it has no API socket by itself\n\nRun 'docker create --help' for more information\n",
  })
})
