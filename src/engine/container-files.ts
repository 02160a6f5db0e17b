import type { EndpointSettings } from '../api/network.ts'
import { filesFolder } from '../container/containers.ts'
import type { ContainerRecord, MountRecord } from '../container/record.ts'
import type { ContentStore } from '../content/content-store.ts'
import { EngineError, systemError } from '../errors.ts'
import { readLayerIndex } from '../image/layer-tars.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { machineFacts } from '../kernel/machine-facts.ts'
import { procFs } from '../kernel/procfs.ts'
import type { MountRequest } from '../kernel/program.ts'
import { cgroupFs, sysFs } from '../kernel/sysfs.ts'
import { initLayer } from '../layer/init-layer.ts'
import { Layer } from '../layer/layer.ts'
import { OverlayFs } from '../layer/overlay.ts'
import { hostsFile, ownHostsLine, resolvConf } from '../runtime/etc-files.ts'
import { addDevice, mountBase } from '../runtime/root-mounts.ts'
import type { StoreReader, Transaction } from '../store/types.ts'
import { Errno, isErrno } from '../vfs/errno.ts'
import type { FileSystem } from '../vfs/filesystem.ts'
import { RootFs } from '../vfs/rootfs.ts'
import { TreeFs } from '../vfs/tree-fs.ts'
import type { BindPolicy } from '../volume/bind-policy.ts'
import { sourceOf } from '../volume/local-driver.ts'
import { volumeMountpoint } from '../volume/record.ts'
import type { TmpfsOptions } from '../volume/tmpfs-options.ts'
import { layersOfContainer } from './image/for-container.ts'
import type { Live } from './live.ts'
import {
  addedDevices,
  isFile,
  makeMountPoint,
  makeWorkingDirectory,
  mergedDir,
  onTopOfRoot,
  tmpfsOptions,
} from './mount-points.ts'
import type { SharedMemory } from './namespaces.ts'
import { linkedHosts } from './network/links.ts'
import { bindSource, deviceSource, type MountSource, mountMismatch } from './volume/mount-source.ts'
import { copyTree } from './volume/populate.ts'
import { inodeBelow } from './volume/subpath.ts'
import { isMountedByOthers, readVolume, volumeFolder } from './volume/volumes.ts'

export interface FilesContext {
  content: ContentStore
  volumes: Volumes
  binds: BindPolicy
  /** Layers in memory, by diffID. */
  layers: Map<string, Layer>
}

const limitsOf = ({ bytes, files }: TmpfsOptions): { bytes?: number; files?: number } => ({
  ...(bytes !== undefined && { bytes }),
  ...(files !== undefined && { files }),
})

/** Volumes in memory: containers that mount the same one share it. */
export class Volumes {
  readonly #open = new Map<string, { fs: TreeFs; flags: readonly string[] }>()

  /** Its files, and the flags with which a tmpfs is mounted. */
  open(reader: StoreReader, name: string): { fs: TreeFs; flags: readonly string[] } {
    const known = this.#open.get(name)
    if (known) return known
    const volume = readVolume(reader, name)
    const source = sourceOf(volume?.options ?? null)
    // A volume's tmpfs is mounted by the daemon, which takes no rights away.
    const options =
      source.kind === 'tmpfs' ? tmpfsOptions(source.options, volumeMountpoint(name), { safe: false }) : undefined
    const now = volume?.created ?? 0
    const made = options
      ? {
          type: 'tmpfs',
          root: { mode: options.mode ?? 0o1777, uid: options.uid, gid: options.gid, now },
          limits: limitsOf(options),
        }
      : { type: 'ext4', root: { now } }
    const fs = TreeFs.load(reader, `${volumeFolder(name)}/tree`, made) ?? new TreeFs(made)
    const opened = { fs, flags: options?.flags ?? [] }
    this.#open.set(name, opened)
    return opened
  }

