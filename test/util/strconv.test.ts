import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { csvFields } from '../../src/cli/go/csv.ts'
import { durationString, parseDuration } from '../../src/util/go-duration.ts'
import { parseBool, parseFloat64, parseInt64, parseUint, quote } from '../../src/util/strconv.ts'

const failure = (act: () => unknown): string => {
  try {
    return `no error: ${String(act())}`
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

describe('strconv', () => {
  it('quotes as Go does', () => {
    expect(['a"b', 'tab\t', '\x00\x7f', 'ü', '\u200b', '\\'].map(text => quote(text))).toEqual([
      '"a\\"b"',
      '"tab\\t"',
      '"\\x00\\x7f"',
      '"ü"',
      '"\\u200b"',
      '"\\\\"',
    ])
    expect(quote("'", "'")).toBe("'\\''")
  })

  it('reads numbers in every base that Go knows', () => {
    expect(['0x1f', '017', '0o17', '0b11', '1_000', '-5', '+5', '0'].map(parseInt64)).toEqual([
      31, 15, 15, 3, 1000, -5, 5, 0,
    ])
  })

  it.each([
    ['12q', 'strconv.ParseInt: parsing "12q": invalid syntax'],
    ['', 'strconv.ParseInt: parsing "": invalid syntax'],
    ['1__0', 'strconv.ParseInt: parsing "1__0": invalid syntax'],
    ['9223372036854775808', 'strconv.ParseInt: parsing "9223372036854775808": value out of range'],
  ])('refuses the integer %j', (text, message) => {
    expect(failure(() => parseInt64(text))).toBe(message)
  })

  it('accepts the smallest and the largest integer', () => {
    expect([parseInt64('9223372036854775807'), parseInt64('-9223372036854775808')]).toEqual([2 ** 63, -(2 ** 63)])
  })

  it('refuses what is no bool, unsigned number or float', () => {
    expect(failure(() => parseBool('yes'))).toBe('strconv.ParseBool: parsing "yes": invalid syntax')
    expect(failure(() => parseUint('-1', 16))).toBe('strconv.ParseUint: parsing "-1": invalid syntax')
    expect(failure(() => parseUint('65536', 16))).toBe('strconv.ParseUint: parsing "65536": value out of range')
    expect(failure(() => parseFloat64('1.2.3'))).toBe('strconv.ParseFloat: parsing "1.2.3": invalid syntax')
  })
})

describe('durations', () => {
  it.each([
    ['1h15m30.918s', 4530.918e9],
    ['-1.5h', -5400e9],
    ['1µs', 1e3],
    ['.5s', 5e8],
    ['0', 0],
  ])('%s is read', (text, ns) => {
    expect(parseDuration(text)).toBe(ns)
  })

  it('are written so that they read back as they were', () => {
    fc.assert(
      fc.property(fc.nat({ max: 1e15 }), ns => {
        expect(parseDuration(durationString(ns))).toBe(ns)
      }),
    )
  })

  it('are written as Go does', () => {
    expect([0, 1, 1500, 1.5e6, 5e9, 90e9, 3600e9, -1e9].map(durationString)).toEqual([
      ...['0s', '1ns', '1.5µs', '1.5ms', '5s', '1m30s', '1h0m0s', '-1s'],
    ])
  })
})

describe('CSV fields', () => {
  it('hold what was put in quotes', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-z",= ]*$/), { minLength: 1 }), fields => {
        const line = fields.map(field => `"${field.replaceAll('"', '""')}"`).join(',')
        expect(csvFields(line)).toEqual(fields)
      }),
    )
  })

  it.each([
    ['a"b', 'parse error on line 1, column 2: bare " in non-quoted-field'],
    ['"a', 'parse error on line 1, column 3: extraneous or missing " in quoted-field'],
  ])('are refused where quotes are wrong: %s', (text, message) => {
    expect(failure(() => csvFields(text))).toBe(message)
  })
})
