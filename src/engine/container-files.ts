/** The files of one container: its overlay with everything that is mounted over it. */
import { existsSync, mkdirSync } from 'node:fs'
import type { EndpointSettings } from '../api/network.ts'
import { filesFolder } from '../container/containers.ts'
import type { ContainerRecord, MountRecord } from '../container/record.ts'
import type { ContentStore } from '../content/content-store.ts'
import { invalid } from '../errors.ts'
import { readLayerIndex } from '../image/layer-tars.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { procFs } from '../kernel/procfs.ts'
import { cgroupFs, sysFs } from '../kernel/sysfs.ts'
import { initLayer } from '../layer/init-layer.ts'
import { Layer } from '../layer/layer.ts'
import { OverlayFs } from '../layer/overlay.ts'
import { hostsFile, ownHostsLine, resolvConf } from '../runtime/etc-files.ts'
import { mountBase } from '../runtime/root-mounts.ts'
import type { StoreReader, Transaction } from '../store/types.ts'
import { isErrno } from '../vfs/errno.ts'
import type { FileSystem } from '../vfs/filesystem.ts'
import { HostDir } from '../vfs/host-dir.ts'
import { RootFs } from '../vfs/rootfs.ts'
import { TreeFs } from '../vfs/tree-fs.ts'
import { layersOfContainer } from './image/for-container.ts'
import type { Live } from './live.ts'
import { linkedHosts } from './network/links.ts'
import { copyTree } from './volume/populate.ts'
import { readVolume, saveVolume, volumeFolder } from './volume/volumes.ts'

export interface FilesContext {
  content: ContentStore
  volumes: Volumes
  /** Layers in memory, by diffID. */
  layers: Map<string, Layer>
}

/** Volumes in memory: containers that mount the same one share it. */
export class Volumes {
  readonly #open = new Map<string, TreeFs>()

  open(reader: StoreReader, name: string): TreeFs {
    const known = this.#open.get(name)
    if (known) return known
    const fs = TreeFs.load(reader, `${volumeFolder(name)}/tree`, { type: 'ext4' }) ?? new TreeFs({ type: 'ext4' })
    this.#open.set(name, fs)
    return fs
  }

  save(tx: Transaction): void {
    for (const [name, fs] of this.#open)
      if (fs.changed && readVolume(tx, name)) fs.save(tx, `${volumeFolder(name)}/tree`)
  }
}

const etcNames = ['hostname', 'hosts', 'resolv.conf'] as const
type EtcTexts = Record<(typeof etcNames)[number], string>

export class ContainerFiles {
  readonly overlay: OverlayFs
  readonly rootfs: RootFs
  readonly #id: string
  readonly #context: FilesContext
  readonly #etc: TreeFs
  readonly #shm: TreeFs
  readonly #now: () => number
  /** tmpfs mounts by destination. */
  readonly #temporary = new Map<string, TreeFs>()
  /** Whether what is in tmpfs and the /etc files has been stored. */
  #stored: boolean
  #mounted = false

