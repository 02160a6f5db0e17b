import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseRfc3339, rfc3339Nano, rfc3339NanoFixed, unixNano } from '../../src/util/time.ts'

const noon = Date.UTC(2025, 3, 22, 12)

test.each([
  [0, '0001-01-01T00:00:00Z'],
  [noon, '2025-04-22T12:00:00Z'],
  [noon + 120, '2025-04-22T12:00:00.12Z'],
  [noon + 0.5, '2025-04-22T12:00:00.0005Z'],
  [noon + 999.25, '2025-04-22T12:00:00.99925Z'],
  [-1, '1969-12-31T23:59:59.999Z'],
])('%d ms is %s, as Go prints RFC3339Nano', (ms, text) => {
  expect(rfc3339Nano(ms)).toBe(text)
})

test.each([
  [noon, '2025-04-22T12:00:00.000000000Z'],
  [noon + 120.5, '2025-04-22T12:00:00.120500000Z'],
])('%d ms has all nine digits as %s', (ms, text) => {
  expect(rfc3339NanoFixed(ms)).toBe(text)
})

test.each([
  ['0001-01-01T00:00:00Z', 0],
  ['2025-04-22T12:00:00Z', noon],
  ['2025-04-22T14:30:00.25+02:30', noon + 250],
  ['2025-04-22t12:00:00z', noon],
])('%s is %d ms', (text, ms) => {
  expect(parseRfc3339(text)).toBe(ms)
})

test.each(['', 'now', '2025-04-22', '2025-04-22T12:00:00', '2025-04-22 12:00:00Z', '2025-13-22T12:00:00Z'])(
  '%j is no RFC 3339 time',
  text => {
    expect(parseRfc3339(text)).toBeNaN()
  },
)

test('times come back from their text, to the microsecond', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4e15 }), microseconds => {
      const ms = microseconds / 1000
      expect(Math.abs(parseRfc3339(rfc3339Nano(ms)) - ms)).toBeLessThan(0.002)
      expect(rfc3339Nano(parseRfc3339(rfc3339NanoFixed(Math.floor(ms))))).toBe(rfc3339Nano(Math.floor(ms)))
    }),
  )
})

test('nanoseconds since the epoch are whole seconds and the digits shown', () => {
  fc.assert(
    fc.property(fc.double({ min: 1, max: 4e12, noNaN: true }), ms => {
      const nano = unixNano(ms)
      expect(String(nano % 1_000_000_000n).padStart(9, '0')).toBe(rfc3339NanoFixed(ms).slice(20, 29))
      expect(Number(nano / 1_000_000_000n)).toBe(Math.floor(ms / 1000))
    }),
  )
})
