import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { checkBind } from '../../src/volume/bind-policy.ts'

const root = realpathSync(mkdtempSync(join(tmpdir(), 'minidock-policy-')))
afterAll(() => rmSync(root, { recursive: true, force: true }))
for (const path of ['lab/work', 'home/.minidock/blobs', 'secret']) mkdirSync(join(root, path), { recursive: true })
symlinkSync(join(root, 'secret'), join(root, 'lab/out'))
symlinkSync(join(root, 'home/.minidock'), join(root, 'lab/store'))
const store = join(root, 'home/.minidock')

it.each<[string, string, boolean, string]>([
  ['a folder', 'lab/work', false, 'lab/work'],
  ['a folder that is not there yet', 'lab/new/er', false, 'lab/new/er'],
  ['what a link leads to', 'lab/out', false, 'secret'],
  ['the folder that holds the store', 'home', false, 'home'],
  ['a folder within the limit', 'lab/work', true, 'lab/work'],
  ['the limit itself', 'lab', true, 'lab'],
])('%s may be bound', (_, path, limited, real) => {
  const limit = limited ? join(root, 'lab') : undefined
  expect(checkBind({ store, limit }, join(root, path))).toBe(join(root, real))
})

it.each<[string, string, boolean, RegExp]>([
  ['the store', 'home/.minidock', false, /^minidock does not bind .*: it is minidock's own store$/],
  ['what is in the store', 'home/.minidock/blobs', false, /own store$/],
  ['a link to the store', 'lab/store', false, /own store$/],
  ['a folder outside the limit', 'secret', true, /is outside .*\/lab, and MINIDOCK_BIND_ROOT allows no other folder$/],
  ['a link out of the limit', 'lab/out', true, /is outside/],
  ['a missing folder behind a link out of the limit', 'lab/out/new', true, /is outside/],
  ['dots out of the limit', 'lab/../secret', true, /is outside/],
  ['a name that starts like the limit', 'lab2', true, /is outside/],
])('%s may not', (_, path, limited, words) => {
  const limit = limited ? join(root, 'lab') : undefined
  expect(() => checkBind({ store, limit }, `${root}/${path}`)).toThrow(words)
})
