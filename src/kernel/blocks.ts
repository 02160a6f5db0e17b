/** Answers to blocks: what a read, a wait, a sleep gives now, or nothing yet. */

import { socketNumbers } from '../security/seccomp.ts'
import { Errno, isErrno } from '../vfs/errno.ts'
import { fileAt, freeDescriptor, openPath } from './descriptors.ts'
import type { Endpoint, OpenFile } from './files.ts'
import { passingMemory } from './journal.ts'
import type { Kernel } from './kernel.ts'
import { exit, reap } from './life.ts'
import { chargeNetwork, chargeRead, chargeWrite } from './memory.ts'
import { isCutOff } from './network-admin.ts'
import { Pipe } from './pipe.ts'
import { isAlive, type Process } from './process.ts'
import type { Answer, Block } from './program.ts'
import { checkCall } from './seccomp-check.ts'
import { deliver, isOrphaned, signalGroup } from './signal-delivery.ts'

/** Most that a device gives in one read; who wants more reads again (`dd` does). */
const deviceRead = 1 << 20
/** What /dev/zero gives: made once, as nobody changes what was read. */
let zeros: Uint8Array | undefined
/** First of the ephemeral ports. */
const ephemeral = 32768

/** Takes a process off everything it waits for. */
export function stopWaiting(process: Process): void {
  for (const waiters of process.waitingOn) waiters.delete(process.key)
  process.waitingOn.clear()
}

/** The answer to a block if there is one; otherwise the process waits (for a change or until `wakeAt`). */
export function attempt(kernel: Kernel, process: Process, block: Block): Answer | undefined {
  try {
    return answer(kernel, process, block)
  } catch (error) {
    if (isErrno(error)) return { error }
    throw error
  }
}

function waitFor(process: Process, waiters: Set<number>): undefined {
  waiters.add(process.key)
  process.waitingOn.add(waiters)
  return undefined
}

function answer(kernel: Kernel, process: Process, block: Block): Answer | undefined {
  switch (block.op) {
    case 'read':
      return read(kernel, process, fileAt(process, block.fd), block)
    case 'write':
      return write(kernel, process, fileAt(process, block.fd), block.data, block.given)
    case 'open': {
      checkCall(kernel, process, 'open')
      const fd = openPath(kernel, process, block.path, block.flags, block.mode, true)
      return fd === undefined ? undefined : { value: fd }
    }
    case 'sleep':
      return sleep(kernel, process, block.ms)
    case 'cpu':
      return burn(process, block.ms)
    case 'wait':
      return wait(kernel, process, block.pid, block.untraced === true)
    case 'poll':
      return poll(kernel, process, block)
    case 'pause':
      if (process.caught.length > 0) throw new Errno('EINTR')
      return undefined
    case 'accept':
      return accept(kernel, process, fileAt(process, block.fd), block.now === true)
    case 'connect':
      checkCall(kernel, process, 'socket', socketNumbers(block.address, block.protocol))
      checkCall(kernel, process, 'connect')
      return connect(kernel, process, block)
    case 'resolve':
      return resolve(kernel, process, block)
    case 'echo':
      return echo(kernel, process, block)
    case 'outside':
      return outside(kernel, process, block)
    case 'fault':
      exit(kernel, process, { signal: block.signal })
      return undefined
    case 'exec':
      kernel.execInto(process, block.path, block.argv, block.env)
      return undefined
  }
}

function outside(kernel: Kernel, process: Process, block: Block & { op: 'outside' }): Answer | undefined {
  const value = kernel.answers.get(process.key)
  if (value) {
    kernel.answers.delete(process.key)
    return { value }
  }
  if (!kernel.hooks.outside) throw new Errno('ENOSYS')
  const call = { argv: block.argv, env: new Map(block.env), cwd: block.cwd, input: block.input }
  const ended = kernel.hooks.outside(call).then(answer => kernel.answers.set(process.key, answer))
  kernel.scheduler.park(process, ended)
  return undefined
}

const isOnDisk = (type: string): boolean => type === 'overlay' || type === 'ext4'

