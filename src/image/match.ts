/** Patterns of Go's path.Match, as the filter `reference` takes them. */
import { invalid } from '../errors.ts'
import { familiarName, familiarString, type Reference } from './reference.ts'

/**
 * A pattern as a test of whole texts: `*` and `?` stop at slashes, `[a-z]`, `[^x]`, `\` escapes.
 * @throws EngineError "syntax error in pattern"
 */
export function pathPattern(pattern: string): (text: string) => boolean {
  let source = ''
  for (let at = 0; at < pattern.length; at++) {
    const c = pattern.charAt(at)
    if (c === '*') source += source.endsWith('[^/]*') ? '' : '[^/]*'
    else if (c === '?') source += '[^/]'
    else if (c === '[') {
      const range = /^\[(\^?)((?:(?:\\.|[^\]\\-])(?:-(?:\\.|[^\]\\-]))?)+)\]/su.exec(pattern.slice(at))
      if (!range) throw invalid('syntax error in pattern')
      const [whole, negated = '', body = ''] = range
      source += `[${negated}${body.replace(/\\(.)|([[\]^])/gsu, (_, special, plain) => escaped(special ?? plain))}]`
      at += whole.length - 1
    } else if (c === '\\') {
      at++
      if (at >= pattern.length) throw invalid('syntax error in pattern')
      source += escaped(pattern.charAt(at))
    } else source += escaped(c)
  }
  try {
    const expression = new RegExp(`^${source}$`, 's')
    return text => expression.test(text)
  } catch {
    throw invalid('syntax error in pattern')
  }
}

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')

/** A reference's test by its familiar string or name (FamiliarMatch). Throws as `pathPattern`. */
export function referencePattern(pattern: string): (reference: Reference) => boolean {
  const matches = pathPattern(pattern)
  return reference => matches(familiarString(reference)) || matches(familiarName(reference))
}
