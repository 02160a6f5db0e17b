/** Any text is a Dockerfile or an error with its line; `bench/dockerfile-fuzz` does the same a million times. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { dockerfileText, readText } from './dockerfile-text.ts'

it('reads any text, or says at which line it cannot', () => {
  fc.assert(
    fc.property(dockerfileText, text => {
      readText(text)
    }),
    { numRuns: 3000 },
  )
})

it('reads long lines and deep nesting in time that grows with the text', () => {
  const word = 'x'.repeat(200_000)
  expect(readText(`FROM scratch\nENV a=${word} b="${word}" c=${'\\'.repeat(100_000)}x`)).toBeUndefined()
  expect(readText(`FROM scratch\nRUN ${'a \\\n'.repeat(50_000)}b`)).toBeUndefined()
  expect(readText(`FROM scratch\nLABEL ${'k=v '.repeat(50_000)}`)).toBeUndefined()
  expect(readText(`FROM scratch\nENV a=${'${A:-'.repeat(20_000)}x${'}'.repeat(20_000)}`)).toBeUndefined()
})
