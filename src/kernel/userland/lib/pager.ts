/** more and less: as cat where there is no terminal, which is how they run in scripts; on one they page. */
import type { CoroutineProgram, Routine } from '../../program.ts'
import { toBytes } from './bytes.ts'
import { command } from './command.ts'
import { cantOpen, eachInput } from './files.ts'
import { Lines, readChunk } from './input.ts'
import { screenSize } from './screen.ts'

export const pagerOptions = {
  ignored: '-E -F -I -M -N -R -S -X -f -m -~ -n -i -s -e  ignored',
}

const bar = `${':'.repeat(14)}\n`

/** `more` and `less` differ only in their prompt. */
export function pagerCommand(name: string, prompt: string): CoroutineProgram {
  return command(name, pagerOptions, function* (call) {
    const { p, out, args, gnu } = call
    const interactive = p.isatty(1) && (args.length > 0 || p.isatty(0))
    const rows = interactive ? Math.max(2, screenSize(p, 1).rows) : 0
    let shown = 0
    let quit = false
    const fine = yield* eachInput(
      call,
      args,
      function* (fd, file): Routine<void> {
        if (gnu && name === 'more' && !interactive && fd !== 0) yield* out.write(`${bar}${file}\n${bar}`)
        const lines = new Lines(p, fd)
        for (let line = yield* lines.next(); line !== undefined && !quit; line = yield* lines.next()) {
          yield* out.write(lines.terminated ? `${line}\n` : line)
          if (!interactive || ++shown < rows - 1 || !(yield* lines.more())) continue
          yield* out.flush()
          const key = yield* waitForKey(p.isatty(2) ? 2 : 1, prompt)
          quit = key === 'q' || key === ''
          shown = key === '\n' || key === '\r' ? shown - 1 : 0
        }
      },
      gnu ? {} : { cannotOpen: cantOpen },
    )
    return fine ? 0 : 1

    function* waitForKey(tty: number, text: string): Routine<string> {
      const before = p.termios(tty, { canonical: false, echo: false, signals: false })
      yield { op: 'write', fd: 1, data: toBytes(text) }
      const key = yield* readChunk(tty, 1)
      p.termios(tty, before)
      yield { op: 'write', fd: 1, data: toBytes(`\r${' '.repeat(text.length)}\r`) }
      return key
    }
  })
}