  constructor(reader: StoreReader, record: ContainerRecord, kernel: Kernel, context: FilesContext) {
    this.#id = record.id
    this.#context = context
    const image = layersOfContainer(reader, record.image)
      .map(diffID => layerOf(reader, diffID, context))
      .reverse()
    const layers = [initLayer(record.created, image), ...image]
    this.overlay = OverlayFs.load(layers, reader, this.#prefix('upper')) ?? OverlayFs.create(layers, record.created)
    this.#now = () => kernel.time
    this.rootfs = new RootFs(this.overlay, this.#now, {
      readonly: record.hostConfig.ReadonlyRootfs,
      flags: ['relatime'],
      source: 'overlay',
    })
    this.#etc =
      TreeFs.load(reader, this.#prefix('etc'), { type: 'ext4' }) ??
      new TreeFs({ type: 'ext4', root: { now: record.created } })
    this.#shm = this.#temporaryFs(reader, record, '/dev/shm', { bytes: record.hostConfig.ShmSize }, 0o1777)
    this.#stored = TreeFs.exists(reader, this.#prefix('etc'))
    if (this.#stored) this.#mount(reader, record, kernel)
  }

  #prefix(name: string): string {
    return `${filesFolder(this.#id)}/${name}`
  }

  #temporaryFs(
    reader: StoreReader,
    record: ContainerRecord,
    destination: string,
    limits: { bytes?: number },
    mode: number,
  ): TreeFs {
    const options = { type: 'tmpfs', root: { mode, now: record.created }, limits }
    const fs =
      TreeFs.load(reader, this.#prefix(`tmpfs${destination.replaceAll('/', '~')}`), options) ?? new TreeFs(options)
    this.#temporary.set(destination, fs)
    return fs
  }

  /** Mounts everything; the mount points must be there. */
  #mount(reader: StoreReader, record: ContainerRecord, kernel: Kernel): void {
    this.#mounted = true
    const { hostConfig, config } = record
    mountBase(this.rootfs, {
      proc: procFs(kernel, record.id),
      sys: sysFs(kernel, record.id),
      cgroup: cgroupFs(kernel, record.id),
      shm: this.#shm,
      shmBytes: hostConfig.ShmSize,
      now: record.created,
      terminal: config.Tty,
      privileged: hostConfig.Privileged,
    })
    this.#mountNamed(this.rootfs, reader, record, record.mounts)
  }

  /** The generated /etc files and these mounts of the container's. */
  #mountNamed(rootfs: RootFs, reader: StoreReader, record: ContainerRecord, mounts: readonly MountRecord[]): void {
    for (const name of etcNames) {
      const ino = this.#etc.lookup(this.#etc.root, name)
      if (ino !== undefined)
        rootfs.mount(`/etc/${name}`, this.#etc, { root: ino, source: '/dev/vda1', flags: ['relatime'] })
    }
    for (const mount of byDepth(mounts)) {
      const { fs, root, source } = this.#source(reader, record, mount)
      rootfs.mount(mount.Destination, fs, {
        readonly: !mount.RW,
        source,
        flags: mount.Type === 'tmpfs' ? ['nosuid', 'nodev', 'noexec', 'relatime'] : ['relatime'],
        ...(root !== undefined && { root }),
      })
    }
  }

