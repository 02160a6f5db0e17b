/** `lab new FOLDER`: a small lab that passes `lab test`, to be changed. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import type { Command } from '../../command.ts'
import { StatusError } from '../../errors.ts'

const labOf = (id: string): string => `lab: 1
id: ${id}
title: A web server that answers
level: beginner
text: |
  What students read first, in Markdown.
steps:
  - id: run
    title: Run it
    text: |
      Start nginx as a container \`web\`; its page must be at port 8080 of the host.
    hints:
      - text: Which flag of \`docker run\` publishes a port?
    checks:
      - id: running
        says: A container web is running
        points: 1
        container: {name: web, fields: [{field: State.Running, equals: true}]}
      - id: answers
        says: It answers at port 8080
        points: 2
        needs: [running]
        look: docker port web
        http: {url: 'http://localhost:8080/', status: 200, body: {contains: nginx}}
`

export const command: Command = {
  async run(ctx, [given = '']) {
    const folder = resolve(ctx.cwd, given)
    const id = basename(folder)
    if (!/^[a-z0-9][a-z0-9-]*$/.test(id))
      throw new StatusError(1, `${ctx.name}: ${id} is no name for a lab: lower case letters, digits and hyphens only`)
    if (existsSync(folder)) throw new StatusError(1, `${ctx.name}: ${folder} is there already`)
    const files: [path: string, text: string][] = [
      ['lab.yaml', labOf(id)],
      ['solution/commands.sh', 'docker run -d --name web -p 8080:80 nginx\n'],
      ['wrong/no-port/commands.sh', 'docker run -d --name web nginx\n'],
      ['points.json', '{ "no-port": 1 }\n'],
    ]
    for (const [path, text] of files) {
      mkdirSync(join(folder, path, '..'), { recursive: true })
      writeFileSync(join(folder, path), text)
    }
    ctx.out.write(`Change ${join(folder, 'lab.yaml')}, then: ${ctx.name} lab test ${given}\n`)
  },
}
