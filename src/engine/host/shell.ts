/**
 * A shell's world on the simulated host: a kernel of its own with every tool of the userland, folders of the real host,
 * and tools such as `docker` that are run outside of it. It holds no lock while it runs, so that those tools may change
 * the store. Network tools go to the host of the store's machine, where published ports are.
 */
import { findCommand } from '../../kernel/exec.ts'
import { Kernel, type OutsideAnswer, type OutsideCall } from '../../kernel/kernel.ts'
import { procFs } from '../../kernel/procfs.ts'
import type { CoroutineProgram, Env, ExitStatus } from '../../kernel/program.ts'
import type { ProgramTable } from '../../kernel/scheduler.ts'
import { signalNumber } from '../../kernel/signals.ts'
import { sysFs } from '../../kernel/sysfs.ts'
import { userland } from '../../kernel/userland/index.ts'
import { devFs } from '../../runtime/root-mounts.ts'
import { defaultDeviceRules } from '../../security/devices.ts'
import { HostDir } from '../../vfs/host-dir.ts'
import { RootFs } from '../../vfs/rootfs.ts'
import { TreeFs } from '../../vfs/tree-fs.ts'
import type { EngineContext } from '../context.ts'
import type { HostShellRequest, HostShellResult } from '../engine.ts'
import { programs } from '../programs.ts'
import { runOnHost } from './run.ts'

const id = 'shell'
const stepsPerTurn = 200_000
const readSize = 65_536
const user = { uid: 1000, gid: 1000, name: 'student' }

/** Tools that need the network of the store's machine: they are run there. */
const networkTools = ['curl', 'wget', 'nc', 'ping', 'nslookup', 'dig', 'ip', 'ss', 'netstat', 'iptables', 'brctl']

/** Runs the command to its end, or to a limit. */
export async function runShell(ctx: EngineContext, request: HostShellRequest): Promise<HostShellResult> {
  const { clock } = ctx
  const out: Uint8Array[] = []
  const err: Uint8Array[] = []
  let printed = 0
  let exit: ExitStatus | undefined
  let stopped: HostShellResult['stopped']
  const outside = async (call: OutsideCall): Promise<OutsideAnswer> => {
    const argv = call.argv.map(word => Buffer.from(word, 'latin1').toString())
    const name = argv[0] ?? ''
    const env = Object.fromEntries([...call.env].map(([key, value]) => [key, Buffer.from(value, 'latin1').toString()]))
    const result = networkTools.includes(name)
      ? await runOnHost(ctx, argv)
      : await request.call({ argv, cwd: call.cwd, env, input: Buffer.from(call.input, 'latin1') })
    const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')
    return { stdout: text(result.stdout), stderr: text(result.stderr), status: result.status }
  }
  const names = [...request.tools, ...networkTools]
  const table: ProgramTable = new Map([...programs, ['outside', async () => outsideProgram]])
  const kernel = new Kernel(clock.now(), table, {
    exited: event => {
      if (event.exec === '') exit ??= event.status
    },
    output: event => {
      printed += event.data.length
      if (printed > request.limits.output) stopped ??= 'output'
      else (event.stream === 'stdout' ? out : err).push(event.data.slice())
    },
    resolve: (_sandbox, name) => (name === 'localhost' ? ['127.0.0.1'] : []),
    route: (net, to) => (to.address.startsWith('127.') ? { net, ...to, from: '127.0.0.1' } : { error: 'EHOSTUNREACH' }),
    random: length => ctx.random.bytes(length),
    outside,
  })
  start(kernel, request, names)
  const deadline = clock.now() + request.limits.ms
  let steps = 0
  const ended = (): boolean => exit !== undefined || stopped !== undefined
  while (!ended()) {
    const ran = kernel.scheduler.run(clock.now(), stepsPerTurn, ended)
    steps += ran.steps
    if (ended()) break
    if (steps > request.limits.steps) stopped = 'steps'
    else if (clock.now() >= deadline) stopped = 'time'
    else if (ran.loading.length > 0) await Promise.all(ran.loading)
    else if (ran.busy) await (clock.virtual ? clock.sleep(1) : clock.idle(0))
    else {
      const wait = Math.max(
        1,
        Math.min(kernel.scheduler.nextWake(id) ?? Number.POSITIVE_INFINITY, deadline) - clock.now(),
      )
      await (clock.virtual ? clock.sleep(wait) : clock.idle(Math.min(wait, 1000)))
    }
  }
  kernel.remove(id)
  const status = exit === undefined ? 137 : 'code' in exit ? exit.code : 128 + signalNumber(exit.signal)
  return {
    stdout: Buffer.concat(out),
    stderr: Buffer.concat(err),
    status,
    ...(stopped && { stopped }),
  }
}

