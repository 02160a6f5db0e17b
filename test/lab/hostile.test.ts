/** Submissions that mean harm: each gets a grade or a clear failure, and neither the host nor its neighbours notice. */
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { ok, tempHome } from '../e2e/cli.ts'

const lab = `lab: 1
id: safe
title: Safe
text: t
limits: {steps: 100000, seconds: 60, output: 100000, wall: 60, disk: 64, memory: 256}
steps:
  - id: s
    title: s
    text: t
    checks:
      - {id: works, says: The engine still works, points: 1, command: {run: docker run --rm alpine echo fine, stdout: {equals: fine}}}
      - id: secret
        says: Nothing of the host is in the student's folder
        points: 1
        command: {run: 'cat * .* 2>/dev/null | grep -c CANARY-OF-THE-HOST', status: 1}
`

/** Scripts; SECRET is a file of the host that holds the canary, HOST the folder around it. */
const scripts: Record<string, string> = {
  'reads a file of the host': 'cat SECRET > got',
  'binds the root': 'docker run --rm -v /:/h alpine cat /hSECRET > got',
  'binds a folder of the host': 'docker run --rm -v HOST:/h alpine cat /h/secret > got',
  'mounts it by --mount': 'docker run --rm --mount type=bind,src=HOST,dst=/h alpine cat /h/secret > got',
  'volume driver options':
    'docker volume create -o type=none -o o=bind -o device=HOST v; docker run --rm -v v:/h alpine cat /h/secret > got',
  'env file': 'docker run --rm --env-file SECRET alpine env > got',
  'label file': 'docker create --label-file SECRET --name x alpine; docker inspect x > got',
  'Dockerfile of the host': 'docker build -f SECRET . > got 2>&1',
  'context of the host':
    'printf "FROM alpine\\nCOPY secret /s\\nRUN cat /s\\n" | docker build -f - --progress=plain HOST > got 2>&1',
  'secret of a build':
    'printf "FROM alpine\\nRUN --mount=type=secret,id=s cat /run/secrets/s\\n" > D; docker build -f D --progress=plain --secret id=s,src=SECRET . > got 2>&1',
  'named context':
    'printf "FROM alpine\\nCOPY --from=h secret /s\\nRUN cat /s\\n" > D; docker build -f D --progress=plain --build-context h=HOST . > got 2>&1',
  'cp into a container': 'docker create --name c alpine; docker cp SECRET c:/s; docker cp c:/s got',
  'cp out of it':
    'docker create --name c alpine; docker cp c:/etc/passwd HOST/evil; docker cp c:/etc/passwd HOST/secret',
  'save over a file': 'docker pull -q alpine; docker save -o SECRET alpine; docker save -o HOST/evil alpine',
  'export over a file': 'docker create --name c alpine; docker export -o SECRET c',
  'load a file': 'docker load -i SECRET > got 2>&1',
  'import a file': 'docker import SECRET x > got 2>&1',
  'cidfile and iidfile':
    'docker run --cidfile HOST/evil alpine true; echo FROM alpine > D; docker build -f D --iidfile HOST/evil .',
  'build output': 'printf "FROM alpine\\n" > D; docker build -f D -o HOST/evil .',
  'a link to a file': 'ln -s SECRET l; cat l > got; docker run --rm --env-file l alpine env >> got',
  'a link to a folder':
    'ln -s HOST l; docker run --rm -v $PWD/l:/h alpine cat /h/secret > got; docker build -f l/secret . >> got 2>&1',
  'a link made in a container':
    'docker run --rm -v $PWD:/w alpine ln -s HOST /w/l; docker run --rm -v $PWD/l:/h alpine cat /h/secret > got',
  'a hard link': 'ln SECRET l; cat l > got',
  'compose bind':
    'printf "services: {a: {image: alpine, command: cat /h/secret, volumes: [\\"HOST:/h\\"]}}\\n" > compose.yaml; docker compose up > got 2>&1',
  'compose include':
    'printf "include: [SECRET]\\nservices: {a: {image: alpine}}\\n" > compose.yaml; docker compose config > got 2>&1',
  'compose env_file':
    'printf "services: {a: {image: alpine, env_file: SECRET}}\\n" > compose.yaml; docker compose config > got 2>&1',
  'compose extends':
    'printf "services: {a: {extends: {file: SECRET, service: x}}}\\n" > compose.yaml; docker compose config > got 2>&1',
  'compose secret':
    'printf "secrets: {s: {file: SECRET}}\\nservices: {a: {image: alpine, secrets: [s], command: cat /run/secrets/s}}\\n" > compose.yaml; docker compose up > got 2>&1',
  'compose file by path':
    'docker compose -f SECRET config > got 2>&1; docker compose --env-file SECRET config >> got 2>&1',
  'open files of the process':
    'for i in 0 1 2 3 4 5 9 10 11 12; do docker run --rm --env-file /proc/self/fd/$i alpine env; done > got 2>&1',
  'the environment of the process':
    'docker run --rm --env-file /proc/self/environ alpine env > got; docker run --rm -v /proc:/p alpine cat /p/self/environ >> got',
  'a credential helper':
    'mkdir -p ~/.docker; echo \'{"credsStore":"../../../../HOST/secret"}\' > ~/.docker/config.json; docker login -u a -p b; docker pull a.example/b',
  'commands of minidock':
    'docker clock advance 1h; docker grade a b; docker __grade a b c d; docker host ls; docker registry serve; docker shim /tmp',
  'the docker socket':
    'docker run --rm -v /var/run/docker.sock:/s alpine ls -l /s > got; curl -s http://localhost:2375/info >> got',
  privileged:
    'docker run --rm --privileged --pid=host alpine sh -c "cat /proc/1/root/SECRET; mount /dev/vda1 /mnt; cat /mnt/SECRET" > got',
  'an endless loop': 'while :; do :; done',
  'an endless build': 'printf "FROM alpine\\nRUN while :; do :; done\\n" > D; docker build -f D .',
  'an endless container': 'docker run alpine sh -c "while :; do :; done"',
  'a foreground server': 'docker run nginx',
  'a fork bomb': 'f() { f | f & }; f; f',
  'giant output': 'yes',
  'giant output of a container': 'docker run alpine yes',
  'giant memory': 'x=aaaaaaaaaaaaaaaa; while :; do x=$x$x; done',
  'a giant file': 'dd if=/dev/zero of=big bs=1M count=10000',
  'a giant file of a container': 'docker run --rm -v $PWD:/w alpine dd if=/dev/zero of=/w/big bs=1M count=10000',
  'a long sleep': 'sleep 1000000000',
  'a signal to everyone': 'kill -9 -1; kill -9 1',
}

