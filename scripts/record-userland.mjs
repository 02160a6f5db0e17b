/**
 * Records what the real tools print for the cases in fixtures/userland/commands/*.json (busybox) and
 * fixtures/userland/gnu/*.json (Debian's coreutils): keeps each case's input (setup, argv, stdin) and fills in
 * stdout, stderr, status and the files left behind.
 *
 *   node scripts/record-userland.mjs commands|gnu [GROUP…]
 *
 * `commands` needs `docker` with busybox:latest; `gnu` a Debian machine where it may write to /t, /in, /out, /err.
 */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'

const [kind = 'commands', ...groups] = process.argv.slice(2)
const gnu = kind === 'gnu'
const folder = new URL(`../fixtures/userland/${kind}/`, import.meta.url)
const quote = text => `'${text.replaceAll("'", "'\\''")}'`
const base64 = text => Buffer.from(text, 'latin1').toString('base64')

function setupScript(setup) {
  const lines = []
  for (const one of setup) {
    if (one.dir) lines.push(`mkdir -p ${quote(one.path)}`)
    else if (one.link !== undefined) lines.push(`ln -s ${quote(one.link)} ${quote(one.path)}`)
    else lines.push(`echo ${base64(one.content)} | base64 -d > ${quote(one.path)}`)
    if (one.mode) lines.push(`chmod ${one.mode} ${quote(one.path)}`)
  }
  for (const one of [...setup].reverse()) {
    if (one.mtime !== undefined) lines.push(`touch -h -d @${one.mtime} ${quote(one.path)}`)
  }
  return lines.join('\n')
}

for (const file of readdirSync(folder)) {
  if (!file.endsWith('.json') || (groups.length > 0 && !groups.includes(file.slice(0, -5)))) continue
  const group = JSON.parse(readFileSync(new URL(file, folder), 'utf8'))
  let script = 'ulimit -f 20000; ulimit -t 5; umask 022\n'
  group.cases.forEach((one, index) => {
    script += `rm -rf /t; mkdir /t; cd /t; (\n${setupScript(group.setup)}\n) > /dev/null 2>&1
echo ${base64(one.stdin ?? '')} | base64 -d > /in
${gnu ? 'env' : 'busybox'} ${one.argv.map(quote).join(' ')} < /in > /out 2> /err; echo "@@ ${index} $?"
head -c 100000 /out | base64 | tr -d '\\n'; echo; head -c 100000 /err | base64 | tr -d '\\n'; echo; cd /t
find . -type f | sort | while read -r f; do echo "F $f $(base64 "$f" | tr -d '\\n')"; done; echo "@end"\n`
  })
  const lines = execFileSync(gnu ? 'sh' : 'docker', gnu ? [] : ['run', '--rm', '-i', 'busybox', 'sh'], {
    input: script,
    env: gnu ? { PATH: process.env.PATH, HOME: '/root', LC_ALL: 'C', TZ: 'UTC' } : process.env,
    encoding: 'utf8',
    maxBuffer: 1e9,
  }).split('\n')
  const decode = text => Buffer.from(text ?? '', 'base64').toString('utf8')
  for (let at = 0; at < lines.length; at++) {
    const head = /^@@ (\d+) (\d+)$/.exec(lines[at])
    if (!head) continue
    const one = group.cases[Number(head[1])]
    one.stdout = decode(lines[at + 1])
    one.stderr = decode(lines[at + 2])
    one.status = Number(head[2])
    const left = {}
    for (at += 3; lines[at] !== '@end'; at++) {
      const [, path, content] = lines[at].split(' ')
      left[path.slice(2)] = decode(content)
    }
    // Only what the command changed.
    one.changed = Object.fromEntries(
      Object.entries(left).filter(([path, text]) => group.setup.find(other => other.path === path)?.content !== text),
    )
    one.removed = group.setup
      .filter(other => other.content !== undefined && !(other.path in left))
      .map(other => other.path)
    if (Object.keys(one.changed).length === 0) delete one.changed
    if (one.removed.length === 0) delete one.removed
  }
  writeFileSync(new URL(file, folder), `${JSON.stringify(group, undefined, 1)}\n`)
  console.log(file, group.cases.length)
}
