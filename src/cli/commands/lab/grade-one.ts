/**
 * `__grade LAB SUBMISSION PLACE STUDENT`: grades one submission in this process, which is locked into PLACE before
 * anything of the submission runs. Prints what the checks have observed, as a line of JSON.
 */
import { lstatSync, mkdirSync, readdirSync, readFileSync, realpathSync, utimesSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { openLocal } from '../../../engine/local.ts'
import { readAnswers } from '../../../lab/answers.ts'
import { loadLab } from '../../../lab/load.ts'
import { type Observation, runChecks } from '../../../lab/run.ts'
import type { Lab } from '../../../lab/schema.ts'
import { takeSubmission } from '../../../lab/submission.ts'
import type { Command } from '../../command.ts'
import { enterJail } from './jail.ts'
import { CommandHangs, type PatientClock, patientClock, takeSeat } from './session.ts'

/** What `__grade` prints. */
export interface OneResult {
  observations: Observation[]
  notes: string[]
}

/** The student's home on the simulated host, and the folder that the submission is in. */
const home = '/home/student'
/** The time that all files of a submission have, and at which the simulated clock starts. */
const start = Date.UTC(2026, 0, 1)

export const command: Command = {
  async run(ctx, [labPath = '', submission = '', place = '', student = '']) {
    const lab = loadLab(labPath)
    const root = join(place, 'root')
    const store = join(place, 'store')
    const folder = `${home}/${lab.id}`
    mkdirSync(join(root, home), { recursive: true })
    mkdirSync(join(root, 'tmp'), { recursive: true })
    mkdirSync(store, { recursive: true })
    const notes = takeSubmission(submission, join(root, folder), start)
    const program = dirname(dirname(realpathSync(process.argv[1] ?? '')))
    enterJail({ root, also: [store], readable: [program], disk: lab.limits.disk << 20 })
    const result = await grade(lab, { store, folder, student, notes })
    ctx.out.write(`${JSON.stringify(result)}\n`)
  },
}

interface Place {
  store: string
  folder: string
  student: string
  notes: string[]
}

async function grade(lab: Lab, { store, folder, student, notes }: Place): Promise<OneResult> {
  const env = {
    HOME: home,
    USER: 'student',
    PATH: '/usr/bin',
    LANG: 'C.UTF-8',
    STUDENT: student,
  }
  const seed = `${lab.id}/${student}`
  let clock: PatientClock | undefined
  const { engine } = await openLocal(
    { ...env, MINIDOCK_HOME: store, MINIDOCK_CLOCK: 'virtual', MINIDOCK_SEED: seed },
    { clock: made => (clock = patientClock(made)) },
  )
  if (!clock) throw new Error('the engine has no clock')
  const { now } = clock
  const seat = takeSeat({
    engine,
    clock,
    limits: lab.limits,
    folder,
    folders: new Map([
      [home, home],
      ['/tmp', '/tmp'],
    ]),
    env,
    before: () => settleTimes(home, now()),
  })
  const read = (path: string): Uint8Array | undefined => {
    try {
      return readFileSync(join(folder, path))
    } catch {
      return undefined
    }
  }
  try {
    if (lab.setup) await seat.sh(lab.setup)
    seat.log.length = 0
    for (const script of lab.run) {
      if (!read(script)) continue
      const { stopped } = await seat.script(script)
      if (stopped) notes.push(`${script} was stopped: ${stopped}`)
    }
  } catch (error) {
    if (!(error instanceof CommandHangs)) throw error
    notes.push(`a script was stopped: ${error.message}`)
  }
  const log = [...seat.log]
  const answers = readAnswers(read('answers.yaml'), text => notes.push(text))
  const observations = await runChecks(lab, { engine, sh: seat.sh, file: read, log, answers })
  return { observations, notes }
}

/** Files that were written since have the host's time: they get the simulated one, which the same run has every day. */
function settleTimes(folder: string, now: number): void {
  try {
    for (const name of readdirSync(folder)) {
      const path = join(folder, name)
      const stat = lstatSync(path)
      if (stat.isDirectory()) settleTimes(path, now)
      if (stat.isSymbolicLink()) continue
      if (stat.mtimeMs !== start && !settled.has(`${stat.ino}:${stat.mtimeMs}`)) {
        utimesSync(path, now / 1000, now / 1000)
        settled.add(`${stat.ino}:${lstatSync(path).mtimeMs}`)
      }
    }
  } catch {
    // A folder that cannot be looked into is the student's own doing.
  }
}
const settled = new Set<string>()
