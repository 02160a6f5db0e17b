import { describe, expect, it } from 'vitest'
import type { CoroutineProgram } from '../../src/kernel/program.ts'
import { runCommand } from './harness.ts'

const work: CoroutineProgram = {
  kind: 'coroutine',
  name: 'work',
  *main() {
    yield { op: 'cpu', ms: 1000 }
    return 0
  },
}
const programs = { work }

describe('work of a second of CPU time', () => {
  it.each([
    ['takes a second', {}, 'work', 1000],
    ['takes two with half a processor', { quotaUs: 50_000 }, 'work', 2000],
    ['takes ten with a tenth', { quotaUs: 10_000 }, 'work', 10_000],
    ['is done twice in a second on two processors', {}, 'work & work; wait', 1000],
    ['is done twice in two on one of them', { cpuset: '0' }, 'work & work; wait', 2000],
    ['is done twice in four with half of one', { quotaUs: 50_000 }, 'work & work; wait', 4000],
  ])('%s', async (_, limits, script, ms) => {
    const { elapsed, status } = await runCommand(['sh', '-c', script], { programs, limits })
    expect(status).toBe(0)
    expect(elapsed).toBeGreaterThanOrEqual(ms - 1)
    expect(elapsed).toBeLessThan(ms * 1.02 + 20)
  })
})

it('a loop of the shell takes twice as long with half a processor', async () => {
  const script = 'i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done'
  const whole = await runCommand(['sh', '-c', script])
  const half = await runCommand(['sh', '-c', script], { limits: { quotaUs: 50_000 } })
  expect(half.elapsed / whole.elapsed).toBeCloseTo(2, 1)
})
