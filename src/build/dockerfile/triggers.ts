/** ONBUILD: the instructions that a base left for whoever builds on it. */
import { BuildError, type Location } from '../errors.ts'
import { isInstruction, parseStep, type Step, unknownInstruction } from './instructions.ts'
import { type Language, parseDockerfile } from './parser.ts'

/** They stand at the FROM that takes them up. Throws BuildError. */
export function parseTriggers(texts: readonly string[], location: Location, language: Language): Step[] {
  return texts.flatMap(text =>
    parseDockerfile(Buffer.from(text)).instructions.map(line => {
      if (!isInstruction(line.name)) throw new BuildError(unknownInstruction(line.written), { location })
      return parseStep({ ...line, location }, language, [])
    }),
  )
}
