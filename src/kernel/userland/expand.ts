/** expand: tabs to blanks. */
import { command } from './lib/command.ts'
import { eachInput } from './lib/files.ts'
import { Lines } from './lib/input.ts'
import { nextStop, parseTabs } from './lib/tabs.ts'

export const options = {
  initial: '-i --initial  only at the start of lines',
  tabs: '-t --tabs=LIST  distance of tab stops, or where they are',
}

export const program = command(
  'expand',
  options,
  function* (call) {
    const { p, out, options: given, args, gnu } = call
    const tabs = parseTabs(given.value('tabs') ?? '8', gnu)
    const fine = yield* eachInput(call, args, function* (fd) {
      const lines = new Lines(p, fd)
      for (let line = yield* lines.next(); line !== undefined; line = yield* lines.next()) {
        let text = ''
        let column = 0
        let leading = true
        for (const char of line) {
          if (char !== ' ' && char !== '\t') leading = false
          if (char === '\t' && (leading || !given.has('initial'))) {
            const stop = nextStop(tabs, column)
            text += ' '.repeat(stop - column)
            column = stop
          } else {
            text += char
            column++
          }
        }
        yield* out.write(text + (lines.terminated ? '\n' : ''))
      }
    })
    return fine ? 0 : 1
  },
  { digits: 'tabs' },
)
