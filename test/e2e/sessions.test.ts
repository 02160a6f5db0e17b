/** Whole sessions, recorded from a real Docker with `scripts/record-sessions.ts`, answered the same by minidock. */
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ok, registryServer, tempHome } from './cli.ts'
import { docker } from './in-process.ts'
import { parseSession, playSession, registryHost } from './session.ts'

const fixtures = join(import.meta.dirname, '../../fixtures/sessions')

describe.each(readdirSync(fixtures))('%s', area => {
  it.each(readdirSync(join(fixtures, area)))('%s', { timeout: 300_000 }, async name => {
    const home = tempHome()
    const env = { PATH: `${home}/bin:${process.env.PATH}`, HOME: home, MINIDOCK_HOME: `${home}/store`, NO_COLOR: '1' }
    const cwd = join(home, 'lab')
    mkdirSync(cwd)
    await ok(env.MINIDOCK_HOME, 'pull', '-q', 'busybox')
    await ok(env.MINIDOCK_HOME, 'shim', `${home}/bin`)
    const steps = parseSession(readFileSync(join(fixtures, area, name), 'utf8'))
    const registry = steps.some(step => step.command.includes(registryHost)) ? await registryServer(home) : registryHost
    const answers = await playSession(steps, { cwd, env, registry, docker })
    const told = (outputs: readonly (readonly string[])[]): string =>
      steps.map(({ command }, at) => [`$ ${command}`, ...(outputs[at] ?? [])].join('\n')).join('\n')
    expect(told(answers)).toBe(told(steps.map(step => step.output)))
  })
})
