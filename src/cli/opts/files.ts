/** `--env-file` and `--label-file` (docker/cli opts.ReadKVEnvStrings, pkg kvfile). */

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
  return readKeyValues(path, cwd, 'env file', 'variable').flatMap(line => {
    if (line.includes('=')) return [line]
    const resolved = resolveEnv(line, hostEnv)
    return resolved.includes('=') ? [resolved] : []
  })
}

/** The file's lines as `key=value`; a bare key is left out. */
export function readLabelFile(path: string, cwd: string): string[] {
  return readKeyValues(path, cwd, 'label file', 'label').filter(line => line.includes('='))
}

function readKeyValues(path: string, cwd: string, what: string, item: string): string[] {
  const text = readText(path, cwd, what)
  const out: string[] = []
  text.split('\n').forEach((raw, at) => {
    const line = (at === 0 ? raw.replace(/^\uFEFF/, '') : raw).replace(/\r$/, '').trimStart()
    if (line === '' || line.startsWith('#')) return
    const name = line.split('=', 1)[0] ?? ''
    if (/[\t ]/.test(name)) throw new Error(`invalid ${what} (${path}): ${item} '${name}' contains whitespaces`)
    if (name === '') throw new Error(`invalid ${what} (${path}): no ${item} name on line '${line}'`)
    out.push(line)
  })
  return out
}

function readText(path: string, cwd: string, what: string): string {
  const file = resolve(cwd, path)
  try {
    if (statSync(file).isDirectory()) throw new Error(`invalid ${what} (${path}): read ${path}: is a directory`)
    return readFileSync(file, 'utf8')
  } catch (error) {
    const code = codeOf(error)
    if (code === 'ENOENT') throw new Error(`open ${path}: no such file or directory`)
    if (code === 'EACCES') throw new Error(`open ${path}: permission denied`)
    throw error
  }
}