  save(tx: Transaction): void {
    for (const [name, { fs }] of this.#open)
      if (fs.changed && readVolume(tx, name)) fs.save(tx, `${volumeFolder(name)}/tree`)
  }
}

const shmPath = '/dev/shm'
const etcNames = ['hostname', 'hosts', 'resolv.conf'] as const
type EtcTexts = Record<(typeof etcNames)[number], string>

export class ContainerFiles {
  readonly overlay: OverlayFs
  readonly rootfs: RootFs
  readonly #id: string
  readonly #context: FilesContext
  readonly #etc: TreeFs
  readonly sharedMemory: SharedMemory
  readonly #now: () => number
  /** tmpfs mounts by destination. */
  readonly #temporary = new Map<string, TreeFs>()
  /** Whether what is in tmpfs and the /etc files has been stored. */
  #stored: boolean
  #mounted = false
  readonly #kernel: Kernel
  readonly #reader: StoreReader
  /** What its processes have mounted. */
  #own: MountRequest[] = []
  #ownChanged = false

  /** `shared` is the /dev/shm of an IPC namespace that is another's. */
  constructor(
    reader: StoreReader,
    record: ContainerRecord,
    kernel: Kernel,
    context: FilesContext,
    shared: SharedMemory | undefined,
  ) {
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
    this.sharedMemory = shared ?? {
      fs: this.#temporaryFs(reader, record, shmPath, { bytes: record.hostConfig.ShmSize }, 0o1777),
      bytes: record.hostConfig.ShmSize,
      prefix: this.#temporaryPrefix(shmPath),
      owner: record.id,
    }
    this.#stored = TreeFs.exists(reader, this.#prefix('etc'))
    this.#kernel = kernel
    this.#reader = reader
    if (this.#stored) {
      this.#mount(reader, record, kernel)
      this.#own = reader.read<MountRequest[]>(this.#prefix('mounts.json')) ?? []
      for (const request of [...this.#own]) this.#again(request)
    }
  }

  #prefix(name: string): string {
    return `${filesFolder(this.#id)}/${name}`
  }

  /** A mount of the container's own, after its processes were loaded; one that no longer fits is left out. */
  #again(request: MountRequest): void {
    try {
      if (request.source === 'umount' && request.kind === 'remount') this.rootfs.unmount(request.target)
      else this.#mountOwn(request, false)
    } catch (error) {
      if (!isErrno(error)) throw error
    }
  }

  #temporaryPrefix(destination: string): string {
    return this.#prefix(`tmpfs${destination.replaceAll('/', '~')}`)
  }

