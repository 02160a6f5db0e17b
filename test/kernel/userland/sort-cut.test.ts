import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runCommand } from '../harness.ts'

const line = fc
  .array(fc.constantFrom('a', 'b', 'B', ' ', '1', '2', '-', ','), { maxLength: 6 })
  .map(chars => chars.join(''))
const lines = fc.array(line, { maxLength: 12 })
const text = (all: readonly string[]) => all.map(one => `${one}\n`).join('')
const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

async function output(argv: string[], stdin: string): Promise<string> {
  const { stdout, stderr } = await runCommand(argv, { stdin })
  expect(stderr).toBe('')
  return stdout
}

describe('text commands on random input', () => {
  it('sort orders bytes, sort -r the other way round, sort -u without repetitions', async () => {
    await fc.assert(
      fc.asyncProperty(lines, async all => {
        const sorted = [...all].sort(compare)
        expect(await output(['sort'], text(all))).toBe(text(sorted))
        expect(await output(['sort', '-r'], text(all))).toBe(text([...sorted].reverse()))
        expect(await output(['sort', '-u'], text(all))).toBe(text([...new Set(sorted)]))
      }),
      { numRuns: 25 },
    )
  })

  it('sort -n orders numbers of any size', async () => {
    const number = fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n })
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(number, { maxLength: 12 }), async all => {
        const sorted = [...all].sort((a, b) => (a < b ? -1 : 1))
        expect(await output(['sort', '-n'], text(all.map(String)))).toBe(text(sorted.map(String)))
      }),
      { numRuns: 25 },
    )
  })

  it('uniq keeps the first of each run and counts it', async () => {
    await fc.assert(
      fc.asyncProperty(lines, async all => {
        const runs: { line: string; count: number }[] = []
        for (const one of all) {
          const last = runs.at(-1)
          if (last?.line === one) last.count++
          else runs.push({ line: one, count: 1 })
        }
        expect(await output(['uniq'], text(all))).toBe(text(runs.map(run => run.line)))
        expect(await output(['uniq', '-c'], text(all))).toBe(
          text(runs.map(run => `${String(run.count).padStart(7)} ${run.line}`)),
        )
      }),
      { numRuns: 25 },
    )
  })

  it('cut -f and cut -c take what their list names, each once and in order', async () => {
    const list = fc.uniqueArray(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 3 })
    await fc.assert(
      fc.asyncProperty(lines, list, async (all, picked) => {
        const wanted = [...picked].sort((a, b) => a - b)
        const take = <T>(items: readonly T[]) => wanted.map(n => items[n - 1]).filter(item => item !== undefined)
        expect(await output(['cut', '-c', picked.join()], text(all))).toBe(
          text(all.map(one => take([...one]).join(''))),
        )
        expect(await output(['cut', '-d,', '-f', picked.join()], text(all))).toBe(
          text(all.map(one => (one.includes(',') ? take(one.split(',')).join(',') : one))),
        )
      }),
      { numRuns: 25 },
    )
  })
})
