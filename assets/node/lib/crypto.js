// crypto: digests, HMACs, random values, and the few more that web programs use. The engine does the sums.
const { call, latin1 } = internal
const bytes = (data, encoding) =>
  typeof data === 'string'
    ? Buffer.from(data, encoding)
    : Buffer.from(data.buffer ?? data, data.byteOffset, data.byteLength)
class Hash {
  #parts = []
  constructor(algorithm, key) {
    this.algorithm = algorithm
    this.key = key
    call('digest', algorithm, '', key)
  }
  update(data, encoding) {
    this.#parts.push(bytes(data, encoding))
    return this
  }
  digest(encoding) {
    const value = Buffer.from(call('digest', this.algorithm, latin1(Buffer.concat(this.#parts)), this.key), 'latin1')
    return encoding ? value.toString(encoding) : value
  }
}
const randomBytes = (size, done) => {
  const value = Buffer.from(call('random', size), 'latin1')
  if (done) return void setImmediate(done, null, value)
  return value
}
const randomUUID = () => {
  const value = randomBytes(16)
  value[6] = (value[6] & 15) | 64
  value[8] = (value[8] & 63) | 128
  const hex = value.toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}
const derive = name => {
  const sync = (...args) =>
    Buffer.from(
      call(
        name,
        ...args.map(each =>
          typeof each === 'string' ? latin1(Buffer.from(each)) : each instanceof Uint8Array ? latin1(each) : each,
        ),
      ),
      'latin1',
    )
  return [
    sync,
    (...args) => {
      const done = args.pop()
      setImmediate(done, null, sync(...args))
    },
  ]
}
const [pbkdf2Sync, pbkdf2] = derive('pbkdf2')
const [scryptSync, scrypt] = derive('scrypt')
const webcrypto = {
  randomUUID,
  getRandomValues(array) {
    array.set(randomBytes(array.byteLength))
    return array
  },
  subtle: {
    digest: async (algorithm, data) => {
      const name = (algorithm.name ?? algorithm).replace('-', '').toLowerCase()
      const value = new Hash(name).update(new Uint8Array(data.buffer ?? data)).digest()
      return value.buffer.slice(value.byteOffset, value.byteOffset + value.length)
    },
  },
}
Object.assign(exports, {
  createHash: algorithm => new Hash(algorithm),
  createHmac: (algorithm, key) => new Hash(algorithm, latin1(bytes(key))),
  hash: (algorithm, data, encoding = 'hex') => new Hash(algorithm).update(data).digest(encoding),
  getHashes: () => ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'],
  randomBytes,
  randomUUID,
  randomInt(min, max, done) {
    const [low, high] = max === undefined || typeof max === 'function' ? [0, min] : [min, max]
    const value = low + (randomBytes(6).readUInt32BE(0) % (high - low))
    const after = [max, done].find(each => typeof each === 'function')
    return after ? setImmediate(after, null, value) : value
  },
  randomFillSync(array) {
    array.set(randomBytes(array.length))
    return array
  },
  timingSafeEqual: (a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)) === 0,
  pbkdf2Sync,
  pbkdf2,
  scryptSync,
  scrypt,
  webcrypto,
  constants: {},
})
