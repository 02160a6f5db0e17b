/** `image ...`: the rows of its commands. `image build` is buildx's. */
import type { CommandSpec, NounSpec } from '../spec.ts'
import { bool, filter, force, list, objectFormat, string, strings, tableFormat } from './flag.ts'

const trust = (what: string) => bool('disable-content-trust', `Do not ${what} the image`, { default: 'true' })
const platform = (help: string) => string('platform', `${help}\n'os[/arch[/variant]]', as 'linux/amd64'`)

const commands: CommandSpec[] = [
  {
    // Its words go to buildx (cli/dispatch.ts forward); this is its line in the list.
    name: 'build',
    usage: '[OPTIONS] PATH | URL | -',
    about: 'Build an image from a Dockerfile',
    args: { rule: 'exactly', n: 1 },
    flags: [],
    file: 'buildx/build',
  },
  {
    name: 'layers',
    usage: '[OPTIONS] IMAGE',
    about: 'Show what each layer of an image adds, changes, removes and wastes (minidock)',
    paths: ['image layers'],
    args: { rule: 'exactly', n: 1 },
    completes: 'images',
    hidden: true,
    flags: [
      string('format', 'How to print: a table, or "json"'),
      bool('no-trunc', 'Show long values in full'),
      string('platform', 'Which platform of the image'),
    ],
  },
  {
    name: 'history',
    usage: '[OPTIONS] IMAGE',
    about: 'Show the history of an image',
    paths: ['image history', 'history'],
    args: { rule: 'exactly', n: 1 },
    completes: 'images',
    flags: [
      tableFormat(),
      bool('H,human', 'Show sizes and dates in words', { default: 'true' }),
      bool('no-trunc', 'Show long values in full'),
      platform('Platform to show:'),
      bool('q,quiet', 'Show only the ids'),
    ],
  },
  {
    name: 'import',
    usage: '[OPTIONS] file|URL|- [REPOSITORY[:TAG]]',
    about: 'Import the contents from a tarball to create a filesystem image',
    paths: ['image import', 'import'],
    args: { rule: 'atLeast', n: 1 },
    completes: 'files',
    flags: [
      list('c,change', 'A Dockerfile instruction to apply to the new image'),
      string('m,message', 'What the image is about'),
      string('platform', 'Platform of the image, where it could be for several'),
    ],
  },
  {
    name: 'inspect',
    usage: '[OPTIONS] IMAGE [IMAGE...]',
    about: 'Display detailed information on one or more images',
    args: { rule: 'atLeast', n: 1 },
    completes: 'images',
    flags: [objectFormat(), platform('Platform to show:')],
  },
  {
    name: 'load',
    usage: '[OPTIONS]',
    about: 'Load an image from a tar archive or STDIN',
    paths: ['image load', 'load'],
    args: { rule: 'none' },
    flags: [
      string('i,input', 'File to read, instead of standard input'),
      platform('Platform to load:'),
      bool('q,quiet', 'Show no progress'),
    ],
  },
  {
    name: 'ls',
    aliases: ['list'],
    usage: '[OPTIONS] [REPOSITORY[:TAG]]',
    about: 'List images',
    paths: ['image ls', 'image list', 'images'],
    args: { rule: 'atMost', n: 1 },
    completes: 'images',
    flags: [
      bool('a,all', 'Show all images, those in between too'),
      bool('digests', 'Show the digests'),
      filter('f,filter', 'Show only what matches a condition'),
      tableFormat(),
      bool('no-trunc', 'Show long values in full'),
      bool('q,quiet', 'Show only the ids'),
      bool('tree', 'Show the platforms of each image as a tree (EXPERIMENTAL)'),
    ],
  },
  {
    name: 'prune',
    usage: '[OPTIONS]',
    about: 'Remove unused images',
    args: { rule: 'none' },
    flags: [
      bool('a,all', 'Remove every image that no container uses, not only those without a name'),
      filter('filter', 'Remove only what matches, as "until=<timestamp>"'),
      force(),
    ],
  },
  {
    name: 'pull',
    usage: '[OPTIONS] NAME[:TAG|@DIGEST]',
    about: 'Download an image from a registry',
    paths: ['image pull', 'pull'],
    args: { rule: 'exactly', n: 1 },
    completes: 'images',
    flags: [
      bool('a,all-tags', 'Pull every tag of the repository'),
      trust('verify'),
      string('platform', 'Platform of the image, where it has several'),
      bool('q,quiet', 'Show only the name'),
      bool('verbose', 'Show each step of the protocol (minidock)'),
    ],
  },
  {
    name: 'push',
    usage: '[OPTIONS] NAME[:TAG]',
    about: 'Upload an image to a registry',
    paths: ['image push', 'push'],
    args: { rule: 'exactly', n: 1 },
    completes: 'images',
    flags: [
      bool('a,all-tags', 'Push every tag of the repository'),
      trust('sign'),
      platform('Push only the manifest of one platform:'),
      bool('q,quiet', 'Show only the name'),
    ],
  },
  {
    name: 'rm',
    aliases: ['remove'],
    usage: '[OPTIONS] IMAGE [IMAGE...]',
    about: 'Remove one or more images',
    paths: ['image rm', 'image remove', 'rmi'],
    args: { rule: 'atLeast', n: 1 },
    completes: 'images',
    flags: [
      force('Remove it though it is used or has other names'),
      bool('no-prune', 'Keep its parents, even if they have no name'),
      strings('platform', "Remove only one platform:\n'os[/arch[/variant]]', as 'linux/amd64'"),
    ],
  },
  {
    name: 'save',
    usage: '[OPTIONS] IMAGE [IMAGE...]',
    about: 'Save one or more images to a tar archive (streamed to STDOUT by default)',
    paths: ['image save', 'save'],
    args: { rule: 'atLeast', n: 1 },
    completes: 'images',
    flags: [string('o,output', 'File to write, instead of standard output'), platform('Platform to save:')],
  },
  {
    name: 'tag',
    usage: 'SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]',
    about: 'Create a tag TARGET_IMAGE that refers to SOURCE_IMAGE',
    paths: ['image tag', 'tag'],
    args: { rule: 'exactly', n: 2 },
    completes: 'images',
    stopAtArgument: true,
    flags: [],
  },
]

export const image: NounSpec = { name: 'image', usage: 'COMMAND', about: 'Manage images', commands }
