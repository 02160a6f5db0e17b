/** `inspect`: objects as indented JSON, as one line of JSON, or through a template (docker/cli inspect.Inspect). */
import { messageOf } from '../../errors.ts'
import type { Output } from '../command.ts'
import { errorText, isFault, StatusError } from '../errors.ts'
import { toJson } from '../template/json.ts'
import { parseTemplate, type Template } from '../template/template.ts'
import { fieldsOf, Struct } from '../template/value.ts'
import { type GoType, typedValue } from './go-types.ts'
import { rawValue } from './shape.ts'

/**
 * Prints what `get` finds for each name. Names that fail are reported together at the end, with status 1; what was
 * found is printed all the same, in one write.
 * @param format  '' for indented JSON, `json`, or a template
 * @param type  Go's type of the objects, where a template has that alone to run over
 * @throws StatusError 64 for a template that does not parse, 1 for names and templates that failed
 */
export async function inspect(
  out: Output,
  names: readonly string[],
  format: string,
  get: (name: string) => Promise<unknown>,
  goType: (object: unknown) => GoType = () => ({ zeros: {} }),
  type?: string,
): Promise<void> {
  const template = format === '' || format === 'json' ? undefined : parsed(format)
  const found: unknown[] = []
  const texts: string[] = []
  const errors: string[] = []
  for (const name of names) {
    try {
      const object = await get(name)
      if (template) texts.push(`${templateText(template, object, goType(object), type)}\n`)
      else found.push(object)
    } catch (error) {
      if (isFault(error)) throw error
      errors.push(errorText(error))
    }
  }
  if (template) out.write(texts.join('') || '\n')
  else out.write(`${toJson(found, { indent: format === 'json' ? 0 : 4 })}\n`)
  if (errors.length > 0) throw new StatusError(1, errors.join('\n'))
}

/** @throws StatusError 64 */
function parsed(format: string): Template {
  try {
    return parseTemplate(format)
  } catch (error) {
    throw new StatusError(64, `template parsing error: ${messageOf(error)}`)
  }
}

/**
 * One object through a template: by its type first, and where that fails by its raw JSON, whose errors then count.
 * @throws Error with "template parsing error: "
 */
function templateText(template: Template, object: unknown, goType: GoType, type: string | undefined): string {
  const value = typedValue(object, goType)
  try {
    return template.execute(type === undefined ? value : new Struct(type, fieldsOf(value) ?? {}, () => toJson(object)))
  } catch (fault) {
    try {
      if (type !== undefined) throw fault
      return template.execute(rawValue(object), { strict: true })
    } catch (error) {
      throw new Error(`template parsing error: ${messageOf(error)}`)
    }
  }
}
