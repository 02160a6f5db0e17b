// Records what a real `docker compose config` answers to the files in fixtures/compose/{mistakes,resolved}.txt:
// `node scripts/record-compose.mjs`, with Compose v2.40 on the PATH. A case is `=== title`, the file's lines, and what
// was answered: `| ` for a line of output, `! ` for one of errors, times left out.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const fixtures = new URL('../fixtures/compose/', import.meta.url)
for (const [name, ...words] of [['mistakes.txt', '-q'], ['resolved.txt']]) {
  const path = new URL(name, fixtures)
  const [head, ...cases] = readFileSync(path, 'utf8').split(/^=== /m)
  const recorded = cases.map(text => {
    const [title, ...lines] = text.split('\n')
    const file = lines.filter(line => !/^[|!]( |$)/.test(line)).join('\n')
    return `=== ${title}\n${file.replace(/\n*$/, '\n')}${answer(file, words)}`
  })
  writeFileSync(path, head + recorded.join(''))
}

function answer(file, words) {
  const cwd = mkdtempSync(join(tmpdir(), 'compose-'))
  writeFileSync(join(cwd, 'compose.yaml'), file)
  const env = { PATH: process.env.PATH, HOME: '/home/user' }
  const { stdout, stderr } = spawnSync('docker', ['compose', '-p', 't', 'config', ...words], {
    cwd,
    env,
    encoding: 'utf8',
  })
  rmSync(cwd, { recursive: true, force: true })
  const part = (text, mark) =>
    text === ''
      ? ''
      : text
          .replaceAll(cwd, '/lab')
          .replace(/^time="[^"]*" /gm, '')
          .replace(/\n$/, '')
          .split('\n')
          .map(line => `${mark} ${line}`.trimEnd() + '\n')
          .join('')
  return part(stdout, '|') + part(stderr, '!')
}
