import { describe, expect, it } from 'vitest'
import { recorded, replay } from './recorded.ts'

/** What this small world differs in from a real container: its users, its files, its process ids. */
const differs = new Set<string>([
  // Debian's busybox prefers its applets to files, so it has no path for them.
  'type echo; type ls; type nosuch; echo $?',
  'command -v echo; command -v sh; command -v nosuch; echo $?',
])

describe.each(recorded('ash'))('the shell answers as busybox ash: %s', (_, cases) => {
  it.each(cases.filter(each => !differs.has(each.script)))('$script', async ({ script, ...expected }) => {
    expect(await replay('ash', script)).toEqual(expected)
  })

  it.each(cases.filter((_case, at) => at % 4 === 0))('when stored after every slice: $script', async ({ script }) => {
    expect(await replay('ash', script, { suspend: true })).toEqual(await replay('ash', script))
  })
})