function read(
  kernel: Kernel,
  process: Process,
  file: OpenFile,
  { length, passing }: Block & { op: 'read' },
): Answer | undefined {
  const { object } = file
  if (!file.flags.read) throw new Errno('EBADF')
  switch (object.kind) {
    case 'inode': {
      const { fs } = object.place.mount
      kernel.current = process
      const memory = passing && fs.readInto ? passingMemory(process, length) : undefined
      const data =
        memory && fs.readInto
          ? memory.subarray(0, fs.readInto(object.place.ino, object.offset, memory))
          : fs.read(object.place.ino, object.offset, length)
      object.offset += data.length
      if (isOnDisk(fs.type)) chargeRead(kernel, process, data.length, file.flags.direct)
      return { value: data }
    }
    case 'pipe':
    case 'socket': {
      const pipe = object.kind === 'pipe' ? object.pipe : object.rx
      if (pipe.length > 0) {
        const memory = passing ? passingMemory(process, length) : undefined
        const data = memory
          ? memory.subarray(0, object.kind === 'pipe' ? fillFrom(kernel, pipe, memory) : pipe.shiftInto(memory))
          : pipe.shift(length)
        kernel.scheduler.notify(pipe.waiters)
        if (object.kind === 'socket' && !isLoopback(object))
          chargeNetwork(kernel.sandbox(process.sandbox), 'rx', data.length)
        return { value: data }
      }
      return pipe.writers > 0 ? waitFor(process, pipe.waiters) : { value: new Uint8Array(0) }
    }
    case 'pty': {
      const { pty } = object
      if (
        process.tty === pty.id &&
        pty.foreground !== 0 &&
        process.pgid !== pty.foreground &&
        process.sid === pty.session
      ) {
        // Nobody is there who could bring it to the foreground.
        if (isOrphaned(kernel, process) || process.dispositions.get('TTIN') === 'ignore') throw new Errno('EIO')
        signalGroup(kernel, kernel.sandbox(process.sandbox), process.pgid, 'TTIN')
        return undefined
      }
      const data = pty.read(length)
      return data ? { value: data } : waitFor(process, pty.waiters)
    }
    case 'device':
      if (object.device === 'null') return { value: new Uint8Array(0) }
      if (object.device === 'random') return { value: kernel.hooks.random(Math.min(length, deviceRead)) }
      return {
        value: (zeros ??= new Uint8Array(deviceRead)).subarray(0, length),
      }
    case 'idle':
      throw new Errno('EBADFD')
    default:
      throw new Errno('EINVAL')
  }
}

/**
 * Fills memory from a pipe, and goes on with what writers wait to put into it: as if reader and writers took turns until
 * the reader has enough.
 */
function fillFrom(kernel: Kernel, pipe: Pipe, memory: Uint8Array): number {
  let done = pipe.shiftInto(memory)
  for (const key of pipe.waiters) {
    const writer = kernel.processes.get(key)
    if (done === memory.length || pipe.length > 0) break
    if (writer?.block?.op !== 'write' || !isAlive(writer)) continue
    const { data } = writer.block
    const part = data.subarray(writer.progress, writer.progress + memory.length - done)
    memory.set(part, done)
    done += part.length
    writer.progress += part.length
  }
  return done
}

/** Writes; undefined when it has to wait for room. */
export function write(
  kernel: Kernel,
  process: Process,
  file: OpenFile,
  data: Uint8Array,
  given = false,
): Answer | undefined {
  const { object } = file
  if (!file.flags.write && object.kind !== 'socket') throw new Errno('EBADF')
  switch (object.kind) {
    case 'inode': {
      const { fs } = object.place.mount
      if (file.flags.append) object.offset = fs.stat(object.place.ino).size
      const limit = process.rlimits.get('fsize')?.soft
      if (limit !== undefined && object.offset + data.length > limit) {
        deliver(kernel, process, 'XFSZ', false)
        throw new Errno('EFBIG')
      }
      fs.write(object.place.ino, object.offset, data, kernel.time)
      object.offset += data.length
      chargeWrite(kernel, process, data.length, { inMemory: !isOnDisk(fs.type), direct: file.flags.direct ?? false })
      return { value: data.length }
    }
    case 'pipe':
    case 'socket': {
      const pipe = object.kind === 'pipe' ? object.pipe : object.tx
      if (pipe.readers === 0) {
        deliver(kernel, process, 'PIPE', false)
        throw new Errno('EPIPE')
      }
      const taken = pipe.push(process.progress === 0 ? data : data.subarray(process.progress), given)
      process.progress += taken
      if (object.kind === 'socket' && taken > 0 && !isLoopback(object))
        chargeNetwork(kernel.sandbox(process.sandbox), 'tx', taken)
      if (taken > 0) kernel.scheduler.notify(pipe.waiters)
      return process.progress >= data.length ? { value: data.length } : waitFor(process, pipe.waiters)
    }
    case 'sink':
      kernel.hooks.output({
        sandbox: process.sandbox,
        target: object.target,
        stream: object.stream,
        data,
        time: kernel.time,
      })
      return { value: data.length }
    case 'pty':
      if (object.pty.hungUp) throw new Errno('EIO')
      kernel.hooks.output({
        sandbox: process.sandbox,
        target: object.pty.target,
        stream: 'stdout',
        data: object.pty.cook(data),
        time: kernel.time,
      })
      return { value: data.length }
    case 'idle':
      throw new Errno('EBADFD')
    case 'device':
      if (object.device === 'full') throw new Errno('ENOSPC')
      return { value: data.length }
    default:
      throw new Errno('EINVAL')
  }
}

