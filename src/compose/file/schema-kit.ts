/** What the specification's schema is made of: zod types that speak compose's words. */
import * as z from 'zod'

const KINDS = {
  array: (value: unknown): boolean => Array.isArray(value),
  boolean: (value: unknown): boolean => typeof value === 'boolean',
  integer: (value: unknown): boolean => Number.isInteger(value),
  null: (value: unknown): boolean => value === null,
  number: (value: unknown): boolean => typeof value === 'number',
  mapping: (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value),
  string: (value: unknown): boolean => typeof value === 'string',
}
type Kind = keyof typeof KINDS

function mustBe(kinds: readonly Kind[]): string {
  const sorted = [...kinds].sort()
  if (sorted.length < 2) return `must be a ${sorted.join('')}`
  return `must be a ${sorted.slice(0, -1).join(', ')} or ${sorted.at(-1)}`
}

/** What a check found; it ends the check of the value, so that a union tells what each of its types found. */
const broken = (message: string) => ({ code: 'custom' as const, message, continue: false })

/** A value of one of some kinds. */
export const is = (...kinds: Kind[]): z.ZodType =>
  z.custom(value => kinds.some(kind => KINDS[kind](value)), { message: mustBe(kinds), abort: true })

/** One of some texts. */
export const oneOfTexts = (...texts: string[]): z.ZodType =>
  z.custom(value => typeof value === 'string' && texts.includes(value), {
    message:
      texts.length === 1
        ? `value must be '${texts[0]}'`
        : `value must be one of ${texts.map(t => `'${t}'`).join(', ')}`,
    abort: true,
  })

/** A whole number within bounds. */
export const bounded = (least: number, most = Number.POSITIVE_INFINITY): z.ZodType =>
  z.unknown().superRefine((value, ctx) => {
    const message = !Number.isInteger(value)
      ? mustBe(['integer'])
      : Number(value) < least
        ? `must be greater than or equal to ${least}`
        : Number(value) > most
          ? `must be less than or equal to ${most}`
          : undefined
    if (message !== undefined) ctx.addIssue(broken(message))
  })

/** A text that a pattern is found in. */
export const matching = (pattern: string): z.ZodType =>
  z.unknown().superRefine((value, ctx) => {
    if (typeof value !== 'string') ctx.addIssue(broken(mustBe(['string'])))
    else if (!new RegExp(pattern).test(value)) ctx.addIssue(broken(`'${value}' does not match pattern '${pattern}'`))
  })

export const either = (...types: [z.ZodType, z.ZodType, ...z.ZodType[]]): z.ZodType => z.union(types)

export const list = (entry: z.ZodType): z.ZodType => z.array(entry, mustBe(['array']))

/** A list in which nothing may stand twice. */
export const set = (entry: z.ZodType): z.ZodType =>
  z.array(entry, mustBe(['array'])).superRefine((values, ctx) => {
    const seen = new Map<string, number>()
    values.forEach((value, i) => {
      const key = JSON.stringify(value)
      const before = seen.get(key)
      if (before !== undefined) ctx.addIssue(broken(`items at ${before} and ${i} are equal`))
      else seen.set(key, i)
    })
  })

export interface ObjectOptions {
  required?: readonly string[]
  /** Whether `x-` keys may stand in it. */
  extensions?: boolean
  /** Whether any key may. */
  open?: boolean
  /** `null` is as good. */
  nullable?: boolean
}

/** A mapping with known keys; those it must have are told before what is wrong in the others. */
export function object(shape: Record<string, z.ZodType>, options: ObjectOptions = {}): z.ZodType {
  const { required = [], extensions = true, open = false, nullable = false } = options
  const words = mustBe(nullable ? ['mapping', 'null'] : ['mapping'])
  const optional = Object.fromEntries(Object.entries(shape).map(([key, type]) => [key, type.optional()]))
  const known = new Set(Object.keys(shape))
  const checked = z.looseObject(optional, words).superRefine((value, ctx) => {
    const missing = required.filter(key => value[key] === undefined)
    if (missing.length > 0) {
      const texts = missing.map(key => `'${key}'`).join(', ')
      ctx.addIssue(broken(`missing propert${missing.length > 1 ? 'ies' : 'y'} ${texts}`))
    }
    const unknown = Object.keys(value).filter(key => !known.has(key) && !(extensions && key.startsWith('x-')))
    if (!open && unknown.length > 0) ctx.addIssue(unknownKeys(unknown))
  })
  return nullable ? z.union([z.null(words), checked]) : checked
}

const unknownKeys = (keys: readonly string[]) => ({
  ...broken(`additional properties ${keys.map(key => `'${key}'`).join(', ')} not allowed`),
  params: { unknown: [...keys] },
})

/** A mapping whose keys the user chooses, within a pattern. */
export const named = (value: z.ZodType, pattern?: RegExp): z.ZodType =>
  z.record(z.string(), value, mustBe(['mapping'])).superRefine((entries, ctx) => {
    const unknown = pattern ? Object.keys(entries).filter(key => !pattern.test(key)) : []
    if (unknown.length > 0) ctx.addIssue(unknownKeys(unknown))
  })
