/** cal: a calendar of a month or a year (busybox, util-linux). */
import { command } from './lib/command.ts'
import { Failure } from './lib/failure.ts'
import { monthNames } from './lib/strftime.ts'
import { breakDown, zoneFor } from './lib/zone.ts'

export const options = {
  julian: '-j  days of the year',
  monday: '-m  weeks start on Monday',
  year: '-y  the whole year',
}

export const program = command(
  'cal',
  options,
  function* ({ p, out, options: given, args }) {
    const now = breakDown(p.now(), zoneFor(p.env.get('TZ')))
    const number = (text: string, least: number, most: number) => {
      if (!/^\d+$/.test(text)) throw new Failure(`invalid number '${text}'`)
      if (Number(text) < least || Number(text) > most)
        throw new Failure(`number ${text} is not in ${least}..${most} range`)
      return Number(text)
    }
    const [first, second] = args
    const year =
      second !== undefined ? number(second, 1, 9999) : first !== undefined ? number(first, 1, 9999) : now.year
    const month = second !== undefined && first !== undefined ? number(first, 1, 12) - 1 : now.month
    const style = { julian: given.has('julian'), monday: given.has('monday') }
    const cell = style.julian ? 4 : 3
    const width = cell * 7 - 1
    if ((first !== undefined && second === undefined) || given.has('year')) {
      yield* out.write(wholeYear(year, style, width))
      return 0
    }
    const title = `${monthNames[month]} ${year}`
    yield* out.write(`${' '.repeat(Math.floor((width - title.length) / 2))}${title}\n${heading(style)}\n`)
    for (const line of weeks(year, month, style))
      yield* out.write(`${line.trimEnd() === '' ? ' '.repeat(width + 1) : line.trimEnd()}\n`)
    return 0
  },
  { operands: [0, 2] },
)

interface Style {
  julian: boolean
  monday: boolean
}

function heading(style: Style): string {
  const names = ['Su', 'Mo', 'Tu', 'We', 'Th', 'Fr', 'Sa']
  const order = style.monday ? [...names.slice(1), 'Su'] : names
  return order.map(name => (style.julian ? ` ${name}` : name)).join(' ')
}

/** Six lines, the last ones perhaps empty. September 1752 is as in any other year. */
function weeks(year: number, month: number, style: Style): string[] {
  const first = new Date(0)
  first.setUTCFullYear(year, month, 1)
  const length = new Date(Date.UTC(2000 + (year % 400), month + 1, 0)).getUTCDate()
  const newYear = new Date(0)
  newYear.setUTCFullYear(year, 0, 1)
  const offset = style.julian ? Math.round((first.getTime() - newYear.getTime()) / 86_400_000) : 0
  const lead = (first.getUTCDay() - (style.monday ? 1 : 0) + 7) % 7
  const cell = style.julian ? 3 : 2
  return Array.from({ length: 6 }, (_, week) =>
    Array.from({ length: 7 }, (_, weekday) => {
      const day = week * 7 + weekday - lead + 1
      return (day >= 1 && day <= length ? String(day + offset) : '').padStart(cell)
    }).join(' '),
  )
}

function wholeYear(year: number, style: Style, width: number): string {
  const perRow = style.julian ? 2 : 3
  const total = perRow * width + (perRow - 1) * 2
  const centre = (text: string, room: number) => {
    const before = Math.floor((room - text.length) / 2)
    return `${' '.repeat(before)}${text}${' '.repeat(room - text.length - before)}`
  }
  let text = `${centre(String(year), total)}\n\n`
  for (let row = 0; row < 12; row += perRow) {
    const months = Array.from({ length: perRow }, (_, i) => row + i)
    text += `${months.map(month => centre(monthNames[month] ?? '', width)).join('  ')}\n`
    text += `${months.map(() => heading(style)).join('  ')}\n`
    const columns = months.map(month => weeks(year, month, style))
    for (let week = 0; week < 6; week++) {
      const line = columns
        .map(column => column[week] ?? '')
        .join('  ')
        .trimEnd()
      text += line === '' ? `${' '.repeat(79)}\n` : `${line}\n`
    }
  }
  return text
}
