/** Bind mounts and volumes through the built program: the host's files, and what tries to get at more of them. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { tarOf } from '../layer/tar-build.ts'
import { ok, run, start, tempHome } from './cli.ts'

const patience = 60_000

it('backs a volume up into the current folder, and restores it into another', { timeout: patience }, async () => {
  const home = join(tempHome(), 'store')
  const work = tempHome()
  await ok(home, 'run', '--rm', '-v', 'my-data:/data', 'alpine', 'sh', '-c', 'mkdir /data/sub; echo kept > /data/sub/f')
  await ok(
    home,
    'run',
    '--rm',
    '-v',
    'my-data:/data',
    '-v',
    `${work}:/backup`,
    'alpine',
    'tar',
    'czf',
    '/backup/my-data.tar.gz',
    '-C',
    '/data',
    '.',
  )
  expect(
    execFileSync('tar', ['tzf', join(work, 'my-data.tar.gz')], { encoding: 'utf8' })
      .split('\n')
      .sort(),
  ).toEqual(['', './', './sub/', './sub/f'])
  expect(statSync(join(work, 'my-data.tar.gz')).uid).toBe(process.getuid?.())
  const restored = ['run', '--rm', '-v', 'restored:/data', '-v', `${work}:/backup`, 'alpine', 'sh', '-c']
  await ok(home, ...restored, 'tar xzf /backup/my-data.tar.gz -C /data')
  expect(await ok(home, 'run', '--rm', '-v', 'restored:/d', 'alpine', 'cat', '/d/sub/f')).toBe('kept\n')
})

it('shows changes at once both ways, and refuses them when it is read-only', { timeout: patience }, async () => {
  const home = join(tempHome(), 'store')
  const work = tempHome()
  await ok(home, 'run', '-d', '--name', 'box', '-v', `${work}:/rw`, '-v', `${work}:/ro:ro`, 'alpine', 'sleep', '1000')
  writeFileSync(join(work, 'host'), 'from the host\n')
  expect(await ok(home, 'exec', 'box', 'cat', '/rw/host', '/ro/host')).toBe('from the host\nfrom the host\n')
  await ok(home, 'exec', 'box', 'sh', '-c', 'echo inside > /rw/inside; chmod 640 /rw/inside; rm /rw/host')
  expect(readdirSync(work)).toEqual(['inside'])
  expect(statSync(join(work, 'inside')).mode & 0o777).toBe(0o640)
  const refused = await run(home, 'exec', 'box', 'sh', '-c', 'echo x > /ro/inside')
  expect(refused.err).toContain('Read-only file system')
  expect(readFileSync(join(work, 'inside'), 'utf8')).toBe('inside\n')
})

it('lets nothing out of the bound folder', { timeout: patience }, async () => {
  const home = join(tempHome(), 'store')
  const base = tempHome()
  const work = join(base, 'work')
  const secret = join(base, 'secret')
  mkdirSync(work)
  mkdirSync(secret)
  writeFileSync(join(secret, 'key'), 'secret')
  symlinkSync(secret, join(work, 'out'))
  symlinkSync('../secret/key', join(work, 'key'))
  await ok(home, 'run', '-d', '--name', 'box', '-v', `${work}:/w`, '-v', 'vol:/v', 'alpine', 'sleep', '1000')
  const attempts = [
    'cat /w/key',
    'cat /w/out/key',
    'cat /w/../secret/key',
    'echo x > /w/out/new',
    `ln /etc/passwd /w/hard`,
    'ln /w/key /v/hard && cat /v/hard',
    'mknod /w/disk b 8 0',
    `ln -s ${secret} /w/again && cat /w/again/key`,
    'cp -a /w/out/. /w/copied',
    'chroot /w /bin/cat /key',
  ]
  for (const attempt of attempts) {
    const { status, out } = await run(home, 'exec', 'box', 'sh', '-c', attempt)
    expect([attempt, status === 0, out.includes('secret')]).toEqual([attempt, false, false])
  }
  // A mount over a mount is a mount in the container, not on the host.
  await ok(home, 'run', '--rm', '-v', `${work}:/w`, '-v', 'vol:/w/nested', 'alpine', 'sh', '-c', 'echo x > /w/nested/f')
  expect(readdirSync(join(work, 'nested'))).toEqual([])
  const evil = tarOf(
    ['link', 'symlink', secret],
    ['link/planted', 'file', 'x'],
    ['../../secret/planted', 'file', 'x'],
    ['hard', 'link', '../../secret/key'],
  )
  await start(home, ['cp', '-', 'box:/w'], { input: evil }).outcome
  expect(readdirSync(secret)).toEqual(['key'])
  expect(readFileSync(join(secret, 'key'), 'utf8')).toBe('secret')
})

it('refuses its own store, and what MINIDOCK_BIND_ROOT leaves out', { timeout: patience }, async () => {
  const base = tempHome()
  const home = join(base, 'store')
  const lab = join(base, 'lab')
  mkdirSync(lab)
  await ok(home, 'pull', '-q', 'alpine')
  const env = { MINIDOCK_BIND_ROOT: lab }
  const bind = async (spec: string, given: Readonly<Record<string, string>> = {}) => {
    const { err, status } = await start(home, ['run', '--rm', '-v', spec, 'alpine', 'ls', '/x'], { env: given }).outcome
    return [status, err.split('\n')[0]]
  }
  expect(await bind(`${home}:/x`)).toEqual([
    125,
    `docker: Error response from daemon: minidock does not bind ${home}: it is minidock's own store`,
  ])
  expect(await bind(`${base}/other:/x`, env)).toEqual([
    125,
    `docker: Error response from daemon: minidock does not bind ${base}/other: it is outside ${lab}, and MINIDOCK_BIND_ROOT allows no other folder`,
  ])
  expect(existsSync(join(base, 'other'))).toBe(false)
  expect(await bind(`${lab}/new:/x`, env)).toEqual([0, ''])
  expect(await ok(home, 'run', '--rm', '-v', `${base}:/x`, 'alpine', 'ls', '/x')).toBe('lab\n')
  // The same by the options of a volume.
  await ok(home, 'volume', 'create', '-o', 'type=none', '-o', 'o=bind', '-o', `device=${home}`, 'sly')
  expect(await bind('sly:/x')).toEqual([
    125,
    `docker: Error response from daemon: minidock does not bind ${home}: it is minidock's own store`,
  ])
})
