/** How ls prints: long lines, columns, marks. */
import type { Item, LsCall, View } from '../ls.ts'
import { blocksOf, timeOf } from '../ls.ts'
import { humanSizeBusybox, humanSizeGnu } from './human.ts'
import { modeString } from './mode.ts'
import { strftime } from './strftime.ts'
import { groupName, userName } from './users.ts'
import { breakDown } from './zone.ts'

/** The mark that -F or -p puts after a name. */
export function indicator({ options: given }: LsCall, item: Item): string {
  if (!given.has('classify') && !given.has('slash')) return ''
  if (item.stat.type === 'dir') return '/'
  if (!given.has('classify')) return ''
  if (item.stat.type === 'symlink') return '@'
  if (item.stat.type === 'fifo') return '|'
  if (item.stat.type === 'socket') return '='
  return item.stat.type === 'file' && (item.stat.mode & 0o111) !== 0 ? '*' : ''
}

/** The lines of -l: fixed widths in busybox, as wide as needed in GNU. */
export function longLines(call: LsCall, view: View, items: Item[]): string[] {
  const { options: given, gnu } = call
  const rows = items.map(item => {
    const { stat } = item
    const numeric = given.has('numeric')
    const owner = (numeric ? undefined : userName(view.accounts, stat.uid)) ?? String(stat.uid)
    const group = (numeric ? undefined : groupName(view.accounts, stat.gid)) ?? String(stat.gid)
    return {
      item,
      inode: given.has('inode') ? String(stat.ino) : '',
      blocks: given.has('blocks') ? String(blocksOf(stat)) : '',
      mode: modeString(stat.type, stat.mode),
      links: String(stat.nlink),
      owner: given.has('noOwner') ? '' : owner,
      group: given.has('noGroup') || given.has('longNoGroup') ? '' : group,
      size: sizeText(call, item),
      time: timeText(call, view, item),
    }
  })
  const isLink = (item: Item) => (item.target === undefined ? '' : ` -> ${item.target}`)
  if (!gnu) {
    return rows.map(row => {
      const inode = row.inode === '' ? '' : `${row.inode.padStart(7)} `
      const blocks = row.blocks === '' ? '' : `${row.blocks.padStart(6)} `
      const owners = `${row.owner.padEnd(8)} ${row.group.padEnd(8)}`
      const special = row.item.stat.type === 'char' || row.item.stat.type === 'block'
      const size = row.size.padStart(given.has('human') && !special ? 7 : 9)
      // A link shows the mark of what it leads to, after its target.
      const name = row.item.target === undefined ? row.item.name + indicator(call, row.item) : row.item.name
      const mark = row.item.real === undefined ? '' : indicator(call, { ...row.item, stat: row.item.real })
      return `${inode}${blocks}${row.mode} ${row.links.padStart(4)} ${owners} ${size} ${row.time} ${name}${isLink(row.item)}${mark}`
    })
  }
  const width = (field: 'inode' | 'blocks' | 'links' | 'owner' | 'group' | 'size' | 'time') =>
    Math.max(...rows.map(row => row[field].length))
  return rows.map(row => {
    const fields = [
      row.inode === '' ? '' : row.inode.padStart(width('inode')),
      row.blocks === '' ? '' : row.blocks.padStart(width('blocks')),
      row.mode,
      row.links.padStart(width('links')),
      row.owner.padEnd(width('owner')),
      row.group.padEnd(width('group')),
      row.size.padStart(width('size')),
      row.time.padStart(width('time')),
    ]
    const real = row.item.target === undefined ? row.item.stat : row.item.real
    const mark = real === undefined ? '' : indicator(call, { ...row.item, stat: real })
    return `${fields.filter(field => field !== '').join(' ')} ${row.item.name}${isLink(row.item)}${mark}`
  })
}

function sizeText({ options: given, gnu }: LsCall, { stat }: Item): string {
  if (stat.type === 'char' || stat.type === 'block') {
    const [major, minor] = stat.rdev ?? [0, 0]
    return gnu ? `${major}, ${minor}` : `${String(major).padStart(4)}, ${String(minor).padStart(3)}`
  }
  if (given.has('si')) return humanSizeGnu(stat.size, 1000)
  if (given.has('human')) return gnu ? humanSizeGnu(stat.size) : humanSizeBusybox(stat.size)
  return String(stat.size)
}

/** Half a year: older files show their year instead of the time. */
const recent = 31_556_952_000 / 2

function timeText({ options: given, gnu }: LsCall, view: View, { stat }: Item): string {
  const ms = timeOf(given, stat)
  const time = breakDown(ms, view.zone)
  const style = given.value('timeStyle')
  if (gnu && style?.startsWith('+')) return strftime(style.slice(1), time, true)
  if (gnu && (given.has('fullTime') || style === 'full-iso')) return strftime('%Y-%m-%d %H:%M:%S.%N %z', time, true)
  if (gnu && style === 'long-iso') return strftime('%Y-%m-%d %H:%M', time)
  if (given.has('fullTime')) return strftime('%Y-%m-%d %H:%M:%S %z', time)
  const age = view.now - ms
  return strftime(age > recent || age < (gnu ? 0 : -900_000) ? '%b %e  %Y' : '%b %e %H:%M', time)
}

/** Names in columns: down each column, or along the lines. */
export function columnsOf(names: string[], width: number, byLines: boolean, gnu: boolean): string {
  if (names.length === 0) return ''
  if (!gnu) return busyboxColumns(names, width, byLines)
  for (let rows = 1; ; rows++) {
    const columns = Math.ceil(names.length / rows)
    const at = (row: number, column: number) => (byLines ? row * columns + column : column * rows + row)
    const widths = Array.from({ length: columns }, (_, column) =>
      Math.max(...Array.from({ length: rows }, (__, row) => names[at(row, column)]?.length ?? 0)),
    )
    const total = widths.reduce((sum, one) => sum + one + 2, -2)
    if (total >= width && columns > 1) continue
    let text = ''
    for (let row = 0; row < rows; row++) {
      let place = 0
      for (let column = 0; column < columns; column++) {
        const name = names[at(row, column)]
        if (name === undefined) break
        const start = widths.slice(0, column).reduce((sum, one) => sum + one + 2, 0)
        text += indent(place, start) + name
        place = start + name.length
      }
      text += '\n'
    }
    return text
  }
}

/** From one column to another with tabs where they reach, as GNU ls does. */
function indent(from: number, to: number): string {
  let text = ''
  for (let at = from; at < to; ) {
    const tab = Math.floor(to / 8) > Math.floor((at + 1) / 8)
    text += tab ? '\t' : ' '
    at = tab ? (Math.floor(at / 8) + 1) * 8 : at + 1
  }
  return text
}

/** Busybox gives every column the width of the longest name and two blanks. */
function busyboxColumns(names: string[], width: number, byLines: boolean): string {
  const columnWidth = Math.max(...names.map(name => name.length)) + 2
  let columns = Math.max(1, Math.floor(width / columnWidth))
  const rows = Math.ceil(names.length / columns)
  if (!byLines && rows > 1) columns = Math.ceil(names.length / rows)
  let text = ''
  for (let row = 0; row < rows; row++) {
    let line = ''
    for (let column = 0; column < columns; column++) {
      const name = names[byLines ? row * columns + column : column * rows + row]
      if (name === undefined) break
      line = column === 0 ? name : line.padEnd(column * columnWidth) + name
    }
    text += `${line}\n`
  }
  return text
}
