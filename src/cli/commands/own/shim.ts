/** `shim FOLDER`: `docker` and `docker-compose` commands that call minidock. */
import { chmodSync, existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Command } from '../../command.ts'
import { StatusError } from '../../errors.ts'

const MARK = '# Written by minidock: remove this file to get the real command back.'
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

/** By this name, unlike as a word of docker, compose has a flag for its version. */
const ownVersion = 'case "$*" in -v | --version) set -- version ;; esac\n'

function script(words: readonly string[], before = ''): string {
  return `#!/bin/sh\n${MARK}\nMINIDOCK_NAME=docker\nexport MINIDOCK_NAME\n${before}exec ${words.join(' ')} "$@"\n`
}

export const command: Command = {
  async run(ctx, [given = '']) {
    const folder = resolve(ctx.cwd, given)
    // Without --, Node 20 takes the --env-file of `docker run` for its own.
    const program = [quoted(process.execPath), '--', quoted(realpathSync(process.argv[1] ?? ''))]
    mkdirSync(folder, { recursive: true })
    const files = { docker: script(program), 'docker-compose': script([...program, 'compose'], ownVersion) }
    for (const [name, text] of Object.entries(files)) {
      const file = join(folder, name)
      if (existsSync(file) && !readFileSync(file, 'latin1').includes(MARK)) {
        throw new StatusError(1, `${ctx.name}: ${file} exists and is not minidock's: choose another folder`)
      }
      writeFileSync(file, text)
      chmodSync(file, 0o755)
    }
    // To be evaluated: eval "$(minidock shim ~/bin)"
    ctx.out.write(`export PATH=${quoted(folder)}:"$PATH"\n`)
    return undefined
  },
}
