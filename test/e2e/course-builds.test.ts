/** The Dockerfiles of a first course, built as a learner would: what is done again, and how large what comes out is. */
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { lines, ok, run, tempHome } from './cli.ts'

function context(files: Record<string, string>): string {
  const folder = tempHome()
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), content)
  }
  return folder
}

/** Steps of a build that came from the cache, by their names without numbers. */
async function cachedSteps(home: string, ...args: string[]): Promise<string[]> {
  const { err, status } = await run(home, 'build', '--progress', 'plain', ...args)
  expect(status, err).toBe(0)
  const names = new Map(
    lines(err).flatMap(line => [...line.matchAll(/^(#\d+) \[[^\]]*\d\] (.*)/g)].map(m => [m[1], m[2]])),
  )
  return lines(err).flatMap(line => names.get(/^(#\d+) CACHED$/.exec(line)?.[1]) ?? [])
}

const bytes = async (home: string, image: string): Promise<number> =>
  Number(await ok(home, 'image', 'inspect', '-f', '{{.Size}}', image))

test('a changed source installs again in the bad order, and not in the good one', async () => {
  const home = tempHome()
  const folder = context({
    'package.json': '{"name":"app","version":"1.0.0","dependencies":{"express":"^4.18.0"}}\n',
    'index.js': 'console.log(1)\n',
    bad: 'FROM node:20-alpine\nWORKDIR /app\nCOPY . .\nRUN npm install\nCMD ["node", "index.js"]\n',
    good: 'FROM node:20-alpine\nWORKDIR /app\nCOPY package.json .\nRUN npm install\nCOPY . .\nCMD ["node", "index.js"]\n',
  })
  for (const name of ['bad', 'good']) await ok(home, 'build', '-q', '-f', join(folder, name), folder)
  writeFileSync(join(folder, 'index.js'), 'console.log(2)\n')
  expect(await cachedSteps(home, '-f', join(folder, 'bad'), folder)).toEqual(['WORKDIR /app'])
  expect(await cachedSteps(home, '-f', join(folder, 'good'), folder)).toEqual([
    'WORKDIR /app',
    'COPY package.json .',
    'RUN npm install',
  ])
})

test('a Go server: its own image is small, that of its builder is not', async () => {
  const home = tempHome()
  const folder = context({
    'go.mod': 'module server\n\ngo 1.22\n',
    'go.sum': '',
    'main.go':
      'package main\n\nimport (\n\t"fmt"\n\t"net/http"\n)\n\nfunc main() {\n\thttp.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {\n\t\tfmt.Fprintln(w, "hello")\n\t})\n\thttp.ListenAndServe(":8080", nil)\n}\n',
    Dockerfile: `FROM golang:1.22 AS builder
WORKDIR /app
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -o /app/server
FROM alpine:3.19
RUN apk add --no-cache ca-certificates
WORKDIR /app
COPY --from=builder /app/server .
EXPOSE 8080
CMD ["./server"]
`,
  })
  await ok(home, 'build', '-q', '-t', 'multi', folder)
  await ok(home, 'build', '-q', '-t', 'single', '--target', 'builder', folder)
  const [multi, single] = [await bytes(home, 'multi'), await bytes(home, 'single')]
  expect(multi / 1e6).toBeGreaterThan(14)
  expect(multi / 1e6).toBeLessThan(20)
  expect(single).toBeGreaterThan(40 * multi)
})

test('lists of packages that are removed in a later step stay in the layer before it', async () => {
  const home = tempHome()
  const install = 'apt-get update && apt-get install -y --no-install-recommends curl'
  const clean = 'rm -rf /var/lib/apt/lists/*'
  const folder = context({
    apart: `FROM debian:bookworm-slim\nRUN ${install}\nRUN ${clean}\n`,
    together: `FROM debian:bookworm-slim\nRUN ${install} && ${clean}\n`,
  })
  for (const name of ['apart', 'together']) await ok(home, 'build', '-q', '-t', name, '-f', join(folder, name), folder)
  const saved = (await bytes(home, 'apart')) - (await bytes(home, 'together'))
  expect(saved / 1e6).toBeGreaterThan(15)
  expect(saved / 1e6).toBeLessThan(25)
})

test('the same input with SOURCE_DATE_EPOCH gives the same image in another folder and another store', async () => {
  const ids = new Set<string>()
  for (let n = 0; n < 2; n++) {
    const home = tempHome()
    const folder = context({ Dockerfile: 'FROM scratch\nCOPY data /data\nLABEL a=b\n', data: 'data\n' })
    utimesSync(join(folder, 'data'), 1_600_000_000, 1_600_000_000)
    ids.add(await ok(home, 'build', '-q', '--build-arg', 'SOURCE_DATE_EPOCH=1700000000', folder))
    // Files that came later are brought back to that time.
    utimesSync(join(folder, 'data'), 1_750_000_000, 1_750_000_000 + n)
    const rewritten = ['--build-arg', 'SOURCE_DATE_EPOCH=1600000000', '--output', 'type=image,rewrite-timestamp=true']
    ids.add(await ok(home, 'build', '-q', '--no-cache', ...rewritten, folder))
    expect(await ok(home, 'system', 'check')).toMatch(/all is well/)
  }
  expect(ids.size).toBe(2)
})

test('python, rust, a site served by nginx and a distroless image build and run', async () => {
  const home = tempHome()
  const folder = context({
    'requirements.txt': 'flask==3.0.0\n',
    'app.py': 'import flask\nprint("python", flask.__name__)\n',
    python:
      'FROM python:3.12-slim\nWORKDIR /app\nCOPY requirements.txt .\nRUN pip install --no-cache-dir -r requirements.txt\nCOPY app.py .\nCMD ["python", "app.py"]\n',
    'src/main.rs': 'fn main() {\n    println!("rust");\n}\n',
    'Cargo.toml': '[package]\nname = "app"\nversion = "0.1.0"\nedition = "2021"\n',
    rust: 'FROM rust:1 AS build\nWORKDIR /app\nCOPY Cargo.toml .\nCOPY src src\nRUN cargo build --release\nFROM debian:bookworm-slim\nCOPY --from=build /app/target/release/app /usr/local/bin/app\nCMD ["app"]\n',
    'package.json': '{"name":"site","version":"1.0.0","scripts":{"build":"mkdir -p dist && cp index.html dist/"}}\n',
    'index.html': '<h1>site</h1>\n',
    site: 'FROM node:20-alpine AS build\nWORKDIR /app\nCOPY package.json .\nRUN npm install\nCOPY . .\nRUN npm run build\nFROM nginx:alpine\nCOPY --from=build /app/dist /usr/share/nginx/html\n',
    'main.go': 'package main\n\nimport "fmt"\n\nfunc main() { fmt.Println("go") }\n',
    'go.mod': 'module app\n\ngo 1.22\n',
    distroless:
      'FROM golang:1.22 AS build\nWORKDIR /src\nCOPY go.mod main.go ./\nRUN CGO_ENABLED=0 go build -o /app .\nFROM gcr.io/distroless/static-debian12\nCOPY --from=build /app /app\nUSER nonroot\nENTRYPOINT ["/app"]\n',
  })
  for (const name of ['python', 'rust', 'site', 'distroless'])
    await ok(home, 'build', '-q', '-t', name, '-f', join(folder, name), folder)
  expect(await ok(home, 'run', '--rm', 'python')).toBe('python flask\n')
  expect(await ok(home, 'run', '--rm', 'rust')).toBe('rust\n')
  expect(await ok(home, 'run', '--rm', 'distroless')).toBe('go\n')
  expect((await run(home, 'run', '--rm', '--entrypoint', 'sh', 'distroless')).status).toBe(127)
  expect(await ok(home, 'run', '--rm', 'site', 'cat', '/usr/share/nginx/html/index.html')).toBe('<h1>site</h1>\n')
  expect(await bytes(home, 'distroless')).toBeLessThan(10e6)
  expect(await bytes(home, 'site')).toBeLessThan(80e6)
})
