/**
 * `--demo`: runs a topic's commands one after another in a store of its own, shows them, and at last the view. Each is
 * a process as if it had been typed; the store and its files go when it is over.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Demo } from '../../../explain/topic.ts'
import type { CliContext } from '../../command.ts'
import type { Flags } from '../../flags.ts'
import { palette } from '../../format/palette.ts'

/** Lines of what a step prints that are shown. */
const shownLines = 3

export async function runDemo(ctx: CliContext, name: string, demo: Demo, flags: Flags): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'minidock-demo-'))
  try {
    for (const [path, text] of Object.entries(demo.files ?? {})) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), text)
    }
    return await inFolder(ctx, folder, name, demo, flags)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function inFolder(ctx: CliContext, folder: string, name: string, demo: Demo, flags: Flags): Promise<number> {
  const colors = await palette(ctx.out)
  const env = { ...ctx.env, MINIDOCK_HOME: join(folder, '.store'), MINIDOCK_CLOCK: 'virtual', MINIDOCK_SEED: name }
  const json = flags.string('format') === 'json'
  const call = (words: readonly string[], inherit: boolean) =>
    spawnSync(process.execPath, [process.argv[1] ?? '', ...words], {
      cwd: folder,
      env,
      encoding: 'utf8',
      stdio: ['ignore', inherit ? 'inherit' : 'pipe', inherit ? 'inherit' : 'pipe'],
    })
  for (const step of demo.steps) {
    const { stdout, stderr, status } = call(step, false)
    if (json) continue
    ctx.out.write(`${colors.bold(`$ ${ctx.name} ${step.map(quoted).join(' ')}`)}\n`)
    // Progress would drown what matters; what a failed step says is its point.
    const lines = `${stdout}${status === 0 ? '' : stderr}`.split('\n').filter(line => line !== '')
    ctx.out.write(
      lines
        .slice(-shownLines)
        .map(line => `${colors.dim(line)}\n`)
        .join(''),
    )
  }
  const view = ['explain', name, ...demo.show]
  if (!json) ctx.out.write(`${colors.bold(`$ ${ctx.name} ${view.map(quoted).join(' ')}`)}\n`)
  const width = flags.number('width') || ctx.out.columns
  return call([...view, '--width', String(width), ...(json ? ['--format', 'json'] : [])], true).status ?? 1
}

/** A word as a shell would take it. */
const quoted = (word: string): string => (/^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)
