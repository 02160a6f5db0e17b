// ms
const units = {
  ms: 1,
  s: 1000,
  sec: 1000,
  second: 1000,
  m: 60000,
  min: 60000,
  minute: 60000,
  h: 3600000,
  hr: 3600000,
  hour: 3600000,
  d: 86400000,
  day: 86400000,
  w: 604800000,
  week: 604800000,
  y: 31557600000,
  year: 31557600000,
}
module.exports = (value, options) => {
  if (typeof value === 'string') {
    const match = /^(-?[\d.]+)\s*([a-z]*)$/i.exec(value)
    return match
      ? Number(match[1]) *
          (units[match[2].toLowerCase().replace(/s$/, '') || 'ms'] ?? units[match[2].toLowerCase()] ?? 1)
      : undefined
  }
  const size = Math.abs(value)
  for (const [name, unit, long] of [
    ['d', 86400000, 'day'],
    ['h', 3600000, 'hour'],
    ['m', 60000, 'minute'],
    ['s', 1000, 'second'],
  ])
    if (size >= unit)
      return options?.long
        ? `${Math.round(value / unit)} ${long}${size >= unit * 1.5 ? 's' : ''}`
        : `${Math.round(value / unit)}${name}`
  return options?.long ? `${value} ms` : `${value}ms`
}
