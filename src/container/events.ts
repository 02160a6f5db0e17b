/** The events of containers, with the attributes that Docker gives them (moby daemon/events.go). */
import type { NewEvent } from '../events/event-log.ts'
import type { ContainerRecord } from './record.ts'

/** Labels first, then the image, the name and what the action adds. */
export function containerEvent(record: ContainerRecord, action: string, extra: Record<string, string> = {}): NewEvent {
  return {
    type: 'container',
    action,
    id: record.id,
    attributes: { ...record.config.Labels, image: record.config.Image, name: record.name, ...extra },
  }
}
