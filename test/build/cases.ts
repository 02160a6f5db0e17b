/**
 * Builds of our own (`fixtures/builds/<group>.yaml`): each case a context, a Dockerfile and the words after `docker build`,
 * with what a real Docker made of them beside it (`<group>.json`, recorded with `scripts/record-builds.ts`).
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import type { ImageFacts } from './saved-image.ts'

export const fixtures = join(import.meta.dirname, '../../fixtures/builds')

const Case = z.strictObject({
  name: z.string(),
  /** Run by sh in the empty context. */
  context: z.string().default(''),
  dockerfile: z.string().optional(),
  args: z.array(z.string()).default([]),
  /** The context as `docker build` is given it. */
  path: z.string().default('.'),
  /** A file of the context that goes to its standard input. */
  input: z.string().optional(),
  env: z.record(z.string(), z.string()).default({}),
})
export type Case = z.infer<typeof Case>

export interface Result {
  status: number
  /** The report of the failure. */
  error?: string[]
  image?: ImageFacts
  /** Why `docker save` refuses it. */
  unsaved?: string
  /** Its config, where it cannot be saved. */
  inspected?: unknown
}

/** What `docker inspect -f` shows of an image that cannot be saved. */
export const inspected = '[{{json .Config}},{{json .Architecture}},{{json .Os}},{{json .Variant}}]'

export const groups = (): string[] =>
  readdirSync(fixtures)
    .filter(name => name.endsWith('.yaml'))
    .map(name => name.slice(0, -'.yaml'.length))

export const casesOf = (group: string): Case[] =>
  z.array(Case).parse(parse(readFileSync(join(fixtures, `${group}.yaml`), 'utf8')))

export const resultsPath = (group: string): string => join(fixtures, `${group}.json`)

/** Makes a case's context in an empty folder, the same on each machine. */
export function makeContext(given: Case, folder: string): void {
  mkdirSync(folder, { recursive: true })
  if (given.dockerfile !== undefined) writeFileSync(join(folder, 'Dockerfile'), given.dockerfile)
  execFileSync('sh', ['-euc', `umask 022\n${given.context}`], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] })
}

/** What a build's standard error reports of its failure: from the lines of the Dockerfile on. */
export function failureOf(stderr: string): string[] {
  const lines = stderr.trimEnd().split('\n')
  const from = lines.findIndex(line => /^[\w.-]*:\d+$/.test(line) || line.startsWith('ERROR: '))
  const end = lines.findLastIndex(line => /^[\w.-]*:\d+$/.test(line))
  // The same lines of the Dockerfile may be shown twice.
  return lines.slice(Math.max(from, end) < 0 ? -1 : Math.max(from, end)).map(line =>
    line
      .replace(/ref [\w-]+::\w+/, 'ref REF')
      .replace(/\/\S+\/overlay2\/\w+\/merged/, 'MERGED')
      .replace(/\/\S+\/buildkit-mount\d+/, 'MOUNT')
      .replace(/\/(?:tmp|lab)\/[\w./-]*/g, 'LAB'),
  )
}
