/** getpcaps: the capabilities of processes (libcap). */

import { capabilitySets, capText } from './lib/capability-sets.ts'
import { command } from './lib/command.ts'

export const options = { ugly: '--ugly --legacy --iab  accepted' }

export const program = command('getpcaps', options, function* ({ p, out, args }) {
  for (const arg of args) yield* out.write(`${arg}: ${capText(yield* capabilitySets(p, Number(arg)))}\n`)
  return 0
})
