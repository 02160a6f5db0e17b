/** `docker manifest annotate`: what a list in the making says of the platform of one of its manifests. */
import { fullString } from '../../../image/reference.ts'
import type { Command } from '../../command.ts'
import { normalized, readListed, saveListed } from './lists.ts'

/** Pairs that Go knows and Docker's client takes (docker/cli command/manifest/util.go). */
const PAIRS: Readonly<Record<string, readonly string[]>> = {
  darwin: ['386', 'amd64', 'arm', 'arm64'],
  dragonfly: ['amd64'],
  freebsd: ['386', 'amd64', 'arm'],
  linux: ['386', 'amd64', 'arm', 'arm64', 'mips64', 'mips64le', 'ppc64le', 'riscv64', 's390x'],
  netbsd: ['386', 'amd64', 'arm'],
  openbsd: ['386', 'amd64', 'arm'],
  plan9: ['386', 'amd64'],
  solaris: ['amd64'],
  windows: ['386', 'amd64', 'arm', 'arm64'],
}

export const command: Command = {
  async run(ctx, [target = '', source = ''], flags) {
    const list = normalized(target, `annotate: error parsing name for manifest list ${target}: `)
    const reference = normalized(source, `annotate: error parsing name for manifest ${source}: `)
    const listed = readListed(ctx, list, reference)
    if (!listed) throw new Error(`manifest for image ${fullString(reference)} does not exist in ${fullString(list)}`)
    const [os, arch, variant] = [flags.string('os'), flags.string('arch'), flags.string('variant')]
    const [version, features] = [flags.string('os-version'), flags.list('os-features')]
    const platform = listed.Descriptor.platform ?? { architecture: '', os: '' }
    if (os !== '') platform.os = os
    if (arch !== '') platform.architecture = arch
    if (features.length > 0) platform['os.features'] = [...new Set([...(platform['os.features'] ?? []), ...features])]
    if (variant !== '') platform.variant = variant
    if (version !== '') platform['os.version'] = version
    if (!Object.hasOwn(PAIRS, platform.os) || !PAIRS[platform.os]?.includes(platform.architecture))
      throw new Error(`manifest entry for image has unsupported os/arch combination: ${os}/${arch}`)
    saveListed(ctx, list, reference, { ...listed, Descriptor: { ...listed.Descriptor, platform } })
  },
}
