/** `docker buildx version`. */
import type { Command } from '../../command.ts'
import { VERSION } from '../../version.ts'

export const command: Command = {
  async run(ctx) {
    ctx.out.write(`github.com/docker/buildx v${VERSION.buildx} ${VERSION.buildxCommit}\n`)
    return undefined
  },
}
