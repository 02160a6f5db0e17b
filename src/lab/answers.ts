/** The answers of a submission: `answers.yaml`, a map from a question's id to what was answered. */
import { parseDocument } from 'yaml'

const mostBytes = 1 << 16

/** Reads the text; `note` is told what cannot be read. */
export function readAnswers(bytes: Uint8Array | undefined, note: (text: string) => void): Record<string, string> {
  if (!bytes) return {}
  if (bytes.length > mostBytes) {
    note('answers.yaml is not read: it is larger than 64 KiB')
    return {}
  }
  const document = parseDocument(Buffer.from(bytes).toString(), { prettyErrors: false })
  const broken = document.errors[0]
  if (broken) {
    note(`answers.yaml is not read: ${broken.message}`)
    return {}
  }
  let data: unknown
  try {
    data = document.toJS({ maxAliasCount: 10 })
  } catch {
    note('answers.yaml is not read: its aliases are too many')
    return {}
  }
  if (data === null || typeof data !== 'object' || Array.isArray(data)) {
    if (data !== null && data !== undefined) note('answers.yaml is not read: it must be a map of answers')
    return {}
  }
  const entries = Object.entries(data).filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value))
  return Object.fromEntries(entries.map(([key, value]) => [key, String(value)]))
}
