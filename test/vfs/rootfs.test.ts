import { expect, test } from 'vitest'
import { type Cred, engineCred } from '../../src/vfs/cred.ts'
import { RootFs } from '../../src/vfs/rootfs.ts'
import { TreeFs } from '../../src/vfs/tree-fs.ts'
import { bytes, errnoOf, text } from './filesystem.contract.ts'

const NOW = 1_700_000_000_000
const user: Cred = { uid: 1000, gid: 1000, groups: [1000, 44], caps: 0n }
const powerlessRoot: Cred = { uid: 0, gid: 0, groups: [0], caps: 0n }

function tree(): RootFs {
  const root = new RootFs(new TreeFs({ root: { now: NOW } }), () => NOW)
  root.mkdirAll('/etc/conf')
  root.writeFile('/etc/passwd', bytes('root'))
  root.mkdir('/home', 0o755)
  root.mkdir('/home/ann', 0o700)
  root.setattr('/home/ann', { uid: 1000, gid: 1000 })
  root.mkdir('/tmp', 0o1777)
  root.symlink('/etc', '/link')
  root.symlink('../etc/conf', '/etc/up')
  root.symlink('../../../../etc/passwd', '/etc/above')
  root.symlink('loop2', '/loop1')
  root.symlink('loop1', '/loop2')
  root.symlink('missing', '/dangling')
  return root
}

test.each([
  ['/', '/'],
  ['.', '/'],
  ['..', '/'],
  ['/etc/../..//etc/./passwd', '/etc/passwd'],
  ['/link/passwd', '/etc/passwd'],
  ['/link/../home', '/home'],
  ['/etc/up', '/etc/conf'],
  ['/etc/up/../passwd', '/etc/passwd'],
  ['/etc/above', '/etc/passwd'],
  ['/link/', '/etc'],
])('%s resolves to %s', (path, real) => {
  expect(tree().realpath(path)).toBe(real)
})

test.each([
  ['', 'ENOENT'],
  ['/none', 'ENOENT'],
  ['/none/x', 'ENOENT'],
  ['/dangling', 'ENOENT'],
  ['/etc/passwd/x', 'ENOTDIR'],
  ['/etc/passwd/', 'ENOTDIR'],
  ['/etc/passwd/..', 'ENOTDIR'],
  ['/etc/above/', 'ENOTDIR'],
  ['/loop1', 'ELOOP'],
  ['/loop1/x', 'ELOOP'],
  [`/${'x'.repeat(256)}`, 'ENAMETOOLONG'],
  [`/${'é'.repeat(128)}`, 'ENAMETOOLONG'],
  ['/etc/'.repeat(1000), 'ENAMETOOLONG'],
])('%s fails with %s', (path, code) => {
  expect(errnoOf(() => tree().stat(path))).toBe(code)
})

test('relative paths start at the working directory, and a chroot is not left', () => {
  const root = tree()
  expect(root.realpath('passwd', { cwd: '/etc' })).toBe('/etc/passwd')
  expect(root.realpath('../home', { cwd: '/etc' })).toBe('/home')
  const jail = { root: '/etc' }
  expect(root.realpath('/', jail)).toBe('/etc')
  expect(root.realpath('../../passwd', { ...jail, cwd: '/etc/conf' })).toBe('/etc/passwd')
  expect(errnoOf(() => root.realpath('/home', jail))).toBe('ENOENT')
  root.symlink('/passwd', '/etc/absolute')
  expect(root.realpath('/absolute', jail)).toBe('/etc/passwd')
})

test('a symlink is followed at the end only when asked to', () => {
  const root = tree()
  expect(root.lstat('/link').type).toBe('symlink')
  expect(root.lstat('/link/').type).toBe('dir')
  expect(root.stat('/link').type).toBe('dir')
  expect(root.readlink('/link')).toBe('/etc')
})

test('a file made through a dangling symlink appears at its target', () => {
  const root = tree()
  root.writeFile('/dangling', bytes('made'))
  expect(text(root.readFile('/missing'))).toBe('made')
  expect(root.lstat('/dangling').type).toBe('symlink')
})

