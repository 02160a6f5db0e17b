// lodash: the functions that small programs use.
const get = (value, path, fallback) => {
  const keys = Array.isArray(path)
    ? path
    : String(path)
        .replace(/\[(\w+)\]/g, '.$1')
        .split('.')
        .filter(Boolean)
  let at = value
  for (const key of keys) {
    if (at === null || at === undefined) return fallback
    at = at[key]
  }
  return at === undefined ? fallback : at
}
const picker = by =>
  typeof by === 'function'
    ? by
    : by && typeof by === 'object'
      ? value => Object.entries(by).every(([key, each]) => value[key] === each)
      : by === undefined
        ? value => value
        : value => get(value, by)
const list = value =>
  Array.isArray(value) ? value : value && typeof value === 'object' ? Object.values(value) : [...(value ?? [])]
const words = text => String(text).match(/[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+/g) ?? []
const _ = value => value
Object.assign(_, {
  get,
  set(value, path, to) {
    const keys = Array.isArray(path)
      ? path
      : String(path)
          .replace(/\[(\w+)\]/g, '.$1')
          .split('.')
    let at = value
    keys.slice(0, -1).forEach((key, index) => {
      if (['__proto__', 'constructor', 'prototype'].includes(key)) return
      at = at[key] ??= /^\d+$/.test(keys[index + 1]) ? [] : {}
    })
    at[keys.at(-1)] = to
    return value
  },
  has: (value, path) => get(value, path) !== undefined,
  map: (value, by) => list(value).map((each, at) => picker(by)(each, at)),
  filter: (value, by) => list(value).filter(picker(by)),
  reject: (value, by) => list(value).filter(each => !picker(by)(each)),
  find: (value, by) => list(value).find(picker(by)),
  findIndex: (value, by) => value.findIndex(picker(by)),
  some: (value, by) => list(value).some(picker(by)),
  every: (value, by) => list(value).every(picker(by)),
  reduce: (value, work, start) => list(value).reduce(work, start),
  forEach(value, work) {
    for (const [key, each] of Object.entries(value ?? {}))
      if (work(each, Array.isArray(value) ? Number(key) : key) === false) break
    return value
  },
  groupBy: (value, by) => list(value).reduce((made, each) => ((made[picker(by)(each)] ??= []).push(each), made), {}),
  keyBy: (value, by) => Object.fromEntries(list(value).map(each => [picker(by)(each), each])),
  countBy: (value, by) =>
    list(value).reduce((made, each) => ((made[picker(by)(each)] = (made[picker(by)(each)] ?? 0) + 1), made), {}),
  sortBy: (value, by) =>
    [...list(value)].sort((a, b) =>
      [by]
        .flat()
        .reduce(
          (found, each) =>
            found || (picker(each)(a) < picker(each)(b) ? -1 : picker(each)(a) > picker(each)(b) ? 1 : 0),
          0,
        ),
    ),
  orderBy: (value, by, orders = []) =>
    [...list(value)].sort((a, b) =>
      [by]
        .flat()
        .reduce(
          (found, each, at) =>
            found ||
            (picker(each)(a) < picker(each)(b) ? -1 : picker(each)(a) > picker(each)(b) ? 1 : 0) *
              ([orders].flat()[at] === 'desc' ? -1 : 1),
          0,
        ),
    ),
  uniq: value => [...new Set(value)],
  uniqBy: (value, by) => [...new Map([...value].reverse().map(each => [picker(by)(each), each])).values()].reverse(),
  sum: value => value.reduce((a, b) => a + b, 0),
  sumBy: (value, by) => value.reduce((sum, each) => sum + picker(by)(each), 0),
  mean: value => value.reduce((a, b) => a + b, 0) / value.length,
  max: value => (value.length === 0 ? undefined : value.reduce((a, b) => (b > a ? b : a))),
  min: value => (value.length === 0 ? undefined : value.reduce((a, b) => (b < a ? b : a))),
  maxBy: (value, by) => value.reduce((a, b) => (a === undefined || picker(by)(b) > picker(by)(a) ? b : a), undefined),
  minBy: (value, by) => value.reduce((a, b) => (a === undefined || picker(by)(b) < picker(by)(a) ? b : a), undefined),
  chunk: (value, size = 1) =>
    Array.from({ length: Math.ceil(value.length / size) }, (_v, at) => value.slice(at * size, at * size + size)),
  flatten: value => value.flat(),
  flattenDeep: value => value.flat(Infinity),
  compact: value => value.filter(Boolean),
  difference: (value, ...others) => value.filter(each => !others.flat().includes(each)),
  intersection: (value, ...others) => value.filter(each => others.every(one => one.includes(each))),
  union: (...values) => [...new Set(values.flat())],
  without: (value, ...others) => value.filter(each => !others.includes(each)),
  zip: (...values) => (values[0] ?? []).map((_v, at) => values.map(each => each[at])),
  range: (from, to, step = 1) => {
    const [start, end] = to === undefined ? [0, from] : [from, to]
    return Array.from({ length: Math.max(0, Math.ceil((end - start) / step)) }, (_v, at) => start + at * step)
  },
  times: (count, work) => Array.from({ length: count }, (_v, at) => work(at)),
  head: value => value?.[0],
  first: value => value?.[0],
  last: value => value?.at(-1),
  take: (value, count = 1) => value.slice(0, count),
  drop: (value, count = 1) => value.slice(count),
  shuffle: value => [...value].sort(() => Math.random() - 0.5),
  sample: value => list(value)[Math.floor(Math.random() * list(value).length)],
  random: (low = 0, high = 1) => low + Math.floor(Math.random() * (high - low + 1)),
  pick: (value, ...keys) =>
    Object.fromEntries(
      keys
        .flat()
        .filter(key => key in value)
        .map(key => [key, value[key]]),
    ),
  omit: (value, ...keys) => Object.fromEntries(Object.entries(value).filter(([key]) => !keys.flat().includes(key))),
  mapValues: (value, by) =>
    Object.fromEntries(Object.entries(value).map(([key, each]) => [key, picker(by)(each, key)])),
  mapKeys: (value, by) => Object.fromEntries(Object.entries(value).map(([key, each]) => [by(each, key), each])),
  keys: value => Object.keys(value),
  values: value => Object.values(value),
  toPairs: value => Object.entries(value),
  fromPairs: value => Object.fromEntries(value),
  merge: (target, ...others) => {
    for (const other of others)
      for (const [key, each] of Object.entries(other ?? {}))
        if (!['__proto__', 'constructor'].includes(key))
          target[key] =
            each && typeof each === 'object' && !Array.isArray(each) ? _.merge(target[key] ?? {}, each) : each
    return target
  },
  assign: Object.assign,
  defaults: (target, ...others) => others.reduce((made, each) => ({ ...each, ...made }), target),
  clone: value => (Array.isArray(value) ? [...value] : { ...value }),
  cloneDeep: value => structuredClone(value),
  isEqual: (a, b) => require('util').isDeepStrictEqual(a, b),
  isEmpty: value =>
    value === null ||
    value === undefined ||
    (typeof value === 'object' ? Object.keys(value).length === 0 : !value.length),
  isArray: Array.isArray,
  isString: value => typeof value === 'string',
  isNumber: value => typeof value === 'number',
  isFunction: value => typeof value === 'function',
  isObject: value => value !== null && typeof value === 'object',
  isPlainObject: value => Object.prototype.toString.call(value) === '[object Object]',
  isNil: value => value === null || value === undefined,
  isUndefined: value => value === undefined,
  capitalize: text => String(text).charAt(0).toUpperCase() + String(text).slice(1).toLowerCase(),
  upperFirst: text => String(text).charAt(0).toUpperCase() + String(text).slice(1),
  camelCase: text =>
    words(text)
      .map((each, at) => (at === 0 ? each.toLowerCase() : each[0].toUpperCase() + each.slice(1).toLowerCase()))
      .join(''),
  kebabCase: text =>
    words(text)
      .map(each => each.toLowerCase())
      .join('-'),
  snakeCase: text =>
    words(text)
      .map(each => each.toLowerCase())
      .join('_'),
  startCase: text =>
    words(text)
      .map(each => each[0].toUpperCase() + each.slice(1))
      .join(' '),
  padStart: (text, size, fill) => String(text).padStart(size, fill),
  padEnd: (text, size, fill) => String(text).padEnd(size, fill),
  repeat: (text, count) => String(text).repeat(count),
  trim: text => String(text).trim(),
  truncate: (text, { length = 30 } = {}) => (text.length > length ? `${text.slice(0, length - 3)}...` : text),
  clamp: (value, low, high) => Math.min(Math.max(value, low), high),
  round: (value, digits = 0) => Math.round(value * 10 ** digits) / 10 ** digits,
  debounce: (work, ms) => {
    let timer
    return (...args) => {
      clearTimeout(timer)
      timer = setTimeout(work, ms, ...args)
    }
  },
  throttle: (work, ms) => {
    let last = -Infinity
    return (...args) => {
      if (Date.now() - last < ms) return
      last = Date.now()
      work(...args)
    }
  },
  memoize: work => {
    const kept = new Map()
    return key => {
      if (!kept.has(key)) kept.set(key, work(key))
      return kept.get(key)
    }
  },
  once: work => {
    let made
    let done = false
    return (...args) => {
      if (!done) made = work(...args)
      done = true
      return made
    }
  },
  identity: value => value,
  noop() {},
  uniqueId: (() => {
    let next = 0
    return (prefix = '') => `${prefix}${++next}`
  })(),
})
module.exports = _
