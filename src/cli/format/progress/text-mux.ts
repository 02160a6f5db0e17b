/**
 * Several steps at once as one text: the lines of one step stay together as long as it goes on well enough; the others'
 * are held back meanwhile (buildkit util/progress/progressui/printer.go).
 */

interface Row {
  /** As it is numbered: in the order of the first lines. 0: not shown yet. */
  index: number
  name: string
  /** Not shown yet. */
  lines: string[]
  ended: boolean
  updated: boolean
  /** Updates since it was last put aside, and the time of the first of them. */
  count: number
  since: number
}

/** A step keeps the text for about this long while others have lines as well, in ms. */
const ANTI_FLICKER = 5000
/** After this long a step that was held back is shown, in ms. */
const MAX_DELAY = 10_000

export class TextMux {
  readonly #write: (text: string) => void
  readonly #rows = new Map<number, Row>()
  #current: Row | undefined
  #shown = 0
  #begun: boolean

  /** @param begun  whether something stands above already */
  constructor(write: (text: string) => void, begun: boolean) {
    this.#write = write
    this.#begun = begun
  }

  /** A step begins. Times are in ms. */
  start(id: number, name: string, time: number): void {
    this.#rows.set(id, { index: 0, name, lines: [], ended: false, updated: false, count: 0, since: time })
    this.#update(id, [], time)
  }

  /** Lines of a step. */
  lines(id: number, lines: readonly string[], time: number): void {
    this.#update(id, lines, time)
  }

  /** A step ends, with a last line. */
  end(id: number, line: string, time: number): void {
    const row = this.#rows.get(id)
    if (!row) return
    row.ended = true
    row.lines.push(line)
    row.updated = true
    this.#print(time)
  }

  #update(id: number, lines: readonly string[], time: number): void {
    const row = this.#rows.get(id)
    if (!row) return
    if (row.count === 0) row.since = time
    row.count++
    row.lines.push(...lines)
    row.updated = true
    this.#print(time)
  }

  #print(now: number): void {
    const current = this.#current
    const updated = [...this.#rows.values()].filter(row => row.updated)
    const ended = updated.filter(row => row.ended)
    if (current && ended.includes(current)) this.#show(current)
    for (const row of ended) if (row !== current) this.#show(row)
    const rest = updated.filter(row => !row.ended)
    if (rest.length === 0) {
      if (current && !current.ended) return
      const open = [...this.#rows.values()].find(row => !row.ended)
      if (open) this.#show(open)
      return
    }
    if (current && rest.includes(current)) this.#show(current)
    if (!current || current.ended) return this.#show(fastest(rest, now))
    const late = rest.find(row => row !== current && now - row.since > MAX_DELAY)
    if (late) return this.#show(late)
    const all = [...new Set([...rest, current])]
    const share = speed(current, now) / all.reduce((sum, row) => sum + speed(row, now), 0)
    if (ANTI_FLICKER / (1 - share) < now - current.since) this.#show(fastest(all, now))
  }

  #show(row: Row): void {
    if (row.index === 0) row.index = ++this.#shown
    if (row !== this.#current) {
      if (this.#current) {
        this.#current.count = 0
        this.#write(`#${this.#current.index} ...\n`)
      }
      if (this.#begun) this.#write('\n')
      this.#begun = true
      this.#write(`#${row.index} ${row.name}\n`)
    }
    for (const line of row.lines) this.#write(`#${row.index} ${line}\n`)
    row.lines = []
    row.updated = false
    this.#current = row.ended ? undefined : row
    if (row.ended) row.count = 0
  }
}

/** Updates a millisecond. */
const speed = (row: Row, now: number): number => row.count / Math.max(now - row.since, 0.001)

function fastest(rows: readonly Row[], now: number): Row {
  return rows.reduce((best, row) => (now - row.since > MAX_DELAY || speed(row, now) > speed(best, now) ? row : best))
}
