/** busybox called by its own name: its banner, its list of functions, or one that it does not have. */

import { busyboxUsage } from './lib/busybox-usage.generated.ts'
import { toBytes } from './lib/bytes.ts'
import { busyboxBanner, command } from './lib/command.ts'

export const options = {
  list: '--list  the names of the functions',
  install: '--install  links for all functions; accepted where they are there already',
}

const about = `BusyBox is copyrighted by many authors between 1998-2015.
Licensed under GPLv2. See source distribution for detailed
copyright notices.

Usage: busybox [function [arguments]...]
   or: busybox --list[-full]
   or: busybox --install [-s] [DIR]
   or: function [arguments]...

	BusyBox is a multi-call binary that combines many common Unix
	utilities into a single executable.  The shell in this build
	is configured to run built-in utilities without $PATH search.
	You don't need to install a link to busybox for each utility.
	To run external program, use full path (/sbin/ip instead of ip).

Currently defined functions:
`

export const program = command(
  'busybox',
  options,
  function* ({ p, out, args }) {
    // Called by a name that is no function's, it looks for that.
    const [first, ...rest] = /^(busybox.*|linuxrc)?$/.test(p.name) ? args : [p.name, ...args]
    const names = [
      ...new Set([
        ...busyboxUsage().keys(),
        '[',
        '[[',
        'ascii',
        'dnsdomainname',
        'echo',
        'egrep',
        'false',
        'fgrep',
        'linux32',
        'linux64',
        'linuxrc',
        'lsscsi',
        'test',
        'true',
      ]),
    ].sort()
    if (first === undefined || first === '--help') {
      yield* out.write(`${busyboxBanner(p)}\n${about}${columns(names)}\n`)
      return 0
    }
    if (first === '--list') {
      yield* out.write(names.map(name => `${name}\n`).join(''))
      return 0
    }
    if (first === '--install') return 0
    const applet = first.split('/').pop() ?? first
    yield* out.flush()
    const usage = busyboxUsage().get(applet)
    if (usage !== undefined && rest.length === 1 && rest[0] === '--help') {
      yield { op: 'write', fd: 2, data: toBytes(`${busyboxBanner(p)}\n\n${usage}`) }
      return 0
    }
    if (names.includes(applet)) {
      yield {
        op: 'write',
        fd: 2,
        data: toBytes(`minidock: busybox's ${applet} is not modelled, so minidock cannot run it\n`),
      }
      return 126
    }
    yield { op: 'write', fd: 2, data: toBytes(`${applet}: applet not found\n`) }
    return 127
  },
  { raw: true },
)

/** The names in lines of at most 72 characters after a tab, as busybox wraps them. */
function columns(names: readonly string[]): string {
  const lines: string[] = []
  let line = ''
  for (const [i, name] of names.entries()) {
    const word = i === names.length - 1 ? name : `${name},`
    if (line !== '' && line.length + 1 + word.length > 71) {
      lines.push(`\t${line}`)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, `\t${line}`].join('\n')
}
