/** One record of Go's encoding/csv, with its error texts: what a `strings` flag or `--mount` is made of. */

/** Splits `a,"b,c"` into its fields. Throws with Go's words for a bad quote. An empty text has no fields. */
export function csvFields(text: string): string[] {
  if (text === '') return []
  const fields: string[] = []
  let at = 0
  for (;;) {
    if (text[at] !== '"') {
      const end = text.indexOf(',', at)
      const field = end < 0 ? text.slice(at) : text.slice(at, end)
      const bad = field.indexOf('"')
      if (bad >= 0) throw new Error(`parse error on line 1, column ${at + bad + 1}: bare " in non-quoted-field`)
      fields.push(field)
      if (end < 0) return fields
      at = end + 1
      continue
    }
    let field = ''
    at++
    for (;;) {
      const end = text.indexOf('"', at)
      if (end < 0)
        throw new Error(`parse error on line 1, column ${text.length + 1}: extraneous or missing " in quoted-field`)
      field += text.slice(at, end)
      at = end + 1
      if (text[at] === '"') {
        field += '"'
        at++
      } else break
    }
    fields.push(field)
    if (at >= text.length) return fields
    if (text[at] !== ',')
      throw new Error(`parse error on line 1, column ${at}: extraneous or missing " in quoted-field`)
    at++
  }
}
