/** `python -m venv`: a virtual environment, as Python's own module makes it. */
import type { Proc, Routine } from '../../../kernel/program.ts'
import { exists } from '../../../kernel/userland/lib/exists.ts'
import { findProgram } from '../../../kernel/userland/lib/spawn.ts'
import { errnoNumber, isErrno } from '../../../vfs/errno.ts'
import { makeFolders, put } from '../../packages/lib/place.ts'
import { textNow } from '../../whole-file.ts'
import { latin, utf8 } from './builtins.ts'

const usage = `usage: venv [-h] [--system-site-packages] [--symlinks | --copies] [--clear]
            [--upgrade] [--without-pip] [--prompt PROMPT] [--upgrade-deps]
            ENV_DIR [ENV_DIR ...]
`

const flags = new Set(['--symlinks', '--copies', '--clear', '--upgrade', '--upgrade-deps'])

/** Where a Python is called from: the file, and the environment that it belongs to (its `pyvenv.cfg`). */
export function placeOf(p: Proc): { executable: string; venv: string | undefined } {
  const word = p.argv[0] ?? ''
  let executable = p.exe
  try {
    executable = findProgram(p, word)
  } catch (error) {
    if (!isErrno(error)) throw error
  }
  if (!executable.startsWith('/')) executable = p.exe
  const root = executable.slice(0, executable.lastIndexOf('/bin/'))
  return { executable, venv: exists(p, `${root}/pyvenv.cfg`) ? root : undefined }
}

/** Makes the environments that the words name; its exit code. Errors are printed in Python's words. */
export function* makeVenv(p: Proc, words: readonly string[], version: string): Routine<number> {
  const say = (fd: number, text: string) => ({ op: 'write' as const, fd, data: Buffer.from(text) })
  let system = false
  let pip = true
  const folders: string[] = []
  const rest = [...words]
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === '-h' || word === '--help') {
      yield say(1, usage)
      return 0
    }
    if (word === '--system-site-packages') system = true
    else if (word === '--without-pip') pip = false
    else if (word === '--prompt') rest.shift()
    else if (word.startsWith('-')) {
      if (flags.has(word)) continue
      yield say(2, `${usage}venv: error: unrecognized arguments: ${word}\n`)
      return 2
    } else folders.push(word)
  }
  if (folders.length === 0) {
    yield say(2, `${usage}venv: error: the following arguments are required: ENV_DIR\n`)
    return 2
  }
  for (const folder of folders) {
    try {
      yield* makeOne(p, folder, { version, system, pip })
    } catch (error) {
      if (!isErrno(error)) throw error
      yield say(2, `Error: [Errno ${errnoNumber(error.code)}] ${error.message}: '${folder}'\n`)
      return 1
    }
  }
  return 0
}

function* makeOne(
  p: Proc,
  folder: string,
  { version, system, pip }: { version: string; system: boolean; pip: boolean },
): Routine<void> {
  const root = folder.startsWith('/') ? folder : `${utf8(p.cwd()).replace(/\/$/, '')}/${folder}`
  const at = latin(root)
  const name = `python${version.split('.').slice(0, 2).join('.')}`
  const { executable } = placeOf(p)
  const home = executable.slice(0, executable.lastIndexOf('/'))
  makeFolders(p, `${at}/lib/${name}/site-packages`)
  makeFolders(p, `${at}/include/${name}`)
  makeFolders(p, `${at}/bin`)
  const config = [
    `home = ${home}`,
    `include-system-site-packages = ${system}`,
    `version = ${version}`,
    `executable = ${p.exe}`,
    `command = ${executable} -m venv ${root}`,
  ]
  yield* put(p, `${at}/pyvenv.cfg`, { text: latin(`${config.join('\n')}\n`) })
  yield* put(p, `${at}/bin/python`, { link: executable })
  for (const link of ['python3', name]) yield* put(p, `${at}/bin/${link}`, { link: 'python' })
  yield* put(p, `${at}/bin/activate`, { text: latin(activation(root)) })
  if (!pip) return
  const text = textNow(p, `${home}/pip`) ?? textNow(p, `${home}/pip3`)
  if (text === undefined) return
  for (const command of ['pip', 'pip3', `pip${name.slice('python'.length)}`])
    yield* put(p, `${at}/bin/${command}`, { text, mode: 0o755 })
}

/** The script that shells source. */
function activation(root: string): string {
  const name = root.slice(root.lastIndexOf('/') + 1)
  return `# This file must be used with "source bin/activate" *from bash*: what it sets, deactivate puts back.
deactivate () {
    if [ -n "\${_OLD_VIRTUAL_PATH:-}" ] ; then
        PATH="\${_OLD_VIRTUAL_PATH:-}"
        export PATH
        unset _OLD_VIRTUAL_PATH
    fi
    if [ -n "\${_OLD_VIRTUAL_PS1:-}" ] ; then
        PS1="\${_OLD_VIRTUAL_PS1:-}"
        export PS1
        unset _OLD_VIRTUAL_PS1
    fi
    unset VIRTUAL_ENV
    if [ ! "\${1:-}" = "nondestructive" ] ; then
        unset -f deactivate
    fi
}
deactivate nondestructive
VIRTUAL_ENV="${root}"
export VIRTUAL_ENV
_OLD_VIRTUAL_PATH="$PATH"
PATH="$VIRTUAL_ENV/bin:$PATH"
export PATH
if [ -z "\${VIRTUAL_ENV_DISABLE_PROMPT:-}" ] ; then
    _OLD_VIRTUAL_PS1="\${PS1:-}"
    PS1="(${name}) \${PS1:-}"
    export PS1
fi
`
}
