/** Checks of Dockerfiles, of the build cache, of compose files. */
import { parseDockerfile } from '../../build/dockerfile/parser.ts'
import { messageOf } from '../../errors.ts'
import { compare, type Finding, together } from '../finding.ts'
import type { Check } from '../schema.ts'
import type { LabWorld } from '../world.ts'
import { checkFields } from './objects.ts'

const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`

export async function checkDockerfile(world: LabWorld, spec: NonNullable<Check['dockerfile']>): Promise<Finding> {
  const { path, has, hasNot, order, stages, passes } = spec
  const bytes = world.file(path)
  if (!bytes) return { passed: false, expected: `there is a file ${path}`, found: `there is no file ${path}` }
  let lines: string[]
  try {
    lines = parseDockerfile(bytes).instructions.map(each => each.original.trim())
  } catch (error) {
    return { passed: false, expected: `${path} can be read`, found: `${path}: ${messageOf(error)}` }
  }
  const meets = (pattern: string): number => lines.findIndex(line => new RegExp(pattern, 'i').test(line))
  const line = (pattern: string, wanted: boolean): Finding => {
    const at = meets(pattern)
    return {
      passed: at >= 0 === wanted,
      expected: `${wanted ? 'an' : 'no'} instruction of ${path} matches /${pattern}/`,
      found: at >= 0 ? `${lines[at]}` : `no instruction matches /${pattern}/`,
    }
  }
  const findings = [...has.map(each => line(each, true)), ...hasNot.map(each => line(each, false))]
  if (order.length > 0) findings.push(inOrder(path, lines, order))
  if (stages) findings.push(compare('the number of stages', lines.filter(each => /^FROM\s/i.test(each)).length, stages))
  if (passes.length > 0) findings.push(await rules(world, path, passes))
  return together(findings)
}

function inOrder(path: string, lines: readonly string[], order: readonly string[]): Finding {
  let from = 0
  let missed: string | undefined
  for (const pattern of order) {
    const at = lines.findIndex((line, index) => index >= from && new RegExp(pattern, 'i').test(line))
    if (at < 0) {
      missed = pattern
      break
    }
    from = at + 1
  }
  const expected = `in ${path} come, in this order, ${order.map(each => `/${each}/`).join(', ')}`
  return { passed: missed === undefined, expected, found: missed ? `/${missed}/ does not come there` : 'they do' }
}

async function rules(world: LabWorld, path: string, names: readonly string[]): Promise<Finding> {
  const { stdout, stderr } = await world.sh(`docker build --check -f ${quoted(path)} .`)
  const found = names.filter(name => new RegExp(`\\b${name}\\b`).test(stdout + stderr))
  return {
    passed: found.length === 0,
    expected: `docker build --check has nothing to say of ${names.join(', ')}`,
    found: found.length === 0 ? 'it has not' : `it warns: ${found.join(', ')}`,
  }
}

export async function checkCache(world: LabWorld, spec: NonNullable<Check['cache']>): Promise<Finding> {
  const { context, change, cached, rebuilt } = spec
  const copy = '/tmp/cache-check'
  // Scripts of one call share /tmp: the copy, both builds and what they printed are one call.
  const outcome = await world.sh(
    [
      `cp -r ${quoted(context)} ${copy} && cd ${copy} || exit 3`,
      'docker build --progress=plain . >/dev/null 2>/tmp/first || { cat /tmp/first >&2; exit 4; }',
      `echo changed >> ${quoted(change)}`,
      'docker build --progress=plain . 2>&1',
    ].join('\n'),
  )
  if (outcome.status !== 0)
    return { passed: false, expected: 'the image builds twice', found: outcome.stderr.trimEnd() || 'it does not build' }
  const steps = stepsOf(outcome.stdout)
  // All of them must come from the cache; one that is built again is enough.
  const one = (start: string, wanted: boolean): Finding => {
    const those = steps.filter(each => each.text.startsWith(start))
    const words = (is: boolean): string =>
      `after a change of ${change}, ${start} ${is ? 'is cached' : 'is built again'}`
    if (those.length === 0) return { passed: false, expected: words(wanted), found: `no step begins with ${start}` }
    const isCached = those.every(each => each.cached)
    return { passed: isCached === wanted, expected: words(wanted), found: words(isCached) }
  }
  return together([...cached.map(each => one(each, true)), ...rebuilt.map(each => one(each, false))])
}

/** The steps of a build printed plainly, and which of them came from the cache. */
function stepsOf(text: string): { text: string; cached: boolean }[] {
  const cached = new Set([...text.matchAll(/^#(\d+) CACHED/gm)].map(([, number]) => number))
  return [...text.matchAll(/^#(\d+) \[(?:\S+ +)?\d+\/\d+\] (.*)$/gm)].map(([, number, step = '']) => ({
    text: step,
    cached: cached.has(number),
  }))
}

export async function checkCompose(world: LabWorld, spec: NonNullable<Check['compose']>): Promise<Finding> {
  const { path, services, running, fields } = spec
  const inside = `cd ${quoted(path)} && docker compose`
  const shown = await world.sh(`${inside} config --format json`)
  if (shown.status !== 0)
    return { passed: false, expected: 'docker compose config can read the file', found: shown.stderr.trimEnd() }
  const config = JSON.parse(shown.stdout) as { services?: Record<string, unknown> }
  const up = running.length > 0 ? (await world.sh(`${inside} ps --services --status running`)).stdout.split('\n') : []
  const row = (what: string, name: string, names: readonly string[]): Finding => ({
    passed: names.includes(name),
    expected: `the service ${name} ${what}`,
    found: `the service ${name} ${names.includes(name) ? what : `does not: ${names.filter(Boolean).join(', ') || 'none'} do`}`,
  })
  const there = Object.keys(config.services ?? {})
  return together([
    ...services.map(each => row('is in the file', each, there)),
    ...running.map(each => row('is running', each, up)),
    ...checkFields(config, fields),
  ])
}