  /**
   * The files as the daemon sees them for `cp`: the root file system, volumes and binds, but nothing of the kernel's
   * and no tmpfs, which are in the container's own mount namespace (moby daemon/containerfs_linux.go).
   */
  fromOutside(reader: StoreReader, record: ContainerRecord): RootFs {
    const rootfs = new RootFs(this.overlay, this.#now, { readonly: record.hostConfig.ReadonlyRootfs })
    const writable = new RootFs(this.overlay, this.#now)
    const mounts = record.mounts.filter(mount => mount.Type !== 'tmpfs')
    for (const mount of byDepth(mounts)) {
      if (mount.Type === 'bind') bindSource(mount)
      makeMountPoint(writable, mount)
    }
    this.#mountNamed(rootfs, reader, record, mounts)
    return rootfs
  }

  /** The file system behind a mount point. */
  #source(
    reader: StoreReader,
    record: ContainerRecord,
    mount: MountRecord,
  ): { fs: FileSystem; root?: number; source: string } {
    switch (mount.Type) {
      case 'bind':
        return { fs: new HostDir(mount.Source, { readonly: !mount.RW }), source: '/dev/vda1' }
      case 'volume': {
        const fs = this.#context.volumes.open(reader, mount.Name ?? '')
        return { fs, source: '/dev/vda1', ...below(fs, mount.subpath) }
      }
      case 'image': {
        const layers = layersOfContainer(reader, mount.image ?? '')
          .map(diffID => layerOf(reader, diffID, this.#context))
          .reverse()
        const fs = OverlayFs.create(layers, record.created)
        return { fs, source: 'overlay', ...below(fs, mount.subpath) }
      }
      default: {
        const known = this.#temporary.get(mount.Destination)
        const fs =
          known ??
          this.#temporaryFs(
            reader,
            record,
            mount.Destination,
            { ...sizeOption(mount.options ?? '') },
            this.#tmpfsMode(mount),
          )
        return { fs, source: 'tmpfs' }
      }
    }
  }

  /** The mode asked for, or that of the directory it covers, or 1777 (behaviours.md 24). */
  #tmpfsMode(mount: MountRecord): number {
    const given = /(?:^|,)mode=([0-7]+)/.exec(mount.options ?? '')
    if (given) return Number.parseInt(given[1] ?? '', 8)
    try {
      const stat = this.rootfs.stat(mount.Destination)
      return mount.made ? 0o1777 : stat.mode
    } catch {
      return 0o1777
    }
  }

  /** Before a start: mount points and the working directory made, volumes filled, /etc files written anew. */
  prepare(live: Live, record: ContainerRecord): void {
    const { rootfs } = this
    for (const mount of [...rootfs.mounts()].slice(1).reverse()) rootfs.unmount(mount.path)
    this.#mounted = false
    for (const fs of this.#temporary.values())
      for (const { name } of fs.readdir(fs.root)) removeIn(fs, fs.root, name, live.time)
    this.#temporary.clear()
    this.#temporary.set('/dev/shm', this.#shm)
    this.#writeEtc(live, record)
    this.#stored = true
    const writable = record.hostConfig.ReadonlyRootfs ? new RootFs(this.overlay, () => live.time) : rootfs
    if (record.config.WorkingDir) makeFolder(writable, record.config.WorkingDir)
    if (record.hostConfig.Init) this.#addInit(writable)
    for (const mount of byDepth(record.mounts)) {
      if (mount.Type === 'bind') bindSource(mount)
      if (mount.Type === 'tmpfs') mount.made = !writable.exists(mount.Destination)
      if (mount.Type === 'volume') this.#fillVolume(live, mount, writable)
      makeMountPoint(writable, mount)
    }
    this.#mount(live.tx, record, live.worlds.kernel)
  }

  /** `--init` binds docker-init into the container. */
  #addInit(rootfs: RootFs): void {
    if (rootfs.exists('/sbin/docker-init')) return
    rootfs.mkdirAll('/sbin')
    rootfs.writeFile(
      '/sbin/docker-init',
      Buffer.from('\x7fELFminidock-program: docker-init version=0.19.0\n', 'latin1'),
      { mode: 0o755 },
    )
  }

  /** An empty volume is filled with what the image has at its place, the first time it is mounted. */
  #fillVolume(live: Live, mount: MountRecord, rootfs: RootFs): void {
    const volume = readVolume(live.tx, mount.Name ?? '')
    if (!volume || volume.used) return
    const fs = this.#context.volumes.open(live.tx, volume.name)
    if (!mount.noCopy && fs.readdir(fs.root).length === 0) copyTree(rootfs, mount.Destination, fs, live.time)
    saveVolume(live, { ...volume, used: true })
  }

