/** bash's arrays: indexed ones with gaps, and associative ones in the order of bash's own table. */
import { arithmetic, type ExpandContext, ExpansionError } from './expand.ts'
import { ReadOnly, setVariable, targetName, type Variable } from './state.ts'

const hashBuckets = 1024

/** FNV-1 as bash computes it, on 32 bits. */
function hash(key: string): number {
  let value = 2166136261
  for (let at = 0; at < key.length; at++) value = (Math.imul(value, 16777619) ^ key.charCodeAt(at)) >>> 0
  return value % hashBuckets
}

/** Keys and values of an array; of a plain variable its value at 0. */
export function entriesOf(variable: Variable | undefined): [key: string, value: string][] {
  if (!variable || variable.unset) return []
  if (variable.items) return Object.entries(variable.items)
  if (!variable.map) return [['0', variable.value]]
  // Within a bucket the newest comes first.
  return Object.entries(variable.map)
    .reverse()
    .map(([key, value]): [string, string] => [key.slice(1), value])
    .sort((a, b) => hash(a[0]) - hash(b[0]))
}

/** The element that a subscript's text names; undefined when it is not set. */
export function elementOf(
  context: ExpandContext,
  variable: Variable | undefined,
  subscript: string,
): string | undefined {
  if (!variable || variable.unset) return undefined
  if (variable.map) return Object.hasOwn(variable.map, `$${subscript}`) ? variable.map[`$${subscript}`] : undefined
  const items = variable.items ?? { 0: variable.value }
  const index = Number(arithmetic(context, subscript))
  return items[index < 0 ? lastIndex(items) + 1 + index : index]
}

export function lastIndex(items: Readonly<Record<string, string>>): number {
  let last = -1
  for (const key in items) last = Math.max(last, Number(key))
  return last
}

/** An array to assign to: a plain variable becomes one. Throws ReadOnly. */
export function arrayOf(context: ExpandContext, name: string): Variable {
  const { vars } = context.state
  const key = `$${targetName(context.state, name)}`
  const variable = (vars[key] ??= { value: '', unset: true })
  if (variable.readonly) throw new ReadOnly(name)
  if (!variable.items && !variable.map) variable.items = variable.unset ? {} : { 0: variable.value }
  delete variable.unset
  return variable
}

/** Sets one element; `subscript` is the text between the brackets. */
export function assignElement(
  context: ExpandContext,
  name: string,
  subscript: string,
  given: string,
  append = false,
): void {
  const variable = arrayOf(context, name)
  const { map, items } = variable
  const old = elementOf(context, variable, subscript) ?? ''
  const value = attributed(context, variable, given, append ? old : undefined)
  if (map) map[`$${subscript}`] = value
  else if (items) {
    const number = Number(arithmetic(context, subscript))
    const index = number < 0 ? lastIndex(items) + 1 + number : number
    if (index < 0) throw new ExpansionError(`${name}[${subscript}]: bad array subscript`, 1)
    items[index] = value
    if (index === 0) variable.value = value
  }
}

/** A value as a variable's attributes make it: a number, in one case, added to what was there. */
export function attributed(
  context: ExpandContext,
  variable: Variable | undefined,
  given: string,
  old: string | undefined,
): string {
  if (variable?.integer) return arithmetic(context, old === undefined ? given : `(${old || 0})+(${given})`)
  const value = (old ?? '') + given
  return variable?.lower ? value.toLowerCase() : variable?.upper ? value.toUpperCase() : value
}

/** Values up to this many bytes are part of what a shell takes anyway. */
const smallValue = 4096

/** Sets a plain variable as its attributes say. The shell claims the memory of a large value. */
export function assignScalar(context: ExpandContext, name: string, given: string, append: boolean): void {
  const { state } = context
  const variable = state.vars[`$${targetName(state, name)}`]
  if (variable?.items || variable?.map) return assignElement(context, name, '0', given, append)
  const value = attributed(
    context,
    variable,
    given,
    append ? (variable?.unset ? '' : (variable?.value ?? '')) : undefined,
  )
  const grown = value.length - (variable?.value.length ?? 0)
  if (Math.abs(grown) > smallValue) context.p.memory(grown)
  if (name === 'SECONDS' && context.dialect === 'bash') state.startedAt = context.p.now() - Number(value) * 1000
  setVariable(state, name, value)
}
