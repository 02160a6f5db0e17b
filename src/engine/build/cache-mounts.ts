/** Cache mounts of a build: kept from build to build, and shared, divided or waited for while steps go on side by side. */
import { posix } from 'node:path'
import { cacheMountFolder } from '../../build/cache.ts'
import type { MountSpec } from '../../build/dockerfile/mount.ts'
import { sha256 } from '../../image/config.ts'
import type { StoreReader, Transaction } from '../../store/types.ts'
import type { FileSystem, Stat } from '../../vfs/filesystem.ts'
import type { RootFs } from '../../vfs/rootfs.ts'
import { TreeFs } from '../../vfs/tree-fs.ts'

/** What a step asks for. */
export interface WantedMount {
  spec: MountSpec
  /** What fills it when it is new, and by what that is known. */
  seed: { files: () => RootFs; identity: string } | undefined
  /** What was kept of it is left aside: the step is not to use the cache. */
  fresh: boolean
  /** The command line that asks, for the record. */
  command: string
}

interface Instance {
  name: string
  description: string
  fs: TreeFs
  users: number
  /** Whether those who use it are willing to share it. */
  shared: boolean
}

/** One build's view of them. */
export class CacheMounts {
  readonly #store: StoreReader
  readonly #now: () => number
  readonly #instances = new Map<string, Instance[]>()
  #waiting: (() => void)[] = []

  constructor(store: StoreReader, now: () => number) {
    this.#store = store
    this.#now = now
  }

  /**
   * Takes what a step needs; `release` gives it back. `shared` goes with others who share, `private` takes another instance
   * while one is in use, `locked` waits until it is free (buildkit solver/llbsolver/mounts).
   * @param away  does something that waits for other steps
   */
  async take(
    wanted: readonly WantedMount[],
    away: (wait: () => Promise<void>) => Promise<void>,
  ): Promise<{ of(spec: MountSpec): TreeFs; release(): void }> {
    const taken = new Map<string, Instance>()
    // In one order for all, so that no two steps wait for each other.
    for (const want of [...wanted].sort((a, b) => (identityOf(a) < identityOf(b) ? -1 : 1))) {
      const identity = identityOf(want)
      if (taken.has(identity)) continue
      let instance = this.#free(identity, want)
      while (!instance) {
        await away(() => new Promise<void>(resolve => this.#waiting.push(resolve)))
        instance = this.#free(identity, want)
      }
      instance.users++
      instance.shared = want.spec.sharing === 'shared'
      taken.set(identity, instance)
    }
    return {
      of: spec => {
        const want = wanted.find(each => each.spec === spec)
        const instance = want && taken.get(identityOf(want))
        if (!instance) throw new Error('a mount that was not taken')
        return instance.fs
      },
      release: () => {
        for (const instance of taken.values()) instance.users--
        const waiting = this.#waiting
        this.#waiting = []
        for (const wake of waiting) wake()
      },
    }
  }

  /** An instance that may be used now; undefined to wait for one. */
  #free(identity: string, want: WantedMount): Instance | undefined {
    const known = this.#instances.get(identity) ?? []
    this.#instances.set(identity, known)
    const { sharing } = want.spec
    const found = known.find(({ users, shared }) => users === 0 || (shared && sharing === 'shared'))
    if (found) return found
    if (sharing === 'locked' && known.length > 0) return undefined
    const made = this.#open(identity, known.length, want)
    known.push(made)
    return made
  }

  #open(identity: string, number: number, { spec, seed, fresh, command }: WantedMount): Instance {
    const name = sha256(number === 0 ? identity : `${identity} ${number}`).slice(
      'sha256:'.length,
      'sha256:'.length + 32,
    )
    const id = spec.id || spec.target
    const description = `cached mount ${spec.target} from exec ${command} with id ${JSON.stringify(`/${id}`)}`
    const source = seed?.files()
    const place = source?.walk(posix.join('/', spec.source))
    const { mode, uid, gid } = place ? place.mount.fs.stat(place.ino) : { mode: 0o755, uid: 0, gid: 0 }
    const root = { mode, uid, gid, now: this.#now() }
    const stored = fresh ? undefined : TreeFs.load(this.#store, cacheMountFolder(name), { type: 'ext4', root })
    const fs = stored ?? new TreeFs({ type: 'ext4', root })
    if (!stored && place) copyAll(place.mount.fs, place.ino, fs, fs.root, this.#now())
    return { name, description, fs, users: 0, shared: false }
  }

  /** Writes what has changed; `put` keeps the record of each. */
  save(tx: Transaction, put: (mount: { name: string; description: string; size: number }) => void): void {
    for (const { name, description, fs } of [...this.#instances.values()].flat()) {
      if (!fs.changed) continue
      fs.save(tx, cacheMountFolder(name))
      put({ name, description, size: fs.size() })
    }
  }
}

/** Mounts with one id are one, unless different files fill them. */
const identityOf = ({ spec, seed }: WantedMount): string =>
  seed ? JSON.stringify([spec.id || spec.target, seed.identity, spec.source]) : spec.id || spec.target

/** Copies what is in a folder of one file system into a folder of another; names of one file stay such. */
export function copyAll(
  from: FileSystem,
  ino: number,
  to: TreeFs,
  dir: number,
  now: number,
  links = new Map<number, number>(),
): void {
  for (const { name } of from.readdir(ino)) {
    const child = from.lookup(ino, name)
    if (child === undefined) continue
    const first = links.get(child)
    if (first === undefined) copyOne(from, child, to, { dir, name }, now, links)
    else to.link(dir, name, first, now)
  }
}

/** Copies one node with all that is in it; returns the copy. */
export function copyOne(
  from: FileSystem,
  ino: number,
  to: TreeFs,
  place: { dir: number; name: string },
  now: number,
  links = new Map<number, number>(),
): number {
  const { type, mode, uid, gid, rdev, size, nlink }: Stat = from.stat(ino)
  const made = to.create(place.dir, place.name, {
    type,
    mode,
    uid,
    gid,
    now,
    ...(type === 'symlink' && { target: from.readlink(ino) }),
    ...(rdev && { rdev }),
  })
  if (type === 'dir') copyAll(from, ino, to, made, now, links)
  else if (nlink > 1) links.set(ino, made)
  if (type === 'file') for (let at = 0; at < size; at += 1 << 20) to.write(made, at, from.read(ino, at, 1 << 20), now)
  return made
}
