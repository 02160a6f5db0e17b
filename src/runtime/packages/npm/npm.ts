/** npm and npx: a table of commands over installing, scripts and what is in node_modules. */
import type { CoroutineProgram, Proc, Routine } from '../../../kernel/program.ts'
import { type Call, command } from '../../../kernel/userland/lib/command.ts'
import { exists } from '../../../kernel/userland/lib/exists.ts'
import { UsageError } from '../../../kernel/userland/lib/failure.ts'
import { type Options, parseOptions } from '../../../kernel/userland/lib/options.ts'
import { exitCode, findProgram, spawnProgram, waitFor } from '../../../kernel/userland/lib/spawn.ts'
import { isErrno } from '../../../vfs/errno.ts'
import { put, take } from '../lib/place.ts'
import { cacheFolder, NpmError, projectFolder, report } from './context.ts'
import {
  clean,
  globalPrefix,
  type InstallOptions,
  install,
  newerNpm,
  parseSpec,
  readProject,
  summary,
  uninstall,
} from './install.ts'
import { asBytes, BadJson, projectOf, readLock, readPackage } from './lock.ts'
import { hasPackage, latest, versionsOf } from './registry.ts'
import { listScripts, runScript, scriptEnv } from './scripts.ts'
import { fits, resolveFrom, type Tree } from './tree.ts'

export const options = {
  saveDev: '-D --save-dev  add to devDependencies',
  save: '-S -P --save --save-prod  add to dependencies (default)',
  saveOptional: '-O --save-optional  add to optionalDependencies',
  savePeer: '--save-peer  add to peerDependencies',
  noSave: '--no-save  leave package.json alone',
  exact: '-E --save-exact  an exact version',
  global: '-g --global  for all, in /usr/local',
  location: '--location=WHERE  `global` is -g',
  omit: '--omit=TYPE  leave out dev, optional or peer dependencies',
  production: '--production --only=TYPE  leave out dev dependencies',
  include: '--include=TYPE  do not leave out',
  noAudit: '--no-audit  do not look for vulnerabilities',
  noFund: '--no-fund  nothing about funding',
  noLock: '--no-package-lock --no-shrinkwrap  no package-lock.json',
  lockOnly: '--package-lock-only  only package-lock.json',
  dryRun: '--dry-run  change nothing',
  silent: '-s --silent --quiet -q  fewer words',
  loglevel: '--loglevel=LEVEL  `silent` and `error`: fewer words',
  prefix: '-C=DIR --prefix=DIR  work in DIR',
  yes: '-y --yes  answer yes',
  force: '-f --force  go ahead',
  ifPresent: '--if-present  no error for a script that is not there',
  all: '-a --all  the whole tree',
  depth: '--depth=N  how deep',
  json: '--json  as JSON',
  version: '-v --version  the version',
  help: '-h --help  usage',
  workspaces: '-w=NAME --workspace=NAME --workspaces  accepted',
  registry:
    '--registry=URL --cache=DIR --userconfig=FILE --fetch-retries=N --fetch-timeout=MS --maxsockets=N --network-timeout=MS  accepted',
  accepted:
    '--ignore-scripts --legacy-peer-deps --prefer-offline --no-progress --progress --unsafe-perm --no-optional --strict-peer-deps --no-bin-links --no-update-notifier --foreground-scripts --engine-strict --color --no-color --no-cache --audit --fund --no-git-tag-version  accepted',
}

export interface NpmCall {
  call: Call<Record<never, string>>
  p: Proc
  given: Options<typeof options>
  folder: string
  quiet: boolean
  args: string[]
  /** After `--`. */
  rest: string[]
}

type Verb = (n: NpmCall) => Routine<number>

