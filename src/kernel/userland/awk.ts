/** awk: patterns and actions over records. */
import { isErrno } from '../../vfs/errno.ts'
import type { Routine } from '../program.ts'
import type { Program } from './awk/ast.ts'
import { Executor } from './awk/execute.ts'
import { parseProgram } from './awk/parser.ts'
import { AwkState, unescapeAssignment } from './awk/state.ts'
import { InputText } from './awk/values.ts'
import { type Call, command } from './lib/command.ts'
import { Failure, UsageError } from './lib/failure.ts'
import { openInput, readFile } from './lib/input.ts'
import { RegexError } from './lib/regex/regex.ts'

export const options = {
  separator: '-F --field-separator=SEP  the field separator FS',
  assign: '-v --assign=VAR=VALUE  sets a variable',
  file: '-f --file=FILE  the program is in FILE',
  text: 'busybox: -e=PROGRAM  the program',
  compatible: 'gnu: -W=OPTION  ignored',
}

export const program = command(
  'awk',
  options,
  function* (call) {
    const { p, out, options: given, gnu, error } = call
    const operands = [...call.args]
    const text = yield* readProgram(call, operands)
    try {
      const parsed = parseProgram(text)
      const state = new AwkState(p, out, gnu, function* (path): Routine<number | undefined> {
        try {
          const fd = yield* openInput(path)
          if (gnu && p.fstat(fd).type === 'dir') return undefined
          return fd
        } catch (thrown) {
          if (!isErrno(thrown)) throw thrown
          yield* error(gnu ? `cannot open ${path} (${thrown.message})` : `${path}: ${thrown.message}`)
          return undefined
        }
      })
      const separator = given.value('separator')
      if (separator !== undefined) state.globals.set('FS', separator === 't' ? '\t' : unescapeAssignment(separator))
      for (const assignment of given.values('assign')) {
        const match = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s.exec(assignment)
        if (!match) throw gnu ? new Failure(`improper assignment: -v ${assignment}`, 2) : new UsageError('')
        state.globals.set(match[1] ?? '', new InputText(unescapeAssignment(match[2] ?? '')))
      }
      const argv = state.array('ARGV')
      ;[p.name, ...operands].forEach((word, index) => {
        argv.items.set(String(index), new InputText(word))
      })
      state.globals.set('ARGC', operands.length + 1)
      const executor = new Executor(parsed, state)
      const status = yield* runWithLines(executor, parsed, gnu)
      return status === 0 && state.failed ? (gnu ? 2 : 1) : status
    } catch (thrown) {
      if (thrown instanceof RegexError)
        throw new Failure(gnu ? `regular expression compile failed (${thrown.message})` : `${thrown.message}`)
      if (thrown instanceof RangeError) throw new Failure('out of memory')
      throw thrown
    }
  },
  { stopAtOperand: true, gnuErrorStatus: 2 },
)

/** Busybox names the line in what goes wrong at run time. */
function* runWithLines(executor: Executor, parsed: Program, gnu: boolean): Routine<number> {
  try {
    return yield* executor.run()
  } catch (thrown) {
    if (gnu || !(thrown instanceof Failure) || thrown.message.startsWith("can't open")) throw thrown
    const line = (executor.current && parsed.lines.get(executor.current)) ?? 1
    throw new Failure(`cmd. line:${line}: ${thrown.message}`, thrown.status)
  }
}

/** The program: all -f and -e in order, or the first operand, which is taken away. */
function* readProgram({ p, options: given, gnu }: Call<typeof options>, operands: string[]): Routine<string> {
  const pieces: string[] = []
  for (const { key, value } of given.given) {
    if (key === 'text') pieces.push(value)
    if (key !== 'file') continue
    try {
      pieces.push(yield* readFile(p, value))
    } catch (error) {
      if (!isErrno(error)) throw error
      throw new Failure(gnu ? `cannot open ${value} (${error.message})` : `can't open '${value}': ${error.message}`)
    }
  }
  if (pieces.length > 0) return pieces.join('\n')
  const first = operands.shift()
  if (first === undefined) throw new UsageError('')
  return first
}