  /** The generated files as they are to be now. */
  #writeEtc(live: Live, record: ContainerRecord): void {
    const { config, hostConfig } = record
    const donor = hostConfig.NetworkMode.startsWith('container:')
      ? live.record(hostConfig.NetworkMode.slice('container:'.length))
      : undefined
    const shared = donor && sharedEtc(live, donor)
    const endpoints = Object.entries(record.networks)
    const texts: EtcTexts = {
      hostname: `${config.Hostname}\n`,
      hosts: hostsFile({
        hostname: config.Hostname,
        domainname: config.Domainname,
        addresses: endpoints
          .flatMap(([, end]) => [end.IPAddress, end.GlobalIPv6Address])
          .filter(address => address !== ''),
        extra: [...extraHosts(hostConfig.ExtraHosts ?? []), ...linkedHosts(live, record)],
      }),
      'resolv.conf': resolvConf({
        embedded: endpoints.some(([name]) => !['bridge', 'host', 'none'].includes(name)),
        dns: hostConfig.Dns,
        search: hostConfig.DnsSearch,
        options: hostConfig.DnsOptions,
      }),
    }
    const now = live.time
    for (const name of etcNames) {
      const known = this.#etc.lookup(this.#etc.root, name)
      const ino = known ?? this.#etc.create(this.#etc.root, name, { type: 'file', mode: 0o644, uid: 0, gid: 0, now })
      if (known !== undefined) this.#etc.truncate(ino, 0, now)
      this.#etc.write(ino, 0, Buffer.from(shared?.[name] ?? texts[name]), now)
    }
  }

