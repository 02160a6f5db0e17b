/** Checks of what the student did and said: commands used, questions answered. */
import { compare, type Finding } from '../finding.ts'
import type { Check } from '../schema.ts'
import type { LabWorld } from '../world.ts'

export function checkUsed(world: LabWorld, { command, times }: NonNullable<Check['used']>): Finding {
  const pattern = new RegExp(command)
  const count = world.log.filter(each => pattern.test(each)).length
  const found = compare(`the number of commands like /${command}/`, count, times ?? { atLeast: 1 })
  return found
}

/** An answer counts without its blanks around and the case of its letters. */
export function checkAnswer(world: LabWorld, { question, ...expectation }: NonNullable<Check['answer']>): Finding {
  const given = Object.hasOwn(world.answers, question) ? world.answers[question]?.trim() : undefined
  const plain = (value: unknown): unknown => (typeof value === 'string' ? value.trim().toLowerCase() : value)
  const wanted = {
    ...expectation,
    ...(expectation.equals !== undefined && { equals: plain(expectation.equals) as string }),
  }
  const seen = expectation.equals !== undefined ? plain(given) : given
  const number = typeof seen === 'string' && /^-?\d+(\.\d+)?$/.test(seen) ? Number(seen) : seen
  const value = expectation.atLeast !== undefined || expectation.atMost !== undefined ? number : seen
  return compare(`the answer to ${question}`, value, wanted)
}
