/** apt-get update: reads the lists of every source that the index knows. */
import type { Routine } from '../../../kernel/program.ts'
import { exists } from '../../../kernel/userland/lib/exists.ts'
import { online } from '../lib/online.ts'
import { makeFolders, put, take } from '../lib/place.ts'
import { aptSize, transferMs } from '../lib/sizes.ts'
import { listsFolder, requireRoot, type Session, upgradable } from './session.ts'
import { readSources, type Source } from './sources.ts'
import { fetchedLine } from './words.ts'

/** Brings the lists up to date; the exit status. */
export function* update(s: Session, name: string): Routine<number> {
  const { p, arch, release } = s
  if (p.cred.uid !== 0) yield* s.say('Reading package lists...\n')
  requireRoot(s, 'lists')
  const sources = yield* readSources(p)
  const connected = yield* online(p)
  const bare = (source: Source): string => source.uri.replace(/^\w+:\/\//, '')
  const host = (source: Source): string => bare(source).split('/')[0] ?? ''
  const suiteOf = (source: Source) => (connected ? release.suites.get(`${bare(source)} ${source.suite}`) : undefined)
  const fileName = (source: Source, rest: string): string =>
    `${listsFolder}/${bare(source).replaceAll('/', '_')}_dists_${source.suite.replaceAll('/', '_')}_${rest}`
  let number = 0
  let bytes = 0
  const wanted: { source: Source; component: string; number: number }[] = []
  const failed: { source: Source; number: number }[] = []
  for (const folder of ['auxfiles', 'partial']) makeFolders(p, `${listsFolder}/${folder}`)
  yield* put(p, `${listsFolder}/lock`, { text: '', mode: 0o640 })
  for (const source of sources) {
    const suite = suiteOf(source)
    number++
    const title = `${number} ${source.uri} ${source.suite} InRelease`
    if (!suite) {
      failed.push({ source, number })
      yield* s.say(`Ign:${title}\n`)
      continue
    }
    const file = fileName(source, 'InRelease')
    if (exists(p, file)) {
      yield* s.say(`Hit:${title}\n`)
      continue
    }
    yield* s.say(`Get:${title} [${aptSize(suite.inRelease)}B]\n`)
    yield* put(p, file, { text: `Suite: ${source.suite}\nCodename: ${source.suite}\n`, size: suite.inRelease })
    bytes += suite.inRelease
    for (const component of source.components) if (suite.lists[component]) wanted.push({ source, component, number: 0 })
  }
  for (const round of [1, 2]) {
    for (const { source, number: at } of failed) yield* s.say(`Ign:${at} ${source.uri} ${source.suite} InRelease\n`)
    if (failed.length === 0 && round === 1) break
  }
  for (const one of failed)
    yield* s.say(
      `Err:${one.number} ${one.source.uri} ${one.source.suite} InRelease\n  Temporary failure resolving '${host(one.source)}'\n`,
    )
  for (const { source, component } of wanted) {
    const [download = 0, kept = 0] = suiteOf(source)?.lists[component] ?? []
    number++
    yield* s.say(`Get:${number} ${source.uri} ${source.suite}/${component} ${arch} Packages [${aptSize(download)}B]\n`)
    yield* put(p, fileName(source, `${component}_binary-${arch}_Packages.lz4`), { text: '', size: kept })
    bytes += download
  }
  if (bytes > 0) yield* s.say(fetchedLine(bytes, transferMs(bytes, number)))
  yield* s.say(`Reading package lists...${p.isatty(1) ? ' Done' : ''}\n`)
  for (const { source } of failed)
    yield* s.err(
      `W: Failed to fetch ${source.uri}/dists/${source.suite}/InRelease  Temporary failure resolving '${host(source)}'\n`,
    )
  if (failed.length > 0)
    yield* s.err('W: Some index files failed to download. They have been ignored, or old ones used instead.\n')
  if (name === 'apt') yield* afterApt(s)
  return 0
}

/** What `apt update` adds. */
function* afterApt(s: Session): Routine<void> {
  const done = s.p.isatty(1) ? ' Done' : ''
  yield* s.say(`Building dependency tree...${done}\nReading state information...${done}\n`)
  const count = upgradable(s).length
  yield* s.say(
    count === 0
      ? 'All packages are up to date.\n'
      : count === 1
        ? "1 package can be upgraded. Run 'apt list --upgradable' to see it.\n"
        : `${count} packages can be upgraded. Run 'apt list --upgradable' to see them.\n`,
  )
}

/** apt-get clean: what was downloaded goes. */
export function* clean(s: Session): Routine<number> {
  requireRoot(s, 'archives')
  const { p } = s
  const folder = '/var/cache/apt/archives'
  for (const { name } of exists(p, folder) ? p.readdir(folder) : [])
    if (name.endsWith('.deb')) take(p, `${folder}/${name}`)
  for (const name of ['pkgcache.bin', 'srcpkgcache.bin']) take(p, `/var/cache/apt/${name}`)
  yield* put(p, `${folder}/lock`, { text: '', mode: 0o640 })
  return 0
}
