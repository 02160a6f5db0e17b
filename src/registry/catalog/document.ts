/** From an image's description to the documents of a registry: config, manifest, index. */
import type { ImageContainerConfig } from '../../api/image.ts'
import { encodeConfig, type HistoryEntry } from '../../image/config.ts'
import {
  describe,
  encodeIndex,
  encodeManifest,
  ociConfig,
  ociIndex,
  ociLayerGzip,
  ociManifest,
} from '../../image/manifest.ts'
import type { Document } from '../source.ts'
import type { Architecture, ImageSpec, LayerDigests, StepSpec } from './spec.ts'

/** The documents of an image for one architecture. */
export interface ImageDocuments {
  config: Document
  manifest: Document
}

/** @param digestsOf  the digests of a layer by its name, as `nginx/install` */
export function imageDocuments(
  spec: ImageSpec,
  arch: Architecture,
  digestsOf: (layer: string) => LayerDigests,
): ImageDocuments {
  const layers = spec.steps.flatMap(step => (step.layer === undefined ? [] : [digestsOf(step.layer)]))
  const text = encodeConfig({
    architecture: arch,
    ...(spec.author && { author: spec.author }),
    config: containerConfig(spec),
    created: spec.created,
    ...(spec.dockerVersion && { docker_version: spec.dockerVersion }),
    history: spec.steps.map(step => historyEntry(step, arch, digestsOf)),
    os: 'linux',
    rootfs: { type: 'layers', diff_ids: layers.map(layer => layer.diffID) },
    ...(arch === 'arm64' && { variant: 'v8' }),
  })
  const config = describe(ociConfig, text)
  const blobs = layers.map(({ blob }) => ({ mediaType: ociLayerGzip, digest: blob.digest, size: blob.size }))
  return { config, manifest: describe(ociManifest, encodeManifest(config.descriptor, blobs)) }
}

/** The index over an image's architectures. */
export function indexDocument(manifests: readonly (readonly [Architecture, Document])[]): Document {
  const entries = manifests.map(([architecture, { descriptor }]) => ({
    ...descriptor,
    platform: { architecture, os: 'linux', ...(architecture === 'arm64' && { variant: 'v8' }) },
  }))
  return describe(ociIndex, encodeIndex(entries))
}

const MACHINES = { amd64: 'x86_64', arm64: 'aarch64' } as const

/** The words of a step as its builder wrote them into the history. */
function historyEntry(step: StepSpec, arch: Architecture, digestsOf: (layer: string) => LayerDigests): HistoryEntry {
  const hash = step.layer === undefined ? '' : digestsOf(step.layer).diffID.slice('sha256:'.length)
  const words =
    step.shows?.replaceAll('$ARCH', arch).replaceAll('$MACHINE', MACHINES[arch]).replaceAll('$HASH', hash) ??
    renderStep(step.do ?? '')
  const entry = { created: step.time, created_by: words, ...(step.comment && { comment: step.comment }) }
  return step.layer === undefined ? { ...entry, empty_layer: true } : entry
}

/** `CMD ["a", "b"]` is kept as `CMD ["a" "b"]`; RUN gets its shell, and what makes a layer a `# buildkit`. */
function renderStep(step: string): string {
  const [word = '', rest = ''] = splitWord(step)
  if (word === 'RUN') return `RUN /bin/sh -c ${rest} # buildkit`
  if (word === 'COPY' || word === 'ADD') return `${step} # buildkit`
  if (word === 'EXPOSE')
    return `EXPOSE map[${rest
      .split(' ')
      .sort()
      .map(port => `${port}:{}`)
      .join(' ')}]`
  if (word === 'VOLUME') return `VOLUME [${list(rest).join(' ')}]`
  if (word === 'CMD' || word === 'ENTRYPOINT') {
    return `${word} [${list(rest)
      .map(text => JSON.stringify(text))
      .join(' ')}]`
  }
  return step
}

/** The config: what the definition says of it, then what the steps make of it. */
function containerConfig(spec: ImageSpec): ImageContainerConfig {
  const env = new Map([['PATH', '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin']])
  const config: ImageContainerConfig = { ...spec.config }
  for (const step of spec.steps) {
    const [word, rest] = splitWord(step.do ?? '')
    if (word === 'ENV') {
      const equals = rest.indexOf('=')
      env.set(rest.slice(0, equals), rest.slice(equals + 1))
    } else if (word === 'LABEL') {
      const equals = rest.indexOf('=')
      config.Labels = { ...config.Labels, [rest.slice(0, equals)]: rest.slice(equals + 1) }
    } else if (word === 'EXPOSE') {
      config.ExposedPorts = { ...config.ExposedPorts, ...Object.fromEntries(rest.split(' ').map(port => [port, {}])) }
    } else if (word === 'VOLUME') {
      config.Volumes = { ...config.Volumes, ...Object.fromEntries(list(rest).map(path => [path, {}])) }
    } else if (word === 'CMD') config.Cmd = list(rest)
    else if (word === 'ENTRYPOINT') {
      config.Entrypoint = list(rest)
      delete config.Cmd
    } else if (word === 'USER') config.User = rest
    else if (word === 'WORKDIR') config.WorkingDir = rest
    else if (word === 'STOPSIGNAL') config.StopSignal = rest
  }
  const { User, ExposedPorts, Cmd, Volumes, WorkingDir, Entrypoint, Labels, StopSignal } = config
  return {
    ...(User && { User }),
    ...(ExposedPorts && { ExposedPorts }),
    Env: [...env].map(([name, value]) => `${name}=${value}`),
    ...(Entrypoint && { Entrypoint }),
    ...(Cmd && { Cmd }),
    ...(Volumes && { Volumes }),
    ...(WorkingDir && { WorkingDir }),
    ...(Labels && { Labels }),
    ...(StopSignal && { StopSignal }),
  }
}

function splitWord(step: string): [word: string, rest: string] {
  const space = step.indexOf(' ')
  return space < 0 ? [step, ''] : [step.slice(0, space), step.slice(space + 1)]
}

/** A JSON list of strings. */
const list = (text: string): string[] => JSON.parse(text) as string[]
