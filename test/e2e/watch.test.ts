/** `compose watch` over real files: what is saved is in the container, what is built is built anew. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ok, start, tempHome } from './cli.ts'

const FILE = `
name: watched
services:
  app:
    build: .
    command: sleep 1000
    stop_grace_period: 0s
    develop:
      watch:
        - {action: sync, path: ./src, target: /app, ignore: ['*.log']}
        - {action: rebuild, path: ./built}
        - {action: sync+exec, path: ./run, target: /run, exec: {command: cat /run/now}}
`

it('changed files are synced, removed files go, and builds are made anew', async () => {
  const home = tempHome()
  const lab = join(home, 'lab')
  const file = (name: string, text: string): void => writeFileSync(join(lab, name), text)
  for (const name of ['', 'src', 'built', 'run']) mkdirSync(join(lab, name))
  file('compose.yaml', FILE)
  file('Dockerfile', 'FROM busybox\nCOPY built /built\n')
  file('src/gone', 'old\n')
  file('built/x', 'one\n')
  const compose = ['compose', '-f', join(lab, 'compose.yaml')]
  await ok(home, ...compose, 'up', '-d', '--quiet-build')
  await ok(home, ...compose, 'exec', '-T', 'app', 'sh', '-c', 'mkdir -p /app && echo old > /app/gone')
  const { child, outcome } = start(home, [...compose, 'watch', '--quiet'])
  let seen = ''
  child.stdout?.on('data', (data: Buffer) => {
    seen += data.toString()
  })
  const until = async (line: string): Promise<void> => {
    while (!seen.includes(`${line}\n`) && child.exitCode === null) await new Promise(done => setTimeout(done, 20))
  }
  await until('Watch enabled')
  file('src/new', 'here\n')
  file('src/x.log', 'not\n')
  rmSync(join(lab, 'src/gone'))
  await until('Syncing service "app" after 2 changes were detected')
  const inside = await ok(home, ...compose, 'exec', '-T', 'app', 'sh', '-c', 'ls /app; cat /app/new')
  file('built/x', 'two\n')
  await until('service(s) ["app"] successfully built')
  file('run/now', 'it ran\n')
  await until('it ran')
  child.kill('SIGINT')
  const { out, status } = await outcome
  expect(inside).toBe('new\nhere\n')
  expect(await ok(home, ...compose, 'exec', '-T', 'app', 'cat', '/built/x')).toBe('two\n')
  expect(out).toBe(`Watch enabled
Syncing service "app" after 2 changes were detected
Rebuilding service(s) ["app"] after changes were detected...
service(s) ["app"] successfully built
Syncing service "app" after 1 changes were detected
it ran
`)
  expect(status).toBe(130)
})