/** What the options come to; NODE_ENV=production leaves development out. */
function settings({ p, given, quiet }: NpmCall): InstallOptions {
  const omit = new Set(given.values('omit'))
  if (
    given.has('production') ||
    p.env.get('NODE_ENV') === 'production' ||
    p.env.get('npm_config_production') === 'true'
  )
    omit.add('dev')
  for (const one of given.values('include')) omit.delete(one)
  return {
    omit,
    save: given.has('noSave')
      ? 'none'
      : given.has('saveDev')
        ? 'devDependencies'
        : given.has('saveOptional')
          ? 'optionalDependencies'
          : given.has('savePeer')
            ? 'peerDependencies'
            : 'dependencies',
    exact: given.has('exact'),
    global: given.has('global') || given.value('location') === 'global',
    audit: !given.has('noAudit') && p.env.get('npm_config_audit') !== 'false',
    fund: !given.has('noFund') && p.env.get('npm_config_fund') !== 'false',
    lock: !given.has('noLock'),
    lockOnly: given.has('lockOnly'),
    dryRun: given.has('dryRun'),
    silent: quiet,
  }
}

/** Prints the sum, then once a week that there is a newer npm. */
const finish = (n: NpmCall, options: InstallOptions) =>
  function* (done: Parameters<typeof summary>[0]): Routine<void> {
    if (!options.silent) yield* n.call.out.write(summary(done, options))
    yield* n.call.out.flush()
    const newer = newerNpm(n.p.marker['version'] ?? '')
    const mark = `${cacheFolder(n.p)}/_update-notifier-last-checked`
    if (
      newer === undefined ||
      options.silent ||
      n.p.env.has('CI') ||
      n.p.env.get('npm_config_update_notifier') === 'false' ||
      exists(n.p, mark)
    )
      return
    try {
      yield* put(n.p, mark, { text: '' })
    } catch (error) {
      if (!isErrno(error)) throw error
    }
    const lines = [
      '',
      `New major version of npm available! ${n.p.marker['version']} -> ${newer}`,
      `Changelog: https://github.com/npm/cli/releases/tag/v${newer}`,
      `To update run: npm install -g npm@${newer}`,
      '',
    ]
    yield* warn(lines.map(line => `npm notice${line === '' ? '' : ` ${line}`}`))
  }

function* warn(lines: readonly string[]): Routine<void> {
  yield { op: 'write', fd: 2, data: Buffer.from(`${lines.join('\n')}\n`, 'latin1') }
}

const script = (name: string): Verb =>
  function* (n) {
    const json = yield* readProject(n.p, n.folder)
    return yield* runScript(n.p, n.folder, json, name, [...n.args, ...n.rest], {
      silent: n.quiet,
      ifPresent: n.given.has('ifPresent'),
    })
  }

const runVerb: Verb = function* (n) {
  const json = yield* readProject(n.p, n.folder)
  const [name, ...args] = n.args
  if (name === undefined) {
    yield* n.call.out.write(listScripts(json))
    return 0
  }
  return yield* runScript(n.p, n.folder, json, name, [...args, ...n.rest], {
    silent: n.quiet,
    ifPresent: n.given.has('ifPresent'),
  })
}

const installVerb: Verb = function* (n) {
  const options = settings(n)
  if (n.given.has('production')) yield* warn(['npm warn config production Use `--omit=dev` instead.'])
  return yield* install(n.p, n.folder, n.args, options, finish(n, options))
}

const initVerb: Verb = function* (n) {
  const folder = n.p.cwd()
  const path = `${folder === '/' ? '' : folder}/package.json`
  if (!n.given.has('yes') && !n.given.has('force') && n.p.isatty(0)) {
    yield* warn(['minidock: the questions of npm init are not modelled: use npm init -y'])
    return 1
  }
  const old = exists(n.p, path) ? yield* readPackage(n.p, path) : {}
  const name = (folder.slice(folder.lastIndexOf('/') + 1) || 'package').toLowerCase().replace(/[^a-z0-9._~-]/g, '-')
  const main = exists(n.p, `${folder}/index.js`)
    ? 'index.js'
    : exists(n.p, `${folder}/server.js`)
      ? 'server.js'
      : exists(n.p, `${folder}/app.js`)
        ? 'app.js'
        : 'index.js'
  const scripts = {
    test: 'echo "Error: no test specified" && exit 1',
    ...(exists(n.p, `${folder}/server.js`) && { start: 'node server.js' }),
  }
  const json = {
    name,
    version: '1.0.0',
    main,
    scripts,
    keywords: [],
    author: '',
    license: 'ISC',
    description: '',
    ...old,
  }
  yield* put(n.p, path, { text: asBytes(json) })
  yield* n.call.out.write(`Wrote to ${path}:\n\n${asBytes(json)}\n\n\n`)
  return 0
}

