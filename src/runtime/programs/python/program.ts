/** python: the container's Python, run by an interpreter of ours (docs/decisions/python.md). */
import type { CoroutineProgram, Routine } from '../../../kernel/program.ts'
import { Lines, readAll } from '../../../kernel/userland/lib/input.ts'
import { errnoNumber, isErrno } from '../../../vfs/errno.ts'
import { assetText } from '../../assets.ts'
import { entryPoints } from '../../packages/pip/site.ts'
import { install as installBuiltins, latin, sourceIfThere, sourceOf, utf8 } from './builtins.ts'
import { Interpreter } from './interp.ts'
import { PySyntaxError } from './lexer.ts'
import { TypeMethods } from './methods.ts'
import { install as installModules } from './modules.ts'
import { type PyInstance, PyModule, PyRaise, PyTuple, type Run, Scope, type Value } from './objects.ts'
import { parseExpression } from './parser.ts'
import { traceback } from './traceback.ts'
import { makeVenv, placeOf } from './venv.ts'

const say = (fd: number, text: string) => ({ op: 'write' as const, fd, data: Buffer.from(text, 'utf8') })

export const program: CoroutineProgram = {
  kind: 'coroutine',
  name: 'python3',
  *main(p) {
    const version = p.marker['version'] ?? '3.11.13'
    const words = p.argv.slice(1).map(utf8)
    let module: string | undefined
    let code: string | undefined
    let interactive = false
    let unbuffered = (p.env.get('PYTHONUNBUFFERED') ?? '') !== ''
    for (; words.length > 0; ) {
      const word = words[0] ?? ''
      if (!word.startsWith('-') || word === '-') break
      words.shift()
      if (word === '--version' || word === '-V' || word === '-VV') {
        yield say(1, `Python ${version}\n`)
        return 0
      }
      if (word === '-h' || word === '--help') {
        yield say(1, `usage: ${p.name} [option] ... [-c cmd | -m mod | file | -] [arg] ...\n`)
        return 0
      }
      if (word === '-c') {
        code = words.shift()
        if (code === undefined) {
          yield say(
            2,
            `Argument expected for the -c option\nusage: ${p.name} [option] ... [-c cmd | -m mod | file | -] [arg] ...\nTry \`python -h' for more information.\n`,
          )
          return 2
        }
        break
      }
      if (word === '-m') {
        module = words.shift()
        break
      }
      if (word === '-i') interactive = true
      else if (/^-[uBEsSOqvbIx]+$/.test(word)) unbuffered ||= word.includes('u')
      else if (word === '-W' || word === '-X') words.shift()
      else {
        yield say(
          2,
          `Unknown option: ${word}\nusage: ${p.name} [option] ... [-c cmd | -m mod | file | -] [arg] ...\nTry \`python -h' for more information.\n`,
        )
        return 2
      }
    }
    if (module === 'pip') {
      const pip = `${p.exe.slice(0, p.exe.lastIndexOf('/'))}/pip`
      yield { op: 'exec', path: pip, argv: ['pip', ...words.map(latin)], env: p.env }
      return 1
    }
    if (module === 'venv') return yield* makeVenv(p, words, version)
    const interp = new Interpreter(p, version)
    const { executable, venv } = placeOf(p)
    const prefix = p.exe.startsWith('/usr/local') ? '/usr/local' : '/usr'
    const short = version.split('.').slice(0, 2).join('.')
    const extra = (p.env.get('PYTHONPATH') ?? '').split(':').filter(Boolean).map(utf8)
    const site = [`${prefix}/lib/python${short}/site-packages`, '/usr/lib/python3/dist-packages']
    const script = code === undefined && module === undefined ? words[0] : undefined
    const own =
      script === undefined || script === '-'
        ? ''
        : script.includes('/')
          ? script.slice(0, script.lastIndexOf('/')) || '/'
          : utf8(p.cwd())
    interp.path = [
      own.startsWith('/') || own === '' ? own : `${utf8(p.cwd())}/${own}`,
      ...extra,
      ...(venv === undefined ? site : [`${utf8(venv)}/lib/python${short}/site-packages`]),
    ]
    interp.methods = new TypeMethods(interp)
    interp.buffered = !unbuffered && !p.isatty(1)
    p.memory(8_500_000)
    // SIGINT is Python's own; SIGTERM ends it unless it says otherwise (and PID 1 does not hear it).
    p.sigaction('INT', 'catch')
    p.sigaction('PIPE', 'ignore')
    const argv =
      code !== undefined
        ? ['-c', ...words]
        : module !== undefined
          ? [module, ...words]
          : words.length > 0
            ? words
            : ['']
    installModules(interp, argv, utf8(executable))
    installBuiltins(interp)
    const status = yield* top(interp, { code, module, script, interactive })
    try {
      yield* interp.flush() as Routine<void>
    } catch (error) {
      if (!isErrno(error)) throw error
      const name = "<_io.TextIOWrapper name='<stdout>' mode='w' encoding='utf-8'>"
      yield say(2, `Exception ignored in: ${name}\nBrokenPipeError: [Errno 32] ${error.message}\n`)
      return 120
    }
    return status
  },
}

interface Mode {
  code: string | undefined
  module: string | undefined
  script: string | undefined
  interactive: boolean
}

