import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { jsonFault } from '../../src/util/go-json.ts'

describe('what Go says of text that is no JSON', () => {
  it.each([
    ['', 'unexpected end of JSON input'],
    ['{ nope', "invalid character 'n' looking for beginning of object key string"],
    ['{"a" 1}', "invalid character '1' after object key"],
    ['{"a":1 "b"}', "invalid character '\"' after object key:value pair"],
    ['{"a":1,}', "invalid character '}' looking for beginning of object key string"],
    ['[1 2]', "invalid character '2' after array element"],
    ['[1,]', "invalid character ']' looking for beginning of value"],
    ['[1', 'unexpected end of JSON input'],
    ['"a\nb"', String.raw`invalid character '\n' in string literal`],
    [String.raw`"\x"`, "invalid character 'x' in string escape code"],
    [String.raw`"\u12g4"`, String.raw`invalid character 'g' in \u hexadecimal character escape`],
    ['-x', "invalid character 'x' in numeric literal"],
    ['1.x', "invalid character 'x' after decimal point in numeric literal"],
    ['1ex', "invalid character 'x' in exponent of numeric literal"],
    ['01', "invalid character '1' after top-level value"],
    ['trux', "invalid character 'x' in literal true (expecting 'e')"],
    ["'a'", String.raw`invalid character '\'' looking for beginning of value`],
    ['[[1], {"a": [true, null, -1.5e+3, "\\u00e9"]}] ', undefined],
  ])('%j: %s', (text, fault) => {
    expect(jsonFault(text)).toBe(fault)
  })

  it('has a fault exactly when the text cannot be parsed', () => {
    const texts = fc.oneof(fc.json(), fc.string({ unit: fc.constantFrom(...'{}[]":,0123.eE+-truefalsn \\u\n') }))
    fc.assert(
      fc.property(texts, text => {
        const parses = (): boolean => {
          try {
            JSON.parse(text)
            return true
          } catch {
            return false
          }
        }
        expect(jsonFault(text) === undefined).toBe(parses())
      }),
    )
  })
})
