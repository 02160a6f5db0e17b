import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parseLab } from '../../src/lab/load.ts'
import { jsonSchema } from '../../src/lab/schema.ts'

const good = `lab: 1
id: one
title: One
text: Do it.
steps:
  - id: first
    title: First
    text: Start.
    checks:
      - id: there
        says: There is a container
        points: 2
        container: {name: web}
`

describe('a lab file', () => {
  it('is read, with what it leaves out', () => {
    const lab = parseLab(good, 'lab.yaml')
    expect(lab).toMatchObject({ id: 'one', level: 'beginner', run: ['commands.sh'], questions: {} })
    expect(lab.steps[0]?.checks[0]).toMatchObject({ reveals: 'full', hidden: false, needs: [] })
  })

  const faults: [doc: string, change: [RegExp, string], message: string][] = [
    ['YAML that is none', [/id: one/, 'id: [one'], 'lab.yaml:3:1: '],
    ['a fraction of a point', [/points: 2/, 'points: 1.5'], 'lab.yaml:12:9: steps.0.checks.0.points: points are whole'],
    ['a key nobody knows', [/points: 2/, 'pionts: 2'], 'lab.yaml:12:9: steps.0.checks.0: Unrecognized key: "pionts"'],
    ['a version to come', [/lab: 1/, 'lab: 2'], 'lab.yaml:1:1: lab: Invalid input: expected 1'],
    [
      'a check of two kinds',
      [/container: /, 'volume: {name: v}\n        container: '],
      'lab.yaml:10:9: steps.0.checks.0: needs exactly one of container, image',
    ],
    [
      'a need that is not there',
      [/points: 2/, 'points: 2\n        needs: [gone]'],
      'lab.yaml:13:17: steps.0.checks.0.needs.0: there is no check gone',
    ],
    [
      'a pattern that is none',
      [/container: .*/, 'used: {command: "("}'],
      'lab.yaml:10:9: steps.0.checks.0: ( is no regular expression',
    ],
    [
      'an answer to no question',
      [/container: .*/, 'answer: {question: q, equals: a}'],
      'lab.yaml:13:18: steps.0.checks.0.answer.question: there is no question q',
    ],
  ]
  it.each(faults)('with %s is refused with its place', (_, [from, to], message) => {
    expect(() => parseLab(good.replace(from, to), 'lab.yaml')).toThrow(message)
  })

  it('has a published schema that follows the code', () => {
    const published: unknown = JSON.parse(readFileSync(new URL('../../docs/lab.schema.json', import.meta.url), 'utf8'))
    expect(published).toEqual(jsonSchema())
  })
})