test('directories ask for search permission, files for read and write permission', () => {
  const root = tree()
  root.writeFile('/home/ann/note', bytes('x'))
  root.setattr('/home/ann/note', { uid: 0, gid: 44, mode: 0o640 })
  const other = { cred: { ...user, uid: 2000, gid: 2000, groups: [] } }
  expect({
    otherSearch: errnoOf(() => root.stat('/home/ann/note', other)),
    otherList: errnoOf(() => root.readdir('/home/ann', other)),
    groupRead: errnoOf(() => root.readFile('/home/ann/note', { cred: user })),
    groupWrite: errnoOf(() => root.writeFile('/home/ann/note', bytes('y'), { cred: user })),
    create: errnoOf(() => root.mkdir('/etc/x', 0o755, { cred: user })),
    remove: errnoOf(() => root.unlink('/etc/passwd', { cred: user })),
    rootWithoutCaps: errnoOf(() => root.readdir('/home/ann', { cred: powerlessRoot })),
    readSearch: errnoOf(() => root.readdir('/home/ann', { cred: { ...powerlessRoot, caps: 1n << 2n } })),
    override: errnoOf(() => root.writeFile('/home/ann/note', bytes('z'), { cred: { ...powerlessRoot, caps: 2n } })),
  }).toEqual({
    otherSearch: 'EACCES',
    otherList: 'EACCES',
    groupRead: 'none',
    groupWrite: 'EACCES',
    create: 'EACCES',
    remove: 'EACCES',
    rootWithoutCaps: 'EACCES',
    readSearch: 'none',
    override: 'none',
  })
})

test('in a sticky directory only owners remove and rename', () => {
  const root = tree()
  root.writeFile('/tmp/mine', bytes(''), { cred: user })
  const other = { cred: { ...user, uid: 2000 } }
  expect(errnoOf(() => root.unlink('/tmp/mine', other))).toBe('EPERM')
  expect(errnoOf(() => root.rename('/tmp/mine', '/tmp/his', other))).toBe('EPERM')
  expect(errnoOf(() => root.unlink('/tmp/mine', { cred: user }))).toBe('none')
})

test('links of others in a sticky directory are not followed', () => {
  const root = tree()
  root.symlink('/etc/passwd', '/tmp/trap', { cred: { ...user, uid: 2000 } })
  expect(errnoOf(() => root.readFile('/tmp/trap', { cred: user }))).toBe('EACCES')
  expect(errnoOf(() => root.readFile('/tmp/trap', { cred: { ...user, uid: 2000 } }))).toBe('none')
})

test('chmod and chown ask for ownership and capabilities, and drop set-id bits', () => {
  const root = tree()
  root.writeFile('/tmp/f', bytes(''), { cred: user })
  root.setattr('/tmp/f', { mode: 0o6755 }, { cred: user })
  expect(root.stat('/tmp/f').mode).toBe(0o6755)
  expect({
    chownAway: errnoOf(() => root.setattr('/tmp/f', { uid: 0 }, { cred: user })),
    foreignGroup: errnoOf(() => root.setattr('/tmp/f', { gid: 5 }, { cred: user })),
    chmodOther: errnoOf(() => root.setattr('/etc/passwd', { mode: 0o777 }, { cred: user })),
    timesOther: errnoOf(() => root.setattr('/etc/passwd', { mtime: 5 }, { cred: user })),
    touchOther: errnoOf(() => root.setattr('/etc/passwd', { mtime: NOW, atime: NOW }, { cred: user })),
    symlink: errnoOf(() => root.setattr('/link', { mode: 0o700 }, { follow: false })),
  }).toEqual({
    chownAway: 'EPERM',
    foreignGroup: 'EPERM',
    chmodOther: 'EPERM',
    timesOther: 'EPERM',
    touchOther: 'EACCES',
    symlink: 'EOPNOTSUPP',
  })
  root.setattr('/tmp/f', { gid: 44 }, { cred: user })
  expect(root.stat('/tmp/f')).toMatchObject({ gid: 44, mode: 0o755 })
  root.setattr('/tmp/f', { mode: 0o4755 })
  root.setattr('/tmp/f', { uid: 7 })
  expect(root.stat('/tmp/f')).toMatchObject({ uid: 7, mode: 0o755 })
})

test('a set-group-ID directory passes its group on', () => {
  const root = tree()
  root.mkdir('/shared', 0o2777)
  root.setattr('/shared', { gid: 44, mode: 0o2777 })
  root.writeFile('/shared/f', bytes(''), { cred: user })
  root.mkdir('/shared/d', 0o755, { cred: user })
  expect(root.stat('/shared/f')).toMatchObject({ gid: 44, mode: 0o644 })
  expect(root.stat('/shared/d')).toMatchObject({ gid: 44, mode: 0o2755 })
})

