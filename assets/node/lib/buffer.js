// Buffer: bytes with the methods that Node gives them.
const { utf8, latin1, fromLatin1 } = internal
const base64Digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const toBase64 = (bytes, url) => {
  let text = ''
  for (let at = 0; at < bytes.length; at += 3) {
    const [a, b, c] = [bytes[at], bytes[at + 1], bytes[at + 2]]
    text += base64Digits[a >> 2] + base64Digits[((a & 3) << 4) | ((b ?? 0) >> 4)]
    text += b === undefined ? '=' : base64Digits[((b & 15) << 2) | ((c ?? 0) >> 6)]
    text += c === undefined ? '=' : base64Digits[c & 63]
  }
  return url ? text.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '') : text
}
const fromBase64 = text => {
  const clean = text
    .replaceAll('-', '+')
    .replaceAll('_', '/')
    .replace(/[^A-Za-z0-9+/]/g, '')
  const bytes = []
  let held = 0
  let bits = 0
  for (const char of clean) {
    held = (held << 6) | base64Digits.indexOf(char)
    bits += 6
    if (bits >= 8) {
      bits -= 8
      bytes.push((held >> bits) & 255)
      held &= (1 << bits) - 1
    }
  }
  return Uint8Array.from(bytes)
}
const encode = (text, encoding = 'utf8') => {
  switch (String(encoding).toLowerCase()) {
    case 'utf8':
    case 'utf-8':
      return utf8.encode(text)
    case 'hex': {
      const pairs = text.match(/^(?:[0-9a-fA-F]{2})*/)[0]
      return Uint8Array.from({ length: pairs.length / 2 }, (_, at) =>
        Number.parseInt(pairs.slice(at * 2, at * 2 + 2), 16),
      )
    }
    case 'base64':
    case 'base64url':
      return fromBase64(text)
    case 'latin1':
    case 'binary':
    case 'ascii':
      return fromLatin1(text)
    case 'utf16le':
    case 'ucs2':
    case 'ucs-2': {
      const bytes = new Uint8Array(text.length * 2)
      for (let at = 0; at < text.length; at++) {
        bytes[at * 2] = text.charCodeAt(at) & 255
        bytes[at * 2 + 1] = text.charCodeAt(at) >> 8
      }
      return bytes
    }
  }
  const error = new TypeError(`Unknown encoding: ${encoding}`)
  error.code = 'ERR_UNKNOWN_ENCODING'
  throw error
}
class Buffer extends Uint8Array {
  static from(value, encoding, length) {
    if (typeof value === 'string') return wrap(encode(value, encoding))
    if (value instanceof ArrayBuffer) return new Buffer(value, encoding, length)
    if (ArrayBuffer.isView(value) || Array.isArray(value)) return wrap(Uint8Array.from(value))
    if (value?.type === 'Buffer' && Array.isArray(value.data)) return wrap(Uint8Array.from(value.data))
    if (value && typeof value.valueOf() === 'string') return Buffer.from(value.valueOf(), encoding)
    if (value && typeof value.length === 'number') return wrap(Uint8Array.from(value))
    const error = new TypeError(
      `The first argument must be of type string or an instance of Buffer, ArrayBuffer, or Array or an Array-like Object. Received ${value === null || value === undefined ? value : `type ${typeof value} (${String(value)})`}`,
    )
    error.code = 'ERR_INVALID_ARG_TYPE'
    throw error
  }
  static alloc(size, fill, encoding) {
    const made = new Buffer(size)
    return fill === undefined ? made : made.fill(fill, encoding)
  }
  static allocUnsafe(size) {
    return new Buffer(size)
  }
  static allocUnsafeSlow(size) {
    return new Buffer(size)
  }
  static isBuffer(value) {
    return value instanceof Buffer
  }
  static isEncoding(name) {
    return /^(utf-?8|hex|base64(url)?|latin1|binary|ascii|utf16le|ucs-?2)$/i.test(String(name))
  }
  static byteLength(value, encoding) {
    return typeof value === 'string' ? encode(value, encoding).length : value.byteLength
  }
  static concat(list, total = list.reduce((sum, each) => sum + each.length, 0)) {
    const joined = new Buffer(total)
    let at = 0
    for (const each of list) {
      if (at >= total) break
      joined.set(at + each.length > total ? each.subarray(0, total - at) : each, at)
      at += each.length
    }
    return joined
  }
  static compare(a, b) {
    for (let at = 0; at < Math.min(a.length, b.length); at++) if (a[at] !== b[at]) return a[at] < b[at] ? -1 : 1
    return Math.sign(a.length - b.length)
  }
  toString(encoding = 'utf8', start = 0, end = this.length) {
    const bytes = this.subarray(start, end)
    switch (String(encoding).toLowerCase()) {
      case 'hex':
        return [...bytes].map(byte => byte.toString(16).padStart(2, '0')).join('')
      case 'base64':
        return toBase64(bytes, false)
      case 'base64url':
        return toBase64(bytes, true)
      case 'latin1':
      case 'binary':
        return latin1(bytes)
      case 'ascii':
        return latin1(bytes.map(byte => byte & 127))
      case 'utf16le':
      case 'ucs2': {
        let text = ''
        for (let at = 0; at + 1 < bytes.length; at += 2) text += String.fromCharCode(bytes[at] | (bytes[at + 1] << 8))
        return text
      }
    }
    return utf8.decode(bytes)
  }
  toJSON() {
    return { type: 'Buffer', data: [...this] }
  }
  equals(other) {
    return Buffer.compare(this, other) === 0
  }
  compare(other) {
    return Buffer.compare(this, other)
  }
  slice(start, end) {
    return this.subarray(start, end)
  }
  write(text, offset = 0, length = this.length - offset, encoding = 'utf8') {
    if (typeof offset === 'string') return this.write(text, 0, this.length, offset)
    const bytes = encode(text, encoding).subarray(0, length)
    this.set(bytes, offset)
    return bytes.length
  }
  copy(target, at = 0, start = 0, end = this.length) {
    const part = this.subarray(start, Math.min(end, start + target.length - at))
    target.set(part, at)
    return part.length
  }
  fill(value, encoding) {
    if (typeof value !== 'string') return super.fill(value)
    const bytes = encode(value, encoding)
    for (let at = 0; at < this.length && bytes.length > 0; at++) this[at] = bytes[at % bytes.length]
    return this
  }
  indexOf(value, from = 0) {
    if (typeof value === 'number') return super.indexOf(value, from)
    const bytes = typeof value === 'string' ? encode(value) : value
    outer: for (let at = Math.max(0, from); at + bytes.length <= this.length; at++) {
      for (let step = 0; step < bytes.length; step++) if (this[at + step] !== bytes[step]) continue outer
      return at
    }
    return -1
  }
  includes(value, from) {
    return this.indexOf(value, from) >= 0
  }
}
const view = buffer => new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength)
for (const [name, method, size, big] of [
  ['UInt8', 'Uint8', 1],
  ['Int8', 'Int8', 1],
  ...['UInt16', 'Int16', 'UInt32', 'Int32', 'Float', 'Double'].flatMap(each =>
    [true, false].map(order => [
      each + (order ? 'BE' : 'LE'),
      { UInt16: 'Uint16', UInt32: 'Uint32', Float: 'Float32', Double: 'Float64' }[each] ?? each,
      { UInt16: 2, Int16: 2, UInt32: 4, Int32: 4, Float: 4, Double: 8 }[each],
      order,
    ]),
  ),
]) {
  const read = function (at = 0) {
    return view(this)[`get${method}`](at, !big)
  }
  const write = function (value, at = 0) {
    view(this)[`set${method}`](at, value, !big)
    return at + size
  }
  for (const spelling of [name, name.replace('UInt', 'Uint')]) {
    Object.defineProperty(Buffer.prototype, `read${spelling}`, { value: read, configurable: true, writable: true })
    Object.defineProperty(Buffer.prototype, `write${spelling}`, { value: write, configurable: true, writable: true })
  }
}
const wrap = bytes => new Buffer(bytes.buffer, bytes.byteOffset, bytes.byteLength)
Object.assign(internal, { encodeText: encode, wrapBytes: wrap })
Buffer.poolSize = 8192
Object.assign(exports, { Buffer, kMaxLength: 2 ** 32, constants: { MAX_LENGTH: 2 ** 32 }, SlowBuffer: Buffer })
