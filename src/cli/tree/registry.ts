/** The commands about registries: login, logout, search. */
import type { NounSpec } from '../spec.ts'
import { bool, filter, int, string } from './flag.ts'

export const registry: NounSpec = {
  name: 'registry',
  usage: 'COMMAND',
  about: '',
  commands: [
    {
      name: 'login',
      usage: '[OPTIONS] [SERVER]',
      about: 'Authenticate to a registry',
      long: 'Authenticate to a registry.\nDefaults to Docker Hub if no server is specified.',
      args: { rule: 'atMost', n: 1 },
      flags: [
        string('p,password', 'Password or access token'),
        bool('password-stdin', 'Read the password or access token from standard input'),
        string('u,username', 'User name'),
      ],
    },
    {
      name: 'logout',
      usage: '[SERVER]',
      about: 'Log out from a registry',
      long: 'Log out from a registry.\nIf no server is specified, the default is defined by the daemon.',
      args: { rule: 'atMost', n: 1 },
      flags: [],
    },
    {
      name: 'search',
      usage: '[OPTIONS] TERM',
      about: 'Search Docker Hub for images',
      args: { rule: 'exactly', n: 1 },
      flags: [
        filter('f,filter', 'Show only what matches a condition'),
        string('format', 'Print with a Go TEMPLATE'),
        int('limit', 'Most results to show'),
        bool('no-trunc', 'Show long values in full'),
      ],
    },
  ],
}
