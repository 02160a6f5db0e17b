/** `read`: a line from a descriptor, byte by byte, so that what follows stays for others. */
import type { Block } from '../../program.ts'
import { arrayOf, assignElement } from '../arrays.ts'
import { type Handler, type Shell, valueOf } from '../machine.ts'
import { type Frame, getVariable, ReadOnly, setVariable } from '../state.ts'
import { type Builtin, fail, namePattern, usage } from './builtin.ts'
import { context } from './variables.ts'

export const read: Record<string, Builtin> = { read: readBuiltin }

/** `read [-r] [-p PROMPT] [-t SECONDS] [-n COUNT] [-d DELIMITER] [-s] [NAME…]`. */
function readBuiltin(sh: Shell, args: string[]): void {
  const options: Record<string, string> = {}
  const bash = sh.dialect === 'bash'
  let at = 0
  for (; at < args.length; at++) {
    const arg = args[at] ?? ''
    if (!/^-./.test(arg) || arg === '--') break
    for (let letter = 1; letter < arg.length; letter++) {
      const name = arg[letter] ?? ''
      if ((bash ? 'rse' : sh.dialect === 'dash' ? 'r' : 'rs').includes(name)) options[name] = '1'
      else if ((bash ? 'ptnduaNi' : sh.dialect === 'dash' ? 'p' : 'ptndu').includes(name)) {
        options[name] = arg.slice(letter + 1) || (args[++at] ?? '')
        break
      } else if (bash) throw usage(sh, 'read', `-${name}: invalid option`)
      else return fail(sh, 'read', `${sh.dialect === 'dash' ? 'I' : 'i'}llegal option -${name}`, 2)
    }
  }
  if (args[at] === '--') at++
  const names = args.slice(at)
  const wrong = names.find(name => !namePattern.test(name))
  if (wrong !== undefined) return badName(sh, wrong)
  if (options.t !== undefined && !/^\d+(\.\d*)?$|^\.\d+$/.test(options.t))
    return sh.dialect === 'bash'
      ? fail(sh, 'read', `${options.t}: invalid timeout specification`)
      : fail(sh, 'read', 'invalid timeout', 2)
  const fd = options.u === undefined ? 0 : Number(options.u)
  sh.push({
    k: 'reading',
    fd,
    names,
    options,
    text: '',
    escaped: [],
    c: true,
    ...(options.t !== undefined && { until: sh.p.now() + Number(options.t) * 1000 }),
  })
  if (options.s !== undefined && sh.p.isatty(fd)) sh.p.termios(fd, { echo: false })
  if (options.p !== undefined && sh.p.isatty(fd)) sh.write(2, options.p)
}

function badName(sh: Shell, name: string): void {
  if (sh.dialect === 'bash') return fail(sh, 'read', `\`${name}': not a valid identifier`)
  if (sh.dialect === 'dash') return fail(sh, 'read', `${name}: bad variable name`, 2)
  sh.state.status = 1
  sh.write(2, `${sh.state.arg0}: read: '${name}': bad variable name\n`)
}

