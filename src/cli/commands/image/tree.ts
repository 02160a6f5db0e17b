/** `docker images --tree` (docker/cli command/image/tree.go). One platform of an image is kept, so no image has branches. */
import type { ImageSummary } from '../../../api/image.ts'
import type { Output } from '../../command.ts'
import { paint } from '../../format/ansi.ts'
import { humanSize, shortId } from '../../format/units.ts'

interface Column {
  title: string
  width: number
  right?: boolean
}

const SPACING = 3
const MIN_NAME = 12
const warning = "WARNING: This is an experimental feature. The output may change and shouldn't be depended on."

/** @param used  ids of images that containers use */
export function printTree(out: Output, images: readonly ImageSummary[], used: ReadonlySet<string>): void {
  const width = out.isTTY ? Math.max(20, out.columns) : 80
  const colored = (codes: string, text: string): string => (out.isTTY ? paint(codes, text) : text)
  const rows = images.map(image => ({ image, names: image.RepoTags.length > 0 ? image.RepoTags : ['<untagged>'] }))
  const columns = fitted(width, Math.max(5, ...rows.flatMap(({ names }) => names.map(name => name.length))))
  const gap = ' '.repeat(SPACING)
  const cell = (column: Column, text: string, codes: string): string => {
    const shown = text.length > column.width ? `${text.slice(0, column.width - 1)}…` : text
    const pad = ' '.repeat(column.width - shown.length)
    const painted = codes === '' ? shown : colored(codes, shown)
    return column.right ? pad + painted : painted + pad
  }
  const heads = columns.map(({ title, width }) => `\x1b[39m\x1b[1m${title}\x1b[0m${' '.repeat(width - title.length)}`)
  const lines = [
    colored('93', warning),
    legend(width, out.isTTY),
    '',
    // The heads are coloured wherever they go.
    columns
      .map((column, at) => (column.right ? heads[at]?.replace(/^(.*?)( *)$/, '$2$1') : heads[at]))
      .join(gap)
      .trimEnd(),
  ]
  for (const { image, names } of rows) {
    const codes = image.RepoTags.length > 0 ? '34m\x1b[1' : '39m\x1b[2'
    for (const name of names.slice(0, -1)) lines.push(colored(codes, name))
    const chip = used.has(image.Id) ? colored('38;5;0m\x1b[48;5;14', out.isTTY ? ' U ' : 'U') : ''
    const extra = chip + ' '.repeat(5 - (chip === '' ? 0 : out.isTTY ? 3 : 1))
    const [name, ...details] = columns
    const texts = [shortId(image.Id), humanSize(image.Size, 3), '0B']
    lines.push(
      [
        name ? cell(name, names.at(-1) ?? '', codes) : '',
        ...details.slice(0, 3).map((column, at) => cell(column, texts[at] ?? '', '39')),
        ...(details.length > 3 ? [extra] : []),
      ].join(gap),
    )
  }
  out.write(`${lines.join('\n')}\n`)
}

/** The columns that there is room for; the first is as narrow as its names let it be. */
function fitted(width: number, widest: number): Column[] {
  const details: Column[] = [
    { title: 'ID', width: 12 },
    { title: 'DISK USAGE', width: 10, right: true },
    { title: 'CONTENT SIZE', width: 12, right: true },
    { title: 'EXTRA', width: 5 },
  ]
  let left = width
  let count = 0
  for (const column of details) {
    const wanted = column.width + SPACING
    if (left - wanted < MIN_NAME) break
    left -= wanted
    count++
  }
  return [{ title: 'IMAGE', width: Math.min(left, widest) }, ...details.slice(0, count)]
}

/** What the marks mean, on the right. */
function legend(width: number, fancy: boolean): string {
  const plain = 'Info ->  U In Use '
  const text = fancy
    ? `\x1b[1m\x1b[106m\x1b[30mi\x1b[0m\x1b[0m \x1b[96mInfo → \x1b[0m\x1b[0m ${paint('38;5;0m\x1b[48;5;14', ' U ')} In Use `
    : plain
  return ' '.repeat(Math.max(0, width - (fancy ? 21 : plain.length))) + text
}
