/** Grades submissions, each in a process of its own: one that breaks, loops or eats memory harms no other. */
import { spawn } from 'node:child_process'
import { mkdtempSync, realpathSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { systemClock } from '../../../clock.ts'
import { type Grade, gradeOf } from '../../../lab/grade.ts'
import type { Lab } from '../../../lab/schema.ts'
import type { OneResult } from './grade-one.ts'

export interface GradeOptions {
  lab: Lab
  labPath: string
  /** How many at a time. */
  jobs: number
  /** Told of each, in the order in which they are ready. */
  ready?: (grade: Grade) => void
}

/** Grades folders; the grades are in the order of the folders. */
export async function gradeAll(folders: readonly string[], options: GradeOptions): Promise<Grade[]> {
  const grades: Grade[] = []
  let next = 0
  const worker = async (): Promise<void> => {
    for (let at = next++; at < folders.length; at = next++) {
      const grade = await gradeFolder(folders[at] ?? '', options)
      grades[at] = grade
      options.ready?.(grade)
    }
  }
  await Promise.all(Array.from({ length: Math.max(1, Math.min(options.jobs, folders.length)) }, worker))
  return grades
}

async function gradeFolder(folder: string, { lab, labPath }: GradeOptions): Promise<Grade> {
  const student = basename(resolve(folder))
  const failed = (note: string): Grade => gradeOf(lab, student, [], [note])
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return failed('there is no such folder')
  const place = realpathSync(mkdtempSync(join(tmpdir(), 'minidock-grade-')))
  try {
    const { text, error } = await runOne([resolve(labPath), resolve(folder), place, student], lab)
    if (error !== undefined) return failed(error)
    const result = JSON.parse(text) as OneResult
    return gradeOf(lab, student, result.observations, result.notes)
  } finally {
    rmSync(place, { recursive: true, force: true })
  }
}

/** What a result may take. */
const mostText = 64 << 20

/** Runs `__grade` as a child; `error` says why there is no result. */
function runOne(words: readonly string[], lab: Lab): Promise<{ text: string; error?: string }> {
  const { wall, memory } = lab.limits
  const clock = systemClock()
  const flags = ['--no-warnings', `--max-old-space-size=${memory}`]
  const child = spawn(process.execPath, [...flags, '--', process.argv[1] ?? '', '__grade', ...words], {
    // Nothing of the teacher's environment is in reach of a submission.
    env: { MINIDOCK_NAME: 'minidock', PATH: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  let complaint = ''
  let late = false
  child.stdout.on('data', (data: Buffer) => {
    if (text.length < mostText) text += data.toString()
  })
  child.stderr.on('data', (data: Buffer) => {
    if (complaint.length < 10_000) complaint += data.toString()
  })
  const ended = new AbortController()
  void clock.idle(wall * 1000, ended.signal).then(() => {
    if (ended.signal.aborted) return
    late = true
    child.kill('SIGKILL')
  })
  return new Promise(done => {
    child.on('error', error => done({ text, error: `the grading could not start: ${error.message}` }))
    child.on('close', status => {
      ended.abort()
      if (status === 0) return done({ text })
      const memoryGone = /heap out of memory|Allocation failed/.test(complaint)
      const why = late
        ? `the grading was stopped after ${wall} s of real time`
        : memoryGone
          ? `the grading was stopped: it needs more than ${memory} MiB of memory`
          : `the grading broke off: ${complaint.trim().split('\n').at(-1) ?? ''}`
      done({ text, error: why })
    })
  })
}
