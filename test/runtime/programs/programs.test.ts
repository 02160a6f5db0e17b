import { describe, expect, it } from 'vitest'
import { gosu, suExec } from '../../../src/runtime/programs/gosu.ts'
import { program as hello } from '../../../src/runtime/programs/hello-world.ts'
import { runCommand } from '../../kernel/harness.ts'

const programs = { gosu, 'su-exec': suExec, hello }

describe.each(['gosu', 'su-exec'])('%s', name => {
  it('becomes the user with the groups and the home', async () => {
    const { stdout, status } = await runCommand([name, 'alice', 'sh', '-c', 'id; echo $HOME'], { programs })
    expect(stdout).toBe('uid=1000(alice) gid=1000(alice) groups=50(staff),1000(alice)\n/home/alice\n')
    expect(status).toBe(0)
  })

  it('takes numbers and a group', async () => {
    const { stdout } = await runCommand([name, '1234:50', 'sh', '-c', 'id; echo $HOME'], { programs })
    expect(stdout).toBe('uid=1234 gid=50(staff) groups=50(staff)\n/\n')
  })

  it('hands the exit status on', async () => {
    expect((await runCommand([name, 'bob', 'sh', '-c', 'exit 7'], { programs })).status).toBe(7)
  })
})

describe('gosu', () => {
  it.each([
    [
      ['nosuch', 'id'],
      'error: failed switching to "nosuch": unable to find user nosuch: no matching entries in passwd file\n',
    ],
    [['bob', 'nosuch'], 'error: exec: "nosuch": executable file not found in $PATH\n'],
    [['bob', '/nosuch'], 'error: exec: /nosuch: no such file or directory\n'],
  ])('%j fails with its words', async (args, words) => {
    const { stderr, status } = await runCommand(['gosu', ...args], { programs })
    expect(stderr).toBe(words)
    expect(status).toBe(1)
  })

  it('is for root', async () => {
    const { stderr, status } = await runCommand(['gosu', 'bob', 'id'], { programs, uid: 1000 })
    expect(stderr).toBe('error: failed switching to "bob": operation not permitted\n')
    expect(status).toBe(1)
  })
})

describe('hello-world', () => {
  it('says hello', async () => {
    const { stdout, status } = await runCommand(['hello'], { programs })
    expect(stdout.split('\n').slice(0, 3)).toEqual([
      '',
      'Hello from Docker!',
      'This message shows that your installation appears to be working correctly.',
    ])
    expect(stdout.endsWith('https://docs.docker.com/get-started/\n\n')).toBe(true)
    expect(status).toBe(0)
  })
})
