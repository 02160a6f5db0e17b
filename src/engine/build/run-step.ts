/**
 * RUN: one process in a kernel of its own, over the files of its step. It takes no lock, and nothing of it is stored but
 * what it writes into the overlay and into cache mounts.
 */
import { posix } from 'node:path'
import type { MountSpec } from '../../build/dockerfile/mount.ts'
import { BuildError, CanceledBuild } from '../../build/errors.ts'
import type { RunVertex, Source } from '../../build/vertex.ts'
import type { Clock } from '../../clock.ts'
import { EngineError } from '../../errors.ts'
import { enterWorkingDirectory, findCommand } from '../../kernel/exec.ts'
import { Kernel } from '../../kernel/kernel.ts'
import { procFs } from '../../kernel/procfs.ts'
import type { Env, ExitStatus } from '../../kernel/program.ts'
import { rlimitsOf } from '../../kernel/rlimits.ts'
import type { NetworkInterface } from '../../kernel/sandbox.ts'
import { signalNumber } from '../../kernel/signals.ts'
import { cgroupFs, sysFs } from '../../kernel/sysfs.ts'
import type { OverlayFs } from '../../layer/overlay.ts'
import { hostNameServer } from '../../network/host.ts'
import { mountBase } from '../../runtime/root-mounts.ts'
import { resolveUser } from '../../runtime/user.ts'
import { allCapabilities, containerCapabilities } from '../../security/capabilities.ts'
import { defaultDeviceRules, everyDevice } from '../../security/devices.ts'
import type { Random } from '../../util/random.ts'
import { RootFs } from '../../vfs/rootfs.ts'
import { TreeFs } from '../../vfs/tree-fs.ts'
import { programs } from '../programs.ts'
import { copyAll, copyOne } from './cache-mounts.ts'

/** The name by which BuildKit's runc knows the machine. */
const hostname = 'buildkitsandbox'
const id = 'build'
const stepsPerTurn = 200_000

export interface RunContext {
  clock: Clock
  random: Random
  /** `aarch64` or `x86_64`. */
  machine: string
  addHosts: readonly { name: string; address: string }[]
  /** The file system of one of its cache mounts. */
  cacheMount(spec: MountSpec): TreeFs
  /** The bytes of a secret; undefined when it was not given. */
  secret(id: string): Uint8Array | undefined
  signal: AbortSignal | undefined
}

/** Runs a step. Throws BuildError when it ends with another status than 0. */
export async function runStep(
  ctx: RunContext,
  vertex: RunVertex,
  overlay: OverlayFs,
  mounted: (source: Source) => RootFs,
  output: (stream: 'stdout' | 'stderr', data: Uint8Array) => void,
): Promise<void> {
  let status: ExitStatus | undefined
  const kernel = new Kernel(ctx.clock.now(), programs, {
    exited: event => {
      if (event.exec === '') status ??= event.status
    },
    output: event => output(event.stream, event.data.slice()),
    resolve: (_sandbox, name) => (name === 'localhost' ? ['127.0.0.1'] : []),
    route: (net, to) =>
      to.address.startsWith('127.') || to.address === '::1'
        ? { net, ...to, from: '127.0.0.1' }
        : { error: vertex.network === 'none' ? 'ENETUNREACH' : 'EHOSTUNREACH' },
    random: length => ctx.random.bytes(length),
  })
  const stubs = new Stubs(overlay, () => kernel.time)
  const rootfs = new RootFs(overlay, () => kernel.time)
  const text = (path: string): string => {
    try {
      return Buffer.from(rootfs.readFile(path)).toString('latin1')
    } catch {
      return ''
    }
  }
  const failed = (reason: string): BuildError =>
    new BuildError(`process ${JSON.stringify(vertex.argv.join(' '))} did not complete successfully: ${reason}`)
  const env = environment(vertex, ctx)
  mountAll(ctx, vertex, kernel, rootfs, stubs, mounted)
  try {
    const user = resolveUser(vertex.user, text('/etc/passwd'), text('/etc/group'))
    if (!env.has('HOME')) env.set('HOME', user.home)
    const insecure = vertex.security === 'insecure'
    const bounding = insecure ? allCapabilities : containerCapabilities([], [], false)
    const effective = user.uid === 0 ? bounding : 0n
    const cred = { uid: user.uid, gid: user.gid, groups: user.groups, caps: effective }
    const cwd = enterWorkingDirectory(rootfs, vertex.cwd, cred)
    const caller = { rootfs, cred, cwd, programs }
    const image = findCommand(caller, vertex.argv.map(latin1), env)
    kernel.add({
      id,
      rootfs,
      hostname,
      domainname: '',
      machine: ctx.machine,
      cgroup: { path: `/docker/buildkit/${id}`, limits: {} },
      oomScoreAdj: 0,
      rlimits: rlimitsOf(vertex.environment.ulimits),
      capabilities: bounding,
      devices: insecure ? [everyDevice] : defaultDeviceRules,
      noNewPrivs: false,
      seccomp: !insecure,
      sysctls: new Map(),
      interfaces: vertex.network === 'none' ? [] : [buildInterface],
      net: vertex.network === 'host' ? 'host' : id,
      cgroupPath: '/',
      bootTime: kernel.time,
      init: false,
    })
    const caps = { permitted: effective, inheritable: 0n, bounding, ambient: 0n }
    kernel.startMain(id, { argv: image.argv, env, cwd, cred, caps, tty: false, stdin: false }, image)
  } catch (error) {
    stubs.clear(rootfs)
    if (!(error instanceof EngineError)) throw error
    if (error.message.startsWith('unable to find ')) throw failed(error.message)
    // runc has started and says by itself why it could go no further.
    output('stderr', Buffer.from(`${startFailure}${error.message}\n`))
    throw failed('exit code: 1')
  }
  await runToEnd(ctx, kernel, () => status !== undefined)
  kernel.remove(id)
  stubs.clear(rootfs)
  const code = status === undefined ? 137 : exitCode(status)
  if (code !== 0) throw failed(`exit code: ${code}`)
}

