/** telnet: a terminal on another host; here a plain connection (busybox). */
import { command } from './lib/command.ts'
import { readBytes } from './lib/input.ts'
import { connectTo, hostAddress, portNumber } from './lib/net-words.ts'

export const options = { auto: '-a  log in as $USER', user: '-l=USER  log in as USER' }

export const program = command(
  'telnet',
  options,
  function* ({ p, out, args }) {
    const [host = '', port = '23'] = args
    const number = yield* portNumber(p, port)
    const address = yield* hostAddress(p, host)
    const fd = yield* connectTo(address, number)
    yield* out.write(
      p.flavour === 'gnu'
        ? `Trying ${address}...\nConnected to ${host}.\nEscape character is '^]'.\n`
        : `Connected to ${host}\n`,
    )
    yield* out.flush()
    for (;;) {
      const ready = (yield {
        op: 'poll',
        fds: [
          { fd, event: 'in' },
          { fd: 0, event: 'in' },
        ],
        ms: Number.POSITIVE_INFINITY,
      }) as number[]
      if (ready.includes(fd)) {
        const data = yield* readBytes(fd, 4096)
        if (data.length === 0) {
          yield { op: 'write', fd: 2, data: Buffer.from('Connection closed by foreign host\r\n') }
          return 1
        }
        yield { op: 'write', fd: 1, data }
      }
      if (ready.includes(0)) {
        const data = yield* readBytes(0, 4096)
        if (data.length === 0) return 0
        yield { op: 'write', fd, data }
      }
    }
  },
  { operands: [1, 2] },
)
