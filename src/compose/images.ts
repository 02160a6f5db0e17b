/** The images that services run: which are there, which to pull, which to build (compose pkg/compose/pull.go, build.go). */
import type { ProgressMessage } from '../api/image.ts'
import type { RegistryAuth } from '../engine/engine.ts'
import type { Service } from './file/model.ts'
import { imageOf, type Project } from './file/project.ts'
import { ComposeError } from './file/tree.ts'
import { errorLine, isNotFound, type Session, together } from './session.ts'

export interface ImageOptions {
  quietPull: boolean
  /** Who pulls from an image's registry. */
  auth: (image: string) => Promise<{ auth?: RegistryAuth }>
  /** Builds services; absent when nothing is to be built. */
  build?: (session: Session, services: readonly string[]) => Promise<void>
}

/** The ids of the images that are there, by service. */
export async function presentImages(session: Session, project: Project): Promise<Map<string, string>> {
  const ids = new Map<string, Promise<string | undefined>>()
  const found = new Map<string, string>()
  for (const [name, service] of project.services) {
    const image = imageOf(project, name, service, session.separator)
    let id = ids.get(image)
    if (!id) {
      const platform = service.platform === undefined ? {} : { platform: service.platform }
      id = session.engine.images.inspect(image, platform).then(
        inspected => inspected.Id,
        (error: unknown) => {
          if (isNotFound(error)) return undefined
          throw new ComposeError(`unable to get image '${image}': ${errorLine(error)}`)
        },
      )
      ids.set(image, id)
    }
    const known = await id
    if (known !== undefined) found.set(name, known)
  }
  return found
}

/**
 * Pulls and builds what the services' policies ask for.
 * @returns the ids of the images, by service
 */
export async function ensureImages(
  session: Session,
  project: Project,
  options: ImageOptions,
): Promise<Map<string, string>> {
  const present = await presentImages(session, project)
  const wanted = [...project.services].filter(([name, service]) => mustPull(service, present.has(name)))
  await together(
    onePerImage(wanted).map(([name, service]) => async () => {
      try {
        await pullImage(session, name, service, options)
      } catch (error) {
        if (!isBuilt(project, service)) throw error
      }
    }),
  )
  const pulled = wanted.length > 0 ? await presentImages(session, project) : present
  const unbuilt = [...project.services].filter(
    ([name, service]) => service.build && (!pulled.has(name) || service.pull_policy === 'build'),
  )
  if (!options.build || unbuilt.length === 0) return pulled
  await options.build(
    session,
    unbuilt.map(([name]) => name),
  )
  return presentImages(session, project)
}

function mustPull({ image, pull_policy: policy = 'missing', provider }: Service, present: boolean): boolean {
  if (!image || provider) return false
  if (policy === 'always') return true
  // How old an image is is not known: `daily` and its like pull what is missing.
  return policy !== 'never' && policy !== 'build' && !present
}

function onePerImage(services: readonly [string, Service][]): [string, Service][] {
  const seen = new Set<string>()
  return services.filter(([, { image = '' }]) => !seen.has(image) && seen.add(image))
}

/** Whether a service's image is one that the file says how to build. */
const isBuilt = (project: Project, service: Service): boolean =>
  [...project.services.values()].some(one => one.build && one.image === service.image)

/** Pulls a service's image, telling of it layer by layer. @throws what the engine says */
export async function pullImage(
  session: Session,
  name: string,
  service: Service,
  options: Pick<ImageOptions, 'quietPull' | 'auth'>,
): Promise<void> {
  const { image = '', platform, build } = service
  const tell = (state: 'working' | 'done' | 'warning' | 'error', text: string, status = ''): void =>
    session.report({ id: name, state, text, status })
  tell('working', 'Pulling')
  try {
    const pulling = session.engine.images.pull(image, { ...(platform && { platform }), ...(await options.auth(image)) })
    for await (const message of pulling) {
      if (message.error !== undefined) throw new ComposeError(message.error)
      if (!options.quietPull) tellLayer(session, message)
    }
  } catch (error) {
    if (build) tell('warning', 'Warning', errorLine(error).replace(/^Error response from daemon: /, ''))
    else tell('error', 'Error', errorLine(error).replace(/^Error response from daemon: /, ''))
    throw error
  }
  tell('done', 'Pulled')
}

function tellLayer({ report }: Session, { id, status = '', progressDetail }: ProgressMessage): void {
  if (!id || !progressDetail) return
  const done = ['Download complete', 'Already exists', 'Pull complete'].includes(status)
  report({ id, state: done ? 'done' : 'working', text: status, status: '' })
}
