import { describe, expect, it } from 'vitest'
import { recorded, replay } from './recorded.ts'

/** What minidock's bash does in another way, and why: docs/fidelity.md tells it. */
const differs = new Map<string, string>([
  ['a=(1 2 3); echo ${a[-1]} ${a[-2]}; a[-1]=last; echo ${a[@]}; echo ${a[-9]}', 'no word about a bad subscript'],
  ['[[ -z ]]; echo $?', 'a condition is checked when it is run'],
  ['[[ a b ]]; echo $?', 'a condition is checked when it is run'],
  ['[[ a', 'a condition is checked when it is run'],
  ['echo $(x', 'the line that a missing parenthesis is told with'],
  ['exec /tmp; echo no', 'one line instead of two'],
  ['history; echo $?; help > /dev/null; echo $?; times | wc -l; enable -n echo; echo $?', 'help, enable'],
  ['compgen -b | head -1; complete; echo $?; suspend; echo $?; logout; echo $?', 'compgen, complete'],
])
const inPart = [/^time -p/, /%q/, /%\(%Y\)T/, /^set -x; x='a b'/]

describe.each(recorded('bash'))("the shell answers as Debian's bash: %s", (_, cases) => {
  const same = cases.filter(({ script }) => !differs.has(script) && !inPart.some(part => part.test(script)))

  it.each(same)('$script', async ({ script, ...expected }) => {
    expect(await replay('bash', script)).toEqual(expected)
  })

  it.each(same.filter((_case, at) => at % 4 === 0))('when stored after every slice: $script', async ({ script }) => {
    expect(await replay('bash', script, { suspend: true })).toEqual(await replay('bash', script))
  })
})
