// nanoid
const { randomBytes } = require('crypto')
const letters = 'useandom-26T198340PX75pxJACKVERYMINDBUSHWOLF_GQZbfghjklqvwyzrict'
exports.nanoid = (size = 21) => [...randomBytes(size)].map(byte => letters[byte & 63]).join('')
exports.customAlphabet =
  (own, size = 21) =>
  () =>
    [...randomBytes(size)].map(byte => own[byte % own.length]).join('')