const startFailure = 'runc run failed: unable to start container process: error during container init: '

const latin1 = (word: string): string => Buffer.from(word).toString('latin1')

const buildInterface: NetworkInterface = {
  name: 'eth0',
  index: 2,
  peerIndex: 3,
  mac: '02:42:ac:11:00:02',
  mtu: 1500,
  addresses: ['172.17.0.2/16'],
  gateway: '172.17.0.1',
}

const exitCode = (status: ExitStatus): number => ('code' in status ? status.code : 128 + signalNumber(status.signal))

/** Lets the processes run and time pass until the main process has ended. */
async function runToEnd(ctx: RunContext, kernel: Kernel, ended: () => boolean): Promise<void> {
  const { clock, signal } = ctx
  while (!ended()) {
    if (signal?.aborted) throw new CanceledBuild()
    const ran = kernel.scheduler.run(clock.now(), stepsPerTurn, ended)
    if (ran.loading.length > 0) await Promise.all(ran.loading)
    else if (!ended() && !ran.busy) {
      const wait = (kernel.scheduler.nextWake(id) ?? Number.POSITIVE_INFINITY) - clock.now()
      if (!Number.isFinite(wait) && clock.virtual) throw new BuildError('the process waits for ever')
      if (clock.virtual) await clock.sleep(Math.max(wait, 1), signal)
      else await clock.idle(Math.min(Math.max(wait, 1), 1000), signal)
    } else if (!ended()) {
      if (clock.virtual) await clock.sleep(1, signal)
      else await new Promise(resolve => setImmediate(resolve))
    }
  }
}

function environment(vertex: RunVertex, ctx: RunContext): Env {
  const env: Env = new Map()
  for (const variable of [...vertex.proxy, ...vertex.env]) {
    const equals = variable.indexOf('=')
    env.set(latin1(variable.slice(0, equals)), latin1(variable.slice(equals + 1)))
  }
  if (!env.has('PATH')) env.set('PATH', '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin')
  for (const { spec } of vertex.mounts) {
    const secret = spec.type === 'secret' && spec.env !== '' ? ctx.secret(secretId(spec)) : undefined
    if (secret) env.set(spec.env, Buffer.from(secret).toString('latin1'))
  }
  return env
}

/** A secret goes by its id, or else by the last part of its source or target. */
const secretId = (spec: { id: string; source: string; target: string; env: string }): string =>
  spec.id || posix.basename(spec.source || spec.target) || spec.env

