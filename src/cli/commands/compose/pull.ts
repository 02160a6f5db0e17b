/** `docker compose pull`. */
import type { Service } from '../../../compose/file/model.ts'
import { type Project, withSelected } from '../../../compose/file/project.ts'
import { type ImageOptions, presentImages, pullImage } from '../../../compose/images.ts'
import { type Session, together } from '../../../compose/session.ts'
import type { Command } from '../../command.ts'
import type { Flags } from '../../flags.ts'
import { imageOptions } from './create-options.ts'
import { projectOf } from './project.ts'
import { working } from './session.ts'

export const command: Command = {
  async run(ctx, services, flags) {
    const loaded = await projectOf(ctx, services)
    const project = flags.bool('include-deps') ? loaded : withSelected(loaded, services, 'none')
    const images = await imageOptions(ctx, project, { quietPull: flags.bool('quiet'), noBuild: true, quietBuild: true })
    await working(ctx, { project, title: 'Pulling' }, session => pullAll(session, project, images, flags))
  },
}

async function pullAll(session: Session, project: Project, images: ImageOptions, flags: Flags): Promise<void> {
  const present = await presentImages(session, project)
  const pulled = new Map<string, string>()
  const wanted: [string, Service][] = []
  const build: string[] = []
  for (const [name, service] of project.services) {
    const why = skipped(service, present.has(name), flags, pulled)
    if (why !== undefined) session.report({ id: name, state: 'done', text: why, status: '' })
    else {
      pulled.set(service.image ?? '', name)
      wanted.push([name, service])
    }
  }
  try {
    await together(
      wanted.map(([name, service]) => async () => {
        try {
          await pullImage(session, name, service, images)
        } catch (error) {
          if (service.build) build.push(name)
          else if (!flags.bool('ignore-pull-failures')) throw error
        }
      }),
    )
  } finally {
    if (build.length > 0)
      session.warn(
        `Some service image(s) must be built from source by running:\n    docker compose build ${build.join(' ')}`,
      )
  }
}

/** Why a service's image is not pulled. */
function skipped(
  service: Service,
  present: boolean,
  flags: Flags,
  pulled: ReadonlyMap<string, string>,
): string | undefined {
  const { image, build } = service
  if (!image) return 'Skipped - No image to be pulled'
  const policy = flags.string('policy') || service.pull_policy
  if (policy === 'never' || policy === 'build') return 'Skipped'
  const latest = /(^|\/)[^:/@]+$|:latest$/.test(image)
  if ((policy === 'missing' || policy === 'if_not_present') && present && !latest)
    return 'Skipped - Image is already present locally'
  if (build && flags.bool('ignore-buildable')) return 'Skipped - Image can be built'
  const other = pulled.get(image)
  return other === undefined ? undefined : `Skipped - Image is already being pulled by ${other}`
}
