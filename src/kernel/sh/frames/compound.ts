/** Compound commands: conditions, loops, functions, and redirections that last as long as they. */
import type { Json } from '../../program.ts'
import { TestError } from '../../userland/lib/test-expression.ts'
import type { NodeOf } from '../ast.ts'
import { doubleBracket } from '../double-bracket.ts'
import { expandPattern, expandString, expandWords, patternOptions } from '../expand.ts'
import { CommandError, type Handler } from '../machine.ts'
import { matches } from '../pattern.ts'
import { applyRedirects, redirectTargets } from '../redirect.ts'
import { setVariable } from '../state.ts'

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
  const at = frame.at as number
  const items = frame.items as string[]
  const item = items[at]
  if (item === undefined) return sh.pop()
  frame.at = at + 1
  setVariable(sh.state, node.name, item)
  sh.run(frame, node.body)
}

export const caseFrame: Handler = (sh, frame) => {
  const node = sh.nodeOf(frame) as NodeOf<'case'>
  const found = sh.expand(frame, context => {
    const word = expandString(context, node.word)
    const options = patternOptions(context)
    for (const [at, item] of node.items.entries())
      for (const pattern of item.patterns) if (matches(expandPattern(context, pattern), word, options)) return at
    return -1
  })
  if (!found) return
  sh.pop()
  sh.state.status = 0
  const item = node.items[found.value]
  if (!item) return
  // `;&` goes on with the next item's commands.
  const bodies = [item.body]
  for (let at = found.value; node.items[at]?.next === ';&'; at++) bodies.push(node.items[at + 1]?.body)
  for (const body of bodies.reverse()) if (body) sh.run(frame, body)
}

export const functionFrame: Handler = (sh, frame) => {
  const node = sh.nodeOf(frame) as NodeOf<'function'>
  sh.state.functions[`$${node.name}`] = [frame.s as number, frame.a as number, node.body.id]
  sh.state.status = 0
  sh.pop()
}

export const testFrame: Handler = (sh, frame) => {
  const node = sh.nodeOf(frame) as NodeOf<'test'>
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
  sh.afterCommand(frame.c === true)
}
