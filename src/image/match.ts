/** The filter `reference` of image lists. */
import { invalid, messageOf } from '../errors.ts'
import { pathPattern } from '../util/glob.ts'
import { familiarName, familiarString, type Reference } from './reference.ts'

/** A reference's test by its familiar string or name (FamiliarMatch). Throws EngineError "syntax error in pattern". */
export function referencePattern(pattern: string): (reference: Reference) => boolean {
  let matches: (text: string) => boolean
  try {
    matches = pathPattern(pattern)
  } catch (error) {
    throw invalid(messageOf(error))
  }
  return reference => matches(familiarString(reference)) || matches(familiarName(reference))
}
