/** wc counts a stream in pieces and four bytes at a time: the same as byte by byte. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { runCommand } from '../harness.ts'

function counted(bytes: Uint8Array): [lines: number, words: number, bytes: number] {
  let [lines, words, inWord] = [0, 0, false]
  for (const byte of bytes) {
    const printing = byte > 32 && byte < 127
    if (byte === 10) lines++
    if (printing && !inWord) words++
    if (printing) inWord = true
    else if (byte === 32 || (byte >= 9 && byte <= 13)) inWord = false
  }
  return [lines, words, bytes.length]
}

const text = fc.array(fc.constantFrom(...Buffer.from('ab  \n\t\0\x7f\x80é')), { maxLength: 60 })

it('counts what a loop over the bytes counts', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 60 }), text, async (any, some) => {
      const file = Buffer.from([...any, ...some])
      const { stdout } = await runCommand(['sh', '-c', 'wc /tmp/f; (head -c 3; cat) < /tmp/f | wc; wc -l < /tmp/f'], {
        prepare: rootfs => rootfs.writeFile('/tmp/f', file),
      })
      const [lines, words, bytes] = counted(file)
      const row = [lines, words, bytes].map(number => String(number).padStart(9)).join(' ')
      expect(stdout).toBe(`${row} /tmp/f\n${row}\n${lines}\n`)
    }),
    { numRuns: 12 },
  )
})