  #temporaryFs(
    reader: StoreReader,
    record: Pick<ContainerRecord, 'created'>,
    destination: string,
    limits: { bytes?: number; files?: number },
    mode: number,
    owner: { uid: number; gid: number } = { uid: 0, gid: 0 },
  ): TreeFs {
    const { uid, gid } = owner
    const options = { type: 'tmpfs', root: { mode, uid, gid, now: record.created }, limits }
    const fs = TreeFs.load(reader, this.#temporaryPrefix(destination), options) ?? new TreeFs(options)
    this.#temporary.set(destination, fs)
    return fs
  }

  /** Mounts everything. Without `writable` the mount points must be there. */
  #mount(reader: StoreReader, record: ContainerRecord, kernel: Kernel, writable?: RootFs): void {
    this.#mounted = true
    const { hostConfig, config } = record
    const added = addedDevices(hostConfig)
    mountBase(this.rootfs, {
      proc: procFs(kernel, record.id),
      sys: sysFs(kernel, record.id),
      cgroup: cgroupFs(kernel, record.id),
      ...(hostConfig.IpcMode !== 'none' && { shm: this.sharedMemory }),
      now: record.created,
      terminal: config.Tty,
      privileged: hostConfig.Privileged,
      devices: added.filter(({ path }) => path.startsWith('/dev/')),
    })
    // Those elsewhere are files of the container's own, which are there from the first start on.
    if (writable)
      for (const device of added) if (!device.path.startsWith('/dev/')) addDevice(writable, device, kernel.time)
    this.#mountNamed(this.rootfs, reader, record, record.mounts, writable)
  }

  /**
   * The generated /etc files and these mounts of the container's, the outer ones first. With `writable` (the same
   * tree, whatever `--read-only` says) mount points are made where there are none.
   */
  #mountNamed(
    rootfs: RootFs,
    reader: StoreReader,
    record: ContainerRecord,
    mounts: readonly MountRecord[],
    writable?: RootFs,
  ): void {
    for (const mount of byDepth([...this.#etcMounts(mounts), ...mounts])) {
      const { fs, root, source, flags, readonly } = this.#sourceOrEmpty(reader, record, mount, writable === undefined)
      const shown = mount.Type === 'tmpfs' ? 'tmpfs' : mount.Source
      const options = { readonly, source, flags, ...(root !== undefined && { root }) }
      try {
        if (writable) makeMountPoint(writable, mount, shown, record.graphId, fs.stat(root ?? fs.root).type === 'dir')
        rootfs.mount(mount.Destination, fs, options)
        if (writable && writable !== rootfs) writable.mount(mount.Destination, fs, options)
      } catch (error) {
        if (!isErrno(error)) throw error
        // What does not fit any more, because the host changed, is not there for the processes that go on.
        if (writable) throw mountMismatch(shown, mount.Destination)
      }
    }
  }

  /** Mounts of the generated files, but those that the user's own cover. */
  #etcMounts(mounts: readonly MountRecord[]): MountRecord[] {
    return etcNames.flatMap(name => {
      const Destination = `/etc/${name}`
      if (this.#etc.lookup(this.#etc.root, name) === undefined) return []
      if (mounts.some(mount => mount.Destination === Destination)) return []
      return [{ Type: 'etc', Source: name, Destination, Mode: '', RW: true, Propagation: '' }]
    })
  }

  /**
   * The files as the daemon sees them for `cp`: the root file system, volumes and binds, but nothing of the kernel's
   * and no tmpfs, which are in the container's own mount namespace (moby daemon/containerfs_linux.go).
   */
  fromOutside(reader: StoreReader, record: ContainerRecord): RootFs {
    const rootfs = new RootFs(this.overlay, this.#now, { readonly: record.hostConfig.ReadonlyRootfs })
    const writable = new RootFs(this.overlay, this.#now)
    const mounts = record.mounts.filter(mount => mount.Type !== 'tmpfs')
    this.#mountNamed(rootfs, reader, record, mounts, writable)
    return rootfs
  }

  /** The file system behind a mount point; an empty one, when it is `lenient`, for what the host has lost. */
  #sourceOrEmpty(reader: StoreReader, record: ContainerRecord, mount: MountRecord, lenient: boolean): MountSource {
    try {
      return this.#source(reader, record, mount)
    } catch (error) {
      if (!lenient || !(error instanceof EngineError)) throw error
      return { fs: new TreeFs({ type: 'ext4' }), source: '/dev/vda1', flags: ['relatime'], readonly: true }
    }
  }

  #source(reader: StoreReader, record: ContainerRecord, mount: MountRecord): MountSource {
    const { binds } = this.#context
    const plain = { source: '/dev/vda1', flags: ['relatime'], readonly: !mount.RW }
    switch (mount.Type) {
      case 'etc':
        return { ...plain, fs: this.#etc, root: this.#etc.lookup(this.#etc.root, mount.Source) ?? this.#etc.root }
      case 'bind':
        return bindSource(binds, mount)
      case 'volume': {
        const name = mount.Name ?? ''
        const behind = sourceOf(readVolume(reader, name)?.options ?? null)
        if (behind.kind === 'bind' || behind.kind === 'other') {
          const device = deviceSource(binds, name, behind)
          return { ...plain, ...device, readonly: device.readonly || !mount.RW }
        }
        const { fs, flags } = this.#context.volumes.open(reader, name)
        const root = mount.subpath ? inodeBelow(fs, volumeMountpoint(name), mount.subpath) : fs.root
        return { ...plain, fs, root, ...(behind.kind === 'tmpfs' && { source: 'tmpfs', flags }) }
      }
      case 'image': {
        const layers = layersOfContainer(reader, mount.image ?? '')
          .map(diffID => layerOf(reader, diffID, this.#context))
          .reverse()
        const fs = OverlayFs.create(layers, record.created)
        const base = `/var/lib/docker/overlay2/${record.graphId}/merged`
        const root = mount.subpath ? inodeBelow(fs, base, mount.subpath) : fs.root
        return { ...plain, fs, root, source: 'overlay', readonly: true }
      }
      default: {
        const options = tmpfsOptions(mount.options ?? '', mount.Destination)
        const fs =
          this.#temporary.get(mount.Destination) ??
          this.#temporaryFs(
            reader,
            record,
            mount.Destination,
            limitsOf(options),
            options.mode ?? this.#coveredMode(mount),
            options,
          )
        return { fs, source: 'tmpfs', flags: options.flags, readonly: !mount.RW }
      }
    }
  }

  /** The mode of the directory that a tmpfs covers, or 1777 (behaviours.md 24). */
  #coveredMode(mount: MountRecord): number {
    try {
      const stat = this.rootfs.stat(mount.Destination)
      return mount.made ? 0o1777 : stat.mode
    } catch {
      return 0o1777
    }
  }

  /**
   * What the daemon does in the files of a new container (moby daemon/create_unix.go): the working directory is made,
   * and volumes that are empty are filled with what the image has at their place.
   */
  furnish(live: Live, record: ContainerRecord): void {
    const files = new RootFs(this.overlay, this.#now)
    makeWorkingDirectory(files, record)
    for (const mount of record.mounts)
      if (mount.anonymous && record.config.Volumes?.[mount.Destination] && isFile(files, mount.Destination))
        throw systemError(
          `cannot mount volume over existing file, file exists ${mergedDir(record)}${mount.Destination}`,
        )
    for (const mount of record.mounts) if (mount.Type === 'volume') this.#fillVolume(live, record, mount, files)
  }

  /** Before a start: mount points and the working directory made, /etc files written anew. */
  prepare(live: Live, record: ContainerRecord): void {
    const { rootfs } = this
    for (const mount of [...rootfs.mounts()].slice(1).reverse()) rootfs.unmount(mount.path)
    this.#mounted = false
    for (const fs of this.#temporary.values()) empty(fs, live.time)
    const own = this.#temporary.get(shmPath)
    this.#temporary.clear()
    if (this.#own.length > 0) this.#ownChanged = true
    this.#own = []
    if (own) this.#temporary.set(shmPath, own)
    this.#writeEtc(live, record)
    this.#stored = true
    const writable = record.hostConfig.ReadonlyRootfs ? new RootFs(this.overlay, () => live.time) : rootfs
    makeWorkingDirectory(writable, record)
    if (record.hostConfig.Init) this.#addInit(writable)
    for (const mount of record.mounts) {
      if (mount.Destination === '/') throw onTopOfRoot(mount.Source, record.graphId)
      if (mount.Type === 'tmpfs') mount.made = !writable.exists(mount.Destination)
      if (mount.Type === 'volume') this.#freshMemory(live, record, mount)
    }
    this.#mount(live.tx, record, live.worlds.kernel, writable)
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

  /** A volume in memory is empty when nobody else has it mounted. */
  #freshMemory(live: Live, record: ContainerRecord, mount: MountRecord): void {
    const volume = readVolume(live.tx, mount.Name ?? '')
    if (!volume || sourceOf(volume.options).kind !== 'tmpfs' || isMountedByOthers(live.tx, volume.name, record.id))
      return
    empty(this.#context.volumes.open(live.tx, volume.name).fs, live.time)
  }

  #fillVolume(live: Live, record: ContainerRecord, mount: MountRecord, rootfs: RootFs): void {
    const volume = readVolume(live.tx, mount.Name ?? '')
    if (!volume || mount.noCopy || sourceOf(volume.options).kind !== 'files') return
    const { fs } = this.#context.volumes.open(live.tx, volume.name)
    if (fs.readdir(fs.root).length > 0) return
    if (isFile(rootfs, mount.Destination))
      throw systemError(`source ${mergedDir(record)}${mount.Destination} is not directory`)
    copyTree(rootfs, mount.Destination, fs, live.time)
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
        host: hostConfig.NetworkMode === 'host',
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

  /** After the main process has ended: tmpfs is gone, but memory that others have a share in. */
  stopped(shared: boolean): void {
    for (const fs of this.#temporary.values()) if (!shared || fs !== this.sharedMemory.fs) empty(fs, 0)
  }

  /** Bytes in its tmpfs mounts, which are memory. */
  memoryBytes(): number {
    let sum = 0
    for (const fs of this.#temporary.values()) sum += fs.usedBytes
    return sum
  }

  /** What processes of the container mount themselves. */
  get mounter(): { mount(request: MountRequest): void; umount(target: string): void } {
    return { mount: request => this.#mountOwn(request, true), umount: target => this.#umountOwn(target) }
  }

  /** mount(2) in the container's mount namespace; `fresh` ones are remembered for the next command. */
  #mountOwn(request: MountRequest, fresh: boolean): void {
    const { kind, target, type, options } = request
    const words = options.split(',').filter(Boolean)
    const readonly = words.includes('ro')
    const { rootfs } = this
    if (kind === 'remount') {
      const mount = rootfs.mounts().findLast(each => each.path === target)
      if (!mount) throw new Errno('EINVAL')
      if (readonly || words.includes('rw')) rootfs.setReadonly(mount, readonly)
    } else if (kind === 'bind') {
      const place = rootfs.walk(request.source)
      const { source, flags } = place.mount
      rootfs.mount(target, place.mount.fs, { root: place.ino, source, flags, readonly })
    } else {
      const source = request.source || type
      if (!rootfs.exists(target)) throw new Errno('ENOENT')
      const fs = this.#newFs(type, options, `${target}#${this.#own.length}`)
      rootfs.mount(target, fs.fs, { source, flags: fs.flags, readonly })
    }
    if (fresh) {
      this.#own.push(request)
      this.#ownChanged = true
    }
  }

  #newFs(type: string, options: string, key: string): { fs: FileSystem; flags: string[] } {
    if (type === 'proc') return { fs: procFs(this.#kernel, this.#id), flags: ['relatime'] }
    if (type === 'sysfs') return { fs: sysFs(this.#kernel, this.#id), flags: ['relatime'] }
    if (type !== 'tmpfs' && type !== 'ramfs') throw new Errno('ENODEV')
    const size = /(?:^|,)size=(\d+)([kmg]?)/i.exec(options)
    const bytes = size
      ? Number(size[1]) * 1024 ** ['', 'k', 'm', 'g'].indexOf((size[2] ?? '').toLowerCase())
      : machineFacts.memory / 2
    const mode = Number.parseInt(/(?:^|,)mode=([0-7]+)/.exec(options)?.[1] ?? '1777', 8)
    const fs = this.#temporaryFs(this.#reader, { created: this.#now() }, key, { bytes }, mode)
    return { fs, flags: ['relatime', ...(size ? [`size=${Math.ceil(bytes / 1024)}k`] : [])] }
  }

  #umountOwn(target: string): void {
    this.rootfs.unmount(target)
    const at = this.#own.findLastIndex(each => each.target === target && each.kind !== 'remount')
    // What the runtime mounted stays away until the next start.
    if (at >= 0) this.#own.splice(at, 1)
    else this.#own.push({ kind: 'remount', source: 'umount', target, type: '', options: '' })
    this.#ownChanged = true
  }

  /** Stores what changed; the record gets the sizes. */
  save(tx: Transaction, record: ContainerRecord): void {
    if (this.overlay.changed) {
      this.overlay.save(tx, this.#prefix('upper'))
      record.sizeRw = this.overlay.sizeRw()
      record.sizeRootFs = this.overlay.sizeRootFs()
    }
    if (this.#stored && this.#etc.changed) this.#etc.save(tx, this.#prefix('etc'))
    if (this.#ownChanged) tx.put(this.#prefix('mounts.json'), this.#own)
    for (const [destination, fs] of this.#temporary) {
      saveTemporary(tx, fs, this.#temporaryPrefix(destination))
    }
  }

  /** Whether the mounts of a start are in place. */
  get mounted(): boolean {
    return this.#mounted
  }
}

/** Stores what a tmpfs holds; one that was always empty is not kept. */
export function saveTemporary(tx: Transaction, fs: TreeFs, prefix: string): void {
  if (fs.changed && (fs.readdir(fs.root).length > 0 || TreeFs.exists(tx, prefix))) fs.save(tx, prefix)
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

function empty(fs: TreeFs, now: number): void {
  for (const { name } of fs.readdir(fs.root)) removeIn(fs, fs.root, name, now)
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
