/** One look at all that `up` goes by: networks, volumes, containers and images as they are. */
import type { ContainerSummary } from '../api/container.ts'
import type { NetworkInspect } from '../api/network.ts'
import type { Volume } from '../api/volume.ts'
import type { Project } from './file/project.ts'
import { containersOf } from './observed.ts'
import type { Session } from './session.ts'

export interface Seen {
  networks: readonly NetworkInspect[]
  volumes: ReadonlyMap<string, Volume>
  containers: readonly ContainerSummary[]
  /** The ids of the images that services run, by service. */
  images: ReadonlyMap<string, string>
}

export async function look(session: Session, project: Project, images: ReadonlyMap<string, string>): Promise<Seen> {
  const { engine } = session
  const volumes = project.volumes.size > 0 ? await engine.volumes.list() : []
  return {
    networks: project.networks.size > 0 ? await engine.networks.list() : [],
    volumes: new Map(volumes.map(volume => [volume.Name, volume])),
    containers: await containersOf(session, project.name, { all: true, oneOff: 'with' }),
    images,
  }
}