/** Runs the program; its exit code. */
function* top(interp: Interpreter, mode: Mode): Routine<number> {
  const { p } = interp
  const scope = new Scope(undefined)
  const main = new PyModule('__main__', scope.names)
  interp.modules.set('__main__', main)
  interp.set(interp.loaded, '__main__', main)
  scope.names.set('__name__', '__main__')
  scope.names.set('__doc__', null)
  scope.names.set('__package__', null)
  let source: string | undefined
  const work = function* (): Run<void> {
    if (mode.code !== undefined) return yield* interp.runModule(mode.code, '<string>', scope)
    if (mode.module !== undefined) return yield* runModule(interp, mode.module, scope)
    if (mode.script !== undefined && source !== undefined) {
      const file = mode.script.startsWith('/') ? mode.script : `${utf8(p.cwd())}/${mode.script}`
      scope.names.set('__file__', file)
      return yield* interp.runModule(source.replace(/^\ufeff/, ''), file, scope)
    }
    if (p.isatty(0)) return yield* repl(interp, scope)
    const text = utf8(yield* readAll(p, 0))
    return yield* interp.runModule(text, '<stdin>', scope)
  }
  if (mode.script !== undefined && mode.script !== '-') {
    try {
      if (p.stat(latin(mode.script)).type === 'dir') {
        yield say(2, `${p.exe}: can't find '__main__' module in '${mode.script}'\n`)
        return 1
      }
      source = sourceOf(p, mode.script)
    } catch (error) {
      if (!isErrno(error)) throw error
      const shown = mode.script.startsWith('/')
        ? mode.script
        : `${utf8(p.cwd()) === '/' ? '' : utf8(p.cwd())}/${mode.script}`
      yield say(2, `${p.argv[0]}: can't open file '${shown}': [Errno ${errnoNumber(error.code)}] ${error.message}\n`)
      return 2
    }
  }
  try {
    yield* work() as Routine<void>
    return 0
  } catch (error) {
    if (isErrno(error, 'EINTR')) {
      yield* failure(interp, interp.error('KeyboardInterrupt').value) as Routine<void>
      return 130
    }
    if (!(error instanceof PyRaise)) throw error
    return yield* ended(interp, error.value)
  }
}

function* ended(interp: Interpreter, value: PyInstance): Routine<number> {
  if (value.cls.name === 'SystemExit') {
    const args = value.dict.get('args')
    const code = args instanceof PyTuple ? (args.items[0] ?? null) : null
    if (code === null) return 0
    if (typeof code === 'bigint') return Number(code) & 255
    if (typeof code === 'boolean') return Number(code)
    yield say(2, `${yield* interp.str(code) as Routine<string>}\n`)
    return 1
  }
  yield* failure(interp, value) as Routine<void>
  if (value.cls.name === 'KeyboardInterrupt') {
    yield* interp.flush() as Routine<void>
    interp.p.sigaction('INT', 'default')
    interp.p.kill(interp.p.pid, 'INT')
    return 130
  }
  return 1
}

/** A traceback as Python prints it. */
function* failure(interp: Interpreter, value: PyInstance): Run<void> {
  yield say(2, yield* traceback(interp, value, 0))
}

function* runModule(interp: Interpreter, name: string, scope: Scope): Run<void> {
  if (name === 'http.server') {
    yield* interp.importModule(name)
    return yield* interp.runModule(assetText(`python/main_${name.replace('.', '_')}.py`), `<${name}>`, scope)
  }
  if (name === 'json.tool' || name === 'unittest' || name === 'pytest') {
    yield say(2, `minidock: python -m ${name} is not modelled\n`)
    throw interp.error('SystemExit', 1n)
  }
  const { p } = interp
  for (const folder of interp.path)
    for (const file of [
      `${folder === '' ? utf8(p.cwd()) : folder}/${name.replaceAll('.', '/')}.py`,
      `${folder === '' ? utf8(p.cwd()) : folder}/${name.replaceAll('.', '/')}/__main__.py`,
    ]) {
      const text = sourceIfThere(p, file)
      if (text !== undefined) return yield* interp.runModule(text, file, scope)
    }
  // `python -m flask` is what the command flask does.
  const entry = entryPoints[name]
  if (entry) {
    const [from, call] = entry
    return yield* interp.runModule(`import sys\nfrom ${from} import ${call}\nsys.exit(${call}())\n`, `<${name}>`, scope)
  }
  yield say(2, `${p.exe}: No module named ${name}\n`)
  throw interp.error('SystemExit', 1n)
}

function* repl(interp: Interpreter, scope: Scope): Run<void> {
  const { p } = interp
  interp.buffered = false
  yield say(
    1,
    `Python ${interp.version} (main, Jun 11 2025, 03:10:48) [GCC 12.2.0] on linux\nType "help", "copyright", "credits" or "license" for more information.\n`,
  )
  const lines = new Lines(p, 0)
  let held = ''
  for (;;) {
    yield say(1, held === '' ? '>>> ' : '... ')
    const line = (yield* lines.next() as Run<string | undefined>) as string | undefined
    if (line === undefined) {
      yield say(1, '\n')
      return
    }
    const text = utf8(line)
    if (held === '' && text.trim() === '') continue
    held = held === '' ? text : `${held}\n${text}`
    const open = /:\s*(#.*)?$/.test(held.split('\n')[0] ?? '') && text.trim() !== ''
    if (open || /[([{,\\]\s*$/.test(text)) continue
    const source = held
    held = ''
    try {
      let expression: ReturnType<typeof parseExpression> | undefined
      try {
        expression = parseExpression(source)
      } catch (error) {
        if (!(error instanceof PySyntaxError)) throw error
      }
      if (expression) {
        const node = expression
        const value: Value = yield* interp.inFrame({ file: '<stdin>', name: '<module>', node }, () =>
          interp.ev(node, scope),
        )
        if (value !== null) yield say(1, `${yield* interp.repr(value)}\n`)
      } else yield* interp.runModule(source, '<stdin>', scope)
    } catch (error) {
      if (!(error instanceof PyRaise)) throw error
      if (error.value.cls.name === 'SystemExit') throw error
      yield* failure(interp, error.value)
    }
  }
}
