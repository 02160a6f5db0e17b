/** Events of images, as moby's LogImageEvent makes them. */
import type { NewEvent } from '../../events/event-log.ts'
import { imageRow } from '../../image/images.ts'
import type { StoreReader } from '../../store/types.ts'

/**
 * @param id  what the event is about: an image id, or for a pull the reference
 * @param name  the attribute `name`
 * @param image  the image whose labels the event carries
 */
export function imageEvent(reader: StoreReader, action: string, id: string, name: string, image = id): NewEvent {
  return { type: 'image', action, id, attributes: { ...imageRow(reader, image)?.labels, name } }
}
