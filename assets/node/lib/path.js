// path, as on Linux.
const normalizeParts = (path, rooted) => {
  const parts = []
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop()
    else if (part !== '..' || !rooted) parts.push(part)
  }
  return parts.join('/')
}
const check = (value, name) => {
  if (typeof value === 'string') return
  const error = new TypeError(
    `The "${name}" argument must be of type string. Received ${value === undefined ? 'undefined' : value === null ? 'null' : `type ${typeof value}`}`,
  )
  error.code = 'ERR_INVALID_ARG_TYPE'
  throw error
}
const posix = {
  sep: '/',
  delimiter: ':',
  normalize(path) {
    check(path, 'path')
    if (path === '') return '.'
    const rooted = path.startsWith('/')
    const ends = path.endsWith('/')
    const joined = normalizeParts(path, rooted)
    if (joined === '' && !rooted) return ends ? './' : '.'
    return (rooted ? '/' : '') + joined + (ends && joined !== '' ? '/' : '')
  },
  join(...parts) {
    for (const part of parts) check(part, 'path')
    const joined = parts.filter(part => part !== '').join('/')
    return joined === '' ? '.' : posix.normalize(joined)
  },
  resolve(...parts) {
    let path = ''
    for (const part of [...parts].reverse()) {
      check(part, 'paths[0]')
      if (part === '') continue
      path = path === '' ? part : `${part}/${path}`
      if (part.startsWith('/')) break
    }
    if (!path.startsWith('/')) path = `${internal.call('cwd')}/${path}`
    return `/${normalizeParts(path, true)}`
  },
  isAbsolute: path => path.startsWith('/'),
  dirname(path) {
    check(path, 'path')
    const clean = path.replace(/(.)\/+$/, '$1')
    const at = clean.lastIndexOf('/')
    return at < 0 ? '.' : at === 0 ? '/' : clean.slice(0, at)
  },
  basename(path, ending) {
    check(path, 'path')
    const base = path.replace(/\/+$/, '').split('/').at(-1) ?? ''
    return ending && base.endsWith(ending) && base !== ending ? base.slice(0, -ending.length) : base
  },
  extname(path) {
    check(path, 'path')
    const base = posix.basename(path)
    const at = base.lastIndexOf('.')
    return at <= 0 ? '' : base.slice(at)
  },
  relative(from, to) {
    const a = posix.resolve(from).split('/').filter(Boolean)
    const b = posix.resolve(to).split('/').filter(Boolean)
    let same = 0
    while (same < a.length && same < b.length && a[same] === b[same]) same++
    return [...a.slice(same).map(() => '..'), ...b.slice(same)].join('/')
  },
  parse(path) {
    const base = posix.basename(path)
    const ext = posix.extname(base)
    const root = path.startsWith('/') ? '/' : ''
    const dir = path.includes('/') ? posix.dirname(path) : ''
    return { root, dir, base, ext, name: ext ? base.slice(0, -ext.length) : base }
  },
  format({ dir, root = '', base, name = '', ext = '' }) {
    const last = base ?? name + (ext && !ext.startsWith('.') ? `.${ext}` : ext)
    return dir ? (dir === root ? dir + last : `${dir}/${last}`) : root + last
  },
  toNamespacedPath: path => path,
}
posix.posix = posix
posix.win32 = posix
module.exports = posix
