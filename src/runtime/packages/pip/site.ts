/** Where pip puts packages, and what is there: the `dist-info` folders of site-packages. */
import type { Proc, Routine } from '../../../kernel/program.ts'
import { exists } from '../../../kernel/userland/lib/exists.ts'
import { textOf } from '../../../kernel/userland/lib/interfaces.ts'
import { isErrno } from '../../../vfs/errno.ts'
import { folderOf, makeFolders, programText, put, take } from '../lib/place.ts'
import { type Distribution, normal, parseRequirement } from './index.ts'

export interface Site {
  /** `/usr/local/lib/python3.12/site-packages`. */
  folder: string
  bin: string
  python: string
  /** `python3.12`. */
  name: string
  /** A virtual environment. */
  venv: boolean
  /** Its Python refuses pip (PEP 668): the file that says so. */
  managed: string | undefined
  pipVersion: string
}

export interface Installed {
  name: string
  version: string
  /** Folder of its metadata. */
  info: string
  requires: string[]
}

/** The site that a pip executable works on. */
export function* siteOf(p: Proc): Routine<Site> {
  const bin = p.argv[0]?.includes('/') ? folderOf(p.argv[0]) : folderOf(p.exe)
  const venvRoot = [folderOf(bin), p.env.get('VIRTUAL_ENV')].find(
    one => one !== undefined && exists(p, `${one}/pyvenv.cfg`),
  )
  const prefix =
    venvRoot ?? (bin.startsWith('/usr/local') || exists(p, '/usr/local/bin/python3') ? '/usr/local' : '/usr')
  const lib = pythonIn(p, `${prefix}/lib`) ?? pythonIn(p, '/usr/lib') ?? `python${p.marker['python'] ?? '3.11'}`
  const debian = prefix === '/usr' && exists(p, '/etc/debian_version')
  const managed = venvRoot === undefined && prefix === '/usr' ? `/usr/lib/${lib}/EXTERNALLY-MANAGED` : undefined
  const python = `${venvRoot === undefined ? prefix : venvRoot}/bin/${venvRoot === undefined ? 'python3' : 'python'}`
  return {
    folder: debian ? `/usr/local/lib/${lib}/dist-packages` : `${prefix}/lib/${lib}/site-packages`,
    bin: debian ? '/usr/local/bin' : `${prefix}/bin`,
    python,
    name: lib,
    venv: venvRoot !== undefined,
    managed: managed !== undefined && (yield* isManaged(p, managed)) ? managed : undefined,
    pipVersion: p.marker['version'] ?? '25.0.1',
  }
}

