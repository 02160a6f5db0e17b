/** echo: its arguments (-n -e -E). */
import { command } from './lib/command.ts'
import { expandEcho } from './lib/escapes.ts'

export const options = {
  noNewline: '-n  no newline at the end',
  escapes: '-e  backslash escapes',
  plain: '-E  no backslash escapes (default)',
}

export const program = command(
  'echo',
  options,
  function* ({ out, args }) {
    yield* out.write(echoText(args))
    return 0
  },
  { raw: true },
)

/** What echo prints for its arguments (also the shell's builtin). An argument that is not all options is text. */
export function echoText(args: readonly string[]): string {
  let newline = true
  let escapes = false
  let at = 0
  for (; at < args.length; at++) {
    const arg = args[at] ?? ''
    if (!/^-[neE]+$/.test(arg)) break
    if (arg.includes('n')) newline = false
    for (const letter of arg) if (letter === 'e' || letter === 'E') escapes = letter === 'e'
  }
  const text = args.slice(at).join(' ')
  if (!escapes) return newline ? `${text}\n` : text
  const expanded = expandEcho(text)
  return expanded.text + (newline && !expanded.stopped ? '\n' : '')
}
