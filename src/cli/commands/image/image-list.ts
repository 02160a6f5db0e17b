/** The list of images: a row for each name (docker/cli command/formatter/image.go). */
import type { ImageSummary } from '../../../api/image.ts'
import type { ListSpec } from '../../format/formatter.ts'
import { ago, goTime, humanSize, shortId } from '../../format/units.ts'

/** One line of `docker images`. */
export interface ImageRow {
  image: ImageSummary
  repository: string
  tag: string
  digest: string
}

const none = '<none>'

/**
 * The rows of images: one for each tag; for a repository without tags its digests.
 * @param digests  whether digests are shown, which makes a row for each of them
 */
export function imageRowsOf(images: readonly ImageSummary[], digests: boolean): ImageRow[] {
  return images.flatMap(image => {
    const tags = grouped(image.RepoTags, text => splitAt(text, text.lastIndexOf(':')))
    const byDigest = grouped(image.RepoDigests, text => splitAt(text, text.indexOf('@')))
    const rows: ImageRow[] = []
    for (const [repository, names] of tags) {
      const own = digests ? (byDigest.get(repository) ?? []) : []
      byDigest.delete(repository)
      for (const tag of names) {
        for (const digest of own.length > 0 ? own : [none]) rows.push({ image, repository, tag, digest })
      }
    }
    for (const [repository, own] of byDigest) {
      for (const digest of digests ? own : ['']) rows.push({ image, repository, tag: none, digest })
    }
    return rows.length > 0 ? rows : [{ image, repository: none, tag: none, digest: none }]
  })
}

const splitAt = (text: string, at: number): [string, string] => [text.slice(0, at), text.slice(at + 1)]

function grouped(names: readonly string[], split: (text: string) => [string, string]): Map<string, string[]> {
  const groups = new Map<string, string[]>()
  for (const text of names) {
    const [repository, rest] = split(text)
    groups.set(repository, [...(groups.get(repository) ?? []), rest])
  }
  return groups
}

/** @param now  ms since the epoch */
export function imageList(options: { noTrunc: boolean; digests: boolean; now: number }): ListSpec<ImageRow> {
  const digest = options.digests ? '\t{{.Digest}}' : ''
  return {
    type: '*formatter.imageContext',
    table: `table {{.Repository}}\t{{.Tag}}${digest}\t{{.ID}}\t{{.CreatedSince}}\t{{.Size}}`,
    quiet: '{{.ID}}',
    raw: `repository: {{.Repository}}\ntag: {{.Tag}}\n${options.digests ? 'digest: {{.Digest}}\n' : ''}image_id: {{.ID}}\ncreated_at: {{.CreatedAt}}\nvirtual_size: {{.Size}}\n`,
    headers: {
      ID: 'IMAGE ID',
      Repository: 'REPOSITORY',
      Tag: 'TAG',
      Digest: 'DIGEST',
      CreatedSince: 'CREATED',
      CreatedAt: 'CREATED AT',
      Size: 'SIZE',
      Containers: 'CONTAINERS',
      VirtualSize: 'SIZE',
      SharedSize: 'SHARED SIZE',
      UniqueSize: 'UNIQUE SIZE',
    },
    columns: {
      ID: row => (options.noTrunc ? row.image.Id : shortId(row.image.Id)),
      Repository: row => row.repository,
      Tag: row => row.tag,
      Digest: row => row.digest,
      CreatedSince: row => ago(row.image.Created * 1000, options.now),
      CreatedAt: row => goTime(row.image.Created * 1000),
      Size: row => humanSize(row.image.Size, 3),
      Containers: row => (row.image.Containers < 0 ? 'N/A' : String(row.image.Containers)),
      VirtualSize: row => humanSize(row.image.Size),
      SharedSize: row => (row.image.SharedSize < 0 ? 'N/A' : humanSize(row.image.SharedSize)),
      UniqueSize: row => (row.image.SharedSize < 0 ? 'N/A' : humanSize(row.image.Size - row.image.SharedSize)),
    },
  }
}
