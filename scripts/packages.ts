/**
 * Makes src/runtime/packages/data/*.generated.ts from the readable data in fixtures/packages: tables (.tsv) without their
 * comments, YAML as JSON, and a folder of files as a map of its file names to their texts.
 *
 *   npx tsx scripts/packages.ts
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'

const root = fileURLToPath(new URL('..', import.meta.url))
const source = join(root, 'fixtures/packages')
const output = join(root, 'src/runtime/packages/data')

function dataOf(entry: string, isFolder: boolean): string {
  const path = join(source, entry)
  if (isFolder) {
    const files = readdirSync(path).sort()
    return JSON.stringify(Object.fromEntries(files.map(name => [name, readFileSync(join(path, name), 'utf8')])))
  }
  const text = readFileSync(path, 'utf8')
  if (extname(entry) === '.yaml') return JSON.stringify(parse(text))
  return text
    .split('\n')
    .filter(line => line !== '' && !line.startsWith('#'))
    .join('\n')
}

for (const entry of readdirSync(source, { withFileTypes: true })) {
  const name = entry.isDirectory() ? entry.name : basename(entry.name, extname(entry.name))
  const data = dataOf(entry.name, entry.isDirectory())
  writeFileSync(
    join(output, `${name}.generated.ts`),
    `// Made by scripts/packages.ts from fixtures/packages/${entry.name}; do not edit it.\nexport const data: string = ${JSON.stringify(data)}\n`,
  )
}
