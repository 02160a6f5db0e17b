import { expect, it } from 'vitest'
import { command } from '../../../src/cli/commands/clock/advance.ts'
import { noFlags } from '../../../src/cli/flags.ts'
import { fakeEngine } from '../fake-engine.ts'
import { memoryContext, runLine } from '../memory-context.ts'

const now = Date.UTC(2026, 0, 1)

it('a virtual clock is advanced and shown', async () => {
  const ctx = memoryContext({ engine: fakeEngine({}), now })
  await command.run(ctx, ['1m30s'], noFlags([]))
  expect((await ctx.clock()).now()).toBe(now + 90_000)
  expect((await runLine(['clock', 'show'], { now })).stdout).toBe('2026-01-01T00:00:00Z (virtual)\n')
})

it.each([
  ['-5s', 'docker: time does not go back: -5s\n'],
  ['5', 'time: missing unit in duration "5"\n'],
])('time does not pass by %s', async (duration, message) => {
  // A word that starts with a dash is an argument only after --.
  expect(await runLine(['clock', 'advance', '--', duration], { now })).toEqual({
    stdout: '',
    stderr: message,
    status: 1,
  })
})
