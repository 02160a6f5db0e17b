/** `docker init`: asks what a project is, and writes a Dockerfile, a .dockerignore and a compose file for it. */
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CliContext, Command } from '../../command.ts'
import { StatusError } from '../../errors.ts'
import { ask, confirm } from '../../prompt.ts'

interface Kind {
  name: string
  /** A file that says that a project is of this kind. */
  sign: string
  version: string
  port: string
  dockerfile(version: string, port: string): string
}

const kinds: readonly Kind[] = [
  {
    name: 'node',
    sign: 'package.json',
    version: '22',
    port: '3000',
    dockerfile: (version, port) =>
      `FROM node:${version}-alpine\nENV NODE_ENV=production\nWORKDIR /app\n\n# The dependencies change less often than the sources: their step stays in the cache.\nCOPY package.json package-lock.json* ./\nRUN npm ci --omit=dev || npm install --omit=dev\n\nCOPY . .\nUSER node\nEXPOSE ${port}\nCMD ["npm", "start"]\n`,
  },
  {
    name: 'python',
    sign: 'requirements.txt',
    version: '3.12',
    port: '8000',
    dockerfile: (version, port) =>
      `FROM python:${version}-slim\nENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1\nWORKDIR /app\n\nCOPY requirements.txt ./\nRUN pip install --no-cache-dir -r requirements.txt\n\nCOPY . .\nUSER nobody\nEXPOSE ${port}\nCMD ["python", "app.py"]\n`,
  },
  {
    name: 'go',
    sign: 'go.mod',
    version: '1.24',
    port: '8080',
    dockerfile: (version, port) =>
      `FROM golang:${version} AS build\nWORKDIR /src\nCOPY go.mod go.sum* ./\nRUN go mod download\nCOPY . .\nRUN CGO_ENABLED=0 go build -o /server .\n\nFROM gcr.io/distroless/static-debian12\nCOPY --from=build /server /server\nUSER nonroot\nEXPOSE ${port}\nENTRYPOINT ["/server"]\n`,
  },
  {
    name: 'rust',
    sign: 'Cargo.toml',
    version: '1.87',
    port: '8080',
    dockerfile: (version, port) =>
      `FROM rust:${version} AS build\nWORKDIR /src\nCOPY . .\nRUN cargo install --locked --root /out --path .\n\nFROM debian:bookworm-slim\nCOPY --from=build /out/bin/ /usr/local/bin/\nUSER nobody\nEXPOSE ${port}\nCMD ["server"]\n`,
  },
  {
    name: 'static',
    sign: 'index.html',
    version: 'alpine',
    port: '80',
    dockerfile: (version, port) => `FROM nginx:${version}\nCOPY . /usr/share/nginx/html\nEXPOSE ${port}\n`,
  },
]

const ignored =
  '.git\n.dockerignore\nDockerfile\ncompose.yaml\nnode_modules\n__pycache__\n*.pyc\n.venv\ntarget\n.env\n*.log\n'

export const command: Command = {
  async run(ctx) {
    const found = kinds.find(({ sign }) => existsSync(join(ctx.cwd, sign))) ?? kinds[0]
    const name = await answered(
      ctx,
      `What is the project? (${kinds.map(kind => kind.name).join(', ')})`,
      found?.name ?? '',
    )
    const kind = kinds.find(each => each.name === name)
    if (!kind) throw new StatusError(1, `${ctx.name}: no kind of project is called ${JSON.stringify(name)}`)
    const version = await answered(ctx, 'Which version of its image?', kind.version)
    if (!/^[\w][\w.-]*$/.test(version))
      throw new StatusError(1, `${ctx.name}: ${JSON.stringify(version)} is no tag of an image`)
    const port = await answered(ctx, 'Which port does it listen on?', kind.port)
    if (!/^\d+$/.test(port) || Number(port) < 1 || Number(port) > 65535)
      throw new StatusError(1, `${ctx.name}: ${JSON.stringify(port)} is no port`)
    const files = new Map([
      ['.dockerignore', ignored],
      ['Dockerfile', kind.dockerfile(version, port)],
      ['compose.yaml', `services:\n  server:\n    build: .\n    ports:\n      - ${port}:${port}\n`],
    ])
    const there = [...files.keys()].filter(file => existsSync(join(ctx.cwd, file)))
    if (there.length > 0 && !(await confirm(ctx, `${there.join(', ')} will be written over. Go on?`))) return
    for (const [file, text] of files) writeFileSync(join(ctx.cwd, file), text)
    ctx.out.write(`Written: ${[...files.keys()].join(', ')}\nNext: ${ctx.name} compose up --build\n`)
  },
}

/** The answer, or what stands in brackets when nothing is said. */
async function answered(ctx: CliContext, question: string, usual: string): Promise<string> {
  const answer = await ask(ctx, `${question} [${usual}] `)
  if (answer === undefined) throw new StatusError(1, `${ctx.name}: no answer`)
  if (!ctx.out.isTTY) ctx.out.write('\n')
  return answer.trim() || usual
}
