import { describe, expect, it } from 'vitest'
import { outcomes } from '../../src/explain/lifecycle.ts'
import { run } from '../e2e/in-process.ts'
import { type World, world } from './world.ts'

describe('explain lifecycle', () => {
  it('follows a container from state to state', async () => {
    const w = world()
    await w.make(['create', '--name', 'c1', 'busybox', 'sh', '-c', 'echo hi > /f; sleep 1d'])
    await w.shows('lifecycle-created', ['lifecycle', 'c1'])
    await w.make(['start', 'c1'], ['clock', 'advance', '5s'], ['pause', 'c1'])
    await w.shows('lifecycle-paused', ['lifecycle', 'c1'], { width: 60, plain: true })
    await w.make(['unpause', 'c1'], ['stop', 'c1'])
    await w.shows('lifecycle-stopped', ['lifecycle', 'c1'], { width: 160 })
  })

  const ways = {
    created: [['create', '--name', 'c1', 'busybox', 'sleep', '1d']],
    running: [['run', '-d', '--name', 'c1', 'busybox', 'sleep', '1d']],
    paused: [
      ['run', '-d', '--name', 'c1', 'busybox', 'sleep', '1d'],
      ['pause', 'c1'],
    ],
    exited: [
      ['run', '-d', '--name', 'c1', 'busybox', 'sleep', '1d'],
      ['kill', 'c1'],
    ],
  } satisfies Record<string, string[][]>

  /** What the engine does, in the words of the view: its error, or the state that follows. */
  async function done(w: World, words: string[]): Promise<string> {
    const env = { MINIDOCK_HOME: `${w.home}/.store`, MINIDOCK_CLOCK: 'virtual', MINIDOCK_SEED: 'explain' }
    const { err, status } = await run(w.home, words, { env })
    if (status !== 0) return (err.split('\n')[0] ?? '').replace('Error response from daemon: ', '')
    const state = await run(w.home, ['inspect', '-f', '{{.State.Status}}', 'c1'], { env })
    return state.status === 0 ? state.out.trim() : 'gone'
  }

  it.each(Object.entries(ways))('says what each command does to a container that is %s', async (state, steps) => {
    const wrong: string[] = []
    const names = outcomes(state as keyof typeof ways, { id: '', name: 'c1' }).map(each => each.command)
    for (const [at, command] of names.entries()) {
      const w = world()
      await w.make(...steps)
      const env = { MINIDOCK_HOME: `${w.home}/.store`, MINIDOCK_CLOCK: 'virtual', MINIDOCK_SEED: 'explain' }
      const id = (await run(w.home, ['inspect', '-f', '{{.Id}}', 'c1'], { env })).out.trim()
      const said = outcomes(state as keyof typeof ways, { id, name: 'c1' })[at]
      const got = await done(w, [...command.split(' '), ...(command.startsWith('exec') ? ['true'] : [])])
      const expected = /^(running|exited|paused|gone|killed, then gone)/.exec(said?.outcome ?? '')?.[0]
      const same = said?.error ? got === said.outcome : got === (expected?.replace('killed, then ', '') ?? state)
      if (!same) wrong.push(`${command}: said ${said?.outcome}, got ${got}`)
    }
    expect(wrong).toEqual([])
  })
})
