import { describe, expect, it } from 'vitest'
import type { CoroutineProgram, Proc, Routine } from '../../src/kernel/program.ts'
import { isErrno } from '../../src/vfs/errno.ts'
import { type RunSettings, runCommand } from './harness.ts'

const program = (main: (p: Proc) => Routine<number>): CoroutineProgram => ({
  kind: 'coroutine',
  name: 'test',
  main: p => main(p),
})

function* say(text: string): Routine<void> {
  yield { op: 'write', fd: 1, data: Buffer.from(text) }
}

/** Name of the errno that a call fails with; 'done' when it does not. */
function failure(call: () => unknown): string {
  try {
    call()
    return 'done'
  } catch (error) {
    if (isErrno(error)) return error.code
    throw error
  }
}

const main = (body: (p: Proc) => Routine<number>, settings: RunSettings = {}) =>
  runCommand(['main'], { ...settings, programs: { main: program(body), ...settings.programs } })

const sleeper = program(function* () {
  yield { op: 'sleep', ms: 10_000 }
  return 0
})

/** A shell script's output, errors and status. */
const shell = async (script: string, settings: RunSettings = {}) => {
  const { stdout, stderr, status } = await runCommand(['sh', '-c', script], settings)
  return { stdout, stderr, status }
}

describe('signals and exits', () => {
  it('ends a child with the signal that kills it, and keeps it as a zombie until it is waited for', async () => {
    const run = await main(
      function* (p) {
        const pid = p.spawn({ path: '/bin/sleeper', argv: ['sleeper'] })
        p.kill(pid, 'TERM')
        yield* say(
          Buffer.from((yield { op: 'read', fd: p.open(`/proc/${pid}/stat`, { read: true }), length: 30 }) as Uint8Array)
            .toString()
            .split(' ', 3)[2] ?? '',
        )
        const ended = yield { op: 'wait', pid: -1 }
        yield* say(` ${JSON.stringify(ended)} ${failure(() => p.kill(pid, 0))} ${failure(() => p.tryWait(-1))}`)
        return 4
      },
      { programs: { sleeper } },
    )
    expect(run).toMatchObject({ stdout: 'Z {"pid":2,"status":{"signal":"TERM"}} ESRCH ECHILD', status: 4 })
  })

  it('leaves PID 1 deaf to signals from inside for which it has no handler', async () => {
    const run = await main(function* (p) {
      for (const signal of ['TERM', 'KILL', 'STOP', 'INT']) p.kill(1, signal)
      yield* say('alive')
      return 0
    })
    expect(run).toMatchObject({ stdout: 'alive', status: 0 })
  })

  it('interrupts a wait with a caught signal', async () => {
    const child = program(function* (p) {
      yield { op: 'sleep', ms: 500 }
      p.kill(1, 'USR1')
      return 0
    })
    const run = await main(
      function* (p) {
        p.sigaction('USR1', 'catch')
        p.spawn({ path: '/bin/child', argv: ['child'] })
        try {
          yield { op: 'sleep', ms: 60_000 }
        } catch (error) {
          yield* say(`${isErrno(error) ? error.code : ''} ${p.takeSignal()} ${p.takeSignal()}`)
        }
        return 0
      },
      { programs: { child } },
    )
    expect(run).toMatchObject({ stdout: 'EINTR USR1 undefined', status: 0 })
    expect(Math.round(run.elapsed)).toBe(500)
  })

  it('keeps signals for a stopped process until it goes on', async () => {
    const run = await main(
      function* (p) {
        const pid = p.spawn({ path: '/bin/sleeper', argv: ['sleeper'] })
        p.kill(pid, 'STOP')
        p.kill(pid, 'TERM')
        yield { op: 'sleep', ms: 20_000 }
        yield* say(`${p.tryWait(pid)} `)
        p.kill(pid, 'CONT')
        yield* say(JSON.stringify(yield { op: 'wait', pid }))
        return 0
      },
      { programs: { sleeper } },
    )
    expect(run.stdout).toBe('undefined {"pid":2,"status":{"signal":"TERM"}}')
  })

  it('hands orphans to PID 1', async () => {
    const middle = program(function* (p) {
      p.spawn({ path: '/bin/sleeper', argv: ['sleeper'] })
      return 5
    })
    const run = await main(
      function* (p) {
        p.spawn({ path: '/bin/middle', argv: ['middle'] })
        yield* say(JSON.stringify(yield { op: 'wait', pid: -1 }))
        yield* say(JSON.stringify(yield { op: 'wait', pid: -1 }))
        return 0
      },
      { programs: { middle, sleeper } },
    )
    expect(run.stdout).toBe('{"pid":2,"status":{"code":5}}{"pid":3,"status":{"code":0}}')
  })

  it('kills everything when PID 1 ends', async () => {
    const run = await main(
      function* (p) {
        p.spawn({ path: '/bin/sleeper', argv: ['sleeper'] })
        return 3
      },
      { programs: { sleeper } },
    )
    expect(run.status).toBe(3)
    expect(run.elapsed).toBeLessThan(100)
  })

  it('ends a writer whose reader has gone with SIGPIPE', async () => {
    expect(await shell('sh -c "yes; echo $? >&2" | head -1; echo ok')).toMatchObject({ stdout: 'y\nok\n' })
  })

  it('does not take the engine down when a program fails', async () => {
    const run = await main(function* () {
      yield* say('a')
      throw new TypeError('x is undefined')
    })
    expect(run).toMatchObject({ stdout: 'a', stderr: 'main: x is undefined\n', status: 1 })
  })

  it('drops a killed program without running its clean-up', async () => {
    const careful = program(function* (p) {
      try {
        yield { op: 'sleep', ms: 10_000 }
      } finally {
        p.unlink('/tmp/kept')
      }
      return 0
    })
    const run = await main(
      function* (p) {
        const pid = p.spawn({ path: '/bin/careful', argv: ['careful'] })
        yield { op: 'sleep', ms: 10 }
        p.kill(pid, 'KILL')
        yield { op: 'wait', pid }
        yield* say(failure(() => p.stat('/tmp/kept')))
        return 0
      },
      { programs: { careful }, files: { '/tmp/kept': '' } },
    )
    expect(run).toMatchObject({ stdout: 'done', status: 0 })
  })
})

