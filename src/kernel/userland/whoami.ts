/** whoami: the name of the effective user. */
import { command } from './lib/command.ts'
import { Failure } from './lib/failure.ts'
import { readAccounts, userName } from './lib/users.ts'

export const options = {}

export const program = command(
  'whoami',
  options,
  function* ({ p, out, gnu }) {
    const { uid } = p.cred
    const name = userName(yield* readAccounts(p), uid)
    if (name === undefined) {
      throw new Failure(gnu ? `cannot find name for user ID ${uid}` : `unknown uid ${uid}`)
    }
    yield* out.write(`${name}\n`)
    return 0
  },
  { operands: [0, 0] },
)
