/** What a container, network or volume was made from, as one number: a change means that it is made anew. */
import { createHash } from 'node:crypto'
import {
  type Network,
  networkCodec,
  type Service,
  service as serviceCodec,
  type VolumeConfig,
  volumeCodec,
} from './file/model.ts'
import { goJson } from './file/print.ts'
import type { Value } from './file/tree.ts'

const digest = (value: Value | undefined): string =>
  createHash('sha256')
    .update(goJson(value ?? null))
    .digest('hex')

/** The hash of a service (compose's ServiceHash): what does not change its containers is left out. */
export function serviceHash(service: Service): string {
  const { build: _build, pull_policy: _pull, scale: _scale, depends_on: _needs, profiles: _profiles, ...rest } = service
  if (rest.deploy) {
    const { replicas: _replicas, ...deploy } = rest.deploy
    return digest(serviceCodec.json({ ...rest, deploy }))
  }
  return digest(serviceCodec.json(rest))
}

export const networkHash = (network: Network): string => digest(networkCodec.json(network))
export const volumeHash = (volume: VolumeConfig): string =>
  digest(volumeCodec.json({ ...volume, driver: volume.driver ?? 'local' }))
