/** Remapped users and a rootless daemon: what they change, and what they refuse. */
import { expect, it } from 'vitest'
import { lines, type Outcome, start, tempHome } from './cli.ts'

const machine = (env: Record<string, string>) => {
  const home = tempHome()
  return (...args: string[]): Promise<Outcome> => start(home, args, { env }).outcome
}
const last = ({ err }: Outcome): string | undefined => lines(err).findLast(line => line.startsWith('docker: '))
const security = ['info', '-f', '{{json .SecurityOptions}}']
const map = ['run', '--rm', 'busybox', 'cat', '/proc/self/uid_map']

it('without either every id is itself', async () => {
  const docker = machine({})
  expect((await docker(...map)).out).toBe('         0          0 4294967295\n')
  expect((await docker(...security)).out).toBe('["name=seccomp,profile=builtin","name=cgroupns"]\n')
})

it('root of a remapped container is a subordinate user of the host', async () => {
  const docker = machine({ MINIDOCK_USERNS_REMAP: 'default' })
  expect((await docker(...map)).out).toBe('         0     100000      65536\n')
  expect((await docker('run', '--rm', '--userns=host', 'busybox', 'cat', '/proc/self/uid_map')).out).toBe(
    '         0          0 4294967295\n',
  )
  await docker('run', '-d', '--name', 'box', '-u', '33', 'busybox', 'sleep', '100')
  expect(lines((await docker('top', 'box')).out)[1]).toMatch(/^100033 /)
  expect((await docker('exec', 'box', 'id', '-u')).out).toBe('33\n')
  expect((await docker(...security)).out).toBe('["name=seccomp,profile=builtin","name=userns","name=cgroupns"]\n')
})

it.each([
  [
    ['--privileged'],
    'privileged mode is incompatible with user namespaces.  You must run the container in the host namespace when running privileged mode',
  ],
  [['--network=host'], "cannot share the host's network namespace when user namespaces are enabled"],
  [['--pid=host'], 'cannot share the host PID namespace when user namespaces are enabled'],
])('a remapped container cannot have %s', async (options, reason) => {
  const docker = machine({ MINIDOCK_USERNS_REMAP: 'default' })
  const refused = await docker('run', '--rm', ...options, 'busybox', 'true')
  expect([last(refused), refused.status]).toEqual([`docker: Error response from daemon: ${reason}`, 125])
  expect((await docker('run', '--rm', '--userns=host', ...options, 'busybox', 'true')).status).toBe(0)
})

it('a rootless daemon cannot publish low ports', async () => {
  const docker = machine({ MINIDOCK_ROOTLESS: '1' })
  const flagged = machine({})
  expect((await flagged('--rootless', ...security)).out).toBe((await docker(...security)).out)
  expect((await docker(...map)).out).toBe('         0       1000          1\n         1     100000      65536\n')
  const refused = await docker('run', '-d', '--name', 'web', '-p', '80:80', 'busybox', 'sleep', '100')
  expect(refused.status).toBe(125)
  expect(last(refused)?.replace(/\([0-9a-f]{64}\)/, '(ID)')).toBe(
    "docker: Error response from daemon: failed to set up container networking: driver failed programming external connectivity on endpoint web (ID): error while calling RootlessKit PortManager.AddPort(): cannot expose privileged port 80, you can add 'net.ipv4.ip_unprivileged_port_start=80' to /etc/sysctl.conf (currently 1024), or set CAP_NET_BIND_SERVICE on rootlesskit binary, or choose a larger port number (>= 1024): listen tcp4 0.0.0.0:80: bind: permission denied",
  )
  expect((await docker('run', '-d', '-p', '8080:80', 'busybox', 'sleep', '100')).status).toBe(0)
  expect((await docker(...security)).out).toBe('["name=seccomp,profile=builtin","name=rootless","name=cgroupns"]\n')
})

it.each([
  [{ MINIDOCK_ROOTLESS: 'yes' }, 'MINIDOCK_ROOTLESS: "yes" is neither 1 nor 0'],
  [{ MINIDOCK_USERNS_REMAP: 'me' }, 'MINIDOCK_USERNS_REMAP: "me" is not "default"'],
  [
    { MINIDOCK_ROOTLESS: '1', MINIDOCK_USERNS_REMAP: 'default' },
    'MINIDOCK_ROOTLESS and MINIDOCK_USERNS_REMAP exclude each other',
  ],
])('%j is refused', async (env: Record<string, string>, reason) => {
  const { err, status } = await machine(env)('ps')
  expect(err).toContain(reason)
  expect(status).toBe(1)
})
