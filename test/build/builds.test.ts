/** Builds recorded from a real Docker (`scripts/record-builds.ts`): the same statuses, errors, configs, histories and files. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Engine } from '../../src/engine/engine.ts'
import { openLocal } from '../../src/engine/local.ts'
import { runLine } from '../cli/memory-context.ts'
import { casesOf, failureOf, groups, inspected, makeContext, type Result, resultsPath } from './cases.ts'
import { type Base, baseOf, imageFacts } from './saved-image.ts'

const lab = mkdtempSync(join(tmpdir(), 'minidock-builds-'))
let engine: Engine
let base: Base
beforeAll(async () => {
  engine = (await openLocal({ MINIDOCK_HOME: join(lab, 'store') })).engine
  await runLine(['pull', '-q', 'busybox'], { engine })
  await runLine(['save', '-o', join(lab, 'base.tar'), 'busybox'], { engine })
  base = baseOf(readFileSync(join(lab, 'base.tar')))
})
afterAll(() => rmSync(lab, { recursive: true, force: true }))

describe.each(groups())('%s', group => {
  const results = JSON.parse(readFileSync(resultsPath(group), 'utf8')) as Record<string, Result>
  it.each(casesOf(group).map(given => [given.name, given] as const))('%s', async (name, given) => {
    const cwd = join(lab, group, name)
    makeContext(given, cwd)
    const options = {
      engine,
      cwd,
      env: given.env,
      ...(given.input !== undefined && { input: readFileSync(join(cwd, given.input)) }),
    }
    const { status, stderr } = await runLine(['build', '-t', 'case', ...given.args, given.path], options)
    if (status !== 0) return expect({ status, error: failureOf(stderr) }).toEqual(results[name])
    const archive = join(lab, 'saved.tar')
    const saved = await runLine(['save', '-o', archive, 'case'], options)
    if (saved.status !== 0) {
      const { stdout } = await runLine(['inspect', '-f', inspected, 'case'], options)
      expect({ status, unsaved: saved.stderr.trimEnd(), inspected: JSON.parse(stdout) }).toEqual(results[name])
      return
    }
    expect({ status, image: imageFacts(readFileSync(archive), base) }).toEqual(results[name])
  })
})
