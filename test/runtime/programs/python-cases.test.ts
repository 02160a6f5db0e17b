/**
 * Python programs (`fixtures/programs/python-cases.txt`), each with what CPython 3.11 printed: `### ` starts one, `| ` is a
 * line of its output, `! ` of its errors.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { program } from '../../../src/runtime/programs/python/program.ts'
import { runCommand } from '../../kernel/harness.ts'

const text = readFileSync(join(import.meta.dirname, '../../../fixtures/programs/python-cases.txt'), 'utf8')
const cases = text
  .split(/^### /m)
  .slice(1)
  .map(part => {
    const [title = '', ...lines] = part.trimEnd().split('\n')
    const marked = (mark: string): string =>
      lines.flatMap(line => (line === mark || line.startsWith(`${mark} `) ? [`${line.slice(2)}\n`] : [])).join('')
    const code = lines.filter(line => !/^[|!]( |$)/.test(line)).join('\n')
    return { title, code, out: marked('|'), err: marked('!') }
  })

it.each(cases)('$title', async ({ code, out, err }) => {
  const { stdout, stderr } = await runCommand(['python3', '-c', `${code}\n`], { programs: { python3: program } })
  expect(stdout + (stderr === err ? '' : stderr)).toBe(out)
})
