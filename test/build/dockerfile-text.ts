/** Texts that look like Dockerfiles, right and wrong, and what reading one may end with. */
import fc from 'fast-check'
import { expandWord, expandWords } from '../../src/build/dockerfile/expand.ts'
import { parseInstructions } from '../../src/build/dockerfile/instructions.ts'
import { parseDockerfile } from '../../src/build/dockerfile/parser.ts'
import { BuildError } from '../../src/build/errors.ts'
import { lint, lintSettings } from '../../src/build/lint.ts'
import { planStages } from '../../src/build/stages.ts'

const words = [
  ...['FROM', 'AS', 'RUN', 'COPY', 'ADD', 'ENV', 'ARG', 'LABEL', 'CMD', 'ENTRYPOINT', 'EXPOSE', 'USER', 'VOLUME'],
  ...['WORKDIR', 'HEALTHCHECK', 'STOPSIGNAL', 'SHELL', 'ONBUILD', 'MAINTAINER', 'NONE', 'scratch', 'busybox', 'a:1'],
  ...['--from=', '--chown=1:2', '--chmod=', '--mount=type=', 'cache', ',target=/x', 'bind', '--link', '--platform=$X'],
  ...[
    '$A',
    '${A',
    '${A:-',
    '}',
    '${A#*}',
    '${A//x/y}',
    '$',
    '"',
    "'",
    '\\',
    '`',
    '=',
    'a=b',
    '[',
    ']',
    '["a","b"]',
    ',',
  ],
  ...['<<EOF', '<<-"E"', 'EOF', '#', '# escape=`', '# syntax=x', '# check=skip=all;error=true', '*', '?', '/', '..'],
  ...['\n', '\n', '\n', '\r\n', '\\\n', ' ', '\t', '\u0000', '\uFEFF', 'é', '\u2028', '0', '80/tcp', '-'],
]

/** A text of such words, or of anything. */
export const dockerfileText: fc.Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: fc.array(fc.constantFrom(...words), { maxLength: 40 }).map(parts => parts.join(' ')) },
  { weight: 3, arbitrary: fc.array(fc.constantFrom(...words), { maxLength: 40 }).map(parts => parts.join('')) },
  {
    weight: 3,
    arbitrary: fc
      .array(fc.constantFrom(...words), { maxLength: 30 })
      .map(parts => `FROM scratch\n${parts.join(' ').replaceAll('\n ', '\n')}`),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 200 }) },
)

/**
 * Reads a text as a build does, up to its plan. Returns the error that the text deserves, if any; throws for any other
 * error and for one without a line where there are lines.
 */
export function readText(text: string): BuildError | undefined {
  try {
    const file = parseDockerfile(Buffer.from(text))
    const parsed = parseInstructions(file.instructions, file)
    lint({ file, parsed, needed: parsed.stages, missing: [], settings: lintSettings('') })
    planStages(parsed, {
      buildArgs: new Map(),
      platformArgs: new Map(),
      target: '',
      contexts: new Set(),
      contextImages: new Map(),
      language: file,
    })
    for (const { rest } of file.instructions) expandBoth(rest, file.escape)
    return undefined
  } catch (error) {
    if (!(error instanceof BuildError)) throw error
    const { location, message } = error
    const count = text.split('\n').length
    if (!location) {
      if (!unplaced.test(message)) throw new Error(`no line: ${message}`)
    } else if (!(location.start >= 0 && location.start <= location.end && location.end <= count))
      throw new Error(`lines ${location.start} to ${location.end} of ${count}: ${message}`)
    return error
  }
}

/** What BuildKit says of a file as a whole, or without its line. */
const unplaced =
  /^(the Dockerfile cannot be empty|dockerfile contains no stages|invalid escape token|variable expansion is not supported for --from|invalid stage index)/

function expandBoth(word: string, escape: string): void {
  for (const expand of [expandWord, expandWords])
    try {
      expand(word, { escape, get: name => (name === 'A' ? 'value' : undefined) })
    } catch (error) {
      if (!(error instanceof Error) || error.constructor !== Error) throw error
    }
}
