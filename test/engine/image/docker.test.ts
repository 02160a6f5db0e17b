/** Against what a real Docker 28.5.2 wrote and said: fixtures/images/docker-save.tar and .json. */
import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ImageHistoryItem, ImageInspect } from '../../../src/api/image.ts'
import { imageHistory, inspectImage } from '../../../src/engine/image/inspect.ts'
import { loadImages } from '../../../src/engine/image/load.ts'
import { saveImages } from '../../../src/engine/image/save.ts'
import { validateImages } from '../../../src/image/validate.ts'
import { collect, type Harness, harness, once } from './harness.ts'

const fixture = (name: string): Buffer => readFileSync(new URL(`../../../fixtures/images/${name}`, import.meta.url))
const archive = fixture('docker-save.tar')
const said = JSON.parse(fixture('docker-save.json').toString()) as {
  inspect: ImageInspect[]
  history: ImageHistoryItem[][]
}

let h: Harness

beforeEach(() => {
  h = harness()
})

afterEach(() => h.close())

describe('images that Docker saved', () => {
  it('are loaded with the same ids, configs and history', async () => {
    const messages = await collect(loadImages(h.ctx, once(archive), { quiet: true }))
    expect(messages).toEqual(['base:1', 'top:1', 'top:2'].map(name => ({ stream: `Loaded image: fx/${name}\n` })))
    for (const [index, name] of ['fx/base:1', 'fx/top:1'].entries()) {
      const { GraphDriver, Metadata, ...inspect } = await inspectImage(h.ctx, name)
      const { GraphDriver: driver, Metadata: metadata, ...expected } = said.inspect[index] ?? ({} as ImageInspect)
      expect(inspect).toEqual(expected)
      expect(JSON.stringify(inspect)).toBe(JSON.stringify(expected))
      expect(Object.keys(GraphDriver.Data ?? {})).toEqual(Object.keys(driver.Data ?? {}))
      expect(Metadata.LastTagTime).toBe('0001-01-01T00:00:00Z')
      expect(Object.keys(metadata)).toEqual(Object.keys(Metadata))
      expect(await imageHistory(h.ctx, name)).toEqual(said.history[index])
    }
    expect(await validateImages(h.ctx.store, h.ctx.content)).toEqual([])
  })

  it('are saved again byte for byte', async () => {
    await collect(loadImages(h.ctx, once(archive), { quiet: true }))
    const again = Buffer.concat(await collect(saveImages(h.ctx, ['fx/base:1', 'fx/top'])))
    expect(again.equals(archive)).toBe(true)
  })
})
