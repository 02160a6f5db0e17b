import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ok, tempHome } from './cli.ts'
import { docker } from './in-process.ts'
import { parseSession, playSession } from './session.ts'
it('x', { timeout: 100_000 }, async () => {
    const home = tempHome()
    const env = { PATH: `${home}/bin:${process.env.PATH}`, HOME: home, MINIDOCK_HOME: `${home}/store`, NO_COLOR: '1' }
    const cwd = join(home, 'lab')
    mkdirSync(cwd)
    await ok(env.MINIDOCK_HOME, 'pull', '-q', 'busybox')
    await ok(env.MINIDOCK_HOME, 'shim', `${home}/bin`)
    const steps = parseSession(readFileSync(process.env.S!, 'utf8'))
    const told = (outputs: readonly (readonly string[])[]): string =>
      steps.map(({ command }, at) => [`$ ${command}`, ...(outputs[at] ?? [])].join('\n')).join('\n')
    const answers = await playSession(steps, { cwd, env, docker: async (w, p) => { const t = performance.now(); const a = await Promise.race([docker(w, p), new Promise<any>(r => setTimeout(() => r({out:'HUNG '+w.join(' '),err:'',status:9}), 20000))]); console.log(Math.round(performance.now() - t), w.join(' ')); return a } })
    expect(told(answers)).toBe(told(steps.map(step => step.output)))
})
