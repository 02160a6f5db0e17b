/** `$((…))`: integer expressions on 64 bits, with assignments. */
import { ArithFault, type ArithFaultKind, type ArithName, type ArithNode, integer, parseArith } from './arith-parse.ts'
import type { Dialect } from './dialect.ts'

/** An expression that has no value, in the shell's words. */
export class ArithError extends Error {
  override readonly name = 'ArithError'
}

/** The variables that an expression reads and assigns; a subscript is the text between its brackets. */
export interface ArithVariables {
  dialect: Dialect
  get(name: string, subscript: string | undefined): string
  set(name: string, subscript: string | undefined, value: string): void
}

const maxDepth = 100
const wrap = (value: bigint): bigint => BigInt.asIntN(64, value)
const bool = (value: boolean): bigint => (value ? 1n : 0n)

/** The value of an expression. Throws ArithError. */
export function evaluate(text: string, variables: ArithVariables): bigint {
  return evaluateText(text, variables, 0)
}

function evaluateText(text: string, variables: ArithVariables, depth: number): bigint {
  try {
    if (depth > maxDepth) throw new ArithFault('recursion', 0)
    const tree = parseArith(text, variables.dialect === 'bash')
    return tree ? value(tree, variables, depth) : 0n
  } catch (error) {
    if (!(error instanceof ArithFault)) throw error
    throw new ArithError(wording(error, text, variables.dialect))
  }
}

function value(node: ArithNode, variables: ArithVariables, depth: number): bigint {
  switch (node.n) {
    case 'number':
      return node.value
    case 'name':
      return read(node, variables, depth)
    case 'unary': {
      const operand = value(node.operand, variables, depth)
      if (node.op === '-') return wrap(-operand)
      if (node.op === '~') return ~operand
      return node.op === '!' ? bool(operand === 0n) : operand
    }
    case 'binary': {
      const left = value(node.left, variables, depth)
      if (node.op === '&&') return bool(left !== 0n && value(node.right, variables, depth) !== 0n)
      if (node.op === '||') return bool(left !== 0n || value(node.right, variables, depth) !== 0n)
      return binary(node.op, left, value(node.right, variables, depth), node.at)
    }
    case 'choose': {
      const condition = value(node.condition, variables, depth)
      // busybox works out both branches.
      if (variables.dialect === 'busybox') value(condition !== 0n ? node.no : node.yes, variables, depth)
      return value(condition !== 0n ? node.yes : node.no, variables, depth)
    }
    case 'assign': {
      const right = value(node.value, variables, depth)
      const result =
        node.op === '=' ? right : binary(node.op.slice(0, -1), read(node.target, variables, depth), right, node.at)
      variables.set(node.target.name, node.target.subscript, String(result))
      return result
    }
    case 'step': {
      const old = read(node.target, variables, depth)
      const next = wrap(old + BigInt(node.by))
      variables.set(node.target.name, node.target.subscript, String(next))
      return node.before ? next : old
    }
  }
}

/** A variable's value is an expression itself. */
function read(node: ArithName, variables: ArithVariables, depth: number): bigint {
  const text = variables.get(node.name, node.subscript).trim()
  if (text === '') return 0n
  const number = integer(text.startsWith('-') ? text.slice(1) : text)
  if (typeof number === 'bigint') return text.startsWith('-') ? wrap(-number) : number
  return evaluateText(text, variables, depth + 1)
}

function binary(op: string, a: bigint, b: bigint, at: number): bigint {
  switch (op) {
    case ',':
      return b
    case '+':
      return wrap(a + b)
    case '-':
      return wrap(a - b)
    case '*':
      return wrap(a * b)
    case '/':
    case '%':
      if (b === 0n) throw new ArithFault('zero', at)
      return wrap(op === '/' ? a / b : a % b)
    case '**':
      return power(a, b, at)
    case '<<':
      return wrap(a << (b & 63n))
    case '>>':
      return a >> (b & 63n)
    case '&':
      return a & b
    case '|':
      return a | b
    case '^':
      return a ^ b
    case '==':
      return bool(a === b)
    case '!=':
      return bool(a !== b)
    case '<':
      return bool(a < b)
    case '>':
      return bool(a > b)
    case '<=':
      return bool(a <= b)
    default:
      return bool(a >= b)
  }
}

function power(base: bigint, exponent: bigint, at: number): bigint {
  if (exponent < 0n) throw new ArithFault('exponent', at)
  let result = 1n
  for (let bit = exponent, square = base; bit > 0n; bit >>= 1n, square = wrap(square * square))
    if (bit & 1n) result = wrap(result * square)
  return result
}

const bashWords: Record<ArithFaultKind, string> = {
  operand: 'syntax error: operand expected',
  extra: 'syntax error in expression',
  assignment: 'attempted assignment to non-variable',
  colon: "`:' expected for conditional expression",
  paren: "missing `)'",
  token: 'syntax error: invalid arithmetic operator',
  number: 'value too great for base',
  base: 'invalid arithmetic base',
  zero: 'division by 0',
  exponent: 'exponent less than 0',
  recursion: 'expression recursion level exceeded',
}
const dashWords: Record<ArithFaultKind, string> = {
  operand: 'expecting primary',
  extra: 'expecting EOF',
  assignment: 'expecting EOF',
  colon: "expecting ':'",
  paren: "expecting ')'",
  token: 'expecting EOF',
  number: 'expecting EOF',
  base: 'expecting EOF',
  zero: 'division by zero',
  exponent: 'expecting EOF',
  recursion: 'expecting primary',
}
const ashWords: Partial<Record<ArithFaultKind, string>> = {
  zero: 'divide by zero',
  exponent: 'exponent less than 0',
  recursion: 'expression recursion loop detected',
  colon: 'malformed ?: operator',
}

function wording({ fault, at }: ArithFault, text: string, dialect: Dialect): string {
  if (dialect === 'busybox') return ashWords[fault] ?? 'arithmetic syntax error'
  if (dialect === 'dash') return `arithmetic expression: ${dashWords[fault]}: "${text}"`
  return `${text.trimStart()}: ${bashWords[fault]} (error token is "${text.slice(at)}")`
}