test('open follows open(2)', () => {
  const root = tree()
  const write = { write: true, create: true }
  expect({
    exclusive: errnoOf(() => root.open('/etc/passwd', { ...write, exclusive: true }, 0)),
    exclusiveLink: errnoOf(() => root.open('/dangling', { ...write, exclusive: true }, 0)),
    noFollow: errnoOf(() => root.open('/link', { read: true, noFollow: true }, 0)),
    missing: errnoOf(() => root.open('/none', { read: true }, 0)),
    dirWrite: errnoOf(() => root.open('/etc', { write: true }, 0)),
    dirCreate: errnoOf(() => root.open('/etc', { read: true, create: true }, 0)),
    newWithSlash: errnoOf(() => root.open('/new/', write, 0)),
    fileAsDir: errnoOf(() => root.open('/etc/passwd', { read: true, directory: true }, 0)),
    dirRead: errnoOf(() => root.open('/etc', { read: true, directory: true }, 0)),
  }).toEqual({
    exclusive: 'EEXIST',
    exclusiveLink: 'EEXIST',
    noFollow: 'ELOOP',
    missing: 'ENOENT',
    dirWrite: 'EISDIR',
    dirCreate: 'EISDIR',
    newWithSlash: 'EISDIR',
    fileAsDir: 'ENOTDIR',
    dirRead: 'none',
  })
  const { mount, ino, path } = root.open('/etc/new', write, 0o600, { cred: { ...engineCred, uid: 3, gid: 4 } })
  expect(mount.fs.stat(ino)).toMatchObject({ uid: 3, gid: 4, mode: 0o600 })
  expect(path).toBe('/etc/new')
  root.open('/etc/passwd', { write: true, truncate: true }, 0)
  expect(root.stat('/etc/passwd').size).toBe(0)
})

test('mounts cover what is below them, nest, and are separate devices', () => {
  const root = tree()
  root.writeFile('/etc/conf/hidden', bytes(''))
  const outer = root.mount('/etc/conf', new TreeFs(), { source: 'vol' })
  root.mkdir('/etc/conf/in')
  root.mount('/etc/conf/in', new TreeFs({ type: 'proc' }), { readonly: true })
  expect(root.readdir('/etc/conf').map(entry => entry.name)).toEqual(['in'])
  expect(root.walk('/etc/conf/in').mount.fs.type).toBe('proc')
  expect(root.realpath('/etc/conf/in/..')).toBe('/etc/conf')
  root.writeFile('/etc/conf/f', bytes(''))
  expect({
    rename: errnoOf(() => root.rename('/etc/passwd', '/etc/conf/p')),
    link: errnoOf(() => root.link('/etc/passwd', '/etc/conf/p')),
    renameMountPoint: errnoOf(() => root.rename('/etc/conf', '/etc/conf2')),
    removeMountPoint: errnoOf(() => root.rmdir('/etc/conf')),
    unmountBusy: errnoOf(() => root.unmount('/etc/conf')),
    unmountNothing: errnoOf(() => root.unmount('/etc')),
    write: errnoOf(() => root.writeFile('/etc/conf/in/x', bytes(''))),
    mkdir: errnoOf(() => root.mkdir('/etc/conf/in/x')),
    fileOnDir: errnoOf(() => root.mount('/etc/passwd', new TreeFs())),
  }).toEqual({
    rename: 'EXDEV',
    link: 'EXDEV',
    renameMountPoint: 'EBUSY',
    removeMountPoint: 'EBUSY',
    unmountBusy: 'EBUSY',
    unmountNothing: 'EINVAL',
    write: 'EROFS',
    mkdir: 'EROFS',
    fileOnDir: 'ENOTDIR',
  })
  expect(root.mounts().map(({ path, source }) => `${source} ${path}`)).toEqual([
    'tmpfs /',
    'vol /etc/conf',
    'proc /etc/conf/in',
  ])
  expect(root.statfs('/etc/conf/f').mountPoint).toBe('/etc/conf')
  expect(root.walk('/etc/conf/f').mount.id).toBe(outer.id)
  root.unmount('/etc/conf/in')
  root.unmount('/etc/conf')
  expect(root.readdir('/etc/conf').map(entry => entry.name)).toEqual(['hidden'])
})

test('a read-only root refuses changes but not reading, nor writing to what is mounted', () => {
  const fs = new TreeFs()
  new RootFs(fs, () => NOW).mkdirAll('/etc')
  new RootFs(fs, () => NOW).mkdirAll('/run')
  const root = new RootFs(fs, () => NOW, { readonly: true })
  root.mount('/run', new TreeFs())
  expect({
    create: errnoOf(() => root.writeFile('/etc/x', bytes(''))),
    mkdirThere: errnoOf(() => root.mkdir('/etc')),
    mkdir: errnoOf(() => root.mkdir('/x')),
    unlinkMissing: errnoOf(() => root.unlink('/etc/x')),
    chmod: errnoOf(() => root.setattr('/etc', { mode: 0 })),
    chmodMissing: errnoOf(() => root.setattr('/none', { mode: 0 })),
    rename: errnoOf(() => root.rename('/etc', '/etc2')),
    mounted: errnoOf(() => root.writeFile('/run/x', bytes(''))),
    access: root.access('/etc', { write: true }),
  }).toEqual({
    create: 'EROFS',
    mkdirThere: 'EEXIST',
    mkdir: 'EROFS',
    unlinkMissing: 'EROFS',
    chmod: 'EROFS',
    chmodMissing: 'ENOENT',
    rename: 'EROFS',
    mounted: 'none',
    access: false,
  })
})

