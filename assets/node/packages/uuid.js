// uuid
const { randomUUID, createHash } = require('crypto')
const named = version => (name, space) => {
  const hash = createHash(version === 5 ? 'sha1' : 'md5')
    .update(Buffer.concat([Buffer.from(space.replaceAll('-', ''), 'hex'), Buffer.from(name)]))
    .digest()
  hash[6] = (hash[6] & 15) | (version << 4)
  hash[8] = (hash[8] & 63) | 128
  const hex = hash.toString('hex').slice(0, 32)
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}
const test = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i
Object.assign(exports, {
  v4: () => randomUUID(),
  v1: () => randomUUID().replace(/-4/, '-1'),
  v7: () => randomUUID().replace(/-4/, '-7'),
  v5: named(5),
  v3: named(3),
  validate: text => test.test(text),
  version: text => Number(text[14]),
  NIL: '00000000-0000-0000-0000-000000000000',
})
