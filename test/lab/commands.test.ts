/** The teacher's and the student's way, as the built program goes it. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ok, run, tempHome } from '../e2e/cli.ts'

it('a new lab is fair, and notices every change of an expectation', async () => {
  const home = tempHome()
  const lab = join(home, 'web')
  await ok(home, 'lab', 'new', lab)
  expect(await ok(home, 'lab', 'test', lab)).toBe(
    'solution: 3 of 3 (3 wanted)\nempty: 0 of 3 (0 wanted)\nno-port: 1 of 3 (1 wanted)\n5 of 5 changed expectations were noticed\n',
  )
}, 60_000)

it('a student starts, is told what is missing, and gets there', async () => {
  const home = tempHome()
  const lab = join(home, 'web')
  const work = join(home, 'work')
  await ok(home, 'lab', 'new', lab)
  await ok(home, 'lab', 'start', lab, work)
  expect(await run(home, 'lab', 'check', lab, work)).toMatchObject({ status: 1 })
  writeFileSync(join(work, 'commands.sh'), 'docker run -d --name web -p 8080:80 nginx\n')
  expect(await run(home, 'lab', 'check', lab, work)).toEqual({
    out: 'work: 3 of 3 points (100 %) in A web server that answers\n  ✓ A container web is running  [1/1]\n  ✓ It answers at port 8080  [2/2]\n',
    err: '',
    status: 0,
  })
}, 60_000)

it('a folder that is not there does not stop the others, and reports are the same bytes again', async () => {
  const home = tempHome()
  const lab = join(home, 'web')
  await ok(home, 'lab', 'new', lab)
  const args = ['grade', '--format=csv', lab, join(home, 'gone'), join(lab, 'solution')]
  const first = await ok(home, ...args)
  expect(first).toBe(
    'student,lab,score,max,percent,status,running,answers\ngone,web,0,3,0,notes,0,0\nsolution,web,3,3,100,graded,1,2\n',
  )
  expect(await ok(home, ...args)).toBe(first)
}, 60_000)
