/** Reads a million texts that look like Dockerfiles: none may crash, hang or fail without a line. */
import fc from 'fast-check'
import { dockerfileText, readText } from '../../test/build/dockerfile-text.ts'

const runs = Number(process.argv[2] ?? 1_000_000)
const seed = Number(process.argv[3] ?? Date.now())
console.log(`${runs} texts, seed ${seed}`)
const slow: [number, string][] = []
fc.assert(
  fc.property(dockerfileText, text => {
    const start = performance.now()
    readText(text)
    const took = performance.now() - start
    if (took > 100) slow.push([took, text])
  }),
  { numRuns: runs, seed },
)
for (const [took, text] of slow) console.log(`${took.toFixed(0)} ms: ${JSON.stringify(text)}`)
console.log('no crash, no hang, every error with its line')
