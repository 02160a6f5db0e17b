/** `explain overlay CONTAINER [PATH]`: the sheets that make a container's files, and which of them shows where. */
import type { OverlayView, Sheet } from '../engine/internals.ts'
import { invalid, notFound } from '../errors.ts'
import { type Cell, indexSheet, mergeAt, type SheetIndex, worthALook } from './merge.ts'
import { count, type Pen } from './pen.ts'
import type { OverlayData } from './schema/overlay.ts'
import { topicOf } from './topic.ts'

type Row = OverlayData['rows'][number]

const root = '/var/lib/docker/overlay2'
/** How many paths are shown when none is asked for. */
const rowLimit = 20

export const topic = topicOf<OverlayData>({
  async collect({ internals }, { args: [container = '', path = ''], list }) {
    return overlayData(await internals.overlay(container), path, list('without'))
  },
  draw,
  next({ container: { name }, rows, path, sheets }) {
    const file = rows.find(row => row.merged === 'file' && row.mount === '')?.path ?? '/etc/motd'
    const off = sheets.some(sheet => sheet.off)
    return [
      path === '' ? `explain overlay ${name} ${file}` : `explain overlay ${name} ${path}${off ? '' : ' --without 0'}`,
      `exec ${name} sh -c 'echo hello > ${file}'`,
      `diff ${name}`,
    ]
  },
  demo: {
    steps: [
      ['run', '-d', '--name', 'web', 'nginx:alpine'],
      ['exec', 'web', 'sh', '-c', 'echo "<h1>mine</h1>" > /usr/share/nginx/html/index.html'],
      ['exec', 'web', 'rm', '/docker-entrypoint.d/20-envsubst-on-templates.sh'],
      ['exec', 'web', 'touch', '/tmp/new'],
    ],
    show: ['web'],
  },
})

/** The view's data. `without`: names of sheets to leave out. Throws EngineError for a path or sheet that is not there. */
export function overlayData(view: OverlayView, path: string, without: readonly string[]): OverlayData {
  const names = view.sheets.map(nameOf)
  const unknown = without.find(name => !names.includes(name))
  if (unknown !== undefined) throw invalid(`no sheet ${unknown}: they are ${names.join(', ')}`)
  const sheets = view.sheets.map((sheet, at) => indexSheet(sheet, without.includes(names[at] ?? '')))
  const wanted = path === '' ? worthALook(view.sheets) : below(view, sheets, path)
  const rows = wanted.map(each => row(view, sheets, names, each))
  const copied =
    view.sheets.at(-1)?.entries.filter(entry => entry.kind === 'file' && inLayers(sheets, entry.path)) ?? []
  const graph = view.sheets.at(-1)?.folder ?? ''
  return {
    container: { id: view.id, name: view.name, image: view.image, state: view.state },
    sheets: view.sheets.map((sheet, at) => {
      const files = sheet.entries.filter(entry => entry.kind === 'file' || entry.kind === 'symlink')
      return {
        sheet: names[at] ?? '',
        kind: sheet.kind,
        directory: `${root}/${sheet.folder}/diff`,
        diffID: sheet.diffID,
        createdBy: sheet.createdBy,
        files: files.length,
        size: files.reduce((sum, file) => sum + file.size, 0),
        off: sheets[at]?.off ?? false,
      }
    }),
    merged: `${root}/${graph}/merged`,
    work: `${root}/${graph}/work`,
    path,
    rows: path === '' ? rows.slice(0, rowLimit) : rows,
    more: path === '' ? Math.max(0, rows.length - rowLimit) : 0,
    copiedUp: { files: copied.length, bytes: copied.reduce((sum, file) => sum + file.size, 0) },
  }
}

const nameOf = (sheet: Sheet, at: number): string =>
  sheet.kind === 'layer' ? String(at) : sheet.kind === 'init' ? 'I' : 'U'

/** The paths to show for one: a folder's entries, or itself. */
function below(view: OverlayView, sheets: readonly SheetIndex[], path: string): string[] {
  if (!path.startsWith('/')) throw invalid(`the path must be absolute: ${path}`)
  const clean = path.replaceAll(/\/+/g, '/').replace(/(.)\/$/, '$1')
  const folder = clean === '/' ? '/' : `${clean}/`
  const inside = view.sheets.flatMap(sheet =>
    sheet.entries.filter(
      entry =>
        entry.kind !== 'opaque' && entry.path.startsWith(folder) && !entry.path.slice(folder.length).includes('/'),
    ),
  )
  const whole = clean === '/' || mergeAt(sheets, clean).entry?.kind === 'directory'
  if (whole) return [...new Set(inside.map(entry => entry.path))].sort()
  if (!view.sheets.some(sheet => sheet.entries.some(entry => entry.path === clean)))
    throw notFound(`Could not find the file ${path} in any layer of container ${view.name}`)
  return [clean]
}

const inLayers = (sheets: readonly SheetIndex[], path: string): boolean =>
  mergeAt(sheets.slice(0, -1), path).entry !== undefined

function row(view: OverlayView, sheets: readonly SheetIndex[], names: readonly string[], path: string): Row {
  const merged = mergeAt(sheets, path)
  const upper = sheets.length - 1
  const before = inLayers(sheets, path)
  const after = merged.entry !== undefined
  const kind = merged.entry?.kind
  const mount = view.mounts.find(each => path === each.path || path.startsWith(`${each.path}/`))
  return {
    path,
    merged: kind === undefined || kind === 'whiteout' || kind === 'opaque' ? 'absent' : kind,
    from: names[merged.from] ?? '',
    cells: merged.cells,
    change: after ? (merged.from === upper ? (before ? 'copied-up' : 'new') : 'none') : before ? 'deleted' : 'none',
    mount: mount ? `${mount.type} at ${mount.path}` : '',
  }
}

