/** The table of programs: one name, one program. */
import { expect, it } from 'vitest'
import { programs } from '../../src/engine/programs.ts'
import { userland } from '../../src/kernel/userland/index.ts'

it('what images bring does not take the name of a command of the userland', () => {
  expect([...userland].filter(([name, load]) => programs.get(name) !== load).map(([name]) => name)).toEqual([])
})