const listVerb: Verb = function* (n) {
  const { p, given, folder } = n
  const text = (words: string): Routine<void> => n.call.out.write(Buffer.from(words).toString('latin1'))
  if (given.has('global') || given.value('location') === 'global') {
    const prefix = `${globalPrefix(p)}/lib`
    const names = exists(p, `${prefix}/node_modules`)
      ? p
          .readdir(`${prefix}/node_modules`)
          .filter(entry => entry.type === 'dir' && !entry.name.startsWith('.'))
          .map(entry => entry.name)
          .sort()
      : []
    yield* text(`${prefix}\n`)
    for (const [at, name] of names.entries()) {
      const version = exists(p, `${prefix}/node_modules/${name}/package.json`)
        ? (yield* readPackage(p, `${prefix}/node_modules/${name}/package.json`)).version
        : p.marker['version']
      yield* text(`${at === names.length - 1 ? '└──' : '├──'} ${name}@${version}\n`)
    }
    yield* text('\n')
    return 0
  }
  const json = exists(p, `${folder}/package.json`) ? yield* readPackage(p, `${folder}/package.json`) : {}
  const hidden = `${folder}/node_modules/.package-lock.json`
  const tree: Tree = exists(p, hidden) ? ((yield* readLock(p, hidden))?.tree ?? new Map()) : new Map()
  const project = projectOf(json, folder)
  yield* text(`${json.name ?? folder.split('/').pop()}${json.version ? `@${json.version}` : ''} ${folder}\n`)
  const wanted = { ...project.devDependencies, ...project.dependencies }
  const names = Object.keys(wanted).sort()
  if (names.length === 0) yield* text('└── (empty)\n')
  const problems: string[] = []
  const deep = given.has('all') || Number(given.value('depth') ?? 0) > 0
  const shown = new Set<string>()
  const branch = function* (from: string, list: readonly string[], indent: string): Routine<void> {
    for (const [at, name] of list.entries()) {
      const last = at === list.length - 1
      const node = resolveFrom(tree, from, name)
      const range = from === '' ? (wanted[name] ?? '') : ''
      if (!node) {
        if (from === '') {
          problems.push(`missing: ${name}@${range}, required by ${project.name}@${project.version}`)
          yield* text(`${indent}${last ? '└──' : '├──'} UNMET DEPENDENCY ${name}@${range}\n`)
        }
        continue
      }
      if (from === '' && !fits(node.version, range))
        problems.push(`invalid: ${name}@${node.version} ${folder}/${node.path}`)
      const again = shown.has(node.path)
      shown.add(node.path)
      const below =
        deep && !again
          ? Object.keys({ ...node.dependencies, ...node.optional })
              .filter(one => resolveFrom(tree, node.path, one))
              .sort()
          : []
      yield* text(
        `${indent}${last ? '└─' : '├─'}${below.length > 0 ? '┬' : '─'} ${name}@${node.version}${again && deep ? ' deduped' : ''}\n`,
      )
      yield* branch(node.path, below, `${indent}${last ? '  ' : '│ '}`)
    }
  }
  yield* branch('', names, '')
  yield* text('\n')
  yield* n.call.out.flush()
  if (problems.length > 0) throw new NpmError(['code ELSPROBLEMS', ...problems])
  return 0
}

