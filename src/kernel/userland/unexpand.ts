/** unexpand: blanks to tabs. */
import { command } from './lib/command.ts'
import { eachInput } from './lib/files.ts'
import { Lines } from './lib/input.ts'
import { nextStop, parseTabs } from './lib/tabs.ts'

export const options = {
  all: '-a --all  everywhere, not only at the start of lines',
  first: '-f --first-only  only at the start of lines',
  tabs: '-t --tabs=LIST  tab stops (implies -a)',
}

export const program = command('unexpand', options, function* (call) {
  const { p, out, options: given, args, gnu } = call
  const tabs = parseTabs(given.value('tabs') ?? '8', gnu)
  const all = (given.has('all') || given.has('tabs')) && !given.has('first')
  const fine = yield* eachInput(call, args, function* (fd) {
    const lines = new Lines(p, fd)
    for (let line = yield* lines.next(); line !== undefined; line = yield* lines.next()) {
      yield* out.write(convert(line, tabs, all) + (lines.terminated ? '\n' : ''))
    }
  })
  return fine ? 0 : 1
})

function convert(line: string, tabs: readonly number[], all: boolean): string {
  let text = ''
  let column = 0
  let blanks = ''
  let leading = true
  for (const char of line) {
    if ((char !== ' ' && char !== '\t') || !(leading || all)) {
      text += blanks + char
      blanks = ''
      column++
      leading = false
      continue
    }
    const stop = nextStop(tabs, column)
    column = char === '\t' ? stop : column + 1
    blanks += char
    if (column !== stop) continue
    // A single blank before a stop stays a blank, but at the start of a line.
    text += blanks === ' ' && !leading ? ' ' : '\t'
    blanks = ''
  }
  return text + blanks
}
