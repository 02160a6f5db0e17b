/** An image of one layer with one file, as a registry holds it. */
import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { writeTar } from '../../src/layer/tar-writer.ts'

export const digestOf = (data: string | Uint8Array): string =>
  `sha256:${createHash('sha256').update(data).digest('hex')}`

export const V2 = 'application/vnd.docker.distribution.manifest.v2+json'

const part = (mediaType: string, data: string | Uint8Array): object => ({
  mediaType,
  size: data.length,
  digest: digestOf(data),
})

/** The file's archive, the layer, the config and the manifest; `text` is in the file `f`. */
export function smallImage(text: string): { tar: Buffer; layer: Buffer; config: string; manifest: string } {
  const header = { path: 'f', type: 'file', mode: 0o644, mtime: 0, size: text.length } as const
  const tar = Buffer.concat([...writeTar([{ header, content: [Buffer.from(text)] }])])
  const layer = gzipSync(tar)
  const config = JSON.stringify({
    architecture: 'amd64',
    os: 'linux',
    rootfs: { type: 'layers', diff_ids: [digestOf(tar)] },
  })
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: V2,
    config: part('application/vnd.docker.container.image.v1+json', config),
    layers: [part('application/vnd.docker.image.rootfs.diff.tar.gzip', layer)],
  })
  return { tar, layer, config, manifest }
}
