/** `explain layers IMAGE`: how an image is stacked, what each layer costs and who else has it. */
import type { ImageView } from '../engine/internals.ts'
import { invalid } from '../errors.ts'
import type { ImageReport } from '../image/layer-report.ts'
import { indexSheet, mergeAt } from './merge.ts'
import { type Branch, count, type Pen } from './pen.ts'
import type { LayersData } from './schema/layers.ts'
import { topicOf } from './topic.ts'

type Files = NonNullable<LayersData['files']>

/** How many files of a layer the picture lists. */
const fileLimit = 40

export const topic = topicOf<LayersData>({
  async collect({ engine, internals }, { args: [reference = ''], list }) {
    const view = await internals.image(reference)
    const wanted = list('layer').at(-1)
    return layersData(view, await engine.images.layers(reference), wanted)
  },
  draw,
  next({ image, layers, files }) {
    const name = image.names[0] ?? image.id.slice(7, 19)
    const biggest = layers.reduce((best, layer, at) => (layer.size > (layers[best]?.size ?? 0) ? at : best), 0)
    return [
      ...(files ? [`explain layers ${name}`] : [`explain layers ${name} --layer ${biggest}`]),
      `history ${name}`,
      `image inspect ${name} --format '{{json .RootFS}}'`,
    ]
  },
  demo: {
    files: {
      Dockerfile:
        'FROM alpine\nRUN dd if=/dev/zero of=/cache bs=1M count=8\nRUN rm /cache\nENV GREETING=hello\nCOPY hello.txt /\nCMD ["cat", "/hello.txt"]\n',
      'hello.txt': 'hello\n',
    },
    steps: [['build', '-q', '-t', 'hello', '.']],
    show: ['hello'],
  },
})

/** The view's data. `wanted`: the number of the layer whose files are listed. Throws EngineError for a number out of range. */
export function layersData(view: ImageView, report: ImageReport, wanted: string | undefined): LayersData {
  const at = wanted === undefined ? undefined : Number(wanted)
  if (at !== undefined && !(Number.isInteger(at) && at >= 0 && at < view.layers.length))
    throw invalid(`no layer ${wanted}: the image has layers 0 to ${view.layers.length - 1}`)
  return {
    image: { id: view.id, names: view.names, platform: view.platform },
    history: view.history,
    layers: view.layers.map((layer, index) => {
      const { added = 0, changed = 0, removed = 0, size = 0, wasted = 0 } = report.layers[index] ?? {}
      const { diffID, chainID, createdBy, blob, sharedWith } = layer
      return { diffID, chainID, createdBy, added, changed, removed, size, wasted, ...(blob && { blob }), sharedWith }
    }),
    size: report.size,
    wasted: report.wasted,
    efficiency: report.efficiency,
    ...(at !== undefined && { files: { layer: at, entries: filesOf(view, at) } }),
  }
}

/** What a layer does to the files below it. */
function filesOf({ layers }: ImageView, at: number): Files['entries'] {
  const below = layers.slice(0, at).map(layer => indexSheet(layer, false))
  return (layers[at]?.entries ?? [])
    .filter(entry => entry.kind !== 'directory' && entry.kind !== 'opaque')
    .map(entry => {
      const before = mergeAt(below, entry.path).entry
      const change = entry.kind === 'whiteout' ? 'removed' : before ? 'changed' : 'added'
      return { path: entry.path, change, size: entry.size } satisfies Files['entries'][number]
    })
    .sort((a, b) => b.size - a.size || (a.path < b.path ? -1 : 1))
}