/** A tool that is modelled elsewhere: it hands its words over, and prints what comes back. */
const outsideProgram: CoroutineProgram = {
  kind: 'coroutine',
  name: 'outside',
  *main(p) {
    let input = ''
    if (readsInput(p.argv) && !p.isatty(0)) {
      for (;;) {
        const part = yield { op: 'read', fd: 0, length: readSize }
        if (!(part instanceof Uint8Array) || part.length === 0) break
        input += Buffer.from(part).toString('latin1')
      }
    }
    const argv = [p.name, ...p.argv.slice(1)]
    const answer = (yield { op: 'outside', argv, env: [...p.env], cwd: p.cwd(), input }) as OutsideAnswer
    if (answer.stdout !== '') yield { op: 'write', fd: 1, data: Buffer.from(answer.stdout, 'latin1') }
    if (answer.stderr !== '') yield { op: 'write', fd: 2, data: Buffer.from(answer.stderr, 'latin1') }
    return answer.status
  },
}

/** Whether a command reads its input: others must leave it to the loop that they stand in. */
const readsInput = (argv: readonly string[]): boolean =>
  argv.some(word => /^-[a-z]*i[a-z]*$/.test(word) || ['-', '@-', '--interactive', '--password-stdin'].includes(word)) ||
  (/^docker/.test(argv[0] ?? '') && argv.slice(1, 3).some(word => word === 'load' || word === 'import'))

function start(kernel: Kernel, request: HostShellRequest, outside: readonly string[]): void {
  const rootfs = files(kernel, request, outside)
  kernel.add({
    id,
    rootfs,
    hostname: 'minidock',
    domainname: '',
    machine: 'x86_64',
    cgroup: { path: '/user.slice', limits: { memory: request.limits.memory, pids: 256 } },
    rlimits: new Map(),
    capabilities: 0n,
    devices: defaultDeviceRules,
    noNewPrivs: true,
    seccomp: true,
    sysctls: new Map(),
    oomScoreAdj: 0,
    interfaces: [],
    net: id,
    cgroupPath: '/user.slice',
    bootTime: kernel.time,
    init: false,
  })
  const cred = { uid: user.uid, gid: user.gid, groups: [], caps: 0n }
  const latin1 = (text: string): string => Buffer.from(text).toString('latin1')
  const env: Env = new Map([...request.env].map(([key, value]) => [latin1(key), latin1(value)]))
  const image = findCommand(
    { rootfs, cred, cwd: request.cwd, programs: kernel.programs },
    request.argv.map(latin1),
    env,
  )
  const caps = { permitted: 0n, inheritable: 0n, bounding: 0n, ambient: 0n }
  kernel.startMain(id, { argv: image.argv, env, cwd: request.cwd, cred, caps, tty: false, stdin: false }, image)
}

function files(kernel: Kernel, request: HostShellRequest, outside: readonly string[]): RootFs {
  const now = kernel.time
  const rootfs = new RootFs(new TreeFs({ type: 'ext4', root: { now }, disk: 1 << 26 }), () => kernel.time)
  for (const folder of ['/usr/bin', '/etc', '/proc', '/sys', '/dev', '/var', '/root']) rootfs.mkdirAll(folder)
  rootfs.mkdir('/tmp', 0o1777)
  rootfs.symlink('usr/bin', '/bin')
  const program = (name: string, says: string): void => {
    rootfs.writeFile(`/usr/bin/${name}`, Buffer.from(`\x7fELFminidock-program: ${says}\n`, 'latin1'), { mode: 0o755 })
  }
  for (const name of userland.keys()) if (!outside.includes(name) && !name.includes('/')) program(name, name)
  for (const name of outside) program(name, 'outside')
  const etc: [string, string][] = [
    [
      'passwd',
      `root:x:0:0:root:/root:/bin/bash\n${user.name}:x:${user.uid}:${user.gid}::/home/${user.name}:/bin/bash\n`,
    ],
    ['group', `root:x:0:\n${user.name}:x:${user.gid}:\n`],
    ['hostname', 'minidock\n'],
    ['hosts', '127.0.0.1\tlocalhost\n'],
  ]
  for (const [name, content] of etc) rootfs.writeFile(`/etc/${name}`, Buffer.from(content), { mode: 0o644 })
  rootfs.mount('/proc', procFs(kernel, id), { source: 'proc' })
  rootfs.mount('/sys', sysFs(kernel, id), { source: 'sysfs', readonly: true })
  rootfs.mount('/dev', devFs(now, false), { source: 'tmpfs' })
  for (const [place, folder] of request.folders) {
    rootfs.mkdirAll(place)
    rootfs.mount(place, new OwnedDir(folder), { source: '/dev/vda1' })
  }
  return rootfs
}

/** A folder of the real host whose files are all the student's, whoever runs minidock. */
class OwnedDir extends HostDir {
  override stat(ino: number): ReturnType<HostDir['stat']> {
    return { ...super.stat(ino), uid: user.uid, gid: user.gid }
  }
}