const viewVerb: Verb = function* (n) {
  const { name, range } = parseSpec(n.args[0] ?? '')
  const manifest = versionsOf(name).find(one => one.version === range) ?? latest(name)
  if (!manifest)
    throw new NpmError([
      'code E404',
      `404 Not Found - GET https://registry.npmjs.org/${name} - Not found`,
      '404',
      `404  '${name}@*' is not in this registry.`,
      '404',
      '404 Note that you can also install from a',
      '404 tarball, folder, http url, or git url.',
    ])
  const field = n.args[1]
  if (field === 'version') yield* n.call.out.write(`${manifest.version}\n`)
  else if (field === 'versions')
    yield* n.call.out.write(
      `[ ${versionsOf(name)
        .map(one => `'${one.version}'`)
        .reverse()
        .join(', ')} ]\n`,
    )
  else {
    const count = Object.keys(manifest.dependencies).length
    yield* n.call.out.write(
      `\n${name}@${manifest.version} | ${manifest.license} | deps: ${count === 0 ? 'none' : count} | versions: ${versionsOf(name).length}\n\ndist\n.tarball: https://registry.npmjs.org/${name}/-/${name.split('/').pop()}-${manifest.version}.tgz\n.unpackedSize: ${(manifest.size / 1000).toFixed(1)} kB\n\ndist-tags:\nlatest: ${latest(name)?.version}\n`,
    )
  }
  return 0
}

const cacheVerb: Verb = function* (n) {
  const [what] = n.args
  if (what === 'verify') {
    yield* n.call.out.write(`Cache verified and compressed (~/.npm/_cacache)\nFinished in 0.1s\n`)
    return 0
  }
  if (what !== 'clean' && what !== 'rm')
    throw new NpmError([
      'code EUSAGE',
      '',
      'Manipulates packages cache',
      '',
      'Usage:',
      'npm cache add <package-spec>',
      'npm cache clean [<key>]',
      'npm cache ls [name@version]',
      'npm cache verify',
    ])
  if (!n.given.has('force'))
    throw new NpmError([
      'As of npm@5, the npm cache self-heals from corruption issues',
      'by treating integrity mismatches as cache misses.  As a result,',
      'data extracted from the cache is guaranteed to be valid.  If you',
      'want to make sure everything is consistent, use `npm cache verify`',
      'instead.  Deleting the cache can only make npm go slower, and is',
      'not likely to correct any problems you may be encountering!',
      '',
      "On the other hand, if you're debugging an issue with the installer,",
      'or race conditions that depend on the timing of writing to an empty',
      'cache, you can use `npm install --cache /tmp/empty-cache` to use a',
      'temporary cache instead of nuking the actual one.',
      '',
      "If you're sure you want to delete the entire cache, rerun this command",
      'with --force.',
    ])
  yield* warn(['npm warn using --force Recommended protections disabled.'])
  take(n.p, `${cacheFolder(n.p)}/_cacache`)
  return 0
}

const execVerb: Verb = function* (n) {
  const [spec, ...args] = n.args
  if (spec === undefined) return 0
  const { name } = parseSpec(spec)
  const bin = name.slice(name.lastIndexOf('/') + 1)
  const json = exists(n.p, `${n.folder}/package.json`) ? yield* readPackage(n.p, `${n.folder}/package.json`) : {}
  const env = scriptEnv(n.p, n.folder, json, 'npx', spec)
  let path: string | undefined
  try {
    path = findProgram(n.p, bin, env.get('PATH'))
  } catch (error) {
    if (!isErrno(error)) throw error
  }
  if (path === undefined) {
    const manifest = hasPackage(name) ? latest(name) : undefined
    if (!manifest)
      throw new NpmError([
        'code E404',
        `404 Not Found - GET https://registry.npmjs.org/${name} - Not found`,
        '404',
        `404  '${name}@*' is not in this registry.`,
        '404',
        '404 Note that you can also install from a',
        '404 tarball, folder, http url, or git url.',
      ])
    const folder = `${cacheFolder(n.p)}/_npx/${name.replace('/', '-')}`
    const options = { ...settings(n), silent: true, global: false }
    yield* put(n.p, `${folder}/package.json`, { text: asBytes({ dependencies: {} }) })
    if (!n.given.has('yes') && n.p.isatty(0))
      yield* n.call.out.write(
        `Need to install the following packages:\n${name}@${manifest.version}\nOk to proceed? (y) \n`,
      )
    else
      yield* warn([
        `npm warn exec The following package was not found and will be installed: ${name}@${manifest.version}`,
      ])
    yield* install(n.p, folder, [spec], options, function* () {})
    path = `${folder}/node_modules/.bin/${bin}`
    if (!exists(n.p, path)) throw new NpmError(['could not determine executable to run'])
    env.set('PATH', `${folder}/node_modules/.bin:${env.get('PATH') ?? ''}`)
  }
  yield* n.call.out.flush()
  return exitCode(yield* waitFor(spawnProgram(n.p, [path, ...args, ...n.rest], { env })))
}

