/** What the tab key offers: commands, files and folders, as busybox and readline find them. */
import { isErrno } from '../../../vfs/errno.ts'
import type { Shell } from '../machine.ts'
import { getVariable } from '../state.ts'

export interface Completion {
  /** Names without their folder, a slash behind each folder; sorted, each once. */
  matches: string[]
  /** What is typed of the name, without quoting. */
  prefix: string
  /** The quote that is open before the name. */
  quote: string
}

/** Candidates for the word that ends where the text does. */
export function complete(sh: Shell, before: string): Completion {
  const { word, quote, command, first } = lastWord(before)
  const slash = word.lastIndexOf('/')
  const prefix = word.slice(slash + 1)
  const found =
    command && slash < 0
      ? commands(sh, prefix)
      : files(sh, slash < 0 ? '.' : word.slice(0, slash + 1), prefix, first === 'cd' && sh.dialect !== 'bash')
  return { matches: [...new Set(found)].sort(), prefix, quote }
}

interface LastWord {
  word: string
  quote: string
  /** It stands where a command's name does. */
  command: boolean
  /** The command that it is an argument of. */
  first: string
}

/** Reads a command line up to its last word, as far as quotes and operators go. */
function lastWord(text: string): LastWord {
  let word = ''
  let quote = ''
  let words: string[] = []
  let redirected = false
  for (let at = 0; at < text.length; at++) {
    const char = text[at] ?? ''
    if (quote === "'" || quote === '"') {
      if (char === quote) quote = ''
      else if (char === '\\' && quote === '"' && /["\\$`]/.test(text[at + 1] ?? '')) word += text[++at] ?? ''
      else word += char
    } else if (char === '\\') word += text[++at] ?? ''
    else if (char === '"' || char === "'") quote = char
    else if (/[\s;|&(`<>]/.test(char)) {
      if (word !== '' && !redirected && !/^\w+=/.test(word)) words.push(word)
      word = ''
      redirected = char === '<' || char === '>' || (redirected && words.length === 0 && /\s/.test(char))
      if (/[;|&(`]/.test(char)) words = []
    } else word += char
  }
  return { word, quote, command: words.length === 0 && !redirected, first: words[0] ?? '' }
}

function commands(sh: Shell, prefix: string): string[] {
  const path = getVariable(sh.state, 'PATH')?.value ?? ''
  const found = [...sh.builtins.keys()]
  // busybox asks for its own builtins only.
  if (sh.dialect === 'bash') {
    found.push(...Object.keys(sh.state.aliases), ...Object.keys(sh.state.functions).map(key => key.slice(1)))
    found.push('if', 'then', 'else', 'elif', 'fi', 'for', 'while', 'until', 'do', 'done', 'case', 'esac', 'function')
  }
  const named = found.filter(name => name.startsWith(prefix))
  return [...named, ...path.split(':').flatMap(folder => files(sh, folder === '' ? '.' : folder, prefix, false))]
}

/** Entries of a folder that begin with what is typed; without anything typed the hidden ones too. */
function files(sh: Shell, folder: string, prefix: string, foldersOnly: boolean): string[] {
  const home = getVariable(sh.state, 'HOME')?.value ?? '/'
  const place = folder.startsWith('~/') ? `${home}/${folder.slice(2)}` : folder
  const isFolder = (name: string): boolean => {
    try {
      return sh.p.stat(`${place}/${name}`).type === 'dir'
    } catch (error) {
      if (isErrno(error)) return false
      throw error
    }
  }
  try {
    return sh.p
      .readdir(place)
      .map(entry => entry.name)
      .filter(name => name.startsWith(prefix))
      .map(name => (isFolder(name) ? `${name}/` : name))
      .filter(name => !foldersOnly || name.endsWith('/'))
  } catch (error) {
    if (isErrno(error)) return []
    throw error
  }
}

/** Puts a backslash before what the shell would take for its own. */
export const quoted = (name: string): string => name.replace(/[ `"#$%^&*()=+{}[\]:;'|\\<>]/g, '\\$&')

/** What all names begin with. */
export function commonStart([first = '', ...others]: readonly string[]): string {
  let length = first.length
  for (const other of others) while (!other.startsWith(first.slice(0, length))) length--
  return first.slice(0, length)
}

/** Names in columns, down and then across, as wide as the screen; readline fills up short rows and leaves the edge free. */
export function inColumns(names: readonly string[], columns: number, readline: boolean): string {
  const width = Math.max(0, ...names.map(name => name.length)) + 2
  const fits = Math.max(1, Math.floor(columns / width))
  const across = readline && fits > 1 && fits * width === columns ? fits - 1 : fits
  const rows = Math.ceil(names.length / across)
  let text = ''
  for (let row = 0; row < rows; row++) {
    const cells = names.filter((_, at) => at % rows === row)
    text += `${cells.map((cell, at) => (at + 1 < (readline ? across : cells.length) ? cell.padEnd(width) : cell)).join('')}\n`
  }
  return text
}
