/** Command lines of apt's tools: one table of options for all, and apt's words for what it does not know. */
import { UsageError } from '../../../kernel/userland/lib/failure.ts'
import { type Options, parseOptions } from '../../../kernel/userland/lib/options.ts'

export const options = {
  yes: '-y --yes --assume-yes  answer yes',
  no: '--assume-no  answer no',
  quiet: '-q[=LEVEL] --quiet[=LEVEL]  fewer words; twice: only what dpkg says',
  noRecommends: '--no-install-recommends  only what is needed',
  recommends: '--install-recommends  also what is recommended (default)',
  suggests: '--install-suggests --no-install-suggests  accepted',
  simulate: '-s --simulate --just-print --dry-run --recon --no-act  only say what would be done',
  downloadOnly: '-d --download-only  do not unpack',
  fixBroken: '-f --fix-broken  accepted',
  fixMissing: '-m --ignore-missing --fix-missing  accepted',
  reinstall: '--reinstall  install again what is there',
  onlyUpgrade: '--only-upgrade  do not install what is not there',
  noUpgrade: '--no-upgrade  do not upgrade what is there',
  purge: '--purge  remove configuration too',
  auto: '--auto-remove --autoremove  remove what is no longer needed too',
  target: '-t=RELEASE --target-release=RELEASE --default-release=RELEASE  accepted',
  option: '-o=KEY=VALUE --option=KEY=VALUE  a setting; those of this table and Dpkg::Options are accepted',
  config: '-c=FILE --config-file=FILE  accepted',
  allow:
    '--allow-unauthenticated --allow-downgrades --allow-remove-essential --allow-change-held-packages --allow-releaseinfo-change --allow-insecure-repositories --force-yes  accepted',
  trivial: '--trivial-only  accepted',
  showVersions: '-V --verbose-versions  versions in the lists',
  version: '-v --version  the version',
  help: '-h --help  usage',
  installed: '--installed  only what is installed',
  upgradable: '-u --upgradable --upgradeable --show-upgraded  only what can be upgraded',
  all: '-a --all-versions  accepted',
  names: '-n --names-only  only names',
  full: '--full  accepted',
  noCache: '--no-download --print-uris  accepted',
}

/** An option that apt does not know, in its words. */
export class UnknownOption extends Error {}

/** Parses what follows the command's name. Throws UnknownOption. */
export function parseApt(args: readonly string[]): Options<typeof options> {
  try {
    return parseOptions(options, args.map(splitQuiet), { flavour: 'gnu' })
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    const long = /^unrecognized option '(.*)'$/.exec(error.message)?.[1]
    const short = /^invalid option -- '(.*)'$/.exec(error.message)?.[1]
    if (long !== undefined)
      throw new UnknownOption(`Command line option ${long} is not understood in combination with the other options`)
    if (short !== undefined) {
      const whole = args.find(arg => /^-[^-]/.test(arg) && arg.includes(short)) ?? `-${short}`
      throw new UnknownOption(
        `Command line option '${short}' [from ${whole}] is not understood in combination with the other options.`,
      )
    }
    throw new UnknownOption(`Command line option ${error.message}`)
  }
}

/** `-qq` is twice `-q`, whose argument is optional: `-qqy` has none. */
function splitQuiet(arg: string): string {
  const match = /^-([a-zA-Z]*q[a-zA-Z]*)$/.exec(arg)
  if (!match) return arg
  const quiets = [...(match[1] ?? '')].filter(letter => letter === 'q').length
  const rest = [...(match[1] ?? '')].filter(letter => letter !== 'q').join('')
  return quiets === 0 ? arg : `-${rest}q${quiets > 1 ? `=${quiets}` : ''}`
}

/** How quiet: 0, 1, or 2. */
export function quietness(given: Options<typeof options>): number {
  return given
    .values('quiet')
    .reduce((sum, value) => sum + (value === '' ? 1 : Number(value.replace(/^=/, '')) || 1), 0)
}

/** Whether a setting of `-o` says no: `APT::Install-Recommends=0`. */
export function settingOff(given: Options<typeof options>, key: string): boolean {
  return given.values('option').some(one => {
    const [name = '', value = ''] = one.split('=')
    return name.toLowerCase() === key.toLowerCase() && /^(0|false|no)$/i.test(value.replaceAll('"', ''))
  })
}