function draw(data: LayersData, pen: Pen): string {
  const { image, layers } = data
  const empty = data.history.filter(entry => entry.layer === undefined).length
  const most = Math.max(1, ...layers.map(layer => layer.size))
  const barWidth = Math.min(24, Math.floor(pen.width / 6))
  // A narrow terminal has no room for bars.
  const bars = pen.width >= 76
  const table = pen.table(
    ['', 'size', ...(bars ? ['of the largest'] : []), 'add', 'chg', 'del', 'wasted', 'made by'],
    layers.map((layer, at) => [
      String(at),
      pen.size(layer.size),
      ...(bars ? [pen.bar(layer.size, most, barWidth)] : []),
      String(layer.added),
      String(layer.changed),
      String(layer.removed),
      layer.wasted > 0 ? pen.size(layer.wasted) : '',
      layer.createdBy.replaceAll(/\s+/g, ' '),
    ]),
    { flexible: [bars ? 7 : 6], right: bars ? [0, 1, 3, 4, 5, 6] : [0, 1, 2, 3, 4, 5] },
  )
  const wasted =
    data.wasted > 0
      ? `${pen.size(data.wasted)} of ${pen.size(data.size)} are bytes that a later layer hides: they are stored, pulled and pushed all the same.`
      : `No layer hides bytes of another: all ${pen.size(data.size)} are in use.`
  return [
    pen.title(`The layers of ${image.names[0] ?? image.id.slice(7, 19)} (${image.platform})`),
    '',
    pen.wrap(
      `${count(data.history.length, 'instruction')} made ${count(layers.length, 'layer')}; ${empty} changed only the config, and left no layer in the manifest.`,
    ),
    '',
    ...pen.tree(historyTree(data, pen)),
    '',
    table,
    '',
    pen.wrap(`${wasted} Efficiency ${(data.efficiency * 100).toFixed(1)} %.`),
    '',
    ...digests(data, pen),
    ...(data.files ? ['', ...files(data.files, pen)] : []),
  ].join('\n')
}

/** What each instruction became, the oldest first. */
function historyTree({ history, layers, image }: LayersData, pen: Pen): Branch[] {
  return [
    {
      text: pen.fit(`config ${image.id}`, pen.width - 4),
      below: history.map(({ createdBy, layer }) => {
        const made = layer === undefined ? pen.colors.dim('config only'.padEnd(14)) : `layer ${layer}`.padEnd(14)
        const size = layer === undefined ? '' : pen.size(layers[layer]?.size ?? 0)
        return { text: `${made} ${size.padStart(7)}  ${pen.fit(createdBy.replaceAll(/\s+/g, ' '), pen.width - 30)}` }
      }),
    },
  ]
}

/** The hashes of each layer, and which of them says what. */
function digests({ layers }: LayersData, pen: Pen): string[] {
  const room = Math.min(71, pen.width - 24)
  return [
    pen.wrap(
      'diffID: sha256 of the unpacked tar. chainID: of this layer on all below it; names the folder. blob: of the compressed tar, as the registry has it.',
    ),
    ...layers.flatMap((layer, at) => [
      `${String(at).padStart(3)}  diffID   ${pen.fit(layer.diffID, room)}`,
      `     chainID  ${pen.fit(layer.chainID, room)}`,
      ...(layer.blob ? [`     blob     ${pen.fit(layer.blob.digest, room)} ${pen.size(layer.blob.size)}`] : []),
      ...(layer.sharedWith.length > 0 ? [pen.fit(`     shared with ${layer.sharedWith.join(', ')}`, pen.width)] : []),
    ]),
  ]
}

function files({ layer, entries }: Files, pen: Pen): string[] {
  const signs = { added: pen.colors.green('A'), changed: pen.colors.yellow('C'), removed: pen.colors.red('D') }
  return [
    pen.title(`Files of layer ${layer}, the largest first`),
    ...entries
      .slice(0, fileLimit)
      .map(
        ({ path, change, size }) =>
          `  ${signs[change]} ${pen.size(size).padStart(7)}  ${pen.fit(path, pen.width - 13)}`,
      ),
    ...(entries.length > fileLimit ? [`  and ${entries.length - fileLimit} more (--format json has them all)`] : []),
  ]
}
