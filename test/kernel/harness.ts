/** Runs a command in a small world of its own: a tmpfs with every modelled program, and one kernel. */

import { readFileSync } from 'node:fs'
import type { CgroupLimits } from '../../src/cgroup/tree.ts'
import { findCommand } from '../../src/kernel/exec.ts'
import { Kernel, type KernelHooks } from '../../src/kernel/kernel.ts'
import { procFs } from '../../src/kernel/procfs.ts'
import type { ExitStatus, Program } from '../../src/kernel/program.ts'
import type { SandboxSpec } from '../../src/kernel/sandbox.ts'
import { signalNumber } from '../../src/kernel/signals.ts'
import { restore, snapshot } from '../../src/kernel/snapshot.ts'
import { userland } from '../../src/kernel/userland/index.ts'
import { defaultCapabilities } from '../../src/security/capabilities.ts'
import { defaultDeviceRules } from '../../src/security/devices.ts'
import { RootFs } from '../../src/vfs/rootfs.ts'
import { TreeFs } from '../../src/vfs/tree-fs.ts'

/** 2026-01-02 03:04:05 UTC: when every test starts. */
export const testTime = Date.UTC(2026, 0, 2, 3, 4, 5)

export interface RunSettings {
  /** Path to content; a trailing slash makes a directory. */
  files?: Record<string, string>
  env?: Record<string, string>
  stdin?: string | Uint8Array
  flavour?: 'busybox' | 'gnu'
  cwd?: string
  uid?: number
  tty?: boolean
  /** Typed one after the other, at a terminal: each when what came before has been quiet for a while. */
  keys?: readonly string[]
  /** Longest simulated time, in ms. */
  limit?: number
  /** Stores and restores everything after each slice (of so many steps; true: 50): the result must be the same. */
  suspend?: boolean | number
  memoryLimit?: number
  pidsLimit?: number
  /** Of a root process; default: Docker's set. */
  capabilities?: bigint
  /** Further limits of its control group. */
  limits?: CgroupLimits
  /** What else its sandbox has: sysctls, a seccomp filter, a way to mount. */
  sandbox?: Partial<SandboxSpec>
  /** Further programs, by name. */
  programs?: Record<string, Program>
  /** Works on the files before the command starts. */
  prepare?: (rootfs: RootFs) => void
}

export interface RunOutcome {
  stdout: string
  stderr: string
  status: number
  rootfs: RootFs
  /** What was shown before the first of `keys` and after each, as bytes. */
  shown: string[]
  /** Simulated ms that passed. */
  elapsed: number
}

/** How long a terminal is given for each key, in simulated ms. */
const quietTime = 500

const hex = '1234567890ab'.padEnd(64, '0')

/** The output is decoded as UTF-8. */
export async function runCommand(argv: string[], settings: RunSettings = {}): Promise<RunOutcome> {
  const programs = new Map(userland)
  for (const [name, program] of Object.entries(settings.programs ?? {})) programs.set(name, async () => program)
  const loaded = new Map<string, Program>()
  let kernel: Kernel | undefined
  const rootfs = makeRoot(() => kernel?.time ?? testTime, settings, [...programs.keys()])
  const out: Record<'stdout' | 'stderr', Uint8Array[]> = { stdout: [], stderr: [] }
  let ended: ExitStatus | undefined
  let counter = 0
  const hooks: KernelHooks = {
    exited(event) {
      if (event.exec === '') ended = event.status
    },
    output: event => void out[event.stream].push(event.data.slice()),
    resolve: () => [],
    route: (net, to) =>
      to.address.startsWith('127.')
        ? { net, address: to.address, port: to.port, from: '127.0.0.1' }
        : { error: 'ENETUNREACH' },
    random: length => Uint8Array.from({ length }, () => (counter = (counter * 75 + 74) % 65537) & 255),
  }
  const spec = {
    id: hex,
    rootfs,
    hostname: 'box',
    domainname: '',
    machine: 'x86_64',
    cgroup: {
      path: `/docker/${hex}`,
      limits: { ...settings.limits, pids: settings.pidsLimit, memory: settings.memoryLimit },
    },
    rlimits: new Map(),
    capabilities: defaultCapabilities,
    devices: defaultDeviceRules,
    noNewPrivs: false,
    seccomp: true,
    sysctls: new Map(),
    oomScoreAdj: 0,
    interfaces: [],
    net: hex,
    cgroupPath: '/',
    bootTime: testTime,
    init: false,
    ...settings.sandbox,
  }
  kernel = new Kernel(testTime, programs, hooks, loaded)
  kernel.add(spec)
  rootfs.mount('/proc', procFs(kernel, hex))
  const uid = settings.uid ?? 0
  const bounding = settings.capabilities ?? defaultCapabilities
  const caps = uid === 0 ? bounding : 0n
  const cred = { uid, gid: uid, groups: [], caps }
  const env = new Map(
    Object.entries({
      PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      HOSTNAME: 'box',
      HOME: '/root',
      ...settings.env,
    }),
  )
  const cwd = settings.cwd ?? '/'
  const bytes = argv.map(word => Buffer.from(word).toString('latin1'))
  const image = findCommand({ rootfs, cred, cwd, programs }, bytes, env)
  const sets = { permitted: caps, inheritable: 0n, bounding, ambient: 0n }
  kernel.startMain(
    hex,
    {
      argv: bytes,
      env,
      cwd,
      cred,
      caps: sets,
      tty: settings.tty ?? false,
      // As the terminals that fixtures were recorded in.
      size: { rows: 24, cols: 80 },
      stdin: settings.stdin !== undefined,
    },
    image,
  )
  const shown: string[] = []
  /** Stores everything and goes on with what was stored. */
  const renew = (old: Kernel): Kernel => {
    const saved = JSON.parse(JSON.stringify(snapshot(old, hex)))
    const next = new Kernel(old.time, programs, hooks, loaded)
    rootfs.unmount('/proc')
    const sandbox = next.add(spec)
    rootfs.mount('/proc', procFs(next, hex))
    restore(next, sandbox, saved)
    return next
  }
  for (const key of settings.keys === undefined ? [] : ['', ...settings.keys]) {
    if (ended) break
    const before = out.stdout.length
    kernel.feed(hex, '', Buffer.from(key, 'latin1'))
    for (const quiet = kernel.time + quietTime; kernel.time < quiet && !ended; )
      await Promise.all(kernel.scheduler.run(quiet, 1_000_000, () => ended !== undefined).loading)
    shown.push(Buffer.concat(out.stdout.slice(before)).toString('latin1'))
    if (settings.suspend && !ended) kernel = renew(kernel)
  }
  let input = typeof settings.stdin === 'string' ? Buffer.from(settings.stdin) : settings.stdin
  const end = testTime + (settings.limit ?? 3_600_000)
  for (let rounds = 0; settings.keys === undefined && !ended && kernel.time < end && rounds < 100_000; rounds++) {
    if (input) {
      input = input.subarray(kernel.feed(hex, '', input))
      if (input.length === 0) {
        if (!settings.tty) kernel.closeInput(hex, '')
        input = undefined
      }
    }
    const { loading, busy } = kernel.scheduler.run(
      settings.suspend ? Math.min(end, kernel.scheduler.nextWake(hex) ?? end) : end,
      settings.suspend ? (settings.suspend === true ? 50 : settings.suspend) : 20_000_000,
      () => ended !== undefined,
    )
    await Promise.all(loading)
    if (ended) break
    if (!busy && !input && kernel.scheduler.nextWake(hex) === undefined) break
    if (settings.suspend) kernel = renew(kernel)
  }
  const text = (parts: Uint8Array[]): string => Buffer.concat(parts).toString()
  const status = !ended ? -1 : 'code' in ended ? ended.code : 128 + signalNumber(ended.signal)
  return { stdout: text(out.stdout), stderr: text(out.stderr), status, rootfs, shown, elapsed: kernel.time - testTime }
}

