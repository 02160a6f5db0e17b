/** The command line of node. */
import type { Proc, Routine } from '../../../kernel/program.ts'
import { readAll } from '../../../kernel/userland/lib/input.ts'

export interface Command {
  mode: 'script' | 'eval' | 'print'
  /** The script's path, or its text. */
  path: string
  text: string
  preload: string[]
  args: string[]
  execArgv: string[]
}

const quiet =
  /^--(?:no-)?(?:warnings|deprecation|trace-warnings|trace-uncaught|enable-source-maps|inspect(?:-brk|-port)?|max-old-space-size|max_old_space_size|experimental-[\w-]+|unhandled-rejections|use-openssl-ca|expose-gc|watch(?:-path|-preserve-output)?|preserve-symlinks|env-file|stack-trace-limit|abort-on-uncaught-exception|title|dns-result-order|max-http-header-size)(?:=.*)?$/

const usage = `Usage: node [options] [ script.js ] [arguments]
       node inspect [options] [ script.js | host:port ] [arguments]

Options:
  -                                   script read from stdin (default if no file name is provided, interactive mode if a tty)
  --                                  indicate the end of node options
  -c, --check                         syntax check script without executing
  -e, --eval=...                      evaluate script
  -h, --help                          print node command line options (currently set)
  -i, --interactive                   always enter the REPL even if stdin does not appear to be a terminal
  -p, --print [...]                   evaluate script and print result
  -r, --require=...                   CommonJS module to preload (option can be repeated)
  -v, --version                       print Node.js version
`

/** What to run; a number when that is all. */
export function* parseCommand(p: Proc, version: string): Routine<Command | number> {
  const say = (fd: number, text: string) => ({ op: 'write' as const, fd, data: Buffer.from(text, 'latin1') })
  const command: Command = { mode: 'script', path: '', text: '', preload: [], args: [], execArgv: [] }
  const words = [...p.argv.slice(1)]
  let given = false
  for (;;) {
    const word = words[0]
    if (word === undefined || !word.startsWith('-') || word === '-') break
    words.shift()
    if (word === '--') break
    if (word === '-v' || word === '--version') {
      yield say(1, `v${version}\n`)
      return 0
    }
    if (word === '-h' || word === '--help') {
      yield say(1, usage)
      return 0
    }
    command.execArgv.push(word)
    const [flag = word, inline] =
      word.startsWith('--') && word.includes('=')
        ? [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]
        : [word]
    if (['-e', '--eval', '-p', '--print', '-pe'].includes(flag)) {
      const text = inline ?? words.shift()
      if (text === undefined) {
        yield say(2, `${p.argv[0]}: ${flag} requires an argument\n`)
        return 9
      }
      command.mode = flag.includes('p') ? 'print' : 'eval'
      command.text = Buffer.from(text, 'latin1').toString('utf8')
      given = true
    } else if (flag === '-r' || flag === '--require' || flag === '--import') {
      const module = inline ?? words.shift()
      if (module === undefined) {
        yield say(2, `${p.argv[0]}: ${flag} requires an argument\n`)
        return 9
      }
      command.preload.push(module)
    } else if (flag === '-c' || flag === '--check') command.execArgv.push('--check')
    else if (flag === '-i' || flag === '--interactive') given = false
    else if (!quiet.test(word)) {
      yield say(2, `${p.argv[0]}: bad option: ${word}\n`)
      return 9
    }
  }
  if (!given && words.length > 0 && words[0] !== '-') {
    command.path = Buffer.from(words.shift() ?? '', 'latin1').toString('utf8')
    command.args = [command.path, ...words]
    return command
  }
  if (words[0] === '-') words.shift()
  command.args = words
  if (given) return command
  if (p.isatty(0)) {
    yield say(1, `Welcome to Node.js v${version}.\nType ".help" for more information.\n`)
    command.mode = 'eval'
    command.text = "require('repl').start()"
    return command
  }
  command.mode = 'eval'
  command.text = Buffer.from(yield* readAll(p, 0), 'latin1').toString('utf8')
  return command
}
