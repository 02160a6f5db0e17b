/** Registries that run in simulated containers, as a push or pull from this machine meets them. */
import { readIndex } from '../../container/containers.ts'
import type { ContainerRecord } from '../../container/record.ts'
import type { Answer, Call, Transport } from '../../registry/http.ts'
import { type RegistryAnswer, type RegistryFiles, serve } from '../../registry/serve.ts'
import { isErrno } from '../../vfs/errno.ts'
import type { RootFs } from '../../vfs/rootfs.ts'
import type { EngineContext } from '../context.ts'
import type { Live } from '../live.ts'

const PROGRAM = '/bin/registry'
const MARKER = 'minidock-program: registry '
/** Where `registry:2` keeps its data, unless its configuration says otherwise. */
const DATA = '/var/lib/registry'

/** The way to a registry on this machine: to the container that publishes the port, else to a real one by `send`. */
export function localTransport(ctx: EngineContext, send: Transport): Transport {
  return async (host, call) => {
    if (!isContainer(ctx, host)) return send(host, call)
    const port = portOf(host)
    const body = await wholeBody(call.body)
    const answer = await ctx.machine.change(live => ask(live, port, call, body))
    return answer ? toAnswer(answer) : send(host, { ...call, ...(call.body && { body }) })
  }
}

const portOf = (host: string): string => /:(\d+)$/.exec(host)?.[1] ?? '80'

/** Whether a container of this store publishes the port of a host on this machine. */
export function isContainer(ctx: EngineContext, host: string): boolean {
  return Object.values(readIndex(ctx.store).entries).some(entry => publishedOn(entry.ports, portOf(host)))
}

function publishedOn(ports: ContainerRecord['ports'], port: string): boolean {
  return Object.values(ports).some(bindings => bindings?.some(binding => binding.HostPort === port))
}

/** Lets the registry behind a port answer; undefined when no registry is there. */
async function ask(live: Live, port: string, call: Call, body: Uint8Array): Promise<RegistryAnswer | undefined> {
  for (const entry of Object.values(readIndex(live.tx).entries)) {
    if (entry.state.status !== 'running' || !publishedOn(entry.ports, port)) continue
    const record = live.record(entry.id)
    const { rootfs } = await live.world(record)
    if (!isRegistry(rootfs)) continue
    const allowDelete = record.config.Env?.includes('REGISTRY_STORAGE_DELETE_ENABLED=true') ?? false
    const { method, path, headers = {} } = call
    const answer = serve(filesOf(rootfs), { method, path, headers, body }, { allowDelete })
    live.save(record)
    return answer
  }
  return undefined
}

function isRegistry(rootfs: RootFs): boolean {
  const program = attempt(() => rootfs.readFile(PROGRAM).subarray(0, 64))
  return program !== undefined && Buffer.from(program).toString('latin1').includes(MARKER)
}

/** The registry's folder in its container. */
function filesOf(rootfs: RootFs): RegistryFiles {
  const at = (path: string): string => `${DATA}/${path}`
  return {
    read: path => attempt(() => rootfs.readFile(at(path))),
    write(path, data) {
      const target = at(path)
      rootfs.mkdirAll(target.slice(0, target.lastIndexOf('/')))
      rootfs.writeFile(target, data)
    },
    list: path =>
      attempt(() =>
        rootfs
          .readdir(at(path))
          .map(entry => entry.name)
          .sort(),
      ) ?? [],
    remove: path => void attempt(() => rootfs.removeAll(at(path))),
  }
}

/** What `act` returns; undefined when a file is not there. */
function attempt<T>(act: () => T): T | undefined {
  try {
    return act()
  } catch (error) {
    if (isErrno(error)) return undefined
    throw error
  }
}

/** A request's body in one piece. */
export async function wholeBody(body: Call['body']): Promise<Uint8Array> {
  if (body === undefined || body instanceof Uint8Array) return body ?? new Uint8Array(0)
  const parts: Uint8Array[] = []
  for await (const part of body) parts.push(part)
  return Buffer.concat(parts)
}

/** The server's answer as a client gets it. */
export function toAnswer({ status, headers, body }: RegistryAnswer): Answer {
  async function* pieces(): AsyncGenerator<Uint8Array, void> {
    yield body
  }
  return { status, headers, body: pieces(), drop() {} }
}
