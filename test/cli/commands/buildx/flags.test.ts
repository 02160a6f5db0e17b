/** Flags of a build that come to nothing before anything is read; the words are a real buildx's. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cacheSources, wantsInlineCache } from '../../../../src/cli/commands/buildx/build-flags.ts'
import { outputsOf } from '../../../../src/cli/commands/buildx/build-output.ts'
import { parseCall } from '../../../../src/cli/commands/buildx/call.ts'
import { memoryContext, runLine } from '../../memory-context.ts'

const driver = (what: string, page: string): string =>
  `ERROR: failed to build: ${what} is not supported for the docker driver.\nSwitch to a different driver, or turn on the containerd image store, and try again.\nLearn more at https://docs.docker.com/go/${page}/`
const build = (text: string): string => `ERROR: failed to build: ${text}`

let cwd: string
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'minidock-flags-'))
  writeFileSync(join(cwd, 'file'), '')
})
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

describe('a build is refused for', () => {
  it.each([
    ['--output type=image,foo', 'ERROR: invalid value foo'],
    ['--output type=', 'ERROR: type is required for output'],
    ['--output type=local,dest="a', 'ERROR: parse error on line 1, column 17: bare " in non-quoted-field'],
    ['--output type=local', build('dest is required for local exporter')],
    ['--output type=local,dest=-', build('dest cannot be stdout for local exporter')],
    ['--output type=local,dest=file', build('destination directory file is a file')],
    ['--output type=tar,dest=.', build('destination file . is a directory')],
    ['--output type=tar,dest=no/x', build('failed to open open no/x: no such file or directory')],
    ['--output type=local,dest=file/x', build('invalid destination directory: file/x: stat file/x: not a directory')],
    ['--output type=nope', build('failed to solve: exporter "nope" could not be found')],
    ['--output type=oci', driver('OCI exporter', 'build-exporters')],
    ['--output type=docker,dest=x', driver('Docker exporter', 'build-exporters')],
    ['--output type=docker,tar=false', build('dest is required for docker exporter')],
    ['--output type=registry', build('tag is needed when pushing to registry')],
    ['--push', build('tag is needed when pushing to registry')],
    ['--iidfile i --output x', 'ERROR: local and tar exporters are incompatible with image ID file'],
    ['-t UPPER', build('invalid tag "UPPER": repository name must be lowercase')],
    ['--no-cache --no-cache-filter a', build('--no-cache and --no-cache-filter cannot currently be used together')],
    ['--allow bogus', build('unknown entitlement bogus')],
    ['--provenance=true', driver('Attestation', 'attestations')],
    ['--add-host x', build('invalid host x')],
    ['--progress nope', 'ERROR: invalid progress mode nope'],
  ])('%s', async (flags, message) => {
    const { status, stdout, stderr } = await runLine(['build', ...flags.split(' '), '.'], { cwd })
    expect({ status, stdout, stderr: stderr.trimEnd() }).toEqual({ status: 1, stdout: '', stderr: message })
  })
})

it.each([
  [[], undefined, false],
  [['type=inline'], undefined, true],
  [[], '1', true],
  [[], 'nope', false],
] as const)('the inline cache: --cache-to %j, BUILDKIT_INLINE_CACHE=%s', (to, argument, wanted) => {
  expect(wantsInlineCache(to, argument)).toBe(wanted)
})

it('the inline cache cannot be asked for twice, other caches not at all', () => {
  expect(() => wantsInlineCache(['type=inline'], '1')).toThrow('duplicate cache exports [inline]')
  expect(() => wantsInlineCache(['type=local,dest=x'], undefined)).toThrow('Cache export is not supported')
})

it.each([
  [['a,b:1'], ['a', 'b:1']],
  [['type=registry,ref=x/y'], ['x/y']],
  [['type=gha'], []],
] as const)('--cache-from %j', (given, images) => {
  expect(cacheSources(memoryContext({ cwd }), given)).toEqual(images)
})

it.each([
  ['build', { call: 'build', json: false }],
  ['check,format=json', { call: 'check', json: true }],
  ['outline', { call: 'outline', json: false }],
] as const)('--call %s', (given, parsed) => {
  expect(parseCall(given)).toMatchObject(parsed)
})

it('outputs take the tags of the command line for their names', () => {
  const flags = (output: readonly string[], tag: readonly string[]) =>
    ({
      list: (name: string) => (name === 'output' ? output : name === 'tag' ? tag : []),
      bool: () => false,
      string: () => '',
    }) as unknown as Parameters<typeof outputsOf>[1]
  const ctx = memoryContext({ cwd })
  expect(outputsOf(ctx, flags(['type=image,"name=a,b:2",push=true'], []))).toEqual({
    images: [['a', 'b:2']],
    pushed: ['a', 'b:2'],
    files: [],
    clampTimes: false,
  })
  expect(outputsOf(ctx, flags(['type=image,name=a', 'type=docker', 'out', '-'], ['t:1']))).toEqual({
    images: [['t:1'], ['t:1']],
    pushed: [],
    files: [
      { type: 'local', path: join(cwd, 'out') },
      { type: 'tar', path: '-' },
    ],
    clampTimes: false,
  })
  expect(outputsOf(ctx, flags(['type=cacheonly'], []))).toEqual({
    images: [],
    pushed: [],
    files: [],
    clampTimes: false,
  })
})