function mountAll(
  ctx: RunContext,
  vertex: RunVertex,
  kernel: Kernel,
  rootfs: RootFs,
  stubs: Stubs,
  mounted: (source: Source) => RootFs,
): void {
  const now = kernel.time
  const shmBytes = vertex.environment.shmBytes ?? 64 << 20
  for (const path of ['/proc', '/dev', '/sys']) stubs.folder(rootfs, path)
  mountBase(rootfs, {
    proc: procFs(kernel, id),
    sys: sysFs(kernel, id),
    cgroup: cgroupFs(kernel, id),
    shm: {
      fs: new TreeFs({ type: 'tmpfs', root: { mode: 0o1777, now }, limits: { bytes: shmBytes } }),
      bytes: shmBytes,
    },
    now,
    terminal: false,
    privileged: vertex.security === 'insecure',
    devices: [],
  })
  const etc = new TreeFs({ type: 'ext4', root: { now } })
  const file = (name: string, bytes: Uint8Array, mode = 0o644, uid = 0, gid = 0): number => {
    const ino = etc.create(etc.root, name, { type: 'file', mode, uid, gid, now })
    etc.write(ino, 0, bytes, now)
    return ino
  }
  for (const [path, content] of [
    ['/etc/hosts', buildHosts(ctx.addHosts)],
    ['/etc/resolv.conf', `nameserver ${hostNameServer}\n`],
  ] as const) {
    stubs.file(rootfs, path)
    rootfs.mount(path, etc, { root: file(posix.basename(path), Buffer.from(content)), source: '/dev/vda1' })
  }
  if (vertex.script) {
    stubs.folder(rootfs, '/dev/pipes')
    const pipes = new TreeFs({ type: 'tmpfs', root: { now } })
    const ino = pipes.create(pipes.root, posix.basename(vertex.script.path), {
      type: 'file',
      mode: 0o755,
      uid: 0,
      gid: 0,
      now,
    })
    pipes.write(ino, 0, Buffer.from(vertex.script.content), now)
    rootfs.mount('/dev/pipes', pipes, { readonly: true })
  }
  for (const { spec, source } of vertex.mounts) {
    const target = spec.target === '' ? `/run/secrets/${secretId(spec)}` : posix.resolve(vertex.cwd, spec.target)
    switch (spec.type) {
      case 'tmpfs':
        stubs.folder(rootfs, target)
        rootfs.mount(
          target,
          new TreeFs({ type: 'tmpfs', root: { mode: 0o1777, now }, limits: spec.size ? { bytes: spec.size } : {} }),
          { source: 'tmpfs', flags: ['nosuid', 'relatime', ...(spec.size ? [`size=${spec.size / 1024}k`] : [])] },
        )
        break
      case 'cache': {
        stubs.folder(rootfs, target)
        rootfs.mount(target, ctx.cacheMount(spec), { readonly: spec.readOnly })
        break
      }
      case 'secret': {
        if (spec.env !== '' && spec.target === '') {
          if (spec.required && !ctx.secret(secretId(spec))) throw new BuildError(`secret ${secretId(spec)}: not found`)
          break
        }
        const bytes = ctx.secret(secretId(spec))
        if (!bytes && spec.required) throw new BuildError(`secret ${secretId(spec)}: not found`)
        if (!bytes) break
        stubs.file(rootfs, target)
        rootfs.mount(target, etc, {
          root: file(`secret ${target.replaceAll('/', '~')}`, bytes, spec.mode ?? 0o400, spec.uid ?? 0, spec.gid ?? 0),
          source: 'tmpfs',
          readonly: true,
        })
        break
      }
      case 'ssh':
        if (spec.required) throw new BuildError(`unset ssh forward key ${spec.id || 'default'}`)
        break
      default:
        if (source) mountBind(rootfs, stubs, mounted(source), spec.source, target, spec.readOnly, now)
    }
  }
}

/** As BuildKit writes it (executor/oci/hosts.go). */
const buildHosts = (extra: RunContext['addHosts']): string =>
  [
    `127.0.0.1\tlocalhost ${hostname}`,
    '::1\tlocalhost ip6-localhost ip6-loopback',
    ...extra.map(({ name, address }) => `${address}\t${name}`),
    '',
  ].join('\n')

/** A bind of files that are not its own: writes of a `rw` mount are thrown away at the end. */
function mountBind(
  rootfs: RootFs,
  stubs: Stubs,
  files: RootFs,
  from: string,
  target: string,
  readonly: boolean,
  now: number,
): void {
  const place = files.walk(posix.join('/', from))
  const isDir = place.mount.fs.stat(place.ino).type === 'dir'
  if (isDir) stubs.folder(rootfs, target)
  else stubs.file(rootfs, target)
  if (readonly) {
    rootfs.mount(target, place.mount.fs, { root: place.ino, readonly: true })
    return
  }
  const copy = new TreeFs({ type: 'tmpfs', root: { now } })
  const name = posix.basename(target)
  if (!isDir) {
    const root = copyOne(place.mount.fs, place.ino, copy, { dir: copy.root, name }, now)
    rootfs.mount(target, copy, { root })
    return
  }
  copyAll(place.mount.fs, place.ino, copy, copy.root, now)
  rootfs.mount(target, copy)
}

/** Mount points that were made for a step and go with it, as long as they are empty (buildkit executor/stubs.go). */
class Stubs {
  readonly #files: RootFs
  readonly #made: string[] = []

  constructor(overlay: OverlayFs, now: () => number) {
    this.#files = new RootFs(overlay, now)
  }

  folder(rootfs: RootFs, path: string): void {
    if (rootfs.exists(path)) return
    if (path !== '/') this.folder(rootfs, posix.dirname(path))
    rootfs.mkdir(path)
    this.#made.push(path)
  }

  file(rootfs: RootFs, path: string): void {
    if (rootfs.exists(path)) return
    this.folder(rootfs, posix.dirname(path))
    rootfs.writeFile(path, new Uint8Array(0))
    this.#made.push(path)
  }

  /** Unmounts everything and takes away what was made; folders above keep the time of their making. */
  clear(rootfs: RootFs): void {
    for (const mount of [...rootfs.mounts()].slice(1).reverse()) rootfs.unmount(mount.path)
    for (const path of this.#made.reverse()) {
      if (!this.#files.exists(path)) continue
      const stat = this.#files.lstat(path)
      const parent = posix.dirname(path)
      const { mtime, atime } = this.#files.stat(parent)
      if (stat.type === 'dir' && this.#files.readdir(path).length === 0) this.#files.rmdir(path)
      else if (stat.type === 'file' && stat.size === 0) this.#files.unlink(path)
      this.#files.setattr(parent, { mtime, atime })
    }
  }
}
