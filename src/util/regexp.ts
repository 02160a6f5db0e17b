/** Regular expressions that users write in filters, which Docker compiles with Go's regexp. */

/**
 * What a pattern matches, anywhere in a text; undefined when it is none. Go's matcher takes linear time and JavaScript's
 * does not: a pattern whose repetitions are nested, or a very long one, counts as none.
 */
export function compileRegexp(pattern: string): ((text: string) => boolean) | undefined {
  if (pattern.length > 200 || /[*+}]\)*[*+{]|\)[*+{]/.test(pattern)) return undefined
  try {
    const expression = new RegExp(pattern)
    return text => expression.test(text)
  } catch {
    return undefined
  }
}

/** Whether a text matches a filter's regular expression, or is the filter (moby api/types/filters Args.Match). */
export function matchesRegexp(text: string, pattern: string): boolean {
  return text === pattern || compileRegexp(pattern)?.(text) === true
}