test('rename refuses a directory into itself, and removing names dots do not have', () => {
  const root = tree()
  expect({
    intoItself: errnoOf(() => root.rename('/etc', '/etc/conf/x')),
    dot: errnoOf(() => root.rename('/etc/.', '/x')),
    rmdirDot: errnoOf(() => root.rmdir('/etc/.')),
    rmdirDotDot: errnoOf(() => root.rmdir('/etc/conf/..')),
    rmdirRoot: errnoOf(() => root.rmdir('/')),
    unlinkRoot: errnoOf(() => root.unlink('/')),
    fileSlash: errnoOf(() => root.rename('/etc/passwd', '/etc/p/')),
  }).toEqual({
    intoItself: 'EINVAL',
    dot: 'EBUSY',
    rmdirDot: 'EINVAL',
    rmdirDotDot: 'ENOTEMPTY',
    rmdirRoot: 'EBUSY',
    unlinkRoot: 'EISDIR',
    fileSlash: 'ENOTDIR',
  })
})

test('device nodes need CAP_MKNOD', () => {
  const root = tree()
  expect(errnoOf(() => root.mknod('/tmp/null', 'char', 0o666, [1, 3], { cred: user }))).toBe('EPERM')
  expect(errnoOf(() => root.mknod('/tmp/pipe', 'fifo', 0o644, undefined, { cred: user }))).toBe('none')
  root.mknod('/tmp/null', 'char', 0o666, [1, 3])
  expect(root.stat('/tmp/null')).toMatchObject({ type: 'char', rdev: [1, 3] })
})

test('hard links to files of others need read and write permission', () => {
  const root = tree()
  root.writeFile('/tmp/his', bytes(''))
  root.symlink('his', '/tmp/sl')
  expect(errnoOf(() => root.link('/tmp/his', '/tmp/mine', { cred: user }))).toBe('EPERM')
  root.setattr('/tmp/his', { mode: 0o666 })
  expect(errnoOf(() => root.link('/tmp/his', '/tmp/mine', { cred: user }))).toBe('none')
  root.link('/tmp/sl', '/tmp/sl2')
  expect(root.lstat('/tmp/sl2').type).toBe('symlink')
})

test('a tree cannot be made deeper than recursion over it goes', () => {
  const root = tree()
  let cwd = '/tmp'
  let made = 0
  while (errnoOf(() => root.mkdir('d', 0o755, { cwd })) === 'none') {
    cwd += '/d'
    made++
  }
  expect(errnoOf(() => root.mkdir('d', 0o755, { cwd }))).toBe('ENAMETOOLONG')
  expect(made).toBe(2045)
  root.removeAll('/tmp')
  expect(root.exists('/tmp')).toBe(false)
})

test('with a slash after it a symlink is still the name that is made, removed or moved', () => {
  const root = tree()
  root.mkdir('/empty')
  root.symlink('empty', '/to-empty')
  expect({
    rmdir: errnoOf(() => root.rmdir('/to-empty/')),
    unlink: errnoOf(() => root.unlink('/to-empty/')),
    rename: errnoOf(() => root.rename('/to-empty/', '/x')),
    mkdir: errnoOf(() => root.mkdir('/to-empty/')),
    mkdirDangling: errnoOf(() => root.mkdir('/dangling/')),
    mkdirFile: errnoOf(() => root.mkdir('/etc/passwd/')),
    mkdirNew: errnoOf(() => root.mkdir('/new/')),
    symlinkNew: errnoOf(() => root.symlink('x', '/new2/')),
  }).toEqual({
    rmdir: 'ENOTDIR',
    unlink: 'ENOTDIR',
    rename: 'ENOTDIR',
    mkdir: 'EEXIST',
    mkdirDangling: 'EEXIST',
    mkdirFile: 'EEXIST',
    mkdirNew: 'none',
    symlinkNew: 'ENOENT',
  })
  expect(root.exists('/empty')).toBe(true)
})
