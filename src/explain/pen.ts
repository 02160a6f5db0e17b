/**
 * What views draw with: text of a width, with or without colours and box drawing. Meaning never hangs on a colour;
 * without Unicode every sign has a plain one in its place.
 */
import type { ChalkInstance } from 'chalk'
import Table from 'cli-table3'

export interface PenOptions {
  /** Columns of the terminal. */
  width: number
  /** Whether the terminal shows Unicode. */
  unicode: boolean
  colors: ChalkInstance
  /** `1.98MB`, as Docker prints sizes. */
  size: (bytes: number) => string
  /** What the program was called: the first word of commands to try. */
  name: string
}

const rich = {
  arrow: '→',
  down: '↓',
  full: '█',
  empty: '░',
  here: '●',
  hidden: '○',
  gone: '✗',
  nothing: '·',
  yes: '✓',
  no: '✗',
  line: '─',
  side: '│',
  branch: '├─ ',
  last: '└─ ',
  pass: '│  ',
  more: '…',
  dash: '—',
}
type Signs = typeof rich
const plain: Signs = {
  arrow: '->',
  down: 'v',
  full: '#',
  empty: '.',
  here: '@',
  hidden: 'o',
  gone: 'x',
  nothing: '.',
  yes: '+',
  no: 'x',
  line: '-',
  side: '|',
  branch: '|- ',
  last: '`- ',
  pass: '|  ',
  more: '...',
  dash: '-',
}
const corners = {
  top: '┌─┬┐',
  middle: '├─┼┤',
  bottom: '└─┴┘',
}

/** A node of a tree: its line, and what hangs on it. */
export interface Branch {
  text: string
  below?: readonly Branch[]
}

export interface TableOptions {
  /** Columns that give way when the terminal is narrow, the widest first. */
  flexible?: readonly number[]
  /** Whether what does not fit goes on in further lines; otherwise it is cut. */
  wrap?: boolean
  /** Columns set to the right. */
  right?: readonly number[]
}

/** Below this a column says nothing any more. */
const narrowest = 8
const sgr = /\u001b\[[0-9;]*m/g

export class Pen {
  readonly width: number
  readonly unicode: boolean
  readonly colors: ChalkInstance
  readonly size: (bytes: number) => string
  readonly name: string
  readonly signs: Signs

  constructor(options: PenOptions) {
    this.width = Math.max(40, options.width)
    this.unicode = options.unicode
    this.colors = options.colors
    this.size = options.size
    this.name = options.name
    this.signs = options.unicode ? rich : plain
  }

  /** The title of a view or of a part of it. */
  title(text: string): string {
    return this.colors.bold(this.fit(text, this.width))
  }

  /** `text` in at most `width` columns, cut with a sign that something is missing. */
  fit(text: string, width: number): string {
    const chars = [...text.replaceAll(/[\t\r\n]+/g, ' ')]
    if (chars.length <= width) return chars.join('')
    const { more } = this.signs
    return width <= more.length ? chars.slice(0, width).join('') : chars.slice(0, width - more.length).join('') + more
  }

  /** Paragraphs wrapped at words, each line after `indent`. */
  wrap(text: string, indent = ''): string {
    const lines: string[] = []
    let line = ''
    for (const word of text.split(' ')) {
      if (line !== '' && shown(line) + 1 + shown(word) > this.width - indent.length) {
        lines.push(indent + line)
        line = word
      } else line = line === '' ? word : `${line} ${word}`
    }
    return [...lines, indent + line].join('\n')
  }

  /** A bar of `width` columns, `part` of `whole` of it full. What is there shows, be it ever so little. */
  bar(part: number, whole: number, width: number): string {
    const share = whole > 0 ? Math.min(1, part / whole) : 0
    const full = part > 0 ? Math.max(1, Math.round(share * width)) : 0
    return this.signs.full.repeat(full) + this.signs.empty.repeat(Math.max(0, width - full))
  }

  /** A table as wide as it must be and no wider than the terminal. */
  table(head: readonly string[], rows: readonly (readonly string[])[], options: TableOptions = {}): string {
    const widths = head.map((title, at) => Math.max(shown(title), ...rows.map(row => shown(row[at] ?? ''))))
    let over = widths.reduce((sum, width) => sum + width + 3, 1) - this.width
    const flexible = options.flexible ?? []
    for (; over > 0; over--) {
      const widest = flexible.reduce<number | undefined>(
        (best, at) => ((widths[at] ?? 0) > (best === undefined ? narrowest : (widths[best] ?? 0)) ? at : best),
        undefined,
      )
      if (widest === undefined) break
      widths[widest] = (widths[widest] ?? 0) - 1
    }
    const table = new Table({
      head: head.map(title => this.colors.bold(title)),
      chars: this.#frame(),
      colWidths: widths.map(width => width + 2),
      colAligns: head.map((_, at) => (options.right?.includes(at) ? 'right' : 'left')),
      style: { head: [], border: [], compact: true },
      truncate: this.signs.more,
      wordWrap: options.wrap ?? false,
    })
    table.push(...rows.map(row => row.map(cell => cell)))
    return table.toString()
  }

  #frame(): Record<string, string> {
    const of = (line: string): [string, string, string, string] =>
      this.unicode ? [line[0] ?? '', line[1] ?? '', line[2] ?? '', line[3] ?? ''] : ['+', '-', '+', '+']
    const [topLeft, top, topMid, topRight] = of(corners.top)
    const [leftMid, mid, midMid, rightMid] = of(corners.middle)
    const [bottomLeft, bottom, bottomMid, bottomRight] = of(corners.bottom)
    const side = this.signs.side
    return {
      top,
      'top-mid': topMid,
      'top-left': topLeft,
      'top-right': topRight,
      bottom,
      'bottom-mid': bottomMid,
      'bottom-left': bottomLeft,
      'bottom-right': bottomRight,
      left: side,
      'left-mid': leftMid,
      mid,
      'mid-mid': midMid,
      right: side,
      'right-mid': rightMid,
      middle: side,
    }
  }

  /** Lines in a frame with a title; each is cut to what fits. */
  box(title: string, lines: readonly string[]): string {
    const inner = Math.min(this.width - 4, Math.max(shown(title) + 2, ...lines.map(shown)))
    const [tl, h, , tr] = this.unicode ? corners.top : '+-++'
    const [bl, , , br] = this.unicode ? corners.bottom : '+-++'
    const label = this.fit(title, inner - 2)
    return [
      `${tl}${h} ${this.colors.bold(label)} ${(h ?? '').repeat(Math.max(0, inner - shown(label) - 1))}${tr}`,
      ...lines.map(line => {
        const text = shown(line) > inner ? this.fit(line.replaceAll(sgr, ''), inner) : line
        return `${this.signs.side} ${text}${' '.repeat(inner - shown(text))} ${this.signs.side}`
      }),
      `${bl}${(h ?? '').repeat(inner + 2)}${br}`,
    ].join('\n')
  }

  /** A tree, each node on a line of its own. */
  tree(nodes: readonly Branch[], indent = ''): string[] {
    return nodes.flatMap((node, at) => {
      const last = at === nodes.length - 1
      return [
        indent + (last ? this.signs.last : this.signs.branch) + node.text,
        ...this.tree(node.below ?? [], indent + (last ? '   ' : this.signs.pass)),
      ]
    })
  }
}

/** Columns that a text takes: colours take none. */
export function shown(text: string): number {
  return [...text.replaceAll(sgr, '')].length
}

/** `1 file`, `3 files`. */
export const count = (n: number, noun: string, many = `${noun}s`): string => `${n} ${n === 1 ? noun : many}`
