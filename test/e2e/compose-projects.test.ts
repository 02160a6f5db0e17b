/**
 * Projects of the kinds that people have, as files: each goes through config, up, ps and down as it is, and leaves
 * nothing behind. With the virtual clock, so that health checks take no time of ours.
 */
import { cpSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { printed, tempHome } from './cli.ts'
import { run } from './in-process.ts'

const projects = join(import.meta.dirname, '../../fixtures/compose/projects')
/** Services that end, as they should. */
const ONCE = new Set(['migrate'])

describe.each(readdirSync(projects))('%s', name => {
  it('goes through config, up, ps and down', async () => {
    const home = tempHome()
    const lab = join(tempHome(), name)
    cpSync(join(projects, name), lab, { recursive: true })
    const docker = async (...args: string[]): Promise<string> =>
      printed(args, await run(home, args, { env: { MINIDOCK_CLOCK: 'virtual' } }))
    const compose = (...args: string[]): Promise<string> => docker('compose', '--project-directory', lab, ...args)
    const left = async (): Promise<string[]> => [
      await docker('ps', '-aq'),
      await docker('network', 'ls', '--format', '{{.Name}}'),
      await docker('volume', 'ls', '-q'),
    ]
    const before = await left()
    await compose('config', '-q')
    const services = (await compose('config', '--services')).trim().split('\n').sort()
    await compose('up', '-d', '--quiet-pull', '--quiet-build')
    await docker('clock', 'advance', '20s')
    const states = (await compose('ps', '-a', '--format', '{{.Service}} {{.State}}')).trim().split('\n')
    expect([...new Set(states)].sort()).toEqual(
      services.map(service => `${service} ${ONCE.has(service) ? 'exited' : 'running'}`),
    )
    await compose('down', '-v', '-t', '0')
    expect(await left()).toEqual(before)
  })
})
