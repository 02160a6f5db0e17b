/** Builds that fail or are killed: nothing is left behind, and the next goes on from what was done. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { lines, ok, run, start, tempHome } from './cli.ts'

async function clean(home: string): Promise<void> {
  expect(await ok(home, 'system', 'check')).toMatch(healthy)
  expect(lines(await ok(home, 'images', '-a', '--format', '{{.Repository}}'))).toEqual(['busybox'])
  expect(await ok(home, 'ps', '-aq')).toBe('')
}

const healthy = /^\S+: \d+ documents, all is well\n$/

test('a build that fails leaves no image, no tag and nothing dangling, and the next goes on from its steps', async () => {
  const home = tempHome()
  await ok(home, 'pull', '-q', 'busybox')
  const context = tempHome()
  const dockerfile = (last: string): void =>
    writeFileSync(join(context, 'Dockerfile'), `FROM busybox\nRUN echo 1 > /one\nCOPY data /d\nRUN ${last}\n`)
  writeFileSync(join(context, 'data'), 'data')
  dockerfile('exit 3')
  const { status } = await run(home, 'build', '-t', 'x', context)
  expect(status).toBe(1)
  await clean(home)
  dockerfile('true')
  const { err } = await run(home, 'build', '--progress', 'plain', '-t', 'x', context)
  expect(lines(err).filter(line => / CACHED$/.test(line))).toEqual(['#6 CACHED', '#7 CACHED'])
})

test('a build that is killed at any moment leaves a whole store, and the next ends as if nothing had been', async () => {
  const home = tempHome()
  await ok(home, 'pull', '-q', 'busybox')
  const context = tempHome()
  writeFileSync(
    join(context, 'Dockerfile'),
    'FROM busybox\nRUN head -c 300000 /dev/zero | tr "\\0" x > /one\nRUN sleep 0.05; echo 2 > /two\nCOPY . /all/\nRUN echo 3 > /three\n',
  )
  for (let n = 0; n < 12; n++) {
    const { child, outcome } = start(home, ['build', '-q', '-t', 'x', context])
    await setTimeout(80 + n * 40)
    const signal = n % 2 === 0 ? 'SIGKILL' : 'SIGTERM'
    child.kill(signal)
    const { status } = await outcome
    if (status === 0) break
    const { out } = await run(home, 'system', 'check')
    // What a process leaves that cannot say goodbye is taken away by the next that changes anything, or at once:
    expect(signal === 'SIGKILL' ? out.replace(/^harmless: .*\n/m, '') : out).toMatch(healthy)
    if (signal === 'SIGKILL') await run(home, 'system', 'check', '--repair')
  }
  await ok(home, 'build', '-q', '-t', 'x', context)
  expect(await ok(home, 'run', '--rm', 'x', 'cat', '/two', '/three')).toBe('2\n3\n')
  expect(await ok(home, 'system', 'check')).toMatch(healthy)
})
