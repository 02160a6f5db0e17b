/** sysctl: kernel parameters of /proc/sys (busybox and procps). */
import { isErrno } from '../../vfs/errno.ts'
import type { Routine } from '../program.ts'
import { toBytes } from './lib/bytes.ts'
import { command } from './lib/command.ts'
import { readFile } from './lib/input.ts'

export const options = {
  all: '-a --all -A -X  all of them',
  names: '-N --names  names only',
  values: '-n --values  values only',
  quiet: '-q --quiet  do not show what is set',
  ignore: '-e --ignore  no word about unknown keys',
  write: '-w --write  set values',
  load: '-p --load  set values from files',
  system: 'gnu: --system  set values from all system files',
}

export const program = command('sysctl', options, function* ({ p, out, options: given, args, gnu, error }) {
  let status = 0
  if (given.has('all')) {
    yield* walk('/proc/sys')
    return 0
  }
  if (given.has('load')) {
    for (const file of args.length === 0 ? ['/etc/sysctl.conf'] : args) {
      let text = ''
      try {
        text = yield* readFile(p, file)
      } catch (thrown) {
        if (!isErrno(thrown)) throw thrown
        yield* error(gnu ? `cannot open "${file}": ${thrown.message}` : `${file}: ${thrown.message}`)
        status = gnu ? 1 : 0
      }
      for (const line of text.split('\n')) {
        const match = /^\s*([^#;=\s][^=]*?)\s*=\s*(.*?)\s*$/.exec(line)
        if (match?.[1]) yield* set(match[1], match[2] ?? '')
      }
    }
    return status
  }
  for (const arg of args) {
    const equals = arg.indexOf('=')
    if (equals !== -1) yield* set(arg.slice(0, equals), arg.slice(equals + 1))
    else yield* show(arg)
  }
  return status

  function path(key: string): string {
    // Dots and slashes change places when a slash comes first.
    return `/proc/sys/${key.includes('/') ? key : key.replace(/\./g, '/')}`
  }

  function shown(key: string): string {
    return key.replace(/\//g, '.')
  }

  function* unknown(key: string): Routine<void> {
    status = gnu ? 255 : 1
    if (given.has('ignore')) return
    if (gnu)
      yield { op: 'write', fd: 2, data: toBytes(`sysctl: cannot stat ${path(key)}: No such file or directory\n`) }
    else yield* error(`error: '${key}' is an unknown key`)
  }

  function* show(key: string): Routine<void> {
    try {
      if (p.stat(path(key)).type === 'dir') return yield* walk(path(key))
    } catch (thrown) {
      if (!isErrno(thrown)) throw thrown
      return yield* unknown(key)
    }
    yield* print(shown(key), path(key))
  }

  function* print(key: string, file: string): Routine<void> {
    let text = ''
    try {
      text = yield* readFile(p, file)
    } catch (thrown) {
      if (!isErrno(thrown)) throw thrown
      if (given.has('all')) return
      yield* error(gnu ? `permission denied on key '${key}'` : `error reading key '${key}': ${thrown.message}`)
      status = gnu ? 255 : 1
      return
    }
    for (const line of text.replace(/\n$/, '').split('\n')) {
      yield* out.write(given.has('values') ? `${line}\n` : given.has('names') ? `${key}\n` : `${key} = ${line}\n`)
      if (given.has('names')) break
    }
  }

  function* walk(dir: string): Routine<void> {
    const entries = p.readdir(dir).sort((a, b) => (a.name < b.name ? -1 : 1))
    for (const { name, type } of entries) {
      const file = `${dir}/${name}`
      if (type === 'dir') yield* walk(file)
      else yield* print(file.slice('/proc/sys/'.length).replace(/\//g, '.'), file)
    }
  }

  function* set(key: string, value: string): Routine<void> {
    const file = path(key)
    try {
      p.stat(file)
    } catch (thrown) {
      if (!isErrno(thrown)) throw thrown
      return yield* unknown(key)
    }
    try {
      const fd = p.open(file, { write: true, truncate: true })
      yield { op: 'write', fd, data: toBytes(`${value}\n`) }
      p.close(fd)
      if (!given.has('quiet')) yield* out.write(given.has('values') ? `${value}\n` : `${shown(key)} = ${value}\n`)
    } catch (thrown) {
      if (!isErrno(thrown)) throw thrown
      status = gnu ? 255 : 1
      if (!gnu) yield* error(`error setting key '${shown(key)}': ${thrown.message}`)
      else if (thrown.code === 'EACCES') yield* error(`permission denied on key "${shown(key)}"`)
      else yield* error(`setting key "${shown(key)}": ${thrown.message}`)
    }
  }
})
