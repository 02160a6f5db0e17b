/** Whether a file keeps to the Compose specification, and compose's one line for the first thing that does not. */
import type * as z from 'zod'
import { fileSchema } from './schema-file.ts'
import { ComposeError, type Mapping } from './tree.ts'

interface Finding {
  path: PropertyKey[]
  message: string
  /** A key that is not known counts as one step deeper. */
  depth: number
}

/**
 * Checks a merged file. Of several findings compose tells the one that lies deepest, of those the first.
 * @throws ComposeError `services.a.ports must be a array`
 */
export function checkSchema(file: Mapping): void {
  const result = fileSchema.safeParse(file)
  if (result.success) return
  let deepest: Finding | undefined
  for (const finding of findings(result.error.issues, [])) {
    if (!deepest || finding.depth > deepest.depth) deepest = finding
  }
  if (deepest) throw new ComposeError(`${deepest.path.join('.')} ${deepest.message}`)
}

function* findings(issues: readonly z.core.$ZodIssue[], above: PropertyKey[]): Generator<Finding> {
  for (const issue of issues) {
    const path = [...above, ...issue.path]
    if (issue.code === 'invalid_union' && issue.errors.length > 0) {
      for (const errors of issue.errors) yield* findings(errors, path)
    } else if (issue.code === 'custom' && Array.isArray(issue.params?.unknown)) {
      yield { path, message: issue.message, depth: path.length + 1 }
    } else yield { path, message: issue.message, depth: path.length }
  }
}