describe('limits', () => {
  it('refuses processes beyond the limit with EAGAIN', async () => {
    const run = await main(
      function* (p) {
        let started = 0
        const error = failure(() => {
          for (;;) {
            p.spawn({ path: '/bin/sleeper', argv: ['sleeper'] })
            started++
          }
        })
        yield* say(`${started} ${error}`)
        return 0
      },
      { programs: { sleeper }, pidsLimit: 5 },
    )
    expect(run.stdout).toBe('4 EAGAIN')
  })

  it('kills the largest process beyond the memory limit', async () => {
    const hungry = program(function* (p) {
      p.memory(100 << 20)
      return 0
    })
    const run = await main(
      function* (p) {
        const pid = p.spawn({ path: '/bin/hungry', argv: ['hungry'] })
        yield* say(JSON.stringify(yield { op: 'wait', pid }))
        return 0
      },
      { programs: { hungry }, memoryLimit: 64 << 20 },
    )
    expect(run).toMatchObject({ stdout: '{"pid":2,"status":{"signal":"KILL"}}', status: 0 })
  })

  it('counts what processes take by being there', async () => {
    const run = await main(
      function* (p) {
        for (let at = 0; at < 20; at++) p.spawn({ path: '/bin/sleeper', argv: ['sleeper'] })
        let killed = 0
        for (let at = 0; at < 20; at++) {
          const { status } = (yield { op: 'wait', pid: -1 }) as { status: object }
          if ('signal' in status) killed++
        }
        yield* say(String(killed))
        return 0
      },
      { programs: { sleeper }, memoryLimit: 4 << 20 },
    )
    expect(run.stdout).toBe('13')
  })

  it('survives a memory claim by which a child ends PID 1', async () => {
    const small = program(function* (p) {
      p.memory(20 << 20)
      return 0
    })
    const run = await main(
      function* (p) {
        p.memory(50 << 20)
        p.spawn({ path: '/bin/small', argv: ['small'] })
        yield { op: 'wait', pid: -1 }
        return 0
      },
      { programs: { small }, memoryLimit: 64 << 20 },
    )
    expect(run.status).toBe(137)
  })

  it('lets a busy loop use no more than its time', async () => {
    expect(await shell('timeout 0.1 sh -c "while :; do :; done"; echo $?', { limit: 5000 })).toMatchObject({
      stdout: '143\n',
    })
  })
})

describe('descriptors', () => {
  it('shares the offset over dup and fork, and not between two opens', async () => {
    const run = await shell(
      'exec 3</tmp/f; read a <&3; (read b <&3; echo $b); read c <&3; read d </tmp/f; echo $a $c $d',
      {
        files: { '/tmp/f': '1\n2\n3\n' },
      },
    )
    expect(run.stdout).toBe('2\n1 3 1\n')
  })

  it.each([
    ['a fifo joins a writer and a reader', 'mkfifo /tmp/p; echo hi >/tmp/p & cat /tmp/p', 'hi\n'],
    ['a fifo joins a reader that came first', 'mkfifo /tmp/p; (sleep 1; echo hi >/tmp/p) & cat /tmp/p', 'hi\n'],
    ['a fifo opened for both does not wait', 'mkfifo /tmp/p; exec 3<>/tmp/p; echo a >&3; read x <&3; echo $x', 'a\n'],
    [
      'a fifo that is open is found again by its name',
      'mkfifo /tmp/p; exec 3<>/tmp/p; sleep 1; (sleep 1; echo b >/tmp/p) & read x <&3; echo $x',
      'b\n',
    ],
    ['a link to /dev/stdout is the own output', 'ln -s /dev/stdout /tmp/log; echo x >>/tmp/log', 'x\n'],
    ['the output of PID 1 can be written through /proc', 'sh -c "echo x >/proc/1/fd/1; exit"', 'x\n'],
    [
      '/proc has an end, though a thread has nearly all that its process has',
      'find /proc/1/task -name task',
      '/proc/1/task\n',
    ],
    ['a pipe behind /dev/stdin is seen as one', 'echo | { [ -p /dev/stdin ] && echo pipe; }', 'pipe\n'],
    ['/dev/full has no room', 'echo a >/dev/full || echo failed', 'failed\n'],
    ['/dev/zero never ends', 'head -c 4 /dev/zero | od -An -tx1', ' 00 00 00 00\n'],
  ])('%s', async (_title, script, stdout) => {
    for (const suspend of [false, 1, true])
      expect(await shell(script, { suspend, limit: 10_000 })).toMatchObject({ stdout })
  })

  it('refuses a second listener on a port', async () => {
    const run = await main(function* (p) {
      p.listen('0.0.0.0', 80, 'tcp')
      const tries = [failure(() => p.listen('127.0.0.1', 80, 'tcp')), failure(() => p.listen('0.0.0.0', 80, 'udp'))]
      yield* say(tries.join(' '))
      return 0
    })
    expect(run.stdout).toBe('EADDRINUSE done')
  })
})