/** Debian 12 and Alpine 3.19 ship the file; older ones do not have it. */
function* isManaged(p: Proc, file: string): Routine<boolean> {
  if (exists(p, file)) return true
  const release = yield* textOf(p, '/etc/os-release')
  const id = /^ID="?(\w+)/m.exec(release)?.[1]
  const version = Number(/^VERSION_ID="?([\d.]+)/m.exec(release)?.[1]?.replace(/^(\d+\.\d+).*/, '$1') ?? 0)
  if (id === 'debian') return version >= 12
  if (id === 'ubuntu') return version >= 23.04
  return id === 'alpine' && version >= 3.19
}

function pythonIn(p: Proc, folder: string): string | undefined {
  try {
    return p
      .readdir(folder)
      .map(entry => entry.name)
      .filter(name => /^python3\.\d+$/.test(name))
      .sort((a, b) => Number(b.slice(8)) - Number(a.slice(8)))[0]
  } catch (error) {
    if (isErrno(error)) return undefined
    throw error
  }
}

/** What is installed, by normal name. */
export function* installedIn(
  p: Proc,
  site: Site,
  folders: readonly string[] = [site.folder],
): Routine<Map<string, Installed>> {
  const found = new Map<string, Installed>()
  for (const folder of folders) {
    if (!exists(p, folder)) continue
    for (const { name } of p.readdir(folder)) {
      if (!name.endsWith('.dist-info')) continue
      const info = `${folder}/${name}`
      const text = yield* textOf(p, `${info}/METADATA`)
      const value = (key: string): string => new RegExp(`^${key}: (.*)$`, 'm').exec(text)?.[1] ?? ''
      const requires = [...text.matchAll(/^Requires-Dist: (.*)$/gm)]
        .map(match => match[1] ?? '')
        .filter(one => !one.includes(';'))
      if (value('Name') !== '')
        found.set(normal(value('Name')), { name: value('Name'), version: value('Version'), info, requires })
    }
  }
  // What comes with Python itself has no metadata in the images.
  if (!found.has('pip')) found.set('pip', { name: 'pip', version: site.pipVersion, info: '', requires: [] })
  const minor = Number(site.name.slice('python3.'.length))
  if (minor < 12 && !site.venv && site.folder.endsWith('site-packages')) {
    if (!found.has('setuptools'))
      found.set('setuptools', { name: 'setuptools', version: '65.5.1', info: '', requires: [] })
    if (!found.has('wheel')) found.set('wheel', { name: 'wheel', version: '0.45.1', info: '', requires: [] })
  }
  return found
}

/** Commands of distributions whose code is modelled (assets/python): module and function. */
export const entryPoints: Readonly<Record<string, [module: string, call: string]>> = {
  flask: ['flask.cli', 'main'],
  gunicorn: ['gunicorn.app.wsgiapp', 'run'],
  uvicorn: ['uvicorn.main', 'main'],
}

/** What pip writes for a command. */
function scriptText(site: Site, module: string, call: string): string {
  return [
    `#!${site.python}${site.venv ? '' : site.name.slice('python3'.length)}`,
    'import sys',
    `from ${module} import ${call}`,
    "if __name__ == '__main__':",
    "    sys.argv[0] = sys.argv[0].removesuffix('.exe')",
    `    sys.exit(${call}())`,
    '',
  ].join('\n')
}

/** Puts a distribution's files in place. */
export function* place(p: Proc, site: Site, folder: string, bin: string, dist: Distribution): Routine<void> {
  const info = `${folder}/${dist.fileName}-${dist.version}.dist-info`
  const record: string[] = []
  let left = dist.size
  const add = function* (path: string, text: string, size = text.length, mode = 0o644): Routine<void> {
    yield* put(p, path, { text, size: Math.max(size, text.length), mode })
    record.push(path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : path)
    left -= size
  }
  makeFolders(p, info)
  const metadata = [
    'Metadata-Version: 2.4',
    `Name: ${dist.name}`,
    `Version: ${dist.version}`,
    `Summary: ${dist.summary}`,
    ...(dist.homePage === '' ? [] : [`Home-page: ${dist.homePage}`]),
    ...(dist.author === '' ? [] : [`Author: ${dist.author}`]),
    ...(dist.license === '' ? [] : [`License: ${dist.license}`]),
    ...dist.requires.map(one => {
      const words = `${one.name}${one.extras.length > 0 ? `[${one.extras.join(',')}]` : ''}${one.specifier}`
      return `Requires-Dist: ${words}${one.extra === '' ? '' : `; extra == '${one.extra}'`}`
    }),
  ]
  yield* add(`${info}/METADATA`, Buffer.from(`${metadata.join('\n')}\n`).toString('latin1'))
  yield* add(`${info}/INSTALLER`, 'pip\n')
  yield* add(
    `${info}/WHEEL`,
    `Wheel-Version: 1.0\nTag: ${dist.tags || `${site.name.replace('python', 'cp').replace('.', '')}-linux_x86_64`}\n`,
  )
  for (const name of dist.modules) {
    if (/\.(py|pth|so)$/.test(name)) yield* add(`${folder}/${name}`, `# ${dist.name} ${dist.version}\n`)
    else if (!name.includes('.'))
      yield* add(
        `${folder}/${name}/__init__.py`,
        `# ${dist.name} ${dist.version}: a placeholder of minidock, see docs/programs.md\n__version__ = '${dist.version}'\n`,
      )
  }
  for (const name of dist.scripts) {
    const entry = entryPoints[name]
    const text = entry
      ? scriptText(site, ...entry)
      : programText(name, { version: dist.version, package: dist.name, python: site.python })
    yield* add(`${bin}/${name}`, text, entry ? text.length : 240, 0o755)
  }
  if (left > 0 && dist.largest !== '' && !exists(p, `${folder}/${dist.largest}`))
    yield* add(`${folder}/${dist.largest}`, '', left)
  else if (left > 0) yield* add(`${info}/licenses/LICENSE`, '', left)
  yield* put(p, `${info}/RECORD`, {
    text: `${[...record, `${dist.fileName}-${dist.version}.dist-info/RECORD`].map(path => `${path},,`).join('\n')}\n`,
  })
}

/** Takes an installed distribution's files away. */
export function* remove(p: Proc, folder: string, one: Installed): Routine<void> {
  for (const line of (yield* textOf(p, `${one.info}/RECORD`)).split('\n')) {
    const path = line.split(',')[0] ?? ''
    if (path === '' || path.split('/').includes('..')) continue
    take(p, path.startsWith('/') ? path : `${folder}/${path}`, { folders: !path.startsWith('/') })
  }
  take(p, one.info)
}

/** Names of what an installed distribution needs. */
export function neededBy(one: Installed): string[] {
  return one.requires.flatMap(text => parseRequirement(text)?.name ?? [])
}
