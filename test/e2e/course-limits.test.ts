/** The commands of the course's sections on control groups and on security, as they stand there, and what they come to. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { lines, ok, run, tempHome } from './cli.ts'

/** What nginx itself says last of why it ends. */
const emergency = (text: string): string | undefined => lines(text).findLast(line => line.startsWith('nginx: [emerg]'))

describe('limits', () => {
  it('of 512 MB and half a processor are in inspect, stats and the files of the group', async () => {
    const home = tempHome()
    await ok(home, 'run', '-d', '--name', 'my-app', '--memory=512m', '--cpus=0.5', 'nginx:latest')
    expect(await ok(home, 'inspect', 'my-app', '--format', '{{.HostConfig.Memory}}')).toBe('536870912\n')
    const both = '{{.HostConfig.NanoCpus}} {{.HostConfig.MemorySwap}}'
    expect(await ok(home, 'inspect', 'my-app', '--format', both)).toBe('500000000 1073741824\n')
    const row = '{{.Name}} {{.MemUsage}} {{.PIDs}}'
    expect(await ok(home, 'stats', '--no-stream', '--format', row, 'my-app')).toMatch(
      /^my-app \d+\.?\d*MiB \/ 512MiB 3\n$/,
    )
    const files = 'cd /sys/fs/cgroup; cat memory.max cpu.max memory.swap.max'
    expect(await ok(home, 'exec', 'my-app', 'sh', '-c', files)).toBe('536870912\n50000 100000\n536870912\n')
  })

  it('of memory end what needs more: 137, OOMKilled, an event and lines in the log of the kernel', async () => {
    const home = tempHome()
    const { status } = await run(home, 'run', '--name', 'big', '-m', '16m', 'busybox', 'tail', '/dev/zero')
    expect(status).toBe(137)
    expect(await ok(home, 'inspect', '-f', '{{.State.OOMKilled}} {{.State.ExitCode}}', 'big')).toBe('true 137\n')
    // Docker's times are whole seconds: until the end of this one.
    const until = String(Math.floor(Date.now() / 1000) + 1)
    const past = ['events', '--since', '1h', '--until', until, '--format', '{{.Action}}']
    expect(lines(await ok(home, ...past, '--filter', 'container=big'))).toEqual([
      'create',
      'attach',
      'start',
      'oom',
      'die',
    ])
    expect(await ok(home, 'host', 'dmesg')).toMatch(
      /Memory cgroup out of memory: Killed process \d+ \(tail\) total-vm:\d+kB/,
    )
  })

  it('of a common parent bind its containers together', async () => {
    const home = tempHome()
    const below = ['--cgroup-parent', '/lab', '-m', '64m']
    await ok(home, 'run', '-d', '--name', 'one', ...below, 'busybox', 'sleep', '100')
    const { status } = await run(home, 'run', '--name', 'two', ...below, 'busybox', 'tail', '/dev/zero')
    expect(status).toBe(137)
    expect(await ok(home, 'inspect', '-f', '{{.State.Running}}', 'one')).toBe('true\n')
  })
})

describe('nginx', () => {
  const only = ['--cap-drop=ALL', '--cap-add=NET_BIND_SERVICE']

  it('with one capability cannot give its folders to its workers', async () => {
    const { err, status } = await run(tempHome(), 'run', ...only, 'nginx')
    expect(emergency(err)).toBe(
      'nginx: [emerg] chown("/var/cache/nginx/client_temp", 101) failed (1: Operation not permitted)',
    )
    expect(status).toBe(1)
  })

  it('serves with the four that it needs', async () => {
    const home = tempHome()
    const more = ['CHOWN', 'SETUID', 'SETGID'].map(name => `--cap-add=${name}`)
    await ok(home, 'run', '-d', '--name', 'web', ...only, ...more, 'nginx')
    expect(await ok(home, 'exec', 'web', 'curl', '-s', 'localhost')).toContain('Welcome to nginx!')
    expect(await ok(home, 'exec', 'web', 'grep', 'CapEff', '/proc/1/status')).toBe('CapEff:\t00000000000004c1\n')
  })

  it('on a read-only root needs a folder that is not', async () => {
    const home = tempHome()
    const { err, status } = await run(home, 'run', '--read-only', 'nginx')
    expect(emergency(err)).toBe(
      'nginx: [emerg] mkdir() "/var/cache/nginx/client_temp" failed (30: Read-only file system)',
    )
    expect(status).toBe(1)
    const room = ['--tmpfs', '/var/cache/nginx', '--tmpfs', '/run']
    await ok(home, 'run', '-d', '--name', 'web', '--read-only', ...room, 'nginx')
    expect(await ok(home, 'exec', 'web', 'curl', '-s', 'localhost')).toContain('Welcome to nginx!')
    expect(await run(home, 'exec', 'web', 'touch', '/x')).toEqual({
      out: '',
      err: "touch: cannot touch '/x': Read-only file system\n",
      status: 1,
    })
  })

  it("cannot be started under the course's profile of ten calls", async () => {
    const home = tempHome()
    const names = ['accept', 'bind', 'listen', 'read', 'write', 'open', 'close', 'fstat', 'exit', 'exit_group']
    const profile = join(home, 'custom-profile.json')
    const syscalls = [{ names, action: 'SCMP_ACT_ALLOW' }]
    writeFileSync(profile, JSON.stringify({ defaultAction: 'SCMP_ACT_ERRNO', syscalls }))
    const { err, status } = await run(home, 'run', '--security-opt', `seccomp=${profile}`, 'nginx')
    expect(lines(err).at(-2)).toBe(
      'docker: Error response from daemon: failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: error closing exec fds: get handle to /proc/thread-self/fd: fstatfs fsmount:fscontext:proc: operation not permitted',
    )
    expect(status).toBe(125)
  })
})

describe('no-new-privileges', () => {
  const effective = [
    'debian:12',
    'sh',
    '-c',
    'cp /usr/bin/id /tmp/id; chmod u+s /tmp/id; setpriv --reuid 1000 /tmp/id -u',
  ]

  it.each([
    ['a setuid program makes its user root', [], '0\n'],
    ['and does not with the option', ['--security-opt', 'no-new-privileges:true'], '1000\n'],
  ])('%s', async (_, options, out) => {
    expect(await ok(tempHome(), 'run', ...options, ...effective)).toBe(out)
  })

  const su = 'cp /bin/busybox /tmp/su; chmod u+s /tmp/su; su -s /bin/sh nobody -c "/tmp/su -c whoami root"'

  it.each([
    ['su of busybox asks who called it for the password', [], 'su: incorrect password\n', 'Password: \n'],
    [
      'and has no more rights than that with the option',
      ['--security-opt', 'no-new-privileges'],
      'su: must be suid to work properly\n',
      '',
    ],
  ])('%s', async (_, options, err, out) => {
    const home = tempHome()
    await ok(home, 'pull', '-q', 'busybox')
    expect(await run(home, 'run', ...options, 'busybox', 'sh', '-c', su)).toEqual({ out, err, status: 1 })
  })
})