  /** A network was connected: its address is the container's name too, and the embedded DNS answers. */
  addHosts(record: ContainerRecord, endpoint: EndpointSettings, now: number): void {
    const addresses = [endpoint.IPAddress, endpoint.GlobalIPv6Address].filter(address => address !== '')
    const own = { hostname: record.config.Hostname, domainname: record.config.Domainname }
    this.#editEtc('hosts', now, text => text + addresses.map(each => `${ownHostsLine(own, each)}\n`).join(''))
    if (endpoint.DNSNames === null) return
    const { Dns: dns, DnsSearch: search, DnsOptions: options } = record.hostConfig
    const legacy = resolvConf({ embedded: false, dns, search, options })
    this.#editEtc('resolv.conf', now, text =>
      text === legacy ? resolvConf({ embedded: true, dns, search, options }) : text,
    )
  }

  /** A network is gone, and so are the lines with its addresses. */
  removeHosts(endpoint: EndpointSettings, now: number): void {
    const gone = [endpoint.IPAddress, endpoint.GlobalIPv6Address].filter(address => address !== '')
    this.#editEtc('hosts', now, text =>
      text
        .split('\n')
        .filter(line => !gone.includes(line.split(/\s/)[0] ?? ''))
        .join('\n'),
    )
  }

  #editEtc(name: (typeof etcNames)[number], now: number, edit: (text: string) => string): void {
    const ino = this.#etc.lookup(this.#etc.root, name)
    if (ino === undefined) return
    const before = Buffer.from(this.#etc.read(ino, 0, this.#etc.stat(ino).size)).toString()
    const after = edit(before)
    if (after === before) return
    this.#etc.truncate(ino, 0, now)
    this.#etc.write(ino, 0, Buffer.from(after), now)
  }

  /** After the main process has ended: tmpfs is gone. */
  stopped(): void {
    for (const fs of this.#temporary.values())
      for (const { name } of fs.readdir(fs.root)) removeIn(fs, fs.root, name, 0)
  }

  /** Stores what changed; the record gets the sizes. */
  save(tx: Transaction, record: ContainerRecord): void {
    if (this.overlay.changed) {
      this.overlay.save(tx, this.#prefix('upper'))
      record.sizeRw = this.overlay.sizeRw()
      record.sizeRootFs = this.overlay.sizeRootFs()
    }
    if (this.#stored && this.#etc.changed) this.#etc.save(tx, this.#prefix('etc'))
    for (const [destination, fs] of this.#temporary) {
      const prefix = this.#prefix(`tmpfs${destination.replaceAll('/', '~')}`)
      if (fs.changed && (fs.readdir(fs.root).length > 0 || TreeFs.exists(tx, prefix))) fs.save(tx, prefix)
    }
  }

  /** Whether the mounts of a start are in place. */
  get mounted(): boolean {
    return this.#mounted
  }
}

/** The files of the container whose network namespace another one shares. */
function sharedEtc(live: Live, donor: ContainerRecord): Partial<EtcTexts> {
  const etc = TreeFs.load(live.tx, `${filesFolder(donor.id)}/etc`, { type: 'ext4' })
  if (!etc) return {}
  return Object.fromEntries(
    etcNames.flatMap(name => {
      const ino = etc.lookup(etc.root, name)
      return ino === undefined ? [] : [[name, Buffer.from(etc.read(ino, 0, etc.stat(ino).size)).toString()]]
    }),
  )
}

function layerOf(reader: StoreReader, diffID: string, context: FilesContext): Layer {
  const known = context.layers.get(diffID)
  if (known) return known
  const layer = new Layer(readLayerIndex(reader, diffID), context.content)
  context.layers.set(diffID, layer)
  return layer
}

const byDepth = (mounts: readonly MountRecord[]): MountRecord[] =>
  [...mounts].sort((a, b) => a.Destination.split('/').length - b.Destination.split('/').length)

function sizeOption(options: string): { bytes?: number } {
  const match = /(?:^|,)size=(\d+)([kmgKMG%]?)/.exec(options)
  if (!match) return {}
  const unit = { k: 1024, m: 1024 ** 2, g: 1024 ** 3 }[(match[2] ?? '').toLowerCase()] ?? 1
  return { bytes: Number(match[1]) * unit }
}

/** The inode of a path below a file system's root, for subpath mounts. */
function below(fs: FileSystem, subpath: string | undefined): { root?: number } {
  if (!subpath) return {}
  let ino = fs.root
  for (const name of subpath.split('/').filter(part => part !== '' && part !== '.')) {
    const next = name === '..' ? undefined : fs.lookup(ino, name)
    if (next === undefined) throw invalid(`cannot access path ${subpath}: no such file or directory`)
    ino = next
  }
  return { root: ino }
}

/** The folder of a `-v` bind is made when nothing is there, as the daemon does. */
function bindSource(mount: MountRecord): void {
  if (!mount.createSource || existsSync(mount.Source)) return
  try {
    mkdirSync(mount.Source, { recursive: true })
  } catch (error) {
    throw invalid(
      `error while creating mount source path '${mount.Source}': ${error instanceof Error ? error.message : String(error)}`,
    )
  }
}

function makeMountPoint(rootfs: RootFs, mount: MountRecord): void {
  if (rootfs.exists(mount.Destination)) return
  if (mount.Type === 'bind' && isHostFile(mount.Source)) {
    rootfs.mkdirAll(mount.Destination.slice(0, mount.Destination.lastIndexOf('/')) || '/')
    rootfs.writeFile(mount.Destination, new Uint8Array(0), { mode: 0o755 })
    return
  }
  makeFolder(rootfs, mount.Destination)
}

function isHostFile(path: string): boolean {
  const fs = new HostDir(path, { readonly: true })
  return fs.stat(fs.root).type !== 'dir'
}

function makeFolder(rootfs: RootFs, path: string): void {
  try {
    rootfs.mkdirAll(path)
  } catch (error) {
    if (isErrno(error)) throw invalid(`mkdir ${path}: ${error.message.toLowerCase()}`)
    throw error
  }
}

/** `name:address`, where `host-gateway` is the bridge's own address. */
function extraHosts(specs: readonly string[]): { name: string; address: string }[] {
  return specs.map(spec => {
    const colon = spec.indexOf(':')
    const address = spec.slice(colon + 1).replace(/^\[(.*)\]$/, '$1')
    return { name: spec.slice(0, colon), address: address === 'host-gateway' ? '172.17.0.1' : address }
  })
}

function removeIn(fs: TreeFs, dir: number, name: string, now: number): void {
  const ino = fs.lookup(dir, name)
  if (ino === undefined) return
  if (fs.stat(ino).type !== 'dir') return fs.unlink(dir, name, now)
  for (const entry of fs.readdir(ino)) removeIn(fs, ino, entry.name, now)
  fs.rmdir(dir, name, now)
}
