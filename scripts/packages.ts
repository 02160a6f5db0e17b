/**
 * Makes src/runtime/packages/data/*.generated.ts from the readable data in fixtures/packages: tables (.tsv) without their
 * comments, YAML as JSON.
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

function dataOf(entry: string): string {
  const text = readFileSync(join(source, entry), 'utf8')
  if (extname(entry) === '.yaml') return JSON.stringify(parse(text))
  return text
    .split('\n')
    .filter(line => line !== '' && !line.startsWith('#'))
    .join('\n')
}

for (const entry of readdirSync(source)) {
  const data = JSON.stringify(dataOf(entry))
  writeFileSync(
    join(output, `${basename(entry, extname(entry))}.generated.ts`),
    `// Made by scripts/packages.ts from fixtures/packages/${entry}; do not edit it.\nexport const data: string = ${data}\n`,
  )
}
