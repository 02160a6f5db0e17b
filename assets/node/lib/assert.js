// assert
const { inspect } = require('util')
class AssertionError extends Error {
  constructor({ message, actual, expected, operator }) {
    super(message)
    this.name = 'AssertionError'
    this.generatedMessage = false
    this.code = 'ERR_ASSERTION'
    Object.assign(this, { actual, expected, operator })
  }
}
const fail = (message, actual, expected, operator, own) => {
  if (own instanceof Error) throw own
  throw new AssertionError({ message: own ?? message, actual, expected, operator })
}
const same = (a, b, strict, seen = []) => {
  if (strict ? Object.is(a, b) : a == b || (Number.isNaN(a) && Number.isNaN(b))) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (strict && Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false
  if (seen.some(each => each[0] === a && each[1] === b)) return true
  const next = [...seen, [a, b]]
  if (a instanceof Date && b instanceof Date) return a.getTime() === b.getTime()
  if (a instanceof RegExp) return String(a) === String(b)
  if (a instanceof Error && (a.message !== b.message || a.name !== b.name)) return false
  if (a instanceof Map || a instanceof Set) {
    if (a.size !== b.size) return false
    const right = [...b]
    return [...a].every(left => right.some(each => same(left, each, strict, next)))
  }
  const keys = Object.keys(a)
  return (
    keys.length === Object.keys(b).length &&
    keys.every(key => Object.hasOwn(b, key) && same(a[key], b[key], strict, next))
  )
}
const assert = (value, message) => {
  if (!value) fail('The expression evaluated to a falsy value:\n\n  assert(value)\n', value, true, '==', message)
}
const matches = (error, expected) => {
  if (expected === undefined) return true
  if (expected instanceof RegExp) return expected.test(String(error))
  if (typeof expected === 'function')
    return expected.prototype !== undefined && error instanceof expected
      ? true
      : Error.isPrototypeOf(expected)
        ? false
        : expected(error) === true
  return Object.keys(expected).every(key =>
    expected[key] instanceof RegExp ? expected[key].test(error[key]) : same(error[key], expected[key], true),
  )
}
Object.assign(assert, {
  AssertionError,
  ok: assert,
  equal: (a, b, message) =>
    a == b || (Number.isNaN(a) && Number.isNaN(b)) || fail(`${inspect(a)} == ${inspect(b)}`, a, b, '==', message),
  notEqual: (a, b, message) => a != b || fail(`${inspect(a)} != ${inspect(b)}`, a, b, '!=', message),
  strictEqual: (a, b, message) =>
    Object.is(a, b) ||
    fail(`Expected values to be strictly equal:\n\n${inspect(a)} !== ${inspect(b)}\n`, a, b, 'strictEqual', message),
  notStrictEqual: (a, b, message) =>
    !Object.is(a, b) ||
    fail(`Expected "actual" to be strictly unequal to: ${inspect(b)}`, a, b, 'notStrictEqual', message),
  deepEqual: (a, b, message) =>
    same(a, b, false) ||
    fail(
      `Expected values to be loosely deep-equal:\n\n${inspect(a)}\n\nshould loosely deep-equal\n\n${inspect(b)}`,
      a,
      b,
      'deepEqual',
      message,
    ),
  deepStrictEqual: (a, b, message) =>
    same(a, b, true) ||
    fail(
      `Expected values to be strictly deep-equal:\n${inspect(a)} !== ${inspect(b)}\n`,
      a,
      b,
      'deepStrictEqual',
      message,
    ),
  notDeepStrictEqual: (a, b, message) =>
    !same(a, b, true) ||
    fail('Expected "actual" not to be strictly deep-equal to', a, b, 'notDeepStrictEqual', message),
  throws(work, expected, message) {
    try {
      work()
    } catch (error) {
      if (!matches(error, typeof expected === 'string' ? undefined : expected)) throw error
      return
    }
    fail(`Missing expected exception.`, undefined, expected, 'throws', message)
  },
  doesNotThrow: work => work(),
  async rejects(work, expected, message) {
    try {
      await (typeof work === 'function' ? work() : work)
    } catch (error) {
      if (!matches(error, expected)) throw error
      return
    }
    fail('Missing expected rejection.', undefined, expected, 'rejects', message)
  },
  match: (text, test, message) =>
    test.test(text) ||
    fail(
      `The input did not match the regular expression ${test}. Input:\n\n${inspect(text)}\n`,
      text,
      test,
      'match',
      message,
    ),
  fail: message => fail('Failed', undefined, undefined, 'fail', message),
  ifError(value) {
    if (value !== null && value !== undefined) throw value
  },
})
assert.strict = Object.assign((...args) => assert(...args), assert, {
  equal: assert.strictEqual,
  deepEqual: assert.deepStrictEqual,
  notEqual: assert.notStrictEqual,
})
module.exports = assert
