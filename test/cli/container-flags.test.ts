/**
 * Every flag of every container command is used in a session or a case recorded from a real Docker (`fixtures/sessions`,
 * `fixtures/cli/create-flags.txt`), whose whole outputs other tests compare, or docs/fidelity.md says that it is not modelled.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { TOP } from '../../src/cli/registry.ts'
import type { FlagSpec } from '../../src/cli/spec.ts'
import { parseSession } from '../e2e/session.ts'

const fixtures = new URL('../../fixtures/', import.meta.url)
const read = (path: string): string => readFileSync(new URL(path, fixtures), 'utf8')
const fidelity = readFileSync(new URL('../../docs/fidelity.md', import.meta.url), 'utf8')
const sessions = readdirSync(new URL('sessions/containers/', fixtures)).flatMap(name =>
  parseSession(read(`sessions/containers/${name}`)).map(step => step.command),
)
const created = read('cli/create-flags.txt')
  .split('\n')
  .filter(line => line.startsWith('> '))
  .map(line => `docker create ${line.slice(2)}`)

/** What follows `docker VERB` in the commands, up to where another command may begin. */
function usesOf(verbs: readonly string[]): string {
  const verb = verbs.join('|')
  return [...sessions, ...created]
    .flatMap(line => [...line.matchAll(new RegExp(`docker (?:container )?(?:${verb})\\b([^;&|]*)`, 'g'))])
    .map(match => match[1] ?? '')
    .join('\n')
}

/** A flag by its long name, or its letter among others. */
const isUsed = (flag: FlagSpec, uses: string): boolean =>
  new RegExp(`(^|\\s)--${flag.name}(?![\\w-])`).test(uses) ||
  (flag.short !== undefined && new RegExp(`(^|\\s)-[a-zA-Z]*${flag.short}`).test(uses))

const noun = await TOP.get('container')?.load()

describe.each(noun?.commands ?? [])('container $name', async spec => {
  // `run` takes what `create` takes, by the same code.
  const uses = usesOf([spec.name, ...(spec.aliases ?? []), ...(spec.name === 'run' ? ['create'] : [])])
  const flags = typeof spec.flags === 'function' ? await spec.flags() : spec.flags

  it('is used', () => {
    expect(uses).not.toBe('')
  })

  it.each(flags.filter(flag => flag.name !== 'help').map(flag => ({ flag, name: flag.name })))(
    '--$name is recorded, or not modelled',
    ({ flag }) => {
      expect(isUsed(flag, uses) || fidelity.includes(`\`--${flag.name}\``)).toBe(true)
    },
  )
})