function draw(data: OverlayData, pen: Pen): string {
  const { container, sheets, rows } = data
  const { colors } = pen
  const layers = sheets.filter(sheet => sheet.kind === 'layer').length
  const upper = sheets.at(-1)
  const head = [
    pen.title(`The files of ${container.name} (${container.image}, ${container.state})`),
    '',
    pen.wrap(
      `${count(layers, 'read-only layer')} of the image, one of the engine's own (init), and the upper directory, which alone is written. Merged they are what the container sees.`,
    ),
    '',
    `merged  ${pen.fit(data.merged, pen.width - 8)}`,
    `upper   ${pen.fit(upper?.directory ?? '', pen.width - 8)}`,
    `work    ${pen.fit(data.work, pen.width - 8)}`,
    '',
  ]
  const table = pen.table(
    ['', 'sheet', 'files', 'size', 'made by'],
    sheets
      .toReversed()
      .map(sheet => [
        sheet.sheet,
        sheet.off ? `${sheet.kind} (off)` : sheet.kind === 'layer' ? sheet.diffID.slice(7, 19) : sheet.kind,
        String(sheet.files),
        pen.size(sheet.size),
        maker(sheet),
      ]),
    { flexible: [4], right: [2, 3] },
  )
  return [...head, table, '', ...matrix(data, pen), '', ...legend(rows, pen), colors.dim(copyUp(data, pen))]
    .join('\n')
    .replaceAll(/ +$/gm, '')
}

function maker(sheet: OverlayData['sheets'][number]): string {
  if (sheet.kind === 'upper') return 'the container itself'
  if (sheet.kind === 'init') return 'the engine: files it mounts over'
  return sheet.createdBy.replaceAll(/\s+/g, ' ') || '(the history does not say)'
}

/** A row a path, a column a sheet, the merged view at the right. */
function matrix({ sheets, rows, path, more }: OverlayData, pen: Pen): string[] {
  if (rows.length === 0)
    return [path === '' ? 'No file hides another, and the container has written nothing yet.' : `${path} is empty.`]
  const column = Math.max(...sheets.map(sheet => sheet.sheet.length)) + 1
  const strip = sheets.map(sheet => sheet.sheet.padStart(column)).join('')
  const words = rows.map(each => verdict(each, pen))
  const left = Math.max(
    12,
    Math.min(
      Math.max(...rows.map(each => each.path.length)),
      pen.width - strip.length - 4 - Math.min(32, Math.max(...words.map(word => word.length))),
    ),
  )
  const line = (name: string, cells: string, said: string): string => {
    const room = pen.width - left - strip.length - 4
    return `${pathFit(name, left, pen).padEnd(left)} ${cells}   ${pen.fit(said, room)}`
  }
  return [
    pen.colors.bold(line('path', strip, 'merged view')),
    ...rows.map((each, at) =>
      line(each.path, each.cells.map(cell => sign(cell, pen, column)).join(''), words[at] ?? ''),
    ),
    ...(more > 0 ? [`and ${more} more: name a folder to see what is in it`] : []),
  ]
}

/** A path whose end matters most. */
function pathFit(path: string, width: number, pen: Pen): string {
  if (path.length <= width) return path
  return pen.signs.more + path.slice(path.length - width + pen.signs.more.length)
}

function sign({ has }: Cell, pen: Pen, column: number): string {
  const { signs, colors } = pen
  const paint = {
    shown: colors.green,
    merged: colors.green,
    hidden: colors.dim,
    whiteout: colors.red,
    opaque: colors.red,
  }
  const marks = {
    shown: signs.here,
    merged: signs.here,
    hidden: signs.hidden,
    whiteout: signs.gone,
    opaque: signs.gone,
    off: '-',
    nothing: signs.nothing,
  }
  const mark = marks[has].padStart(column)
  return has === 'nothing' || has === 'off' ? mark : paint[has](mark)
}

function verdict(each: Row, pen: Pen): string {
  const hidden = each.cells.filter(cell => cell.has === 'hidden').length
  const hides = hidden > 0 ? `, hides ${hidden} below` : ''
  const over = each.mount === '' ? '' : `; under a ${each.mount}`
  if (each.merged === 'absent')
    return (each.change === 'deleted' ? 'deleted: a whiteout hides it' : 'hidden by a whiteout') + over
  if (each.change === 'copied-up') return `copied up${hides}${over}`
  if (each.change === 'new') return `new${over}`
  const size = each.cells.find(cell => cell.has === 'shown')?.size ?? 0
  const what = each.merged === 'file' ? ` (${pen.size(size)})` : ` (${each.merged})`
  return `from ${each.from}${what}${hides}${over}`
}

function legend(rows: readonly Row[], pen: Pen): string[] {
  if (rows.length === 0) return []
  const { signs } = pen
  return [
    pen.wrap(
      `${signs.here} shows   ${signs.hidden} hidden by a sheet above it   ${signs.gone} whiteout   ${signs.nothing} nothing   - switched off (--without SHEET)`,
    ),
  ]
}

const copyUp = ({ copiedUp }: OverlayData, pen: Pen): string =>
  pen.wrap(
    copiedUp.files === 0
      ? 'Nothing has been copied up: the first write to a file of a layer copies it here whole, and the layer stays as it was.'
      : `${count(copiedUp.files, 'file')} of the layers copied up so far, ${pen.size(copiedUp.bytes)} now; the layers below are as they were, for every container of the image.`,
  )
