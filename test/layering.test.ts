import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '../src')

/** Rank of each folder of src; a file may import its own folder and lower ranks. */
const ranks: Record<string, number> = {
  'errors.ts': 0,
  'clock.ts': 0,
  util: 0,
  api: 1,
  store: 1,
  content: 2,
  vfs: 2,
  layer: 3,
  cgroup: 3,
  network: 3,
  volume: 3,
  security: 3,
  events: 3,
  image: 4,
  kernel: 4,
  runtime: 5,
  container: 5,
  registry: 5,
  build: 5,
  engine: 6,
  compose: 7,
  server: 7,
  client: 7,
  lab: 7,
  explain: 7,
  cli: 8,
  'index.ts': 9,
}

function files(folder: string): string[] {
  return readdirSync(folder).flatMap(name => {
    const path = join(folder, name)
    return statSync(path).isDirectory() ? files(path) : path.endsWith('.ts') ? [path] : []
  })
}

const roomOf = (path: string): string => relative(root, path).split('/')[0] ?? ''

function imports(path: string): string[] {
  const text = readFileSync(path, 'utf8')
  return [...text.matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)].map(match => resolve(dirname(path), match[1] ?? ''))
}

describe('the ranks of src', () => {
  it('name every folder', () => {
    expect(readdirSync(root).filter(name => ranks[name] === undefined)).toEqual([])
  })

  it('are kept by every import', () => {
    const wrong = files(root).flatMap(path =>
      imports(path)
        .filter(target => target.startsWith(root))
        .filter(
          target => roomOf(target) !== roomOf(path) && (ranks[roomOf(target)] ?? 99) >= (ranks[roomOf(path)] ?? -1),
        )
        .map(target => `${relative(root, path)} imports ${relative(root, target)}`),
    )
    expect(wrong).toEqual([])
  })
})

describe('the house rules', () => {
  // What is generated is data: among it code that runs inside containers, which asks its own machine.
  const code = files(root).filter(path => !path.endsWith('.generated.ts'))
  const sources = code.map(path => ({ path: relative(root, path), text: readFileSync(path, 'utf8') }))
  const rules: [rule: string, pattern: RegExp, allowed: (path: string) => boolean][] = [
    [
      'only clock.ts asks for the time',
      /(?<!\.)\b(?:Date\.now|performance\.now|setTimeout|setInterval)\(/,
      path => path === 'clock.ts',
    ],
    ['nobody uses Math.random', /Math\.random\(/, () => false],
    ['only the command line prints', /\bconsole\.\w+\(/, path => path.startsWith('cli/')],
  ]
  it.each(rules)('%s', (_, pattern, allowed) => {
    expect(sources.filter(({ path, text }) => pattern.test(text) && !allowed(path)).map(({ path }) => path)).toEqual([])
  })
})
