/** `context ...`: the rows of its commands. */
import type { NounSpec } from '../spec.ts'
import { bool, force, objectFormat, string, stringArray, tableFormat } from './flag.ts'

const description = string('description', 'What the context is for')
const endpoint = stringArray('docker', 'Where the engine is', { shows: 'stringToString', defaultText: '[]' })

export const context: NounSpec = {
  name: 'context',
  usage: 'COMMAND',
  about: 'Manage contexts',
  commands: [
    {
      name: 'create',
      usage: '[OPTIONS] CONTEXT',
      about: 'Create a context',
      args: { rule: 'exactly', n: 1 },
      flags: [description, endpoint, string('from', 'Context to copy')],
    },
    {
      name: 'export',
      usage: '[OPTIONS] CONTEXT [FILE|-]',
      about: 'Export a context to a tar archive FILE or a tar stream on STDOUT.',
      args: { rule: 'between', min: 1, max: 2 },
      flags: [],
    },
    {
      name: 'import',
      usage: 'CONTEXT FILE|-',
      about: 'Import a context from a tar or zip file',
      args: { rule: 'exactly', n: 2 },
      flags: [],
    },
    {
      name: 'inspect',
      usage: '[OPTIONS] [CONTEXT] [CONTEXT...]',
      about: 'Display detailed information on one or more contexts',
      args: { rule: 'any' },
      flags: [objectFormat()],
    },
    {
      name: 'ls',
      aliases: ['list'],
      usage: '[OPTIONS]',
      about: 'List contexts',
      paths: ['context ls', 'context list'],
      args: { rule: 'none' },
      flags: [tableFormat(), bool('q,quiet', 'Show only the names')],
    },
    {
      name: 'rm',
      aliases: ['remove'],
      usage: 'CONTEXT [CONTEXT...]',
      about: 'Remove one or more contexts',
      paths: ['context rm', 'context remove'],
      args: { rule: 'atLeast', n: 1 },
      flags: [force('Remove it though it is in use')],
    },
    {
      name: 'show',
      usage: '',
      about: 'Print the name of the current context',
      args: { rule: 'none' },
      flags: [],
    },
    {
      name: 'update',
      usage: '[OPTIONS] CONTEXT',
      about: 'Update a context',
      args: { rule: 'exactly', n: 1 },
      flags: [description, endpoint],
    },
    {
      name: 'use',
      usage: 'CONTEXT',
      about: 'Set the current docker context',
      args: { rule: 'exactly', n: 1 },
      arityBy: 'cobra',
      flags: [],
    },
  ],
}
