/** /etc/apt/sources.list and sources.list.d: where packages come from. */
import type { Proc, Routine } from '../../../kernel/program.ts'
import { textOf } from '../../../kernel/userland/lib/interfaces.ts'
import { isErrno } from '../../../vfs/errno.ts'

/** One suite of one server. */
export interface Source {
  /** `http://deb.debian.org/debian`, without a slash at the end. */
  uri: string
  suite: string
  components: string[]
}

/** What is configured, in apt's order: the list first, then the files by name. */
export function* readSources(p: Proc): Routine<Source[]> {
  const sources = oneLine(yield* textOf(p, '/etc/apt/sources.list'))
  let names: string[] = []
  try {
    names = p.readdir('/etc/apt/sources.list.d').map(entry => entry.name)
  } catch (error) {
    if (!isErrno(error)) throw error
  }
  for (const name of names.sort()) {
    const text = yield* textOf(p, `/etc/apt/sources.list.d/${name}`)
    if (name.endsWith('.list')) sources.push(...oneLine(text))
    else if (name.endsWith('.sources')) sources.push(...deb822(text))
  }
  return sources
}

function oneLine(text: string): Source[] {
  const found: Source[] = []
  for (const line of text.split('\n')) {
    const words = line
      .replace(/#.*/, '')
      .replace(/\[[^\]]*\]/, '')
      .trim()
      .split(/\s+/)
    const [type, uri, suite, ...components] = words
    if (type === 'deb' && uri && suite) found.push({ uri: uri.replace(/\/$/, ''), suite, components })
  }
  return found
}

function deb822(text: string): Source[] {
  return text.split(/\n\s*\n/).flatMap(paragraph => {
    const value = (key: string): string[] =>
      (new RegExp(`^${key}:\\s*(.*)$`, 'm').exec(paragraph)?.[1] ?? '').split(/\s+/).filter(word => word !== '')
    if (!value('Types').includes('deb')) return []
    return value('URIs').flatMap(uri =>
      value('Suites').map(suite => ({ uri: uri.replace(/\/$/, ''), suite, components: value('Components') })),
    )
  })
}
