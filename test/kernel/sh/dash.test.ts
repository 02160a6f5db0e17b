import { describe, expect, it } from 'vitest'
import { recorded, replay } from './recorded.ts'

const differs = new Set<string>([
  // Words that are no signals.
  'kill 99999; echo $?; kill -NOSUCH 1; echo $?',
  // This small world has a program of that name.
  '[[ a = a ]]; echo $?',
])

describe.each(recorded('dash'))("the shell answers as Debian's dash: %s", (_, cases) => {
  it.each(cases.filter(({ script }) => !differs.has(script)))('$script', async ({ script, ...expected }) => {
    expect(await replay('dash', script)).toEqual(expected)
  })
})
