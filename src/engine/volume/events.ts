/** Volume events of containers that start and end (moby daemon/volumes_unix.go, container/container_unix.go). */
import type { ContainerRecord } from '../../container/record.ts'
import type { Live } from '../live.ts'

/** A container starts: its volumes are mounted. */
export function emitMounts(live: Live, container: ContainerRecord): void {
  for (const { Type, Name, Destination, Driver, RW } of container.mounts)
    if (Type === 'volume' && Name)
      live.emit({
        type: 'volume',
        action: 'mount',
        id: Name,
        attributes: {
          container: container.id,
          destination: Destination,
          driver: Driver ?? 'local',
          propagation: '',
          'read/write': String(RW),
        },
      })
}

/** Its processes are gone. */
export function emitUnmounts(live: Live, container: ContainerRecord): void {
  for (const { Type, Name, Driver } of container.mounts)
    if (Type === 'volume' && Name)
      live.emit({
        type: 'volume',
        action: 'unmount',
        id: Name,
        attributes: { container: container.id, driver: Driver ?? 'local' },
      })
}
