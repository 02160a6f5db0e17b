/** Cases recorded from real shells by scripts/record-shell.mjs, and how one is run here. */
import { readdirSync } from 'node:fs'
import { type RunSettings, readFixture, runCommand } from '../harness.ts'

interface Case {
  script: string
  stdout: string
  stderr: string
  status: number
}

/** Every recorded case of a shell, by the name of its file. */
export function recorded(shell: 'ash' | 'bash' | 'dash'): [file: string, cases: Case[]][] {
  const folder = new URL(`../../../fixtures/shell/${shell}/`, import.meta.url)
  return readdirSync(folder)
    .filter(name => name.endsWith('.json'))
    .sort()
    .map(name => [name.slice(0, -5), JSON.parse(readFixture(`shell/${shell}/${name}`)) as Case[]])
}

/** What this world's shell prints for a case. */
export async function replay(
  shell: 'ash' | 'bash' | 'dash',
  script: string,
  settings: RunSettings = {},
): Promise<Omit<Case, 'script'>> {
  const name = shell === 'ash' ? 'sh' : shell
  const world: RunSettings = shell === 'ash' ? {} : { flavour: 'gnu', cwd: '/tmp/w', files: { '/tmp/w/': '' } }
  const { stdout, stderr, status } = await runCommand([name, '-c', script.replaceAll('\\n', '\n')], {
    ...world,
    ...settings,
  })
  return { stdout, stderr, status }
}
