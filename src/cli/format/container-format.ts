/** The format of `docker ps`, which Docker runs once over no container before it asks for any. */
import { messageOf } from '../../errors.ts'
import { StatusError } from '../errors.ts'
import { parseTemplate, type Template } from '../template/template.ts'
import { Struct } from '../template/value.ts'
import { containerList } from './container.ts'

/**
 * Whether the format shows sizes, which are dear to compute.
 * @throws StatusError with the words of `docker ps` for a template that is wrong
 */
export function wantsSize(format: string): boolean {
  let template: Template
  try {
    template = parseTemplate(format)
  } catch (error) {
    throw new StatusError(1, `failed to parse template: ${messageOf(error)}`)
  }
  let size = false
  const spec = containerList({ noTrunc: false, size: false, now: 0 })
  const nothing = Object.keys(spec.columns).map((name): [string, () => string] => [
    name,
    () => {
      size ||= name === 'Size'
      return ''
    },
  ])
  const label = (_name: string): string => ''
  const json = (): string => {
    size = true
    return '{}'
  }
  try {
    template.execute(new Struct(spec.type, { ...Object.fromEntries(nothing), Label: label }, json))
  } catch (error) {
    throw new StatusError(1, `failed to execute template: ${messageOf(error)}`)
  }
  return size
}
