/** What the host does to a store: no permission, a full disk, damaged files. One clear line each, nothing half-done. */
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { filesBelow } from '../store/temp-store.ts'
import { lines, ok, run, start, tempHome } from './cli.ts'

const root = process.getuid?.() === 0

/** A file system of its own at `home`; false where this user may not mount one. */
function mount(home: string, size: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=700`, 'tmpfs', home], { stdio: 'ignore' })
  } catch {
    return false
  }
  onTestFinished(() => void execFileSync('umount', ['-l', home]))
  return true
}

/** Every file and what is in it, but for those that only say who was there. */
const contents = (home: string): [string, string][] =>
  filesBelow(home)
    .filter(path => path !== 'generation')
    .map(path => [path, readFileSync(join(home, path), 'latin1')])

const changes: [string[], number][] = [
  [['create', 'busybox'], 1],
  [['run', '-d', 'busybox', 'true'], 125],
  [['run', '-v', 'data:/data', 'busybox', 'true'], 125],
  [['tag', 'busybox', 'other:1'], 1],
  [['rm', '-f', 'there'], 1],
  [['rmi', '-f', 'hello-world'], 1],
  [['volume', 'create', 'v'], 1],
  [['network', 'create', 'n'], 1],
]

/** Runs what would change the store, and expects of each a line with these words and nothing else. */
async function expectRefusals(home: string, words: string): Promise<void> {
  const before = contents(home)
  for (const [args, status] of changes) {
    const outcome = await run(home, ...args)
    expect([args, outcome.status, outcome.out]).toEqual([args, status, ''])
    const [first, ...others] = lines(outcome.err)
    expect([args, first]).toEqual([args, expect.stringContaining(words)])
    expect(first).toMatch(/^(docker: )?Error response from daemon: /)
    expect(others.filter(line => !line.startsWith("Run 'docker "))).toEqual([])
  }
  expect(contents(home)).toEqual(before)
}

async function filled(home: string): Promise<void> {
  await ok(home, 'pull', '-q', 'busybox')
  await ok(home, 'pull', '-q', 'hello-world')
  await ok(home, 'create', '--name', 'there', 'busybox', 'true')
}

test('a read-only store can be read, and says of every change why it cannot be', async context => {
  const home = tempHome()
  if (root) {
    if (!mount(home, '16m')) return context.skip('mounting is not permitted here')
    await filled(home)
    execFileSync('mount', ['-o', 'remount,ro', home])
  } else {
    await filled(home)
    const folders = [
      home,
      ...readdirSync(home, { recursive: true, encoding: 'utf8', withFileTypes: true })
        .filter(entry => entry.isDirectory())
        .map(entry => join(entry.parentPath, entry.name)),
    ]
    for (const folder of folders) chmodSync(folder, 0o500)
    onTestFinished(() => folders.forEach(folder => void chmodSync(folder, 0o700)))
  }
  await expectRefusals(home, root ? 'read-only file system' : 'permission denied')
  expect(lines(await ok(home, 'ps', '-a', '--format', '{{.Names}}'))).toEqual(['there'])
  expect(lines(await ok(home, 'images', '-q'))).toHaveLength(2)
  expect((await run(home, 'system', 'check')).status).toBe(0)
})

test('a full disk refuses what needs space, and all goes on when there is some', async context => {
  const home = tempHome()
  if (!root || !mount(home, '4m')) return context.skip('only with the right to mount a small file system')
  await filled(home)
  // Everything to the last byte, and no inode's worth of room.
  const ballast = join(home, 'ballast')
  for (let size = 1 << 20; size >= 1; size >>= 1) {
    for (;;) {
      try {
        writeFileSync(ballast, new Uint8Array(size), { flag: 'a' })
      } catch {
        break
      }
    }
  }
  await expectRefusals(home, 'no space left on device')
  expect(lines(await ok(home, 'ps', '-a', '--format', '{{.Names}}'))).toEqual(['there'])
  rmSync(ballast)
  const check = await run(home, 'system', 'check')
  expect([check.status, check.out]).toEqual([0, expect.stringMatching(/^.*: \d+ documents, all is well\n$/)])
  expect(await ok(home, 'run', '--rm', 'busybox', 'echo', 'again')).toBe('again\n')
})

test('a damaged document does not keep the others from working, and is named', async () => {
  const home = tempHome()
  await filled(home)
  await ok(home, 'run', '-d', '--name', 'alive', 'busybox', 'sleep', '1000')
  await ok(home, 'volume', 'create', 'whole')
  await ok(home, 'volume', 'create', 'broken')
  const damage = (path: string): void => truncateSync(join(home, path), 10)
  const id = (await ok(home, 'ps', '-aqf', 'name=there', '--no-trunc')).trim()
  const record = `containers/${id}/config.json`
  damage(record)
  damage('volumes/broken/volume.json')
  damage('index/images.json')
  damage('events-head.json')
  expect(lines(await ok(home, 'ps', '--format', '{{.Names}}'))).toEqual(['alive'])
  expect(lines(await ok(home, 'images', '--format', '{{.Repository}}')).sort()).toEqual(['busybox', 'hello-world'])
  const volumes = await run(home, 'volume', 'ls', '-q')
  expect([volumes.out, volumes.status]).toEqual(['whole\n', 0])
  expect(volumes.err).toContain(join(home, 'volumes/broken/volume.json'))
  expect(await ok(home, 'exec', 'alive', 'echo', 'hi')).toBe('hi\n')
  expect(await ok(home, 'run', '--rm', 'busybox', 'echo', 'hi')).toBe('hi\n')
  expect(await run(home, 'start', 'there')).toEqual({
    out: '',
    err: expect.stringContaining(`the document ${join(home, record)} is damaged`),
    status: 1,
  })
  const check = await run(home, 'system', 'check')
  expect([check.status, check.out]).toEqual([1, expect.stringContaining(`${record}: `)])
  expect(check.out).toContain('volumes/broken/volume.json: ')
  expect((await run(home, 'system', 'check', '--repair')).status).toBe(0)
  expect((await run(home, 'system', 'check')).status).toBe(0)
  expect(lines(await ok(home, 'ps', '-a', '--format', '{{.Names}}'))).toEqual(['alive'])
  expect(filesBelow(join(home, 'damaged'))).toContain(record)
})

test('an index that is damaged or lost is made anew', async () => {
  const home = tempHome()
  await filled(home)
  await ok(home, 'run', '-d', '--name', 'alive', 'busybox', 'sleep', '1000')
  for (const index of ['index/containers.json', 'index/images.json'])
    for (const spoil of [() => truncateSync(join(home, index), 3), () => rmSync(join(home, index))]) {
      spoil()
      expect(lines(await ok(home, 'ps', '-a', '--format', '{{.Names}}')).sort()).toEqual(['alive', 'there'])
      expect(lines(await ok(home, 'images', '-q'))).toHaveLength(2)
      await ok(home, 'tag', 'busybox', 'again:1')
      await ok(home, 'run', '--rm', 'busybox', 'true')
      await ok(home, 'rmi', 'again:1')
    }
  expect(await run(home, 'system', 'check')).toMatchObject({ status: 0, err: '' })
})

test('an archive that is cut short is refused, and nothing of it is kept', async () => {
  const home = tempHome()
  await filled(home)
  const archive = join(home, '..', `${home.split('/').at(-1)}.tar`)
  onTestFinished(() => rmSync(archive, { force: true }))
  await ok(home, 'save', '-o', archive, 'busybox')
  const whole = readFileSync(archive)
  await ok(home, 'rm', 'there')
  await ok(home, 'rmi', 'busybox')
  const before = filesBelow(home)
  for (const length of [0, 100, 700, 100_000, whole.length >> 1, whole.length - 3000]) {
    const { out, err, status } = await start(home, ['load'], { input: whole.subarray(0, length) }).outcome
    expect([length, status, out.includes('Loaded image')]).toEqual([length, length === 0 ? status : 1, false])
    expect(lines(err).length).toBeLessThanOrEqual(1)
    expect(filesBelow(home)).toEqual(before)
  }
  expect((await start(home, ['load', '-q'], { input: whole }).outcome).out).toBe('Loaded image: busybox:latest\n')
  expect((await run(home, 'system', 'check', '--blobs')).status).toBe(0)
})

test('a store where something else lies is one clear line', async () => {
  const home = tempHome()
  writeFileSync(join(home, 'file'), '')
  const inFile = await run(join(home, 'file'), 'ps')
  expect([inFile.status, inFile.err]).toEqual([
    1,
    `Error response from daemon: open ${join(home, 'file')}: not a directory\n`,
  ])
  mkdirSync(join(home, 'newer'))
  writeFileSync(join(home, 'newer', 'version'), '{"version":2}')
  const newer = await run(join(home, 'newer'), 'ps')
  expect([newer.status, newer.err]).toEqual([
    1,
    `Error response from daemon: the store ${join(home, 'newer')} has version 2, and this minidock knows version 1: use the minidock that made it, or another MINIDOCK_HOME\n`,
  ])
})
