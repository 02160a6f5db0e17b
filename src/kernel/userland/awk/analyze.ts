/** What can be told of a program before it runs: which names are arrays, and what may have to wait for the kernel. */
import type { Expr, FunctionDefinition, Program, Stmt } from './ast.ts'

export interface Analysis {
  /** For each function, the parameters and locals that are arrays. */
  arrays: ReadonlyMap<string, ReadonlySet<string>>
  /** Expressions whose evaluation may make a system call that waits. */
  blocking: ReadonlySet<Expr>
}

export function analyze(program: Program): Analysis {
  const arrays = new Map<string, Set<string>>()
  for (const definition of program.functions.values()) arrays.set(definition.name, new Set())
  for (let changed = true; changed; ) {
    changed = false
    for (const definition of program.functions.values()) {
      const own = arrays.get(definition.name) ?? new Set()
      const before = own.size
      findArrays(definition, program.functions, arrays, own)
      changed ||= own.size > before
    }
  }
  const slow = slowFunctions(program)
  const blocking = new Set<Expr>()
  const mark = (expr: Expr): boolean => {
    let blocks = isBlocking(expr, slow)
    for (const child of childrenOf(expr)) blocks = mark(child) || blocks
    if (blocks) blocking.add(expr)
    return blocks
  }
  forEachStatement(program, statement => expressionsOf(statement).forEach(mark))
  for (const rule of program.rules) {
    if (rule.pattern) mark(rule.pattern)
    if (rule.until) mark(rule.until)
  }
  return { arrays, blocking }
}

function isBlocking(expr: Expr, slow: ReadonlySet<string>): boolean {
  if (expr.kind === 'getline') return true
  if (expr.kind === 'builtin') return expr.name === 'system' || expr.name === 'close' || expr.name === 'fflush'
  return expr.kind === 'call' && slow.has(expr.name)
}

/** Functions that loop, recurse, write to files or call what blocks: they run step by step. */
function slowFunctions(program: Program): Set<string> {
  const slow = new Set<string>()
  const calls = new Map<string, Set<string>>()
  for (const { name, body } of program.functions.values()) {
    const called = new Set<string>()
    calls.set(name, called)
    walk(body, statement => {
      const loops = ['while', 'do', 'for', 'forin'].includes(statement.kind)
      if (loops || ((statement.kind === 'print' || statement.kind === 'printf') && statement.to)) slow.add(name)
      const visit = (expr: Expr) => {
        if (expr.kind === 'call') called.add(expr.name)
        if (isBlocking(expr, new Set())) slow.add(name)
        childrenOf(expr).forEach(visit)
      }
      expressionsOf(statement).forEach(visit)
    })
  }
  // Whoever calls a slow function is slow; whoever reaches itself recurses.
  for (let changed = true; changed; ) {
    changed = false
    for (const [name, called] of calls) {
      for (const one of called) {
        for (const further of calls.get(one) ?? []) {
          if (!called.has(further)) {
            called.add(further)
            changed = true
          }
        }
      }
      if (!slow.has(name) && (called.has(name) || [...called].some(one => slow.has(one)))) {
        slow.add(name)
        changed = true
      }
    }
  }
  return slow
}

function findArrays(
  definition: FunctionDefinition,
  functions: ReadonlyMap<string, FunctionDefinition>,
  arrays: ReadonlyMap<string, ReadonlySet<string>>,
  found: Set<string>,
): void {
  const add = (name: string) => {
    if (definition.params.includes(name)) found.add(name)
  }
  const visit = (expr: Expr) => {
    if (expr.kind === 'index' || expr.kind === 'in') add(expr.array)
    if (expr.kind === 'builtin' && expr.name === 'split' && expr.args[1]?.kind === 'var') add(expr.args[1].name)
    if (expr.kind === 'call') {
      const callee = functions.get(expr.name)
      expr.args.forEach((arg, index) => {
        const param = callee?.params[index]
        if (arg.kind === 'var' && param !== undefined && arrays.get(expr.name)?.has(param)) add(arg.name)
      })
    }
    childrenOf(expr).forEach(visit)
  }
  walk(definition.body, statement => {
    if (statement.kind === 'forin' || statement.kind === 'delete') add(statement.array)
    expressionsOf(statement).forEach(visit)
  })
}

function forEachStatement(program: Program, visit: (statement: Stmt) => void): void {
  for (const statement of [...program.begin, ...program.end]) walk(statement, visit)
  for (const rule of program.rules) if (rule.body) walk(rule.body, visit)
  for (const definition of program.functions.values()) walk(definition.body, visit)
}

function walk(statement: Stmt, visit: (statement: Stmt) => void): void {
  visit(statement)
  switch (statement.kind) {
    case 'if':
      walk(statement.yes, visit)
      if (statement.no) walk(statement.no, visit)
      break
    case 'for':
      if (statement.init) walk(statement.init, visit)
      if (statement.step) walk(statement.step, visit)
      walk(statement.body, visit)
      break
    case 'while':
    case 'do':
    case 'forin':
      walk(statement.body, visit)
      break
    case 'block':
      for (const one of statement.body) walk(one, visit)
      break
  }
}

/** The expressions that stand directly in a statement. */
function expressionsOf(statement: Stmt): Expr[] {
  switch (statement.kind) {
    case 'expr':
      return [statement.value]
    case 'print':
    case 'printf':
      return statement.to ? [...statement.args, statement.to.target] : statement.args
    case 'if':
    case 'while':
    case 'do':
      return [statement.test]
    case 'for':
      return statement.test ? [statement.test] : []
    case 'forin':
      return [statement.variable]
    case 'exit':
    case 'return':
      return statement.value ? [statement.value] : []
    case 'delete':
      return statement.subscripts ?? []
    default:
      return []
  }
}

/** The operands of an expression. */
export function childrenOf(expr: Expr): Expr[] {
  switch (expr.kind) {
    case 'index':
    case 'in':
      return expr.subscripts
    case 'field':
      return [expr.index]
    case 'assign':
      return [expr.target, expr.value]
    case 'step':
      return [expr.target]
    case 'cond':
      return [expr.test, expr.yes, expr.no]
    case 'and':
    case 'or':
    case 'binary':
    case 'match':
      return [expr.left, expr.right]
    case 'concat':
      return expr.parts
    case 'unary':
    case 'group':
      return [expr.value]
    case 'call':
    case 'builtin':
      return expr.args
    case 'getline':
      return [expr.source, expr.target].filter(one => one !== undefined)
    default:
      return []
  }
}
