/** Secrets and configs whose content is not a file: copied into a container before it starts. */
import { writeTar } from '../layer/tar-writer.ts'
import type { Service } from './file/model.ts'
import type { Project } from './file/project.ts'
import { ComposeError } from './file/tree.ts'
import { targetOf } from './mounts.ts'
import type { Session } from './session.ts'

/** @throws ComposeError for a variable that is not set, or a read-only container */
export async function injectFiles(
  session: Session,
  project: Project,
  name: string,
  service: Service,
  id: string,
): Promise<void> {
  for (const kind of ['secret', 'config'] as const) {
    const known = kind === 'secret' ? project.secrets : project.configs
    for (const grant of (kind === 'secret' ? service.secrets : service.configs) ?? []) {
      const held = known.get(grant.source ?? '') ?? {}
      const content = held.content || contentOf(project, kind, held)
      if (content === '') continue
      if (service.read_only) {
        throw new ComposeError(
          `cannot create ${kind} ${JSON.stringify(held.name)} in read-only service ${name}: \`file\` is the sole supported option`,
        )
      }
      const owned = Boolean(grant.uid || grant.gid)
      const data = Buffer.from(content)
      const header = {
        path: targetOf(kind, grant.source ?? '', grant.target).replace(/^\/+/, ''),
        type: 'file' as const,
        mode: grant.mode ?? 0o444,
        uid: Number(grant.uid ?? 0),
        gid: Number(grant.gid ?? 0),
        mtime: session.clock.now() / 1000,
        size: data.length,
      }
      const tar = pieces(writeTar([{ header, content: [data] }]))
      await session.engine.containers.putArchive(id, '/', tar, { copyUidGid: owned })
    }
  }
}

async function* pieces(tar: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* tar
}

function contentOf(project: Project, kind: string, held: { environment?: string; name?: string }): string {
  if (!held.environment) return ''
  const value = project.environment.get(held.environment)
  if (value !== undefined) return value
  throw new ComposeError(
    `environment variable ${JSON.stringify(held.environment)} required by ${kind} ${JSON.stringify(held.name)} is not set`,
  )
}
