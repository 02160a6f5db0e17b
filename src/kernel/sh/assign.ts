/** Assignments: what stands on the right is expanded, and the variable set. */
import { arrayOf, assignElement, assignScalar, lastIndex } from './arrays.ts'
import type { Assignment } from './ast.ts'
import { arithmetic, type ExpandContext, expandString, expandWords } from './expand.ts'
import { quoteForTrace } from './quoting.ts'
import { getVariable, scalar } from './state.ts'

/** An assignment before a command: the name and the value it has for that command. */
export function expandAssignment(context: ExpandContext, { name, value, append }: Assignment): [string, string] {
  const text = expandString(context, value)
  return [name, append ? (scalar(getVariable(context.state, name)) ?? '') + text : text]
}

/** Carries out an assignment; returns it as `set -x` shows it, unquoted: the left side, and the value. */
export function assign(context: ExpandContext, assignment: Assignment): [left: string, value: string] {
  const { name, append, index, list } = assignment
  if (list) {
    const value = expandList(context, assignment)
    storeList(context, value)
    return [`${name}${append ? '+' : ''}`, showList(value)]
  }
  const value = expandString(context, assignment.value)
  if (!index) {
    assignScalar(context, name, value, append)
    return [`${name}${append ? '+' : ''}`, value]
  }
  const subscript = expandString(context, index)
  assignElement(context, name, subscript, value, append)
  return [`${name}[${subscript}]${append ? '+' : ''}`, value]
}

/** A list with its words expanded: keys, values, and whether they are added to what is there. */
export interface ListValue {
  name: string
  append: boolean
  items: [key: string | null, value: string, append: boolean][]
}

export function expandList(context: ExpandContext, { name, append, list = [] }: Assignment): ListValue {
  const items = list.flatMap((item): ListValue['items'] =>
    item.key
      ? [[expandString(context, item.key), expandString(context, item.value), item.append === true]]
      : expandWords(context, [item.value]).map(value => [null, value, false]),
  )
  return { name, append, items }
}

/** Makes a list an array's contents. */
export function storeList(context: ExpandContext, { name, append, items }: ListValue): void {
  const variable = arrayOf(context, name)
  if (!append) {
    if (variable.map) variable.map = {}
    else variable.items = {}
    variable.value = ''
  }
  let next = variable.items && append ? lastIndex(variable.items) + 1 : 0
  // In an associative array words without keys are keys and values in turn.
  let pending: string | undefined
  for (const [key, value, adds] of items) {
    if (key !== null) {
      const subscript = variable.map ? key : arithmetic(context, key)
      assignElement(context, name, subscript, value, adds)
      next = Number(subscript) + 1
    } else if (!variable.map) assignElement(context, name, String(next++), value)
    else if (pending === undefined) pending = value
    else {
      assignElement(context, name, pending, value)
      pending = undefined
    }
  }
  if (pending !== undefined) assignElement(context, name, pending, '')
}

const showList = ({ items }: ListValue): string =>
  `(${items.map(([key, value]) => `${key === null ? '' : `[${key}]=`}${quoteForTrace(value, 'bash')}`).join(' ')})`
