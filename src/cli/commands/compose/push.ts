/** `docker compose push`. */
import { withSelected } from '../../../compose/file/project.ts'
import { errorLine } from '../../../compose/session.ts'
import { fullString, parseReference, withDefaultTag } from '../../../image/reference.ts'
import type { Command } from '../../command.ts'
import { authFor } from '../image/auth.ts'
import { projectOf } from './project.ts'
import { working } from './session.ts'

export const command: Command = {
  async run(ctx, services, flags) {
    const loaded = await projectOf(ctx, services)
    const project = flags.bool('include-deps') ? loaded : withSelected(loaded, services, 'none')
    await working(ctx, { project, title: 'Pushing' }, async session => {
      for (const [name, { image, build }] of project.services) {
        if (!build || !image) {
          session.report({ id: name, state: 'done', text: 'Skipped', status: '' })
          continue
        }
        for (const tag of [image, ...(build.tags ?? [])]) {
          session.report({ id: name, state: 'working', text: 'Pushing', status: '' })
          try {
            const reference = withDefaultTag(parseReference(tag))
            for await (const { error } of session.engine.images.push(
              fullString(reference),
              await authFor(ctx, reference),
            ))
              if (error !== undefined) throw new Error(error)
          } catch (error) {
            if (!flags.bool('ignore-push-failures')) throw error
            session.report({ id: name, state: 'error', text: errorLine(error), status: '' })
            continue
          }
          session.report({ id: name, state: 'done', text: 'Pushed', status: '' })
        }
      }
    })
  },
}