const isLoopback = ({ local, peer }: { local: Endpoint; peer: Endpoint }): boolean =>
  peer.address === local.address || peer.address.startsWith('127.') || peer.address === '::1'

function sleep(kernel: Kernel, process: Process, ms: number): Answer | undefined {
  if (process.wakeAt === undefined) {
    if (ms <= 0) return { value: 0 }
    process.wakeAt = kernel.time + ms
    return undefined
  }
  return kernel.time >= process.wakeAt ? { value: 0 } : undefined
}

/** CPU time passes as the scheduler gives it: see `Scheduler`. */
function burn(process: Process, ms: number): Answer | undefined {
  if (process.progress === 0) {
    process.progress = 1
    process.cpuLeft = ms
  }
  return process.cpuLeft <= 0 ? { value: undefined } : undefined
}

function wait(kernel: Kernel, process: Process, pid: number, untraced: boolean): Answer | undefined {
  const sandbox = kernel.sandbox(process.sandbox)
  let any = false
  for (const child of sandbox.pids.processes.values()) {
    if (child.ppid !== process.pid || child === process) continue
    if (pid > 0 && child.pid !== pid) continue
    if (pid === 0 && child.pgid !== process.pgid) continue
    if (pid < -1 && child.pgid !== -pid) continue
    any = true
    if (untraced && child.stopped && child.stopSignal !== undefined) {
      const stopped = child.stopSignal
      child.stopSignal = undefined
      return { value: { pid: child.pid, status: { stopped } } }
    }
    if (isAlive(child) || !child.status) continue
    reap(kernel, kernel.sandbox(child.sandbox), child)
    return { value: { pid: child.pid, status: child.status } }
  }
  if (!any) throw new Errno('ECHILD')
  return undefined
}

/** A finished child without waiting; undefined when all go on. Throws ECHILD without children. */
export function waitNow(kernel: Kernel, process: Process, pid: number, untraced: boolean): unknown {
  const found = wait(kernel, process, pid, untraced)
  return found && 'value' in found ? found.value : undefined
}

function poll(kernel: Kernel, process: Process, block: Block & { op: 'poll' }): Answer | undefined {
  const ready = block.fds.filter(({ fd, event }) => isReady(process, fileAt(process, fd), event)).map(({ fd }) => fd)
  if (ready.length > 0) return { value: ready }
  if (process.wakeAt === undefined) process.wakeAt = kernel.time + block.ms
  if (kernel.time >= process.wakeAt) return { value: [] }
  if (!Number.isFinite(process.wakeAt)) process.wakeAt = undefined
  return undefined
}

function isReady(process: Process, file: OpenFile, event: 'in' | 'out'): boolean {
  const { object } = file
  const pipe =
    object.kind === 'pipe'
      ? object.pipe
      : object.kind === 'socket'
        ? event === 'in'
          ? object.rx
          : object.tx
        : undefined
  if (pipe) {
    const ready = event === 'in' ? pipe.length > 0 || pipe.writers === 0 : pipe.room > 0 || pipe.readers === 0
    if (!ready) waitFor(process, pipe.waiters)
    return ready
  }
  if (object.kind === 'pty' && event === 'in') {
    const ready = object.pty.ready.length > 0 || object.pty.hungUp
    if (!ready) waitFor(process, object.pty.waiters)
    return ready
  }
  if (object.kind === 'listener') {
    if (object.backlog.length === 0) waitFor(process, object.waiters)
    return object.backlog.length > 0
  }
  return true
}

function accept(kernel: Kernel, process: Process, file: OpenFile, now: boolean): Answer | undefined {
  const { object } = file
  if (object.kind !== 'listener') throw new Errno('EINVAL')
  const connection = object.backlog.shift()
  if (!connection) {
    if (now) throw new Errno('EAGAIN')
    return waitFor(process, object.waiters)
  }
  const fd = freeDescriptor(process)
  kernel.install(
    process,
    fd,
    kernel.openFile({ kind: 'socket', protocol: object.protocol, ...connection }, { read: true, write: true }),
  )
  return { value: fd }
}

/** How long nslookup and dig ask a server that says nothing, in ms. */
const dnsPatience = 10_000

