/** Namespaces that a process has of its own, and who may see what in another's folder of /proc. */
import { describe, expect, it } from 'vitest'
import { allCapabilities, defaultCapabilities } from '../../src/security/capabilities.ts'
import { runCommand } from './harness.ts'

const may = { capabilities: allCapabilities }

describe.each([
  ['in one go', {}],
  ['stored and restored all the time', { suspend: true }],
])('unshare and nsenter, %s', (_, more) => {
  it.each([
    [
      'a host name of its own, which its children share',
      'unshare -u sh -c "hostname inner; sh -c \\"hostname other\\"; hostname; cat /proc/sys/kernel/hostname"; hostname',
      'other\nother\nbox\n',
    ],
    [
      'other numbers of the namespaces that were made, and of no others',
      'for n in uts ipc cgroup net pid; do readlink /proc/self/ns/$n; done > /tmp/a; unshare -u -i sh -c "for n in uts ipc cgroup net pid; do readlink /proc/self/ns/\\$n; done" > /tmp/b; cmp -s /tmp/a /tmp/b || diff /tmp/a /tmp/b | grep -c "^+[a-z]"',
      '2\n',
    ],
    ['the way back', 'unshare -u sh -c "hostname inner; nsenter -t 1 -u hostname; hostname"; true', 'box\ninner\n'],
  ])('give %s', async (_what, script, stdout) => {
    expect(await runCommand(['sh', '-c', script], { ...may, ...more })).toMatchObject({ stdout, stderr: '' })
  })
})

describe('unshare and nsenter', () => {
  it.each([
    ['unshare -u true', defaultCapabilities, 'unshare: unshare(0x4000000): Operation not permitted\n'],
    [
      'nsenter -t 1 -u true',
      defaultCapabilities,
      "nsenter: setns(): can't reassociate to namespace 'uts': Operation not permitted\n",
    ],
    ['nsenter -t 99 -u true', allCapabilities, "nsenter: can't open '/proc/99/ns/uts': No such file or directory\n"],
    [
      'unshare -p true',
      allCapabilities,
      'unshare: new mount, network, PID and user namespaces are not modelled; UTS, IPC and cgroup ones are\n',
    ],
  ])('refuse %s', async (script, capabilities, stderr) => {
    const ended = await runCommand(['sh', '-c', `${script}; exit $?`], { capabilities })
    expect(ended).toMatchObject({ stdout: '', stderr, status: 1 })
  })
})

describe("a process's folder in /proc", () => {
  it('is its own', async () => {
    const script =
      'tr "\\0" "\\n" < /proc/1/environ | grep HOSTNAME; stat -c %u /proc/1; ls /proc/1/fd > /dev/null && echo fd'
    expect(await runCommand(['sh', '-c', script], { uid: 1000 })).toMatchObject({
      stdout: 'HOSTNAME=box\n1000\nfd\n',
      stderr: '',
    })
  })

  it('is closed to others', async () => {
    const script = 'su -s /bin/sh nobody -c "cat /proc/1/environ; ls /proc/1/fd"; true'
    expect((await runCommand(['sh', '-c', script])).stderr).toBe(
      "cat: can't open '/proc/1/environ': Permission denied\nls: can't open '/proc/1/fd': Permission denied\n",
    )
  })
})
