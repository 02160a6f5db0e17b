/** Compound commands: conditions, loops, functions, and redirections that last as long as they. */
import type { Json } from '../../program.ts'
import { TestError } from '../../userland/lib/test-expression.ts'
import type { NodeOf, Word } from '../ast.ts'
import { namePattern } from '../builtins/builtin.ts'
import { doubleBracket } from '../double-bracket.ts'
import { arithmetic, ExpansionError, expandPattern, expandString, expandWords, patternOptions } from '../expand.ts'
import { CommandError, type Handler, type Shell } from '../machine.ts'
import { matches } from '../pattern.ts'
import { quoteForTrace } from '../quoting.ts'
import { applyRedirects, redirectTargets } from '../redirect.ts'
import { tracePrefix } from '../simple.ts'
import { type Frame, getVariable, has, setVariable } from '../state.ts'

/** A compound command with redirections: they last as long as it. */
export const redirected: Handler = (sh, frame, answer) => {
  const node = sh.nodeOf(frame)
  if (frame.pc === undefined) {
    const targets = sh.expand(frame, context => redirectTargets(context, node.redirects))
    if (!targets) return
    frame.targets = targets.value as unknown as Json
    frame.saved = []
    frame.pc = 0
  }
  if (frame.pc === 0) {
    const block = applyRedirects(sh, frame, answer)
    if (block) return block
    frame.pc = 1
    sh.push({ k: node.t, s: frame.s ?? 0, a: frame.a ?? 0, n: node.id, c: frame.c === true })
    return
  }
  sh.pop()
  sh.leave(frame)
}

export const ifFrame: Handler = (sh, frame) => {
  const node = sh.nodeOf(frame) as NodeOf<'if'>
  const at = (frame.pc as number | undefined) ?? 0
  if (at > 0) {
    const clause = node.clauses[at - 1]
    if (clause && sh.state.status === 0) {
      sh.pop()
      sh.run(frame, clause.body)
      return
    }
  }
  const next = node.clauses[at]
  if (next) {
    frame.pc = at + 1
    sh.run(frame, next.condition, true)
    return
  }
  sh.pop()
  sh.state.status = 0
  if (node.otherwise) sh.run(frame, node.otherwise)
}

export const whileFrame: Handler = (sh, frame) => {
  if (sh.takeSignals()) return
  const node = sh.nodeOf(frame) as NodeOf<'while'>
  if (frame.pc === 1) {
    if ((sh.state.status === 0) === node.until) {
      sh.pop()
      sh.state.status = (frame.last_status as number | undefined) ?? 0
      return
    }
    frame.pc = 2
    sh.run(frame, node.body)
    return
  }
  if (frame.pc === 2) frame.last_status = sh.state.status
  frame.pc = 1
  sh.run(frame, node.condition, true)
}

export const forFrame: Handler = (sh, frame) => {
  if (sh.takeSignals()) return
  const node = sh.nodeOf(frame) as NodeOf<'for'>
  if (frame.items === undefined) {
    if (!namePattern.test(node.name)) throw new CommandError(`\`${node.name}': not a valid identifier`, 1, true)
    const { words } = node
    if (!words) frame.items = [...sh.state.args]
    else {
      const items = sh.expand(frame, context => expandWords(context, words))
      if (!items) return
      frame.items = items.value
    }
    frame.at = 0
    sh.state.status = 0
  }
  if (node.select) return select(sh, frame, node)
  const at = frame.at as number
  const items = frame.items as string[]
  const item = items[at]
  if (item === undefined) return sh.pop()
  frame.at = at + 1
  setVariable(sh.state, node.name, item)
  sh.run(frame, node.body)
  if (sh.dialect === 'bash' && has(sh.state, 'x'))
    sh.write(2, `${tracePrefix(sh)}for ${node.name} in ${items.map(each => quoteForTrace(each, 'bash')).join(' ')}\n`)
}

/** Shows a command once as `set -x` does in bash; whether it did. */
function traced(sh: Shell, frame: Frame, text: () => string): boolean {
  if (sh.dialect !== 'bash' || !has(sh.state, 'x') || frame.traced === true) return false
  frame.traced = true
  sh.write(2, `${tracePrefix(sh)}${text()}\n`)
  return true
}

export const caseFrame: Handler = (sh, frame) => {
  const node = sh.nodeOf(frame) as NodeOf<'case'>
  if (traced(sh, frame, () => `case ${node.word.fixed ?? '...'} in`)) return
  const found = sh.expand(frame, context => {
    const word = expandString(context, node.word)
    const options = patternOptions(context)
    const hits = (from: number): number => {
      for (let at = from; at < node.items.length; at++)
        for (const pattern of node.items[at]?.patterns ?? [])
          if (matches(expandPattern(context, pattern), word, options)) return at
      return -1
    }
    // `;&` goes on with the next item's commands, `;;&` with the next that matches.
    const taken: number[] = []
    for (let at = hits(0); at >= 0; ) {
      taken.push(at)
      const next = node.items[at]?.next
      at = next === ';&' && at + 1 < node.items.length ? at + 1 : next === ';;&' ? hits(at + 1) : -1
    }
    return taken
  })
  if (!found) return
  sh.pop()
  sh.state.status = 0
  const bodies = found.value.map(at => node.items[at]?.body)
  for (const body of bodies.reverse()) if (body) sh.run(frame, body)
}

