/** rabbitmq-server as far as it starts, listens, logs and ends, and the tools that ask whether it is there. */
import type { CoroutineProgram, Proc, Routine } from '../../kernel/program.ts'
import { isErrno } from '../../vfs/errno.ts'
import { textNow } from '../whole-file.ts'
import { answers, holdConnections, type Listening } from './listener.ts'

const PORT = 5672
const MANAGEMENT = 15672

const out = (fd: number, text: string) => ({ op: 'write' as const, fd, data: Buffer.from(text, 'latin1') })

const note = (p: Proc, process: string, text: string) =>
  out(1, `${new Date(p.now()).toISOString().replace('T', ' ').replace('Z', '000+00:00')} [info] <${process}> ${text}\n`)

const node = (p: Proc): string => `rabbit@${p.uname().nodename}`

export const server: CoroutineProgram = {
  kind: 'coroutine',
  name: 'rabbitmq-server',
  *main(p, saved) {
    const state = (saved as unknown as Listening | undefined) ?? (yield* start(p))
    if (typeof state === 'number') return state
    yield* holdConnections(p, state)
    yield note(p, '0.65.0', 'SIGTERM received - shutting down')
    yield note(p, '0.44.0', `Stopping RabbitMQ applications and their dependencies in the following order: rabbit`)
    return 0
  },
}

function* start(p: Proc): Routine<Listening | number> {
  const version = p.marker['version'] ?? '4.1.1'
  const enabled = /\[([^\]]*)\]/.exec(textNow(p, '/etc/rabbitmq/enabled_plugins') ?? '')?.[1]?.split(',') ?? []
  const plugins = enabled.map(name => name.trim()).filter(name => name !== '')
  for (const signal of ['TERM', 'INT']) p.sigaction(signal, 'catch')
  // The Erlang machine takes its time.
  yield { op: 'sleep', ms: 2500 }
  yield note(p, '0.216.0', `Starting RabbitMQ ${version} on Erlang 27.3.4 [jit]`)
  yield out(
    1,
    `\n  ##  ##      RabbitMQ ${version}\n  ##  ##\n  ##########  Copyright (c) 2007-2025 Broadcom Inc and/or its subsidiaries\n  ######  ##\n  ##########  Licensed under the MPL 2.0. Website: https://rabbitmq.com\n\n  Starting broker...`,
  )
  yield note(p, '0.216.0', `node           : ${node(p)}`)
  const listeners: number[] = []
  try {
    listeners.push(p.listen('::', PORT, 'tcp'))
    if (plugins.includes('rabbitmq_management')) listeners.push(p.listen('::', MANAGEMENT, 'tcp'))
  } catch (error) {
    if (!isErrno(error)) throw error
    yield note(p, '0.216.0', `Failed to start Ranch listener on [::]:${PORT}: ${error.message}`)
    return 1
  }
  p.memory(120_000_000)
  if (listeners.length > 1)
    yield note(p, '0.600.0', `Management plugin: HTTP (non-TLS) listener started on port ${MANAGEMENT}`)
  yield note(p, '0.659.0', `started TCP listener on [::]:${PORT}`)
  yield out(1, ` completed with ${plugins.length} plugins.\n`)
  yield note(
    p,
    '0.651.0',
    `Server startup complete; ${plugins.length} plugins started.${plugins.map(name => `\n * ${name}`).join('')}`,
  )
  return { listeners, clients: [] }
}

/** rabbitmqctl and rabbitmq-diagnostics: whether the broker is there; nothing of queues and users. */
export const tool: CoroutineProgram = {
  kind: 'coroutine',
  name: 'rabbitmqctl',
  *main(p) {
    const verb = p.argv.slice(1).find(word => !word.startsWith('-')) ?? ''
    const there = yield* answers(PORT)
    const quiet = p.argv.includes('-q') || p.argv.includes('--quiet')
    if (!['ping', 'status', 'check_running', 'check_port_connectivity', 'await_startup'].includes(verb)) {
      yield out(2, `${p.name}: minidock models only ping, status, check_running and await_startup\n`)
      return 126
    }
    if (!there) {
      yield out(
        2,
        `Error: unable to perform an operation on node '${node(p)}'. Please see diagnostics information and suggestions below.\n`,
      )
      return 69
    }
    if (verb === 'ping')
      yield out(
        1,
        quiet
          ? ''
          : `Will ping ${node(p)}. This only checks if the OS process is running and registered with epmd. Timeout: 60000 ms.\nPing succeeded\n`,
      )
    else if (verb === 'status')
      yield out(
        1,
        `Status of node ${node(p)} ...\nRuntime\n\nOS PID: ${p.pid}\nRabbitMQ version: ${p.marker['version'] ?? '4.1.1'}\n`,
      )
    else if (!quiet) yield out(1, `RabbitMQ on node ${node(p)} is fully booted and running\n`)
    return 0
  },
}