const verbs: Record<string, Verb> = {
  install: installVerb,
  *ci(n) {
    const options = settings(n)
    return yield* clean(n.p, n.folder, options, finish(n, options))
  },
  *uninstall(n) {
    const options = settings(n)
    return yield* uninstall(n.p, n.folder, n.args, options, finish(n, options))
  },
  run: runVerb,
  start: script('start'),
  test: script('test'),
  stop: script('stop'),
  restart: script('restart'),
  init: initVerb,
  ls: listVerb,
  view: viewVerb,
  cache: cacheVerb,
  exec: execVerb,
  *root(n) {
    yield* n.call.out.write(`${n.given.has('global') ? `${globalPrefix(n.p)}/lib` : n.folder}/node_modules\n`)
    return 0
  },
  *prefix(n) {
    yield* n.call.out.write(`${n.given.has('global') ? globalPrefix(n.p) : n.folder}\n`)
    return 0
  },
  *audit(n) {
    yield* n.call.out.write('found 0 vulnerabilities\n')
    return 0
  },
  *fund(n) {
    yield* n.call.out.write(`${n.folder.split('/').pop()}\n\n`)
    return 0
  },
  *outdated(n) {
    yield* n.call.out.flush()
    return 0
  },
  *config(n) {
    if (n.args[0] === 'get' && n.args[1] === 'registry') yield* n.call.out.write('https://registry.npmjs.org/\n')
    else if (n.args[0] === 'set' && n.args[1] !== undefined)
      yield* put(n.p, `${n.p.env.get('HOME') ?? '/root'}/.npmrc`, {
        text: `${n.args.slice(1).join('=').replace('==', '=')}\n`,
      })
    return 0
  },
  *prune(n) {
    const options = settings(n)
    return yield* install(n.p, n.folder, [], options, finish(n, options))
  },
  *version(n) {
    const json = exists(n.p, `${n.folder}/package.json`)
      ? yield* readPackage(n.p, `${n.folder}/package.json`)
      : undefined
    const own = json?.name === undefined ? '' : `  '${json.name}': '${json.version}',\n`
    yield* n.call.out.write(`{\n${own}  npm: '${n.p.marker['version']}'\n}\n`)
    return 0
  },
  *rebuild(n) {
    yield* n.call.out.write('rebuilt dependencies successfully\n')
    return 0
  },
}

const aliases: Record<string, string> = {
  i: 'install',
  add: 'install',
  isntall: 'install',
  in: 'install',
  'install-test': 'install',
  'clean-install': 'ci',
  ic: 'ci',
  'install-clean': 'ci',
  rm: 'uninstall',
  remove: 'uninstall',
  un: 'uninstall',
  r: 'uninstall',
  unlink: 'uninstall',
  'run-script': 'run',
  rum: 'run',
  urn: 'run',
  t: 'test',
  tst: 'test',
  create: 'init',
  innit: 'init',
  list: 'ls',
  la: 'ls',
  ll: 'ls',
  info: 'view',
  show: 'view',
  v: 'view',
  x: 'exec',
  c: 'config',
  up: 'install',
  update: 'install',
  upgrade: 'install',
}