export const functionFrame: Handler = (sh, frame) => {
  const node = sh.nodeOf(frame) as NodeOf<'function'>
  sh.state.functions[`$${node.name}`] = [frame.s as number, frame.a as number, node.body.id, sh.baseLine()]
  sh.state.status = 0
  sh.pop()
}

export const testFrame: Handler = (sh, frame) => {
  const node = sh.nodeOf(frame) as NodeOf<'test'>
  sh.state.line = sh.baseLine() + node.line - 1
  const result = sh.expand(frame, context => {
    try {
      return doubleBracket(context, node.words) ? 0 : 1
    } catch (error) {
      if (error instanceof TestError) throw new CommandError(error.message, 2, false)
      throw error
    }
  })
  if (!result) return
  sh.pop()
  sh.state.status = result.value
  delete sh.state.pipeStatus
  sh.afterCommand(frame.c === true)
}

/** The value of an expression of `((…))`; where it has none, that is told, and the command has failed. */
function count(sh: Shell, frame: Frame, expression: Word): { value: boolean } | undefined {
  return sh.expand(frame, context => {
    const text = expandString(context, expression)
    if (text.trim() === '') return true
    try {
      return arithmetic(context, text) !== '0'
    } catch (error) {
      if (error instanceof ExpansionError) throw new CommandError(`((: ${error.message}`, 1, false)
      throw error
    }
  })
}

/** `((…))`: fails for zero. */
export const arithFrame: Handler = (sh, frame) => {
  const node = sh.nodeOf(frame) as NodeOf<'arith'>
  sh.state.line = sh.baseLine() + node.line - 1
  if (traced(sh, frame, () => `(( ${node.expression.fixed ?? '...'} ))`)) return
  const result = count(sh, frame, node.expression)
  if (!result) return
  sh.pop()
  const text = node.expression.fixed
  sh.state.status = result.value && text?.trim() !== '' ? 0 : 1
  delete sh.state.pipeStatus
  sh.afterCommand(frame.c === true)
}

/** `for ((first; condition; next))`: `pc` says which of them comes. */
export const countFrame: Handler = (sh, frame) => {
  if (sh.takeSignals()) return
  const node = sh.nodeOf(frame) as NodeOf<'count'>
  const step = (frame.pc as number | undefined) ?? 0
  const result = count(sh, frame, [node.first, node.condition, node.next][step] ?? node.next)
  if (!result) return
  delete frame.memo
  if (step === 0) sh.state.status = 0
  frame.pc = step === 1 ? 2 : 1
  if (step !== 1) return
  if (!result.value) return sh.pop()
  sh.run(frame, node.body)
}

/** `time`: what the pipeline took, told when it has ended. */
export const timeFrame: Handler = (sh, frame) => {
  const { p, state } = sh
  const node = sh.nodeOf(frame) as NodeOf<'time'>
  const used = (): [user: number, system: number] => {
    const [own, children] = [p.rusage('self'), p.rusage('children')]
    return [own.userMs + children.userMs, own.systemMs + children.systemMs]
  }
  if (frame.begun === undefined) {
    frame.begun = p.now()
    frame.used = used()
    if (node.body) return sh.run(frame, node.body)
    state.status = 0
  }
  const [user, system] = used()
  const [userBefore = 0, systemBefore = 0] = frame.used as number[]
  sh.pop()
  sh.write(
    2,
    timeText(
      node.posix
        ? 'real %2R\nuser %2U\nsys %2S'
        : (getVariable(state, 'TIMEFORMAT')?.value ?? '\nreal\t%3lR\nuser\t%3lU\nsys\t%3lS'),
      { R: p.now() - (frame.begun as number), U: user - userBefore, S: system - systemBefore },
    ),
  )
}

/** TIMEFORMAT: `%3lR` is minutes and seconds with three places. */
function timeText(format: string, times: Record<string, number>): string {
  const text = format.replace(
    /%(?:%|([0-9]?)(l?)([RUS])|P)/g,
    (whole, digits: string, long: string, letter: string) => {
      if (whole === '%%') return '%'
      if (whole === '%P') return '0.00'
      const ms = times[letter] ?? 0
      const places = Math.min(digits === '' ? 3 : Number(digits), 3)
      if (long === '') return (ms / 1000).toFixed(places)
      return `${Math.floor(ms / 60_000)}m${((ms % 60_000) / 1000).toFixed(places)}s`
    },
  )
  return format === '' ? '' : `${text}\n`
}

/** `select`: a menu, an answer, the body, and again until the input ends. */
function select(sh: Shell, frame: Frame, node: NodeOf<'for'>): void {
  const { state } = sh
  const items = frame.items as string[]
  const prompt = getVariable(state, 'PS3')?.value ?? '#? '
  if (items.length === 0) return sh.pop()
  if (frame.pc !== 1) {
    const menu = frame.again === true ? '' : menuText(items)
    frame.pc = 1
    frame.again = true
    sh.push({ k: 'reading', fd: 0, names: [], options: { r: '1' }, text: '', escaped: [], c: true })
    return sh.write(2, menu + prompt)
  }
  frame.pc = 0
  if (state.status !== 0) {
    sh.pop()
    return sh.write(1, '\n')
  }
  const reply = (getVariable(state, 'REPLY')?.value ?? '').trim()
  if (reply === '') {
    frame.again = false
    return
  }
  setVariable(state, node.name, /^\d+$/.test(reply) ? (items[Number(reply) - 1] ?? '') : '')
  sh.run(frame, node.body)
}

const menuText = (items: readonly string[]): string =>
  items.map((item, at) => `${String(at + 1).padStart(String(items.length).length)}) ${item}\n`).join('')
