/**
 * Makes docs/inside.md: the commands inside containers with the options that are modelled, from the very tables that
 * the commands parse their command lines with, and what busybox's own usage names beyond them.
 *
 *   npx tsx scripts/inside.ts
 */
import { readdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Program } from '../src/kernel/program.ts'
import { builtinsOf } from '../src/kernel/sh/builtins/index.ts'
import { optionNames } from '../src/kernel/sh/builtins/options.ts'
import { userland } from '../src/kernel/userland/index.ts'
import { busyboxUsage } from '../src/kernel/userland/lib/busybox-usage.generated.ts'
import { options as curlOptions } from '../src/kernel/userland/lib/curl-options.ts'
import type { OptionTable } from '../src/kernel/userland/lib/options.ts'

const folder = new URL('../src/kernel/userland/', import.meta.url)

interface Module {
  program?: Program
  options?: OptionTable
}

interface Option {
  /** As it is written: `-n --lines=N`. */
  spec: string
  words: string
  flavour: 'busybox' | 'gnu' | ''
}

/** Files whose command is a choice between two others by the image's family, or whose table lies elsewhere. */
const dispatchers = new Set(['index.ts', 'ps.ts', 'ping.ts', 'wget.ts'])

function readOption(text: string): Option {
  const [, flavour = '', rest = text] = /^(?:(busybox|gnu): )?(.*)$/s.exec(text) ?? []
  const at = rest.indexOf('  ')
  const spec = (at < 0 ? rest : rest.slice(0, at)).trim()
  return { spec, words: at < 0 ? '' : rest.slice(at).trim(), flavour: flavour as Option['flavour'] }
}

/** Short options that busybox's usage names and the table does not know. */
function leftOut(names: readonly string[], table: readonly Option[]): string[] {
  const usage = names.map(name => busyboxUsage().get(name)).find(text => text !== undefined)
  if (usage === undefined) return []
  const known = new Set(
    table.filter(one => one.flavour !== 'gnu').flatMap(one => one.spec.match(/(?<![\w-])-\w/g) ?? []),
  )
  const named = [...usage.matchAll(/^\t(-\w)(?![\w-])/gm)].map(match => match[1] ?? '')
  // `[-SIG]` is a word, not a bundle of options.
  const bundled = [...usage.matchAll(/\[-(?![A-Z]{3,}\])([A-Za-z0-9]+)\]/g)].flatMap(match =>
    [...(match[1] ?? '')].map(one => `-${one}`),
  )
  return [...new Set([...named, ...bundled])].filter(one => !known.has(one)).sort()
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('<', '&lt;')
const code = (text: string): string => `\`${text.replaceAll('|', '\\|')}\``

function section(title: string, names: readonly string[], table: readonly Option[], family: string): string {
  const lines = [`### ${title}`, '']
  if (family !== '') lines.push(`As ${family} has it.`, '')
  if (table.length === 0) lines.push('No options.')
  else {
    lines.push('| option | what it does |', '| --- | --- |')
    for (const { spec, words, flavour } of table)
      lines.push(`| ${code(spec)} | ${cell(words)}${flavour === '' ? '' : ` (${flavour})`} |`)
  }
  const missing = family === '' || family === 'busybox' ? leftOut(names, table) : []
  if (missing.length > 0) lines.push('', `Left out of what busybox has: ${missing.map(code).join(' ')}`)
  return `${lines.join('\n')}\n`
}

/** The text of docs/inside.md. */
export async function insideText(): Promise<string> {
  const namesOf = new Map<Program, string[]>()
  for (const [name, load] of userland) {
    const program = await load()
    namesOf.set(program, [...(namesOf.get(program) ?? []), name])
  }
  const sections: string[] = []
  for (const file of readdirSync(folder).sort()) {
    if (!file.endsWith('.ts') || dispatchers.has(file)) continue
    const { program, options } = (await import(new URL(file, folder).href)) as Module
    if (!program) continue
    const [base = '', kind = ''] = file.slice(0, -3).split('-')
    const family = namesOf.has(program) ? '' : kind
    const names = namesOf.get(program) ?? [base]
    const table = Object.values(file === 'curl.ts' ? curlOptions : (options ?? {})).map(readOption)
    sections.push(section(family === '' ? names.join(', ') : `${base} (${family})`, names, table, family))
  }
  const unmodelled = [...busyboxUsage().keys()].filter(name => !userland.has(name)).sort()
  const ash = [...builtinsOf('busybox').keys()].sort()
  const bash = [...builtinsOf('bash').keys()].filter(name => !ash.includes(name)).sort()
  return `# Inside a container

Made by \`scripts/inside.ts\` from the tables that the commands themselves read their command lines with; do not edit it.
What is not named here is refused in the command's own words, as the real one refuses an option that it does not know.
\`(busybox)\` and \`(gnu)\`: only where the image's file is of that family. \`--help\` and \`--version\` are understood
everywhere. A command exists in a container only if its file does.

## The shell

\`sh\` is ash in busybox images, dash in Debian's; \`bash\` where the image has it.

Builtins: ${ash.map(code).join(' ')}; in bash also ${bash.map(code).join(' ')}.

\`set\` and \`sh\` options: ${Object.entries(optionNames)
    .map(([letter, name]) => code(`-${letter} (${name})`))
    .join(' ')} \`-o pipefail\`.

Left out: what \`docs/fidelity.md\` names under "shell".

## Bounds

A container without limits of its own still has these, so that nothing it runs harms the host: 4096 processes, 128 MiB
for one line or what a command must hold (sort, tac), 64 MiB for \`tail\` and for the output of \`$(...)\`, 1 GiB of changed data
on the host's disk (holes and zeros are free), one million columns of a printf width. Beyond them commands fail with
the words of a container that has no more memory or disk. A busy loop uses processor time and can be stopped like any
other process; what it printed is kept.

## Functions of busybox that are not modelled

They say so in one line and exit with 126: ${unmodelled.map(code).join(' ')}.

## Commands

${sections.join('\n')}`
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  writeFileSync(new URL('../docs/inside.md', import.meta.url), await insideText())
