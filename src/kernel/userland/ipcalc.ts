/** ipcalc: arithmetic with IP networks (busybox). */
import { command } from './lib/command.ts'
import { Failure, UsageError } from './lib/failure.ts'
import { isIPv4, nameOfAddress } from './lib/hosts.ts'
import { fromNumber, mask, toNumber } from './lib/interfaces.ts'

export const options = {
  broadcast: '-b --broadcast  broadcast address',
  network: '-n --network  network address',
  netmask: '-m --netmask  netmask',
  prefix: '-p --prefix  prefix length',
  host: '-h --hostname  name of the host',
  silent: '-s --silent  no error messages',
}

export const program = command('ipcalc', options, function* ({ p, out, options: given, args }) {
  const [text = '', maskText] = args
  if (args.length === 0) throw new UsageError('')
  const [address = '', prefixText] = text.split('/')
  const fail = (message: string) => new Failure(given.has('silent') ? '' : message)
  if (!isIPv4(address)) throw new UsageError('')
  const first = Number(address.split('.')[0])
  const byClass = first < 128 ? 8 : first < 192 ? 16 : 24
  let prefix = prefixText === undefined ? byClass : Number(prefixText)
  if (!Number.isInteger(prefix) || prefix < 0 || prefix > 32) throw fail(`bad IP prefix: ${prefixText}`)
  if (maskText !== undefined) {
    if (!isIPv4(maskText)) throw fail(`bad netmask: ${maskText}`)
    prefix = toNumber(maskText).toString(2).replace(/0/g, '').length
  }
  const number = toNumber(address)
  if (given.has('netmask')) yield* out.write(`NETMASK=${fromNumber(mask(prefix))}\n`)
  if (given.has('broadcast')) yield* out.write(`BROADCAST=${fromNumber((number | ~mask(prefix)) >>> 0)}\n`)
  if (given.has('network')) yield* out.write(`NETWORK=${fromNumber((number & mask(prefix)) >>> 0)}\n`)
  if (given.has('prefix')) yield* out.write(`PREFIX=${prefix}\n`)
  if (given.has('host')) {
    const name = yield* nameOfAddress(p, address)
    if (name === undefined) throw fail(`can't find hostname for ${address}`)
    yield* out.write(`HOSTNAME=${name}\n`)
  }
  return 0
})
