/** Errors of networks that say several things at once. */

/** As moby joins them: one after the line, several as a list. */
export function several(what: string, errors: readonly string[]): string {
  return `${what}:\n${errors.length === 1 ? errors[0] : errors.map(error => `* ${error}`).join('\n')}`
}
