// Records what Docker says to wrong command lines, in fixtures/cli/usage.txt: `node scripts/record-usage.mjs`, with a
// `docker` on PATH. Each case is a line `> ARGUMENTS` (quoted as in a shell); its standard error and status are
// rewritten. Only cases that Docker refuses before it asks the engine belong there.
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'

const file = new URL('../fixtures/cli/usage.txt', import.meta.url)
const out = []
for (const line of readFileSync(file, 'utf8').split('\n')) {
  if (line.startsWith('# ')) out.push(line)
  if (!line.startsWith('> ')) continue
  const { stderr, status } = spawnSync('sh', ['-c', `docker ${line.slice(2)} </dev/null`], { encoding: 'utf8' })
  out.push(
    line,
    ...stderr
      .replace(/\n$/, '')
      .split('\n')
      .map(text => `! ${text}`.trimEnd()),
    `[${status}]`,
  )
}
writeFileSync(file, `${out.join('\n')}\n`)
