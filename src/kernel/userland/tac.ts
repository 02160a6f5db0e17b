/** tac: the last line first. */
import { command } from './lib/command.ts'
import { eachInput } from './lib/files.ts'
import { readAll } from './lib/input.ts'

export const options = {
  before: 'gnu: -b --before  separators stand before lines',
  separator: 'gnu: -s --separator=STRING  what separates lines',
}

export const program = command('tac', options, function* (call) {
  const { p, out, options: given, args, gnu } = call
  const separator = given.value('separator') || '\n'
  const fine = yield* eachInput(
    call,
    args,
    function* (fd) {
      const text = yield* readAll(p, fd)
      let end = text.length
      while (end > 0) {
        const at = text.lastIndexOf(separator, end - 1 - separator.length)
        const start = at === -1 || end <= separator.length ? 0 : at + separator.length
        yield* out.write(text.slice(start, end))
        end = start
      }
    },
    gnu
      ? {
          cannotOpen: (f, e) => `failed to open '${f}' for reading: ${e.message}`,
          cannotRead: (f, e) => `${f}: read error: ${e.message}`,
        }
      : {},
  )
  return fine ? 0 : 1
})
