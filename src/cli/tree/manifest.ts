/** `manifest ...`: the rows of its commands. */
import type { NounSpec } from '../spec.ts'
import { bool, string, strings } from './flag.ts'

const insecure = bool('insecure', 'The registry may be without TLS, or with a certificate that nobody vouches for')

export const manifest: NounSpec = {
  name: 'manifest',
  usage: 'COMMAND',
  commandInErrors: true,
  about: 'Manage Docker image manifests and manifest lists',
  commands: [
    {
      name: 'annotate',
      usage: '[OPTIONS] MANIFEST_LIST MANIFEST',
      about: 'Add additional information to a local image manifest',
      args: { rule: 'exactly', n: 2 },
      flags: [
        string('arch', 'Architecture'),
        string('os', 'Operating system'),
        strings('os-features', 'Feature of the operating system'),
        string('os-version', 'Version of the operating system'),
        string('variant', 'Variant of the architecture'),
      ],
    },
    {
      name: 'create',
      usage: 'MANIFEST_LIST MANIFEST [MANIFEST...]',
      about: 'Create a local manifest list for annotating and pushing to a registry',
      args: { rule: 'atLeast', n: 2 },
      flags: [bool('a,amend', 'Add to a list that exists'), insecure],
    },
    {
      name: 'inspect',
      usage: '[OPTIONS] [MANIFEST_LIST] MANIFEST',
      about: 'Display an image manifest, or manifest list',
      args: { rule: 'between', min: 1, max: 2 },
      completes: 'images',
      flags: [insecure, bool('v,verbose', 'Show the layers and the platform too')],
    },
    {
      name: 'push',
      usage: '[OPTIONS] MANIFEST_LIST',
      about: 'Push a manifest list to a repository',
      args: { rule: 'exactly', n: 1 },
      flags: [insecure, bool('p,purge', 'Remove the list here after the push')],
    },
    {
      name: 'rm',
      usage: 'MANIFEST_LIST [MANIFEST_LIST...]',
      about: 'Delete one or more manifest lists from local storage',
      args: { rule: 'atLeast', n: 1 },
      flags: [],
    },
  ],
}