it('at least forty of them are graded within limits, and nothing outside is touched', async () => {
  const home = tempHome()
  const host = join(home, 'host')
  const secret = join(host, 'secret')
  mkdirSync(host)
  writeFileSync(secret, 'CANARY-OF-THE-HOST=1\n')
  writeFileSync(join(home, 'lab.yaml'), lab)
  const put = (name: string, file: string, text: string | Uint8Array): void => {
    const path = join(home, 'class', name, file)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }
  for (const [name, script] of Object.entries(scripts))
    put(name, 'commands.sh', `${script.replaceAll('SECRET', secret).replaceAll('HOST', host)}\n`)
  put('binary script', 'commands.sh', Buffer.from([0, 255, 1, 254, 10, 0]))
  put(
    'billion laughs',
    'answers.yaml',
    `a: &a [x,x]\n${'bcdefghijk'
      .split('')
      .map((c, i) => `${c}: &${c} [${`*${'abcdefghij'[i]},`.repeat(9)}]\n`)
      .join('')}`,
  )
  put('links in the folder', 'commands.sh', 'cat l/secret s > got\n')
  symlinkSync(host, join(home, 'class', 'links in the folder', 'l'))
  symlinkSync(secret, join(home, 'class', 'links in the folder', 's'))
  put('an honest one', 'commands.sh', 'docker ps\n')
  const names = readdirSync(join(home, 'class')).sort()
  expect(names.length).toBeGreaterThanOrEqual(40)
  const text = await ok(
    home,
    'grade',
    '-j',
    '2',
    '--format=json',
    join(home, 'lab.yaml'),
    ...names.map(name => join(home, 'class', name)),
  )
  const { submissions } = JSON.parse(text) as {
    submissions: { student: string; notes: string[]; checks: { id: string; status: string; found?: string }[] }[]
  }
  expect(submissions.map(each => each.student)).toEqual(names)
  expect(text).not.toContain('CANARY-OF-THE-HOST=')
  const leaks = submissions.filter(
    each => each.checks[1]?.status === 'failed' && /is 0/.test(each.checks[1].found ?? ''),
  )
  expect(leaks).toEqual([])
  expect(submissions.find(each => each.student === 'an honest one')).toMatchObject({ score: 2, notes: [] })
  // A failure says why.
  const silent = submissions.filter(
    each => each.checks.some(check => check.status === 'skipped') && each.notes.length === 0,
  )
  expect(silent).toEqual([])
  expect(readdirSync(host)).toEqual(['secret'])
  expect(readFileSync(secret, 'utf8')).toBe('CANARY-OF-THE-HOST=1\n')
}, 600_000)
