import { describe, expect, it } from 'vitest'
import { parseInstructions } from '../../src/build/dockerfile/instructions.ts'
import { parseDockerfile } from '../../src/build/dockerfile/parser.ts'
import { lint, lintSettings } from '../../src/build/lint.ts'

/** Rules and lines of what is wrong with a Dockerfile; each text stands once in the tables below. */
function found(text: string, settings = ''): string[] {
  const file = parseDockerfile(Buffer.from(text))
  const parsed = parseInstructions(file.instructions, file)
  const check = settings === '' ? (file.directives.get('check')?.value ?? '') : settings
  return lint({ file, parsed, needed: parsed.stages, missing: [], settings: lintSettings(check) }).map(
    ({ rule, message, location }) => `${location.start} ${rule}: ${message}`,
  )
}

const signals = 'to prevent unintended behavior related to OS signals'

describe('the checks of a Dockerfile', () => {
  it.each([
    ['FROM a AS B', "1 StageNameCasing: Stage name 'B' should be lowercase"],
    ['FROM a as b', "1 FromAsCasing: 'as' and 'FROM' keywords' casing do not match"],
    ['FROM a\nMAINTAINER me', '2 MaintainerDeprecated: Maintainer instruction is deprecated in favor of using label'],
    [
      'FROM a\nENV a b',
      '2 LegacyKeyValueFormat: "ENV key=value" should be used instead of legacy "ENV key value" format',
    ],
    ['FROM a\nCMD x', `2 JSONArgsRecommended: JSON arguments recommended for CMD ${signals}`],
    ['FROM a\nRUN x \\\n\n y', '4 NoEmptyContinuation: Empty continuation line'],
    [
      'FROM a\nrun x\nUSER y',
      "2 ConsistentInstructionCasing: Command 'run' should match the case of the command majority (uppercase)",
    ],
    ['FROM a AS b\nFROM a AS b', '2 DuplicateStageName: Duplicate stage name "b", stage names should be unique'],
    ['FROM a AS scratch', '1 ReservedStageName: Stage name should not use the same name as reserved stage "scratch"'],
    [
      'ARG V=\nFROM a:$V',
      '2 InvalidDefaultArgInFrom: Default value for ARG a:$V results in empty or invalid base image name',
    ],
    ['ARG VER=1\nFROM a:1$VIR', "2 UndefinedArgInFrom: FROM argument 'VIR' is not declared (did you mean VER?)"],
    [
      'FROM --platform=$TARGETPLATFORM a',
      '1 RedundantTargetPlatform: Setting platform to predefined $TARGETPLATFORM in FROM is redundant as this is the default behavior',
    ],
    [
      'FROM --platform=linux/arm64 a',
      '1 FromPlatformFlagConstDisallowed: FROM --platform flag should not use constant value "linux/arm64"',
    ],
    [
      'FROM a\nENV API_KEY=1 PUBLIC_KEY=2',
      '2 SecretsUsedInArgOrEnv: Do not use ARG or ENV instructions for sensitive data (ENV "API_KEY")',
    ],
    [
      'FROM a\nWORKDIR b\nWORKDIR c',
      '2 WorkdirRelativePath: Relative workdir "b" can have unexpected results if the base image changes',
    ],
    [
      'FROM a\nCMD ["x"]\nCMD ["y"]',
      '2 MultipleInstructionsDisallowed: Multiple CMD instructions should not be used in the same stage because only the last one will be used',
    ],
    ['FROM a\nEXPOSE 1/UDP', "2 ExposeProtoCasing: Defined protocol '1/UDP' in EXPOSE instruction should be lowercase"],
    [
      'FROM a\nEXPOSE 1:2',
      "2 ExposeInvalidFormat: EXPOSE instruction should not define an IP address or host-port mapping, found '1:2'",
    ],
  ])('%j', (text, warning) => {
    expect(found(text)).toEqual([warning])
  })

  it.each([
    'FROM a AS b\nRUN x',
    'from a as b\nrun x',
    'FROM a\nSHELL ["/bin/bash", "-c"]\nCMD x',
    'FROM a\nWORKDIR /b\nWORKDIR c',
    '# check=skip=JSONArgsRecommended\nFROM a\nCMD x',
    '# check=skip=all\nFROM a AS B\nCMD x',
    'ARG V=1\nFROM a:$V',
  ])('%j has nothing to complain about', text => {
    expect(found(text)).toEqual([])
  })

  it('can be told to be errors', () => {
    expect(lintSettings('skip=A, B;error=true')).toEqual({ skip: new Set(['A', 'B']), all: false, error: true })
  })
})
