/** echo, printf, test: text and conditions. */
import { echoText } from '../../userland/echo.ts'
import { Regex, RegexError } from '../../userland/lib/regex/regex.ts'
import { evaluateTest, TestError } from '../../userland/lib/test-expression.ts'
import { printfText } from '../../userland/printf.ts'
import { assignElement } from '../arrays.ts'
import type { Dialect } from '../dialect.ts'
import { isSet } from '../double-bracket.ts'
import type { Shell } from '../machine.ts'
import { matches } from '../pattern.ts'
import { setVariable } from '../state.ts'
import { type Builtin, options, print, usage } from './builtin.ts'
import { checkName } from './declare.ts'
import { context } from './variables.ts'

export const output: Record<string, Builtin> = {
  ':': sh => void (sh.state.status = 0),
  true: sh => void (sh.state.status = 0),
  false: sh => void (sh.state.status = 1),
  echo: (sh, args) => print(sh, 'echo', sh.dialect === 'dash' ? dashEcho(args) : echoText(args)),
  printf(sh, args) {
    const { given, rest } =
      sh.dialect === 'bash'
        ? options(sh, 'printf', args, 'v:')
        : { given: undefined, rest: args[0] === '--' ? args.slice(1) : args }
    const [format, ...values] = rest
    const target = given?.get('v')
    if (target !== undefined) checkName(sh, 'printf', target)
    if (format === undefined) return noFormat(sh)
    const { text, errors } = printfText(format, values, sh.dialect === 'bash')
    if (target !== undefined) {
      const element = /^([A-Za-z_]\w*)\[(.+)\]$/s.exec(target)
      if (element) assignElement(context(sh), element[1] ?? '', element[2] ?? '', text)
      else setVariable(sh.state, target, text)
      sh.state.status = errors.length > 0 ? 1 : 0
    } else print(sh, 'printf', text, errors.length > 0 ? 1 : 0)
    for (const message of errors)
      sh.write(
        2,
        sh.dialect === 'busybox'
          ? `${sh.state.arg0}: ${message}\n`
          : `${sh.who}: printf: ${printfWords(sh.dialect, message)}\n`,
      )
  },
  test: (sh, args) => test(sh, 'test', args),
  '[[': (sh, args) => {
    const [left = '', op = '', right = ''] = args
    if (args.at(-1) !== ']]') {
      sh.state.status = 2
      return sh.write(2, `${sh.state.arg0}: missing ]]\n`)
    }
    if (args.length === 4 && op === '=~' && sh.dialect === 'busybox') {
      sh.state.status = regularExpression(left, right)
      return
    }
    if (args.length !== 4 || !['=', '==', '!='].includes(op)) return test(sh, '[[', args.slice(0, -1))
    sh.state.status = matches(right, left) === (op !== '!=') ? 0 : 1
  },
  '[': (sh, args) => {
    if (args.at(-1) !== ']') return noBracket(sh)
    test(sh, '[', args.slice(0, -1))
  },
}

/** 0 for a match, 1 for none, 2 where the expression is none. */
function regularExpression(text: string, pattern: string): number {
  try {
    return new Regex(pattern, { extended: true }).exec(text) ? 0 : 1
  } catch (error) {
    if (error instanceof RegexError) return 2
    throw error
  }
}

function test(sh: Shell, name: string, words: readonly string[]): void {
  try {
    if (sh.dialect === 'bash' && words.length === 2 && words[0] === '-v') {
      sh.state.status = isSet(context(sh), words[1] ?? '') ? 0 : 1
      return
    }
    sh.state.status = evaluateTest(sh.p, words, sh.dialect !== 'busybox') ? 0 : 1
  } catch (error) {
    if (!(error instanceof TestError)) throw error
    sh.state.status = 2
    if (sh.dialect === 'busybox') sh.write(2, `${sh.state.arg0}: ${error.message}\n`)
    else sh.write(2, `${sh.who}: ${name}: ${testWords(sh.dialect, error.message, words)}\n`)
  }
}

/** What the shells' own test says where coreutils has other words. */
function testWords(dialect: Dialect, message: string, words: readonly string[]): string {
  const number = /^invalid integer '(.*)'$/s.exec(message)?.[1]
  if (number !== undefined)
    return dialect === 'bash' ? `${number}: integer expression expected` : `Illegal number: ${number}`
  if (/unary operator expected$/.test(message))
    return dialect === 'bash'
      ? words.length === 3
        ? `${words[1]}: binary operator expected`
        : `${words[0]}: unary operator expected`
      : `${words[0]}: unexpected operator`
  const missing = /^missing argument after '(.*)'$/s.exec(message)?.[1]
  if (missing !== undefined)
    return dialect === 'bash' ? `${missing}: unary operator expected` : `${missing}: argument expected`
  if (/^extra argument/.test(message))
    return dialect === 'bash' ? 'too many arguments' : `${words[1]}: unexpected operator`
  return message
}

/** dash knows -n alone, and escapes without being asked. */
function dashEcho(args: readonly string[]): string {
  const quiet = args[0] === '-n'
  return echoText([quiet ? '-ne' : '-e', `${args.slice(quiet ? 1 : 0).join(' ')}`])
}

/** What the shells' own printf says. */
function printfWords(dialect: Dialect, message: string): string {
  const number = /^(?:invalid number '(.*)'|'(.*)': expected a numeric value)$/s.exec(message)
  if (!number) return message
  const text = number[1] ?? number[2]
  return dialect === 'bash' ? `${text}: invalid number` : `${text}: expected numeric value`
}

function noFormat(sh: Shell): void {
  sh.state.status = 2
  if (sh.dialect === 'bash') throw usage(sh, 'printf', '')
  sh.write(
    2,
    `${sh.dialect === 'dash' ? sh.who : sh.state.arg0}: ${sh.dialect === 'dash' ? 'printf: usage: printf format [arg ...]' : 'usage: printf FORMAT [ARGUMENT...]'}\n`,
  )
}

function noBracket(sh: Shell): void {
  sh.state.status = 2
  if (sh.dialect === 'busybox') sh.write(2, `${sh.state.arg0}: missing ]\n`)
  else sh.complain('[', sh.dialect === 'bash' ? "missing `]'" : 'missing ]')
}
