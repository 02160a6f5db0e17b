/** Runs the checks of a lab in a world. */
import { messageOf } from '../errors.ts'
import { checkCache, checkCompose, checkDockerfile } from './checks/build.ts'
import { checkCommand, checkFile, checkHttp, checkReach } from './checks/inside.ts'
import { checkContainer, checkImage, checkNetwork, checkVolume } from './checks/objects.ts'
import { checkAnswer, checkUsed } from './checks/student.ts'
import type { Finding } from './finding.ts'
import { type Check, checksOf, type Lab } from './schema.ts'
import type { LabWorld } from './world.ts'

/** What is known of a check: what it found, or which check it waits for. */
export type Observation = { id: string } & ({ finding: Finding } | { waitsFor: string })

/** Looks at every check in order; one whose needs did not hold is not looked at. */
export async function runChecks(lab: Lab, world: LabWorld): Promise<Observation[]> {
  const seen: Observation[] = []
  const held = new Set<string>()
  for (const check of checksOf(lab)) {
    const waitsFor = check.needs.find(need => !held.has(need))
    if (waitsFor !== undefined) {
      seen.push({ id: check.id, waitsFor })
      continue
    }
    const finding = await look(world, check)
    if (finding.passed) held.add(check.id)
    seen.push({ id: check.id, finding })
  }
  return seen
}

/** One check. What goes wrong while it looks is a failure of the check, not of the run. */
async function look(world: LabWorld, check: Check): Promise<Finding> {
  try {
    return await one(world, check)
  } catch (error) {
    return { passed: false, expected: check.says, found: messageOf(error) }
  }
}

async function one(world: LabWorld, check: Check): Promise<Finding> {
  if (check.container) return checkContainer(world, check.container)
  if (check.image) return checkImage(world, check.image)
  if (check.network) return checkNetwork(world, check.network)
  if (check.volume) return checkVolume(world, check.volume)
  if (check.file) return checkFile(world, check.file)
  if (check.command) return checkCommand(world, check.command)
  if (check.http) return checkHttp(world, check.http)
  if (check.reach) return checkReach(world, check.reach)
  if (check.cache) return checkCache(world, check.cache)
  if (check.dockerfile) return checkDockerfile(world, check.dockerfile)
  if (check.compose) return checkCompose(world, check.compose)
  if (check.used) return checkUsed(world, check.used)
  if (check.answer) return checkAnswer(world, check.answer)
  throw new Error(`the check ${check.id} looks at nothing`)
}