/** Takes in the bytes of a `read`. */
export const reading: Handler = (sh, frame, answer) => {
  const { state } = sh
  const options = frame.options as Record<string, string>
  const fd = frame.fd as number
  const end = (status: number): void => {
    if (options.s !== undefined && sh.p.isatty(fd)) sh.p.termios(fd, { echo: true })
    sh.pop()
    state.status = status
    try {
      assignRead(sh, frame)
    } catch (error) {
      if (!(error instanceof ReadOnly)) throw error
      fail(sh, 'read', error.message, sh.dialect === 'bash' ? 1 : 2)
    }
  }
  const next = (): Block => {
    const until = frame.until as number | undefined
    if (until !== undefined && frame.polled !== true)
      return { op: 'poll', fds: [{ fd, event: 'in' }], ms: Math.max(0, until - sh.p.now()) }
    return { op: 'read', fd, length: 1 }
  }
  if (!answer) return next()
  if ('error' in answer) {
    if (answer.error.code === 'EINTR') {
      sh.pop()
      state.status = 129
      sh.takeSignals()
      return
    }
    sh.pop()
    // busybox says nothing of a descriptor that is not open.
    if (sh.dialect === 'bash') return fail(sh, 'read', `${fd}: invalid file descriptor: ${answer.error.message}`)
    state.status = 1
    return
  }
  if (frame.until !== undefined && frame.polled !== true) {
    if ((answer.value as number[]).length === 0) {
      // bash keeps what has come until then.
      if (sh.dialect !== 'bash') frame.text = ''
      return end(sh.dialect === 'bash' ? 142 : 1)
    }
    // Without time to read, it only says whether there is something.
    if (Number(options.t) === 0) return end(0)
    frame.polled = true
    return next()
  }
  // Each byte of a read with a deadline is polled for anew.
  frame.polled = false
  const data = valueOf<Uint8Array>(answer)
  const [byte] = data
  if (byte === undefined) return end(1)
  const char = String.fromCharCode(byte)
  const text = frame.text as string
  if (frame.escape === true) {
    frame.escape = false
    if (char !== '\n') {
      ;(frame.escaped as number[]).push(text.length)
      frame.text = text + char
    }
    return next()
  }
  if (char === '\\' && options.r === undefined) {
    frame.escape = true
    return next()
  }
  const delimiter = options.N !== undefined ? undefined : options.d === undefined ? '\n' : (options.d[0] ?? '\0')
  if (char === delimiter) return end(0)
  if (char !== '\0') frame.text = text + char
  const most = options.N ?? options.n
  if (most !== undefined && (frame.text as string).length >= Number(most)) return end(0)
  return next()
}

/** `read -a`: every field an element. */
function assignFields(
  sh: Shell,
  name: string,
  text: string,
  isBlank: (at: number) => boolean,
  isSeparator: (at: number) => boolean,
): void {
  const variable = arrayOf(context(sh), name)
  variable.items = {}
  let at = 0
  while (at < text.length && isBlank(at)) at++
  for (let index = 0; at < text.length; index++) {
    let stop = at
    while (stop < text.length && !isSeparator(stop)) stop++
    assignElement(context(sh), name, String(index), text.slice(at, stop))
    at = stop
    while (at < text.length && isBlank(at)) at++
    if (at < text.length && isSeparator(at) && !isBlank(at)) at++
    while (at < text.length && isBlank(at)) at++
  }
}

/** Splits a line among the names: the last gets the rest. */
function assignRead(sh: Shell, frame: Frame): void {
  const names = frame.names as string[]
  const text = frame.text as string
  const escaped = new Set(frame.escaped as number[])
  const { a: list } = frame.options as Record<string, string>
  if (names.length === 0 && list === undefined) return setVariable(sh.state, 'REPLY', text)
  const ifs = getVariable(sh.state, 'IFS')?.value ?? ' \t\n'
  const isBlank = (at: number): boolean =>
    !escaped.has(at) && ifs.includes(text[at] ?? '\0') && /[ \t\n]/.test(text[at] ?? '')
  const isSeparator = (at: number): boolean => !escaped.has(at) && at < text.length && ifs.includes(text[at] ?? '\0')
  if (list !== undefined) return assignFields(sh, list, text, isBlank, isSeparator)
  let at = 0
  while (at < text.length && isBlank(at)) at++
  if ((frame.options as Record<string, string>).N !== undefined) {
    setVariable(sh.state, names[0] ?? '', text)
    return
  }
  for (const [index, name] of names.entries()) {
    if (index === names.length - 1) {
      let stop = text.length
      while (stop > at && isBlank(stop - 1)) stop--
      // A lone separator at the end belongs to nobody.
      if (
        stop > at &&
        isSeparator(stop - 1) &&
        ![...text.slice(at, stop - 1)].some((_, offset) => isSeparator(at + offset))
      )
        stop--
      setVariable(sh.state, name, text.slice(at, stop))
      return
    }
    let stop = at
    while (stop < text.length && !isSeparator(stop)) stop++
    setVariable(sh.state, name, text.slice(at, stop))
    at = stop
    while (at < text.length && isBlank(at)) at++
    if (at < text.length && isSeparator(at) && !isBlank(at)) at++
    while (at < text.length && isBlank(at)) at++
  }
}
