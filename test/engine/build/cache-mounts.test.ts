import { describe, expect, it } from 'vitest'
import { parseMount } from '../../../src/build/dockerfile/mount.ts'
import { CacheMounts, type WantedMount } from '../../../src/engine/build/cache-mounts.ts'
import type { StoreReader } from '../../../src/store/types.ts'

const store = { read: () => undefined } as unknown as StoreReader
const want = (text: string, seed?: string): WantedMount => ({
  spec: parseMount(`type=cache,target=/c,${text}`),
  seed: seed === undefined ? undefined : { files: () => undefined as never, identity: seed },
  fresh: false,
  command: 'make',
})
const never = (): Promise<void> => Promise.reject(new Error('it waits'))

describe('a cache mount in use', () => {
  it.each([
    ['shared', 'shared', true],
    ['shared', 'private', false],
    ['private', 'private', false],
    ['private', 'shared', false],
  ])('by a %s step is for a %s one the same: %s', async (first, second, same) => {
    const mounts = new CacheMounts(store, () => 0)
    const one = want(`sharing=${first}`)
    const two = want(`sharing=${second}`)
    const held = (await mounts.take([one], never)).of(one.spec)
    expect((await mounts.take([two], never)).of(two.spec) === held).toBe(same)
  })

  it('is waited for by a locked step, and is the same then', async () => {
    const mounts = new CacheMounts(store, () => 0)
    const one = want('sharing=locked')
    const two = want('sharing=locked')
    const held = await mounts.take([one], never)
    let got: unknown
    const waiting = mounts.take([two], wait => wait()).then(taken => (got = taken.of(two.spec)))
    await Promise.resolve()
    expect(got).toBe(undefined)
    held.release()
    await waiting
    expect(got).toBe(held.of(one.spec))
  })

  it('is one for both mounts of a step, and for two names none', async () => {
    const mounts = new CacheMounts(store, () => 0)
    const [one, two, other] = [want('sharing=locked'), want('sharing=locked'), want('id=x')]
    const taken = await mounts.take([one, two, other], never)
    expect(taken.of(one.spec)).toBe(taken.of(two.spec))
    expect(taken.of(one.spec)).not.toBe(taken.of(other.spec))
  })
})
