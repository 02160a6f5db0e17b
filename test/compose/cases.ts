/** Recorded files: `fixtures/compose/*.txt`, a case `=== title`, the file, and what the real compose answered to it. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { loadProject, type ProjectOptions, printable } from '../../src/compose/file/load.ts'
import { yamlText } from '../../src/compose/file/print.ts'
import { checkContainerNames, withoutUnused } from '../../src/compose/file/project.ts'

export interface Case {
  title: string
  file: string
  out: string
  err: string
}

export function readCases(name: string): Case[] {
  const text = readFileSync(join(import.meta.dirname, '../../fixtures/compose', name), 'utf8')
  return text
    .split(/^=== /m)
    .slice(1)
    .map(part => {
      const [title = '', ...lines] = part.replace(/\n$/, '').split('\n')
      const marked = (mark: string): string =>
        lines.flatMap(line => (line === mark || line.startsWith(`${mark} `) ? [`${line.slice(2)}\n`] : [])).join('')
      const file = lines.filter(line => !/^[|!]( |$)/.test(line)).map(line => `${line}\n`)
      return { title, file: file.join(''), out: marked('|'), err: marked('!') }
    })
}

/** A folder with files in it, that goes when the test ends. */
export function folderOf(files: Readonly<Record<string, string>>): string {
  const cwd = mkdtempSync(join(tmpdir(), 'minidock-compose-'))
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(cwd, name, '..'), { recursive: true })
    writeFileSync(join(cwd, name), text)
  }
  return cwd
}

export const optionsFor = (cwd: string, more: Partial<ProjectOptions> = {}): ProjectOptions => ({
  cwd,
  env: { HOME: '/home/user' },
  files: [],
  envFiles: [],
  profiles: [],
  name: 't',
  directory: '',
  stdin: async () => '',
  warn: () => {},
  ...more,
})

/** What `config` prints for a folder's files. */
export async function configOf(cwd: string, more: Partial<ProjectOptions> = {}): Promise<{ out: string; err: string }> {
  const warnings: string[] = []
  const here = (text: string): string => text.replaceAll(cwd, '/lab')
  const shown = (): string => warnings.map(text => `level=warning msg=${JSON.stringify(text)}\n`).join('')
  try {
    const project = withoutUnused(await loadProject(optionsFor(cwd, { warn: text => warnings.push(text), ...more })))
    checkContainerNames(project)
    return { out: here(yamlText(printable(project)).replaceAll('$', '$$$$')), err: here(shown()) }
  } catch (error) {
    return { out: '', err: here(`${shown()}${error instanceof Error ? error.message : String(error)}\n`) }
  }
}
