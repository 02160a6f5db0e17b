/** dig: asks a name server (BIND). */
import { isErrno } from '../../vfs/errno.ts'
import type { Proc, Routine } from '../program.ts'
import { command } from './lib/command.ts'
import { nameServers, reverseName } from './lib/lookup.ts'
import { strftime } from './lib/strftime.ts'
import { breakDown, zoneFor } from './lib/zone.ts'

export const options = {
  reverse: '-x=ADDRESS  reverse lookup',
  type: '-t=TYPE  kind of record',
  short: '+short  answers only',
  server: '@SERVER  ask this server',
}

export const program = command(
  'dig',
  options,
  function* ({ p, out, args }) {
    const flags = new Set(args.filter(arg => arg.startsWith('+')))
    const rest = args.filter(arg => !arg.startsWith('+'))
    let server: string | undefined
    let name: string | undefined
    let type: 'A' | 'AAAA' | 'PTR' = 'A'
    for (let i = 0; i < rest.length; i++) {
      const arg = rest[i] ?? ''
      if (arg.startsWith('@')) server = arg.slice(1)
      else if (arg === '-x') {
        name = rest[++i] ?? ''
        type = 'PTR'
      } else if (arg === '-t') type = kind(rest[++i] ?? '') ?? type
      else if (arg.startsWith('-')) continue
      else if (kind(arg) !== undefined) type = kind(arg) ?? type
      else if (name === undefined) name = arg
    }
    server ??= (yield* nameServers(p))[0] ?? '127.0.0.1'
    const started = p.now()
    let values: string[]
    try {
      values = name === undefined ? [] : ((yield { op: 'resolve', name, type, server }) as string[])
    } catch (thrown) {
      if (!isErrno(thrown)) throw thrown
      yield* out.write(
        `\n; <<>> DiG ${version(p)} <<>> ${args.join(' ')}\n;; global options: +cmd\n;; no servers could be reached\n`,
      )
      return 9
    }
    if (flags.has('+short')) {
      yield* out.write(values.map(value => `${value}${type === 'PTR' ? '.' : ''}\n`).join(''))
      return 0
    }
    const shown = `${type === 'PTR' ? reverseName(name ?? '') : (name ?? '')}.`
    const found = values.length > 0
    const id = Buffer.from(p.random(2)).readUInt16BE(0)
    const pad = (text: string) => `${text}${'\t'.repeat(Math.max(1, 3 - Math.floor(text.length / 8)))}`
    yield* head()
    yield* out.write(`;; QUESTION SECTION:\n;${pad(shown)}IN\t${type}\n\n`)
    if (found) {
      yield* out.write(
        `;; ANSWER SECTION:\n${values.map(value => `${pad(shown)}600\tIN\t${type}\t${value}${type === 'PTR' ? '.' : ''}\n`).join('')}\n`,
      )
    }
    const when = strftime('%a %b %d %H:%M:%S %Z %Y', breakDown(p.now(), zoneFor(p.env.get('TZ'))))
    yield* out.write(
      `;; Query time: ${Math.round(p.now() - started)} msec\n;; SERVER: ${server}#53(${server}) (UDP)\n;; WHEN: ${when}\n;; MSG SIZE  rcvd: ${shown.length + 17 + values.length * 16}\n\n`,
    )
    return 0

    function* head(): Routine<void> {
      yield* out.write(
        `\n; <<>> DiG ${version(p)} <<>> ${args.join(' ')}\n;; global options: +cmd\n;; Got answer:\n;; ->>HEADER<<- opcode: QUERY, status: ${found ? 'NOERROR' : 'NXDOMAIN'}, id: ${id}\n;; flags: qr rd ra; QUERY: 1, ANSWER: ${values.length}, AUTHORITY: 0, ADDITIONAL: 0\n\n`,
      )
    }
  },
  { raw: true },
)

function kind(text: string): 'A' | 'AAAA' | 'PTR' | undefined {
  const upper = text.toUpperCase()
  return upper === 'A' || upper === 'AAAA' || upper === 'PTR' ? upper : undefined
}

const version = (p: Proc): string => p.marker.version ?? '9.18.28-1~deb12u2-Debian'
