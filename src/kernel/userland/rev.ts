/** rev: each line backwards. */
import { command } from './lib/command.ts'
import { eachInput } from './lib/files.ts'
import { Lines } from './lib/input.ts'

export const options = {}

export const program = command('rev', options, function* (call) {
  const { p, out, args, gnu } = call
  const fine = yield* eachInput(
    call,
    args,
    function* (fd) {
      const lines = new Lines(p, fd)
      for (let line = yield* lines.next(); line !== undefined; line = yield* lines.next()) {
        yield* out.write([...line].reverse().join('') + (lines.terminated ? '\n' : ''))
      }
    },
    gnu ? { cannotOpen: (f, e) => `cannot open ${f}: ${e.message}` } : {},
  )
  return fine ? 0 : 1
})
