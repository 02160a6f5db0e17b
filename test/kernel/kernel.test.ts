import { describe, expect, it } from 'vitest'
import type { CoroutineProgram, Proc, Routine } from '../../src/kernel/program.ts'
import { runCommand } from './harness.ts'

const text = (words: string): Uint8Array => Buffer.from(words)
const program = (name: string, main: (p: Proc) => Routine<number>): CoroutineProgram => ({
  kind: 'coroutine',
  name,
  main: p => main(p),
})

const parent = program('parent', function* (p) {
  const [read, write] = p.pipe()
  const child = p.spawn({ path: '/bin/child', argv: ['child', 'x'], fds: new Map([[1, write]]) })
  p.close(write)
  let all = ''
  for (;;) {
    const data = (yield { op: 'read', fd: read, length: 100 }) as Uint8Array
    if (data.length === 0) break
    all += Buffer.from(data).toString()
    p.now()
  }
  const ended = (yield { op: 'wait', pid: child }) as { status: unknown }
  yield { op: 'write', fd: 1, data: text(`${all}${JSON.stringify(ended.status)} ${p.pid}\n`) }
  return 3
})
const child = program('child', function* (p) {
  for (let at = 0; at < 3; at++) {
    yield { op: 'write', fd: 1, data: text(`${at} ${p.argv[1]} ${((p.now() % 100_000) / 1000) | 0}\n`) }
    yield { op: 'sleep', ms: 1000 }
  }
  return 7
})

describe('the kernel', () => {
  it.each([false, true])('runs a child through a pipe over time (suspended after every slice: %s)', async suspend => {
    const run = await runCommand(['parent'], { programs: { parent, child }, suspend })
    expect(run).toMatchObject({ stdout: '0 x 45\n1 x 46\n2 x 47\n{"code":7} 1\n', stderr: '', status: 3 })
    expect(Math.round(run.elapsed)).toBe(3000)
  })

  it('feeds input and ends it', async () => {
    expect(await runCommand(['cat'], { stdin: 'a\nb\n' })).toMatchObject({ stdout: 'a\nb\n', status: 0 })
  })
})
