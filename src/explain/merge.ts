/** How an overlay's sheets make one view: what shows at a path, and what it hides (kernel docs, overlayfs). */
import type { Sheet, SheetEntry } from '../engine/internals.ts'

/** A sheet by path. */
export interface SheetIndex {
  at: ReadonlyMap<string, SheetEntry>
  /** Names that it hides in the sheets below, and folders whose contents it hides. */
  whiteouts: ReadonlySet<string>
  opaque: ReadonlySet<string>
  off: boolean
}

export type CellState = 'nothing' | 'shown' | 'merged' | 'hidden' | 'whiteout' | 'opaque' | 'off'

export interface Cell {
  has: CellState
  size: number
}

export interface Merged {
  /** What shows; undefined for nothing. */
  entry?: SheetEntry
  /** Index of the sheet that it comes from; -1 for none. */
  from: number
  /** One a sheet, lowest first. */
  cells: Cell[]
}

export function indexSheet(sheet: Sheet, off: boolean): SheetIndex {
  const of = (kind: SheetEntry['kind']): Set<string> =>
    new Set(sheet.entries.filter(entry => entry.kind === kind).map(entry => entry.path))
  const real = sheet.entries.filter(entry => entry.kind !== 'whiteout' && entry.kind !== 'opaque')
  return {
    at: new Map(real.map(entry => [entry.path, entry])),
    whiteouts: of('whiteout'),
    opaque: of('opaque'),
    off,
  }
}

/** The folders above a path, the nearest first; without the root. */
function above(path: string): string[] {
  const list: string[] = []
  for (let slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1))
    list.push(path.slice(0, slash))
  return list
}

/** Looks at one path through sheets, lowest first. */
export function mergeAt(sheets: readonly SheetIndex[], path: string): Merged {
  const folders = above(path)
  const cells: Cell[] = sheets.map(() => ({ has: 'nothing', size: 0 }))
  let shown: SheetEntry | undefined
  let from = -1
  let covered = false
  for (let at = sheets.length - 1; at >= 0; at--) {
    const sheet = sheets[at]
    const cell = cells[at]
    if (!sheet || !cell) continue
    const entry = sheet.at.get(path)
    cell.size = entry?.size ?? 0
    if (sheet.off) {
      cell.has = entry ? 'off' : 'nothing'
      continue
    }
    if (covered) cell.has = entry ? 'hidden' : 'nothing'
    else if (entry && shown) cell.has = entry.kind === 'directory' ? 'merged' : 'hidden'
    else if (entry) {
      cell.has = 'shown'
      shown = entry
      from = at
    } else if (sheet.whiteouts.has(path) || folders.some(folder => sheet.whiteouts.has(folder))) cell.has = 'whiteout'
    else if (folders.some(folder => sheet.opaque.has(folder))) cell.has = 'opaque'
    covered ||= covers(sheet, path, entry, folders)
  }
  return { ...(shown && { entry: shown }), from, cells }
}

/** Whether a sheet hides what those below it have at a path. */
function covers(sheet: SheetIndex, path: string, entry: SheetEntry | undefined, folders: readonly string[]): boolean {
  if (entry ? entry.kind !== 'directory' : sheet.whiteouts.has(path)) return true
  if (sheet.opaque.has(path)) return true
  return folders.some(folder => {
    const there = sheet.at.get(folder)
    return (
      sheet.whiteouts.has(folder) || sheet.opaque.has(folder) || (there !== undefined && there.kind !== 'directory')
    )
  })
}

/** Files and markers that hide something, or that the container wrote; those of the container first. */
export function worthALook(sheets: readonly Sheet[]): string[] {
  const upper = sheets.at(-1)?.entries.filter(entry => entry.kind !== 'directory' && entry.kind !== 'opaque') ?? []
  const seen = new Set<string>()
  const twice = new Set<string>()
  for (const sheet of sheets.slice(0, -1)) {
    if (sheet.kind === 'init') continue
    for (const { path, kind } of sheet.entries) {
      if (kind === 'directory' || kind === 'opaque') continue
      if (seen.has(path)) twice.add(path)
      seen.add(path)
    }
  }
  const own = upper.map(entry => entry.path).sort()
  return [...new Set([...own, ...[...twice].sort()])]
}
