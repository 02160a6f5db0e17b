/** The labs of our own: each must be fair. Solutions get everything, empty folders nothing, wrong ones what they deserve. */
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { ok, tempHome } from '../e2e/cli.ts'

const labs = fileURLToPath(new URL('../../fixtures/labs', import.meta.url))

interface Report {
  submissions: { student: string; score: number; max: number; checks: { id: string; found?: string }[] }[]
}

describe.each(readdirSync(labs))('the lab %s', name => {
  const folder = join(labs, name)
  const points = JSON.parse(readFileSync(join(folder, 'points.json'), 'utf8')) as Record<string, number>

  it('has at least three wrong submissions', () => {
    expect(Object.keys(points).sort()).toEqual(readdirSync(join(folder, 'wrong')).sort())
    expect(Object.keys(points).length).toBeGreaterThanOrEqual(3)
  })

  it('gives each submission the points that it deserves', async () => {
    const home = tempHome()
    mkdirSync(join(home, 'empty'))
    const wrong = Object.keys(points).map(kind => join(folder, 'wrong', kind))
    const text = await ok(
      home,
      'grade',
      '--format=json',
      folder,
      join(folder, 'solution'),
      join(home, 'empty'),
      ...wrong,
    )
    const { submissions } = JSON.parse(text) as Report
    const [solution, ...others] = submissions
    expect(solution).toMatchObject({ score: solution?.max })
    expect(Object.fromEntries(others.map(({ student, score }) => [student, score]))).toEqual({ empty: 0, ...points })
  }, 120_000)
})
