/** An engine's handles over a store of its own, without containers' processes: enough for the verbs of images. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { virtualClock } from '../../../src/clock.ts'
import { saveRecord } from '../../../src/container/containers.ts'
import type { ContainerRecord } from '../../../src/container/record.ts'
import { ContentStore } from '../../../src/content/content-store.ts'
import type { EngineContext } from '../../../src/engine/context.ts'
import type { Live } from '../../../src/engine/live.ts'
import type { NewEvent } from '../../../src/events/event-log.ts'
import { openStore } from '../../../src/store/store.ts'
import { seededRandom } from '../../../src/util/random.ts'

export interface Harness {
  ctx: EngineContext
  events: NewEvent[]
  root: string
  /** Puts a container of an image into the store. */
  container(options: { id: string; name: string; image: string; imageName: string; running: boolean }): void
  close(): void
}

export const startOfTest = Date.UTC(2026, 0, 2, 3, 4, 5)

export function harness(): Harness {
  const root = mkdtempSync(join(tmpdir(), 'minidock-image-'))
  const store = openStore(root)
  const content = new ContentStore(root)
  const clock = virtualClock(startOfTest)
  const random = seededRandom('images')
  const events: NewEvent[] = []
  const machine = {
    change: <T>(verb: (live: Live) => T | Promise<T>): Promise<T> =>
      store.transactionAsync(async tx => {
        const live = { tx, random, time: clock.now(), emit: (event: NewEvent) => void events.push(event) }
        return verb(live as unknown as Live)
      }),
    settle: async () => {},
  }
  const ctx = { store, content, clock, random, machine, env: {} } as unknown as EngineContext
  return {
    ctx,
    events,
    root,
    container({ id, name, image, imageName, running }) {
      const record = {
        v: 1,
        id,
        name,
        created: clock.now(),
        sequence: 0,
        image,
        path: 'sh',
        args: [],
        config: { Image: imageName, Labels: {}, ExposedPorts: {} },
        hostConfig: { NetworkMode: 'bridge', RestartPolicy: { Name: 'no', MaximumRetryCount: 0 } },
        state: {
          status: running ? 'running' : 'exited',
          pid: 0,
          exitCode: 0,
          error: '',
          oomKilled: false,
          startedAt: 1,
          finishedAt: 1,
        },
        mounts: [],
        networks: {},
        ports: {},
        execs: [],
        graphId: id,
        sizeRw: 0,
        sizeRootFs: 0,
      } as unknown as ContainerRecord
      store.transaction(tx => saveRecord(tx, record, undefined))
    },
    close() {
      content.close()
      rmSync(root, { recursive: true, force: true })
    },
  }
}

export async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const out: T[] = []
  for await (const item of stream) out.push(item)
  return out
}

export async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void> {
  yield bytes
}
