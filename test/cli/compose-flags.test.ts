/** No flag of compose is ignored in silence: the code of each command names it, or a row here says why not. */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import type { CommandSpec, NounSpec } from '../../src/cli/spec.ts'
import { compose } from '../../src/cli/tree/compose.ts'

const folder = join(import.meta.dirname, '../../src/cli/commands/compose')

/** Flags that compose itself takes without any effect, as it says in its help or by leaving them out of it. */
const WITHOUT_EFFECT: Record<string, readonly string[]> = {
  // BuildKit knows no limit of memory; the others are of the builder before it.
  build: ['memory', 'compress', 'force-rm', 'no-rm', 'parallel'],
  pull: ['no-parallel', 'parallel'],
  rm: ['all'],
  // What it leaves out is resolved elsewhere all the same.
  config: ['no-env-resolution'],
}

/** The text of a command's file and of all that it imports from the commands' folders. */
function code(file: string, seen = new Set<string>()): string {
  if (seen.has(file) || !existsSync(file)) return ''
  seen.add(file)
  const text = readFileSync(file, 'utf8')
  const imported = [...text.matchAll(/(?:from|import\() ?'(\.[^']+)'/g)].map(found =>
    join(dirname(file), found[1] ?? ''),
  )
  return (
    text +
    imported
      .filter(path => path.includes('/cli/commands/'))
      .map(path => code(path, seen))
      .join('')
  )
}

const commands: { path: string; spec: CommandSpec }[] = []
const walk = (noun: NounSpec, words: readonly string[]): void => {
  if (noun.notModelled) return
  for (const spec of noun.commands) commands.push({ path: [...words, spec.name].join('-'), spec })
  for (const inner of noun.nouns ?? []) walk(inner, [...words, inner.name])
}
walk(compose, [])

// `publish` is not modelled: one line says so.
it.each(commands.filter(({ path }) => path !== 'publish'))('compose $path', async ({ path, spec }) => {
  const text = code(join(folder, `${path}.ts`))
  const flags = typeof spec.flags === 'function' ? await spec.flags() : spec.flags
  const names = flags.map(flag => flag.name).filter(name => name !== 'dry-run')
  expect(text).not.toBe('')
  const silent = names.filter(name => !text.includes(`'${name}'`) && !WITHOUT_EFFECT[path]?.includes(name))
  expect(silent).toEqual([])
})
