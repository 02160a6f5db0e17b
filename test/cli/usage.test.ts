import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { runLine } from './memory-context.ts'

interface Case {
  line: string
  stderr: string[]
  status: number
}

const cases: Case[] = []
for (const line of readFileSync(new URL('../../fixtures/cli/usage.txt', import.meta.url), 'utf8').split('\n')) {
  if (line.startsWith('> ')) cases.push({ line: line.slice(2), stderr: [], status: 0 })
  const last = cases.at(-1)
  if (line.startsWith('!')) last?.stderr.push(line.slice(2))
  if (/^\[\d+\]$/.test(line) && last) last.status = Number(line.slice(1, -1))
}

/** The words of a line quoted as in a shell: blanks, '...'. */
const words = (line: string): string[] =>
  [...line.matchAll(/(?:'[^']*'|[^\s'])+/g)].map(([word]) => word.replace(/'([^']*)'/g, '$1'))

describe('wrong command lines', () => {
  it.each(cases)("are refused in Docker's words: docker $line", async ({ line, stderr, status }) => {
    const outcome = await runLine(words(line))
    const lines = outcome.stderr
      .replace(/\n$/, '')
      .split('\n')
      .map(text => text.trimEnd())
    expect({ stderr: lines, status: outcome.status }).toEqual({ stderr, status })
  })
})
