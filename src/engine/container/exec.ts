/** POST /containers/{id}/exec and /exec/{id}/start, resize, json. */
import type { ExecCreateRequest, ExecInspect } from '../../api/exec.ts'
import { execStreamPath, readIndex, recordIfThere, recordPath } from '../../container/containers.ts'
import { containerEvent } from '../../container/events.ts'
import type { ContainerRecord, ExecRecord } from '../../container/record.ts'
import { EngineError, invalid, notFound } from '../../errors.ts'
import { processEnv } from '../../runtime/env.ts'
import { readFrames } from '../../runtime/stream-log.ts'
import { resolveUser } from '../../runtime/user.ts'
import { readWhole } from '../../store/damaged.ts'
import type { StoreReader } from '../../store/types.ts'
import type { EngineContext } from '../context.ts'
import type { Frame, Session } from '../engine.ts'
import type { Live } from '../live.ts'
import { linkEnvironment } from '../network/links.ts'
import { feedInput } from './attach.ts'
import { execPaused, notRunning, restarting, startFailed } from './errors.ts'

export type NewExec = Omit<ExecRecord, 'pid' | 'running' | 'exitCode' | 'logLength'>

/** Prepares an exec (moby daemon/exec.go); nothing runs yet. */
export async function createExec(
  ctx: EngineContext,
  reference: string,
  request: ExecCreateRequest,
): Promise<{ Id: string }> {
  return ctx.machine.change(live => {
    const container = live.find(reference)
    checkRunning(container, reference)
    if (request.Cmd.length === 0) throw invalid('no exec command specified')
    const exec: NewExec = {
      id: live.random.id(),
      argv: request.Cmd,
      env: request.Env ?? [],
      user: request.User || container.config.User,
      workingDir: request.WorkingDir ?? '',
      tty: request.Tty ?? false,
      privileged: request.Privileged ?? false,
      detachKeys: request.DetachKeys ?? '',
      attach: {
        stdin: request.AttachStdin ?? false,
        stdout: request.AttachStdout ?? false,
        stderr: request.AttachStderr ?? false,
      },
    }
    container.execs.push({ ...exec, pid: 0, running: false, exitCode: null, logLength: 0 })
    live.emit(containerEvent(container, `exec_create: ${commandOf(exec.argv)}`, { execID: exec.id }))
    live.save(container)
    return { Id: exec.id }
  })
}

/** Starts an exec and attaches to it, unless `detach`. A failed start throws runc's words with 126, 127 or 128. */
export async function startExec(
  ctx: EngineContext,
  id: string,
  options: { detach?: boolean; rows?: number; cols?: number } = {},
): Promise<Session> {
  const started = await ctx.machine.change(async live => {
    const container = live.record(findExec(live.tx, id).container)
    checkRunning(container, container.name)
    const exec = container.execs.find(candidate => candidate.id === id)
    if (!exec) throw noSuchExec(id)
    const { rows = 0, cols = 0 } = options
    const failure = await startExecIn(live, container, exec, { rows, cols })
    if (!failure && (options.detach || !exec.attach.stdin)) (await live.world(container)).closeInput(id)
    return { container: container.id, failure }
  })
  if (started.failure) throw started.failure
  return session(ctx, started.container, id)
}

