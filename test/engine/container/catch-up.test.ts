/** Between two commands nothing runs: what was due meanwhile happens, at its time, when somebody looks. */
import { expect, test } from 'vitest'
import type { ContainerCreateRequest } from '../../../src/api/container.ts'
import { openLocal } from '../../../src/engine/local.ts'
import { tempFolder } from '../../store/temp-store.ts'

/** Starts a container with one process, lets `seconds` pass with none, and looks with another. */
async function afterwards(seconds: number, request: ContainerCreateRequest) {
  const env = { MINIDOCK_HOME: tempFolder(), MINIDOCK_CLOCK: 'virtual' }
  const first = await openLocal(env)
  for await (const _ of first.engine.images.pull('busybox'));
  const { Id: id } = await first.engine.containers.create({ Image: 'busybox', ...request })
  await first.engine.containers.start(id)
  const second = await openLocal(env)
  const started = second.clock.now()
  await second.clock.sleep(seconds * 1000)
  const lines: [number, string][] = []
  for await (const { time, data } of second.engine.containers.logs(id, { stdout: true, stderr: true }))
    lines.push([Math.round((time - started) / 100) / 10, Buffer.from(data).toString().trimEnd()])
  const { State: state, RestartCount: restarts } = await second.engine.containers.inspect(id)
  return { lines, state, restarts }
}

test('a loop prints a line at each of its times', async () => {
  const { lines, state } = await afterwards(3.2, { Cmd: ['sh', '-c', 'while true; do echo tick; sleep 1; done'] })
  expect(lines).toEqual([
    [0, 'tick'],
    [1, 'tick'],
    [2, 'tick'],
    [3, 'tick'],
  ])
  expect(state.Status).toBe('running')
})

test('restarts come with their growing delays', async () => {
  const { lines, state, restarts } = await afterwards(5, {
    Cmd: ['sh', '-c', 'echo try; exit 1'],
    HostConfig: { RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 3 } },
  })
  expect(lines.map(([time]) => time)).toEqual([0, 0.1, 0.3, 0.7])
  expect({ status: state.Status, code: state.ExitCode, restarts }).toEqual({ status: 'exited', code: 1, restarts: 3 })
})

test('health checks are made on their interval', async () => {
  const { state } = await afterwards(7.5, {
    Cmd: ['sleep', '100'],
    Healthcheck: { Test: ['CMD', 'false'], Interval: 2e9, Retries: 3 },
  })
  expect(state.Health).toMatchObject({ Status: 'unhealthy', FailingStreak: 3 })
})

test('a process that ends has ended when it ended', async () => {
  const { state } = await afterwards(60, { Cmd: ['sleep', '5'] })
  const ran = Date.parse(state.FinishedAt) - Date.parse(state.StartedAt)
  expect({ status: state.Status, seconds: Math.round(ran / 100) / 10 }).toEqual({ status: 'exited', seconds: 5 })
})
