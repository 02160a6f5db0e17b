/** What an image consists of, and which advisories of the embedded sample apply. */
import { configOf, findImage } from '../../image/images.ts'
import { readLayerIndex } from '../../image/layer-tars.ts'
import { familiarString, parseReference, withDefaultTag } from '../../image/reference.ts'
import { Layer } from '../../layer/layer.ts'
import { OverlayFs } from '../../layer/overlay.ts'
import { findingsFor, type Package, sampleDate } from '../../security/advisories.ts'
import { isErrno } from '../../vfs/errno.ts'
import { RootFs } from '../../vfs/rootfs.ts'
import type { EngineContext } from '../context.ts'
import type { ScoutReport } from '../engine.ts'

/** Variables by which official images say the version of what is in them. */
const versionVariables: Readonly<Record<string, string>> = {
  NGINX_VERSION: 'nginx',
  REDIS_VERSION: 'redis',
  NODE_VERSION: 'node',
  PYTHON_VERSION: 'python',
  PG_VERSION: 'postgres',
  HTTPD_VERSION: 'httpd',
  GOLANG_VERSION: 'golang',
}

/** Looks through an image that is there. Throws EngineError 'notFound' where there is none. */
export async function scoutImage(ctx: EngineContext, reference: string): Promise<ScoutReport> {
  const record = findImage(ctx.store, reference)
  const config = configOf(record)
  const layers = (config.rootfs.diff_ids ?? [])
    .map(diffID => new Layer(readLayerIndex(ctx.store, diffID), ctx.content))
    .reverse()
  const now = ctx.clock.now()
  const files = new RootFs(OverlayFs.create(layers, now), () => now)
  const read = (path: string): string => {
    try {
      return Buffer.from(files.readFile(path)).toString()
    } catch (error) {
      if (isErrno(error)) return ''
      throw error
    }
  }
  const packages: Package[] = [
    ...records(read('/lib/apk/db/installed'), 'P:', 'V:').map(each => ({ kind: 'apk' as const, ...each })),
    ...records(read('/var/lib/dpkg/status'), 'Package: ', 'Version: ').map(each => ({ kind: 'deb' as const, ...each })),
    ...(config.config?.Env ?? []).flatMap((setting): Package[] => {
      const [variable = '', value = ''] = setting.split(/=(.*)/s)
      const name = Object.hasOwn(versionVariables, variable) ? versionVariables[variable] : undefined
      return name === undefined ? [] : [{ kind: 'app', name, version: /^[^-]+/.exec(value)?.[0] ?? value }]
    }),
  ]
  return {
    Reference: familiarString(withDefaultTag(parseReference(reference))),
    Digest: record.id,
    Size: record.layerSizes.reduce((sum, size) => sum + size, 0),
    User: config.config?.User ?? '',
    Release: /^PRETTY_NAME="?([^"\n]*)/m.exec(read('/etc/os-release'))?.[1] ?? '',
    Packages: packages.length,
    Findings: findingsFor(packages),
    SampleDate: sampleDate,
  }
}

/** The records of a package database: paragraphs of lines, of which two give name and version. */
function records(text: string, nameKey: string, versionKey: string): { name: string; version: string }[] {
  return text.split(/\n\n+/).flatMap(paragraph => {
    const lines = paragraph.split('\n')
    const value = (key: string): string | undefined => lines.find(line => line.startsWith(key))?.slice(key.length)
    const name = value(nameKey)
    const version = value(versionKey)
    return name === undefined || version === undefined ? [] : [{ name, version }]
  })
}