/** Starts a process in a running container; returns the failure instead of throwing it. */
export async function startExecIn(
  live: Live,
  container: ContainerRecord,
  request: NewExec,
  size = { rows: 0, cols: 0 },
): Promise<EngineError | undefined> {
  const known = container.execs.find(candidate => candidate.id === request.id)
  const exec: ExecRecord = known ?? { ...request, pid: 0, running: false, exitCode: null, logLength: 0 }
  const { id: execID } = exec
  if (!known) {
    container.execs.push(exec)
    live.emit(containerEvent(container, `exec_create: ${commandOf(exec.argv)}`, { execID }))
  }
  live.emit(containerEvent(container, `exec_start: ${commandOf(exec.argv)}`, { execID }))
  try {
    const world = await live.world(container)
    const user = resolveUser(
      exec.user,
      world.textFile('/etc/passwd'),
      world.textFile('/etc/group'),
      container.hostConfig.GroupAdd ?? [],
    )
    if (exec.workingDir !== '' && !exec.workingDir.startsWith('/'))
      throw startFailed('OCI runtime exec failed: exec failed: Cwd must be an absolute path', 128)
    exec.pid = world.startExec(exec.id, {
      argv: exec.argv,
      env: processEnv(container.config.Env, {
        hostname: container.config.Hostname,
        tty: exec.tty,
        home: user.home,
        links: linkEnvironment(live, container),
        more: exec.env,
      }),
      cwd: exec.workingDir || container.config.WorkingDir || '/',
      user,
      tty: exec.tty,
      size,
      stdin: exec.attach.stdin,
      privileged: exec.privileged,
    })
    exec.running = true
    live.save(container)
    return undefined
  } catch (error) {
    if (!(error instanceof EngineError)) throw error
    container.execs = container.execs.filter(candidate => candidate !== exec)
    live.save(container)
    return error
  }
}

/** GET /exec/{id}/json. */
export async function inspectExec(ctx: EngineContext, id: string): Promise<ExecInspect> {
  await ctx.machine.settle()
  const { container, exec } = findExec(ctx.store, id)
  const [entrypoint = '', ...rest] = exec.argv
  return {
    ID: exec.id,
    Running: exec.running,
    ExitCode: exec.exitCode,
    ProcessConfig: {
      tty: exec.tty,
      entrypoint,
      arguments: rest,
      privileged: exec.privileged,
      ...(exec.user !== '' && { user: exec.user }),
    },
    OpenStdin: exec.attach.stdin,
    OpenStderr: exec.attach.stderr,
    OpenStdout: exec.attach.stdout,
    CanRemove: !exec.running && exec.exitCode !== null,
    ContainerID: container,
    DetachKeys: exec.detachKeys,
    Pid: exec.pid,
  }
}

/** POST /exec/{id}/resize. */
export async function resizeExec(ctx: EngineContext, id: string, rows: number, cols: number): Promise<void> {
  await ctx.machine.change(async live => {
    const container = live.record(findExec(live.tx, id).container)
    ;(await live.world(container)).resize(rows, cols, id)
  })
}

const noSuchExec = (id: string): EngineError => notFound(`No such exec instance: ${id}`)

function findExec(reader: StoreReader, id: string): { container: string; exec: ExecRecord } {
  for (const container of Object.keys(readIndex(reader).entries)) {
    const exec = readWhole<ContainerRecord>(reader, recordPath(container))?.execs.find(candidate => candidate.id === id)
    if (exec) return { container, exec }
  }
  throw noSuchExec(id)
}

/** @param asked  what the user calls it, for errors */
function checkRunning(container: ContainerRecord, asked: string): void {
  if (container.state.status === 'paused') throw execPaused(asked)
  if (container.state.status === 'restarting') throw restarting(container.id)
  if (container.state.status !== 'running') throw notRunning(container.id)
}

function session(ctx: EngineContext, container: string, id: string): Session {
  const closing = new AbortController()
  const exec = (): ExecRecord | undefined =>
    recordIfThere(ctx.store, container)?.execs.find(candidate => candidate.id === id)
  async function* frames(): AsyncGenerator<Frame> {
    let at = 0
    for (;;) {
      const record = exec()
      const length = record?.logLength ?? at
      yield* readFrames(ctx.store.locate(execStreamPath(container, id)), at, length)
      at = length
      if (!record?.running || closing.signal.aborted) return
      await ctx.machine.advance(closing.signal)
    }
  }
  return {
    frames: frames(),
    write: data => feedInput(ctx, container, id, data, closing.signal),
    async closeInput() {
      await ctx.machine.change(async live => {
        if (exec()?.running) (await live.world(live.record(container))).closeInput(id)
      })
    },
    resize: (rows, cols) => resizeExec(ctx, id, rows, cols),
    async close() {
      closing.abort()
    },
  }
}

/** As events tell it: the program, a blank, its arguments if any. */
const commandOf = ([program = '', ...args]: readonly string[]): string => `${program} ${args.join(' ')}`
