/** echo, printf, test: text and conditions. */
import { echoText } from '../../userland/echo.ts'
import { evaluateTest, TestError } from '../../userland/lib/test-expression.ts'
import { printfText } from '../../userland/printf.ts'
import type { Shell } from '../machine.ts'
import { type Builtin, fail, print } from './builtin.ts'

export const output: Record<string, Builtin> = {
  ':': sh => void (sh.state.status = 0),
  true: sh => void (sh.state.status = 0),
  false: sh => void (sh.state.status = 1),
  echo: (sh, args) =>
    print(
      sh,
      'echo',
      sh.dialect === 'dash' ? echoText(['-e', ...args].slice(args[0] === '-n' ? 1 : 0)) : echoText(args),
    ),
  printf(sh, args) {
    const rest = args[0] === '--' ? args.slice(1) : args
    const [format, ...values] = rest
    if (format === undefined) return fail(sh, 'printf', 'usage: printf FORMAT [ARGUMENT...]', 2)
    const { text, errors } = printfText(format, values, sh.dialect === 'bash')
    print(sh, 'printf', text, errors.length > 0 ? 1 : 0)
    for (const message of errors)
      sh.write(2, sh.dialect === 'busybox' ? `${sh.state.arg0}: ${message}\n` : `${sh.who}: printf: ${message}\n`)
  },
  test: (sh, args) => test(sh, 'test', args),
  '[': (sh, args) => {
    if (args.at(-1) !== ']') return fail(sh, '[', 'missing ]', 2)
    test(sh, '[', args.slice(0, -1))
  },
}

function test(sh: Shell, name: string, words: readonly string[]): void {
  try {
    sh.state.status = evaluateTest(sh.p, words, sh.dialect !== 'busybox') ? 0 : 1
  } catch (error) {
    if (!(error instanceof TestError)) throw error
    sh.state.status = 2
    if (sh.dialect === 'busybox') sh.write(2, `${sh.state.arg0}: ${error.message}\n`)
    else sh.write(2, `${sh.who}: ${name}: ${error.message}\n`)
  }
}