function resolve(kernel: Kernel, process: Process, block: Block & { op: 'resolve' }): Answer | undefined {
  if (process.wakeAt !== undefined) {
    if (kernel.time < process.wakeAt) return undefined
    throw new Errno('ETIMEDOUT')
  }
  const found = kernel.hooks.resolve(process.sandbox, block.name, block.type ?? 'A', block.server)
  if (Array.isArray(found)) return { value: found }
  if (found.error !== 'ETIMEDOUT' && found.error !== 'EHOSTUNREACH') throw new Errno(found.error)
  process.wakeAt = kernel.time + dnsPatience
  return undefined
}

/** How long Linux sends SYNs, and how long it asks for a neighbour's hardware address, in ms. */
const synPatience = 127_000
const arpPatience = 3_000

function connect(kernel: Kernel, process: Process, block: Block & { op: 'connect' }): Answer | undefined {
  if (isCutOff(kernel.sandbox(process.sandbox), block.address)) throw new Errno('ENETUNREACH')
  const { net } = kernel.sandbox(process.sandbox)
  const peer = { address: block.address, port: block.port }
  if (process.wakeAt !== undefined && kernel.time < process.wakeAt) return undefined
  const route = kernel.hooks.route(net, peer, block.protocol)
  if ('loading' in route) {
    kernel.scheduler.park(process, route.loading)
    return undefined
  }
  if ('error' in route) {
    if (route.error === 'ECONNREFUSED' || route.error === 'ENETUNREACH') throw new Errno(route.error)
    const patience = block.timeoutMs ?? synPatience
    if (process.wakeAt !== undefined)
      throw new Errno(route.error === 'EHOSTUNREACH' && patience >= arpPatience ? 'EHOSTUNREACH' : 'ETIMEDOUT')
    process.wakeAt = kernel.time + (route.error === 'EHOSTUNREACH' ? Math.min(patience, arpPatience) : patience)
    return undefined
  }
  const listener = findListener(kernel, route.net, block.protocol, route.address, route.port)
  const page = route.page === undefined ? undefined : Buffer.from(route.page)
  const taken = route.proxied === true || page !== undefined
  if (!listener && !taken && block.protocol === 'tcp') throw new Errno('ECONNREFUSED')
  const local = { address: route.from, port: ephemeral + (kernel.newId() % 28_000) }
  const toServer = pipeWithEnds(kernel)
  const toClient = pipeWithEnds(kernel)
  if (!listener && taken) {
    // Nobody writes to the client but what is there already; what it sends is taken and forgotten.
    if (page) toClient.push(page)
    toClient.writers = 0
  }
  if (listener && listener.object.kind === 'listener') {
    listener.object.backlog.push({
      rx: toServer,
      tx: toClient,
      local: { address: route.address, port: route.port },
      peer: local,
    })
    kernel.scheduler.notify(listener.object.waiters)
  }
  const fd = freeDescriptor(process)
  kernel.install(
    process,
    fd,
    kernel.openFile(
      { kind: 'socket', protocol: block.protocol, rx: toClient, tx: toServer, local, peer },
      { read: true, write: true },
    ),
  )
  return { value: fd }
}

function pipeWithEnds(kernel: Kernel): Pipe {
  const pipe = new Pipe(kernel.newId())
  pipe.readers = 1
  pipe.writers = 1
  return pipe
}

export const listenerKey = (net: string, protocol: string, port: number, address: string): string =>
  `${net} ${protocol} ${port} ${address}`

/** The socket that answers at an address: one bound to it, or to all addresses. */
export function findListener(
  kernel: Kernel,
  net: string,
  protocol: string,
  address: string,
  port: number,
): OpenFile | undefined {
  const exact = kernel.listeners.get(listenerKey(net, protocol, port, address))
  return (
    exact ??
    kernel.listeners.get(listenerKey(net, protocol, port, '0.0.0.0')) ??
    kernel.listeners.get(listenerKey(net, protocol, port, '::'))
  )
}

function echo(kernel: Kernel, process: Process, block: Block & { op: 'echo' }): Answer | undefined {
  if (isCutOff(kernel.sandbox(process.sandbox), block.address)) throw new Errno('ENETUNREACH')
  if (process.wakeAt !== undefined) return kernel.time >= process.wakeAt ? { value: null } : undefined
  const { net } = kernel.sandbox(process.sandbox)
  const route = kernel.hooks.route(net, { address: block.address, port: 0 }, 'icmp')
  if ('loading' in route) {
    kernel.scheduler.park(process, route.loading)
    return undefined
  }
  if (!('error' in route)) return { value: { ms: 0.04 + (kernel.hooks.random(1)[0] ?? 0) / 4000 } }
  if (route.error === 'ENETUNREACH') throw new Errno('ENETUNREACH')
  process.wakeAt = kernel.time + block.timeoutMs
  return undefined
}