const usage = (p: Proc): string => `npm <command>

Usage:

npm install        install all the dependencies in your project
npm install <foo>  add the <foo> dependency to your project
npm test           run this project's tests
npm run <foo>      run the script named <foo>
npm <command> -h   quick help on <command>
npm -l             display usage info for all commands
npm help <term>    search for help on <term>
npm help npm       more involved overview

All commands:

    ${Object.keys(verbs).sort().join(', ')}

Specify configs in the ini-formatted file:
    ${p.env.get('HOME') ?? '/root'}/.npmrc
or on the command line via: npm <command> --key=value

More configuration info: npm help config
Configuration fields: npm help 7 config

npm@${p.marker['version']} /usr/local/lib/node_modules/npm
`

function* main(call: Call<Record<never, string>>, argv: readonly string[]): Routine<number> {
  const { p } = call
  // After the name of a script or a command to run, words are its own only behind `--`; npx takes all that follow.
  const dash = argv.indexOf('--')
  const own = dash < 0 ? argv : argv.slice(0, dash)
  const rest = dash < 0 ? [] : argv.slice(dash + 1)
  try {
    const given = parse(own)
    if (given.has('version')) {
      yield* call.out.write(`${p.marker['version']}\n`)
      return 0
    }
    const [verb, ...args] = given.operands
    if (verb === undefined || verb === 'help') {
      yield* call.out.write(usage(p))
      return verb === undefined && !given.has('help') ? 1 : 0
    }
    const name = aliases[verb] ?? verb
    const run = Object.hasOwn(verbs, name) ? verbs[name] : undefined
    if (!run) {
      yield* call.out.write(`Unknown command: "${verb}"\n\nTo see a list of supported npm commands, run:\n  npm help\n`)
      return 1
    }
    const prefix = given.value('prefix')
    if (prefix !== undefined) p.chdir(prefix)
    const quiet =
      given.has('silent') ||
      ['silent', 'error'].includes(given.value('loglevel') ?? p.env.get('npm_config_loglevel') ?? '')
    return yield* run({ call, p, given, folder: projectFolder(p), quiet, args, rest })
  } catch (error) {
    yield* call.out.flush()
    if (error instanceof NpmError) return yield* report(p, error)
    if (error instanceof BadJson)
      return yield* report(
        p,
        new NpmError([
          'code EJSONPARSE',
          `path ${error.path}`,
          error.message,
          'JSON.parse Failed to parse JSON data.',
          'JSON.parse Note: package.json must be actual JSON, not just JavaScript.',
        ]),
      )
    throw error
  }
}

/** npm takes options that it does not know for settings of its own, and says nothing. */
function parse(argv: readonly string[]): Options<typeof options> {
  const words = [...argv]
  for (;;) {
    try {
      return parseOptions(options, words, { flavour: 'gnu' })
    } catch (error) {
      if (!(error instanceof UsageError)) throw error
      const at = words.findIndex(
        word =>
          error.message.includes(`'${word}'`) ||
          (/^-[a-z]/.test(word) && error.message.endsWith(`'${word.charAt(1)}'`)),
      )
      if (at < 0) throw new NpmError([error.message])
      words.splice(at, 1)
    }
  }
}

export const npmProgram: CoroutineProgram = command('npm', {}, call => main(call, call.args), { raw: true })

export const npxProgram: CoroutineProgram = command(
  'npx',
  {},
  function* (call) {
    // Options of npx come before the command; all behind it are the command's.
    const at = call.args.findIndex(arg => !arg.startsWith('-'))
    if (at < 0)
      return yield* main(call, call.args.includes('-v') || call.args.includes('--version') ? ['-v'] : ['help'])
    return yield* main(call, [...call.args.slice(0, at), 'exec', call.args[at] ?? '', '--', ...call.args.slice(at + 1)])
  },
  { raw: true },
)
