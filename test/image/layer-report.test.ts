import { describe, expect, it } from 'vitest'
import { layerReport } from '../../src/image/layer-report.ts'
import type { LayerEntry, LayerIndex } from '../../src/layer/layer-index.ts'

const layer = (...entries: (readonly [path: string, size?: number])[]): { index: LayerIndex; createdBy: string } => ({
  createdBy: '',
  index: {
    version: 1,
    diffID: '',
    tar: 'made',
    tarSize: 0,
    size: 0,
    entries: entries.map(
      ([path, size]): LayerEntry => ({
        path,
        type: size === undefined ? 'dir' : 'file',
        mode: 0,
        mtime: 0,
        size: size ?? 0,
      }),
    ),
  },
})

describe('a report of layers', () => {
  it('counts what a layer adds, changes and removes, and charges the layer whose bytes are lost', () => {
    const report = layerReport([
      layer(['d'], ['d/a', 100], ['d/b', 10], ['c', 1]),
      layer(['d/a', 100], ['.wh.c', 0]),
      layer(['.wh.d', 0], ['e', 5]),
    ])
    expect(
      report.layers.map(({ added, changed, removed, size, wasted }) => [added, changed, removed, size, wasted]),
    ).toEqual([
      [3, 0, 0, 111, 111],
      [0, 1, 1, 100, 100],
      [1, 0, 2, 5, 0],
    ])
    expect([report.size, report.wasted]).toEqual([216, 211])
  })

  it.each([
    ['nothing twice', [layer(['a', 10]), layer(['b', 5])], 1],
    ['nothing at all', [layer()], 1],
    // dive: 10 of 20 bytes would do.
    ['a file twice', [layer(['a', 10]), layer(['a', 10])], 0.5],
    ['a file that is removed, which dive counts as nothing', [layer(['a', 10], ['b', 10]), layer(['.wh.a', 0])], 0.5],
    [
      'a folder that is removed, which dive counts again',
      [layer(['d'], ['d/a', 10], ['b', 10]), layer(['.wh.d', 0])],
      1,
    ],
    ['a folder that is emptied', [layer(['d'], ['d/a', 10]), layer(['d'], ['d/.wh..wh..opq', 0], ['d/a', 10])], 0.5],
  ] as const)('scores %s', (_, layers, score) => {
    expect(layerReport(layers).efficiency).toBe(score)
  })
})
