import { describe, expect, it } from 'vitest'
import { compare, fieldOf, together } from '../../src/lab/finding.ts'
import { gradeOf } from '../../src/lab/grade.ts'
import { parseLab } from '../../src/lab/load.ts'
import { junitReport } from '../../src/lab/report/junit.ts'
import { csvReport } from '../../src/lab/report/tables.ts'
import type { Observation } from '../../src/lab/run.ts'
import type { Expectation } from '../../src/lab/schema.ts'

describe('compare', () => {
  const rows: [value: unknown, expectation: Expectation, passed: boolean][] = [
    ['80', { equals: 80 }, true],
    [true, { equals: true }, true],
    ['hello\n', { equals: 'hello' }, true],
    ['hello', { equals: 'hell' }, false],
    [['A=1', 'B=2'], { contains: 'A=1' }, true],
    ['x', { excludes: 'x' }, false],
    ['one\ntwo', { matches: '^two$' }, true],
    [5, { atLeast: 5, atMost: 5 }, true],
    ['5', { atLeast: 5 }, false],
    [undefined, { excludes: 'x' }, true],
    [undefined, {}, false],
    [0, {}, true],
  ]
  it.each(rows)('%j against %j: %j', (value, expectation, passed) => {
    expect(compare('it', value, expectation).passed).toBe(passed)
  })

  it('says what was expected and what was found', () => {
    expect(compare('State.Running', false, { equals: true })).toEqual({
      passed: false,
      expected: 'State.Running is true',
      found: 'State.Running is false',
    })
  })
})

describe('fieldOf', () => {
  const object = { Config: { Labels: { 'a.b': 'c' } }, Mounts: [{ Type: 'bind' }] }
  const rows: [path: string, value: unknown][] = [
    ['Mounts[0].Type', 'bind'],
    ['Config.Labels["a.b"]', 'c'],
    ['Config.None.Deep', undefined],
    ['constructor', undefined],
    ['Mounts[1].Type', undefined],
  ]
  it.each(rows)('%s', (path, value) => {
    expect(fieldOf(object, path)).toEqual(value)
  })
})

const lab = parseLab(
  `lab: 1
id: l
title: L
text: t
steps:
  - id: s
    title: S
    text: t
    checks:
      - {id: full, says: A, points: 4, look: here, container: {name: a}}
      - {id: actual, says: B, points: 2, reveals: actual-only, container: {name: a}}
      - {id: none, says: C, points: 1, reveals: none, hidden: true, look: there, container: {name: a}}
      - {id: after, says: D, points: 3, needs: [full], container: {name: a}}
`,
  'lab.yaml',
)
const failed = together([
  { passed: true, expected: 'e1', found: 'f1' },
  { passed: false, expected: 'e2', found: 'f2' },
])
const observations: Observation[] = [
  { id: 'full', finding: failed },
  { id: 'actual', finding: { ...failed, parts: { held: 99, of: 100 } } },
  { id: 'none', finding: { passed: false, expected: 'e', found: 'f' } },
  { id: 'after', waitsFor: 'full' },
]

describe('a grade', () => {
  const grade = gradeOf(lab, 'ada', observations, ['a note'], 1)

  it('gives part of the points, in whole ones and never all, and takes off what hints cost', () => {
    expect(grade.checks.map(({ id, status, score }) => [id, status, score])).toEqual([
      ['full', 'partial', 2],
      ['actual', 'partial', 1],
      ['none', 'failed', 0],
      ['after', 'skipped', 0],
    ])
    expect([grade.score, grade.max]).toEqual([2, 10])
    expect(gradeOf(lab, 'ada', [], [], 5).score).toBe(0)
  })

  it('tells as much as a check reveals', () => {
    expect(grade.checks.map(({ expected, found, look, waitsFor }) => ({ expected, found, look, waitsFor }))).toEqual([
      { expected: 'e1; e2', found: 'f2', look: 'here' },
      { found: 'f2' },
      {},
      { waitsFor: 'full' },
    ])
  })
})

describe('reports', () => {
  const hostile = '<b>&"\u0000\u001b[2J]]>\n=1'
  const grade = gradeOf(lab, hostile, [{ id: 'full', finding: { passed: false, expected: hostile, found: hostile } }])

  it('JUnit escapes what students write', () => {
    const text = junitReport([grade])
    expect(text).not.toMatch(/[\u0000\u001b]|<b>|\]\]>/)
    expect(text).toContain('classname="l.&lt;b&gt;&amp;&quot;')
  })

  it('CSV makes no formula of a name', () => {
    expect(csvReport([{ ...grade, student: '=cmd()' }]).split('\n')[1]).toMatch(/^'=cmd\(\),l,0,10,0,/)
  })
})