function makeRoot(now: () => number, settings: RunSettings, names: string[]): RootFs {
  const rootfs = new RootFs(new TreeFs({ root: { mode: 0o755, now: testTime } }), now)
  for (const folder of ['bin', 'usr/bin', 'dev', 'etc', 'proc', 'root', 'home', 'var/log', 'sys'])
    rootfs.mkdirAll(`/${folder}`)
  rootfs.mkdir('/tmp', 0o1777)
  const busybox = (settings.flavour ?? 'busybox') === 'busybox'
  if (busybox)
    rootfs.writeFile('/bin/busybox', Buffer.from('\x7fELFminidock-program: busybox version=1.35.0\n', 'latin1'), {
      mode: 0o755,
    })
  for (const name of names) {
    if (name.includes('/') || name === 'busybox') continue
    if (busybox && !settings.programs?.[name]) rootfs.link('/bin/busybox', `/bin/${name}`)
    else rootfs.writeFile(`/bin/${name}`, Buffer.from(`\x7fELFminidock-program: ${name}\n`, 'latin1'), { mode: 0o755 })
  }
  rootfs.writeFile(
    '/etc/passwd',
    Buffer.from(
      'root:x:0:0:root:/root:/bin/sh\ndaemon:x:1:1:daemon:/usr/sbin:/bin/false\nwww-data:x:33:33:www-data:/var/www:/bin/false\nalice:x:1000:1000:Alice:/home/alice:/bin/sh\nbob:x:1001:1001:Bob:/home/bob:/bin/sh\nnobody:x:65534:65534:nobody:/home:/bin/false\n',
    ),
  )
  rootfs.writeFile(
    '/etc/group',
    Buffer.from(
      'root:x:0:\ndaemon:x:1:\nwww-data:x:33:\nstaff:x:50:alice\nalice:x:1000:\nbob:x:1001:\nnogroup:x:65534:\n',
    ),
  )
  for (const [name, major, minor] of [
    ['null', 1, 3],
    ['zero', 1, 5],
    ['full', 1, 7],
    ['random', 1, 8],
    ['urandom', 1, 9],
    ['tty', 5, 0],
  ] as const)
    rootfs.mknod(`/dev/${name}`, 'char', 0o666, [major, minor])
  for (const [name, target] of [
    ['fd', '/proc/self/fd'],
    ['stdin', '/proc/self/fd/0'],
    ['stdout', '/proc/self/fd/1'],
    ['stderr', '/proc/self/fd/2'],
  ] as const)
    rootfs.symlink(target, `/dev/${name}`)
  for (const [path, text] of Object.entries(settings.files ?? {})) {
    if (path.endsWith('/')) rootfs.mkdirAll(path)
    else {
      rootfs.mkdirAll(path.slice(0, path.lastIndexOf('/')) || '/')
      rootfs.writeFile(path, Buffer.from(text))
    }
  }
  settings.prepare?.(rootfs)
  return rootfs
}

/** Whether this machine has the reference beside the repository; tests must not need it. */
export const readFixture = (path: string): string =>
  readFileSync(new URL(`../../fixtures/${path}`, import.meta.url), 'utf8')
