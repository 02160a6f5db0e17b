import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { commitLayer, madeIndex } from '../../src/layer/commit-layer.ts'
import { treeEntries, upperEntries } from '../../src/layer/export-layer.ts'
import { Layer } from '../../src/layer/layer.ts'
import type { LayerIndex } from '../../src/layer/layer-index.ts'
import { OverlayFs } from '../../src/layer/overlay.ts'
import { writeTar } from '../../src/layer/tar-writer.ts'
import { RootFs } from '../../src/vfs/rootfs.ts'
import { bytes } from '../vfs/filesystem.contract.ts'
import { memoryBlobs } from './tar-build.ts'

const NOW = 1_700_000_000_000

function container(layers: Layer[] = []): { overlay: OverlayFs; root: RootFs } {
  const overlay = OverlayFs.create(layers, NOW)
  return { overlay, root: new RootFs(overlay, () => NOW) }
}

const contents = (root: RootFs): unknown[] =>
  [...treeEntries(root, '/', '')].map(({ header, content }) => [
    header,
    createHash('sha256')
      .update(Buffer.concat([...(content ?? [])]))
      .digest('hex'),
  ])

async function commit(overlay: OverlayFs): Promise<{ index: LayerIndex; layer: Layer; state: string }> {
  const blobs = memoryBlobs()
  const index = await commitLayer(overlay, () => blobs.sink)
  return { index, layer: new Layer(index, blobs), state: blobs.state() }
}

test('small files and placeholders make a layer without a blob, of the same digest and bytes', async () => {
  const { overlay, root } = container()
  root.mkdirAll('/etc/app')
  root.writeFile('/etc/app/conf', bytes('key = é\n'))
  root.writeFile('/etc/app/binary', Uint8Array.of(0x7f, 0xff, 0, 1))
  root.writeFile('/server', Buffer.concat([Buffer.from('ELF'), Buffer.alloc(3_000_000)]))
  root.writeFile('/late', Buffer.concat([Buffer.alloc(5000), Buffer.from('x'), Buffer.alloc(5000)]))
  root.writeFile('/zeros', Buffer.alloc(70_000))
  root.writeFile('/empty', Buffer.alloc(0))
  root.link('/server', '/again')
  const { index, layer, state } = await commit(overlay)
  const tar = Buffer.concat([...writeTar(upperEntries(overlay))])
  expect(state).toBe('open')
  expect(index).toMatchObject({
    tar: 'made',
    tarSize: tar.length,
    diffID: `sha256:${createHash('sha256').update(tar).digest('hex')}`,
    size: overlay.sizeRw(),
  })
  expect(contents(container([layer]).root)).toEqual(contents(root))
})

test('a layer with more than that goes to a blob', async () => {
  const { overlay, root } = container()
  root.writeFile('/data', Buffer.concat([Buffer.alloc(9000), Buffer.from('x')]))
  const { index, layer, state } = await commit(overlay)
  expect([index.tar, state]).toEqual(['blob', 'committed'])
  expect(contents(container([layer]).root)).toEqual(contents(root))
})

test('what is nearly all zeros may hold more than that', () => {
  const { overlay, root } = container()
  for (let at = 0; at < 20; at++) root.writeFile(`/f${at}`, Buffer.alloc(4000, 'x'))
  root.writeFile('/library', Buffer.alloc(2_000_000))
  expect(madeIndex(() => upperEntries(overlay))?.tar).toBe('made')
})

test('many small files together are too much for an index', () => {
  const { overlay, root } = container()
  for (let at = 0; at < 20; at++) root.writeFile(`/f${at}`, Buffer.alloc(4000, 'x'))
  expect(madeIndex(() => upperEntries(overlay))).toBe(undefined)
})
