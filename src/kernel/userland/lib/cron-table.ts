/** Lines of a crontab (crontab(5)). */

export interface CronEntry {
  readonly minutes: ReadonlySet<number>
  readonly hours: ReadonlySet<number>
  readonly days: ReadonlySet<number>
  readonly months: ReadonlySet<number>
  readonly weekdays: ReadonlySet<number>
  /** Days and weekdays are alternatives when neither is `*`. */
  readonly either: boolean
  readonly command: string
  readonly user: string | undefined
}

const shortcuts: Record<string, string> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
}
const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']

/** Entries and variables of a table; lines that make no sense are left out. `withUser`: as in /etc/crontab. */
export function parseCrontab(text: string, withUser = false): { entries: CronEntry[]; env: Map<string, string> } {
  const entries: CronEntry[] = []
  const env = new Map<string, string>()
  for (const raw of text.split('\n')) {
    const line = raw.trim()
    if (line === '' || line.startsWith('#')) continue
    const variable = /^([A-Za-z_]\w*)\s*=\s*(.*)$/.exec(line)
    if (variable?.[1]) {
      env.set(variable[1], (variable[2] ?? '').replace(/^(["'])(.*)\1$/, '$2'))
      continue
    }
    const word = line.split(/\s+/)[0] ?? ''
    const expanded = Object.hasOwn(shortcuts, word) ? shortcuts[word] + line.slice(word.length) : line
    const match = /^(\S+)\s+(\S+)\s+(\S+)\s+(\S+)\s+(\S+)\s+(.*)$/.exec(expanded)
    if (!match) continue
    const [, minute = '', hour = '', day = '', month = '', weekday = '', rest = ''] = match
    const parsed = [
      parse(minute, 0, 59),
      parse(hour, 0, 23),
      parse(day, 1, 31),
      parse(month, 1, 12, months),
      parse(weekday, 0, 7, days),
    ]
    const [a, b, c, d, e] = parsed
    if (!a || !b || !c || !d || !e) continue
    const user = withUser ? rest.split(/\s+/)[0] : undefined
    entries.push({
      minutes: a,
      hours: b,
      days: c,
      months: d,
      weekdays: new Set([...e].map(n => n % 7)),
      either: !day.startsWith('*') && !weekday.startsWith('*'),
      command: user === undefined ? rest : rest.slice(user.length).trim(),
      user,
    })
  }
  return { entries, env }
}

/** Whether an entry runs in the minute of a local time. */
export function isDue(
  entry: CronEntry,
  time: { minute: number; hour: number; day: number; month: number; weekday: number },
): boolean {
  if (!entry.minutes.has(time.minute) || !entry.hours.has(time.hour) || !entry.months.has(time.month + 1)) return false
  const [day, weekday] = [entry.days.has(time.day), entry.weekdays.has(time.weekday)]
  return entry.either ? day || weekday : day && weekday
}

function parse(text: string, least: number, most: number, names: readonly string[] = []): Set<number> | undefined {
  const set = new Set<number>()
  const value = (word: string) => {
    const index = names.indexOf(word.toLowerCase())
    return index >= 0 ? index + (least === 1 ? 1 : 0) : /^\d+$/.test(word) ? Number(word) : Number.NaN
  }
  for (const part of text.split(',')) {
    const [range = '', stepText] = part.split('/')
    const step = stepText === undefined ? 1 : Number(stepText)
    const [from, to] = range === '*' ? [least, most] : range.split('-').map(value)
    const last = to ?? (stepText === undefined ? from : most)
    if (from === undefined || last === undefined || !(step >= 1) || !(from >= least) || !(last <= most))
      return undefined
    for (let n = from; n <= last; n += step) set.add(n)
  }
  return set
}
