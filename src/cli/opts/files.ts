/** `--env-file` and `--label-file` (docker/cli opts.ReadKVEnvStrings, pkg kvfile). */

import { isUtf8 } from 'node:buffer'
import { readFileSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { codeOf } from '../../errors.ts'
import { resolveEnv } from './env.ts'

/** The file's lines as `NAME=value`; a bare name takes the host's value, or is left out. */
export function readEnvFile(
  path: string,
  cwd: string,
  hostEnv: Readonly<Record<string, string | undefined>>,
): string[] {
  return readKeyValues(path, cwd).flatMap(line => {
    if (line.includes('=')) return [line]
    const resolved = resolveEnv(line, hostEnv)
    return resolved.includes('=') ? [resolved] : []
  })
}

/** The file's lines as `key=value`; a bare key is left out. */
export function readLabelFile(path: string, cwd: string): string[] {
  return readKeyValues(path, cwd).filter(line => line.includes('='))
}

/** Go's bufio.Scanner takes no line that is longer. */
const LONGEST_LINE = 65_536

/** Docker's words are those of variables for labels too. */
function readKeyValues(path: string, cwd: string): string[] {
  const wrong = (what: string): Error => new Error(`invalid env file (${path}): ${what}`)
  const content = readContent(path, cwd)
  const out: string[] = []
  splitLines(content).forEach((bytes, at) => {
    if (bytes.length >= LONGEST_LINE) throw wrong('bufio.Scanner: token too long')
    if (!isUtf8(bytes)) throw wrong(`invalid utf8 bytes at line ${at + 1}: [${[...bytes].join(' ')}]`)
    const raw = bytes.toString('utf8')
    const line = (at === 0 ? raw.replace(/^\uFEFF/, '') : raw).replace(/\r$/, '').trimStart()
    if (line === '' || line.startsWith('#')) return
    const name = line.split('=', 1)[0] ?? ''
    if (/[\t ]/.test(name)) throw wrong(`variable '${name}' contains whitespaces`)
    if (name === '') throw wrong(`no variable name on line '${line}'`)
    out.push(line)
  })
  return out
}

function splitLines(content: Buffer): Buffer[] {
  const lines: Buffer[] = []
  for (let from = 0; from < content.length; ) {
    const end = content.indexOf(10, from)
    lines.push(content.subarray(from, end < 0 ? content.length : end))
    from = end < 0 ? content.length : end + 1
  }
  return lines
}

function readContent(path: string, cwd: string): Buffer {
  if (path === '') throw new Error('open : no such file or directory')
  const file = resolve(cwd, path)
  try {
    if (statSync(file).isDirectory()) throw new Error(`invalid env file (${path}): read ${path}: is a directory`)
    return readFileSync(file)
  } catch (error) {
    const code = codeOf(error)
    if (code === 'ENOENT') throw new Error(`open ${path}: no such file or directory`)
    if (code === 'EACCES') throw new Error(`open ${path}: permission denied`)
    throw error
  }
}
