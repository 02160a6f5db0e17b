import { describe, expect, it } from 'vitest'
import { type RunSettings, runCommand } from '../harness.ts'
import { type ScriptStep, script } from './script.ts'

const shadow = { '/etc/shadow': 'root:*:19000:0:99999:7:::\nalice:!:19000:0:99999:7:::\n' }

async function run(steps: ScriptStep[], settings: RunSettings = {}) {
  const { stdout, stderr } = await runCommand(['script'], {
    files: shadow,
    ...settings,
    programs: { script: script(steps) },
  })
  return { stdout, stderr }
}

const step = (...run: string[]): ScriptStep => ({ run })
const line = (name: string, file: string) => step('grep', `^${name}:`, file)

describe('users and groups of busybox', () => {
  it('come and go with adduser, addgroup, deluser and delgroup', async () => {
    const { stdout, stderr } = await run([
      step('adduser', '-D', 'carol'),
      line('carol', '/etc/passwd'),
      line('carol', '/etc/group'),
      line('carol', '/etc/shadow'),
      step('id', 'carol'),
      step('stat', '-c', '%U:%G %a', '/home/carol'),
      step('addgroup', '-g', '2000', 'team'),
      step('addgroup', 'carol', 'team'),
      line('team', '/etc/group'),
      step('adduser', '-S', '-D', '-H', '-u', '150', '-G', 'team', '-s', '/bin/sh', 'svc'),
      line('svc', '/etc/passwd'),
      step('deluser', 'carol', 'team'),
      line('team', '/etc/group'),
      step('deluser', 'carol'),
      step('id', 'carol'),
      step('delgroup', 'staff'),
      line('staff', '/etc/group'),
      step('adduser', '-D', 'alice'),
    ])
    expect(stdout).toBe(
      `carol:x:1002:1002:Linux User,,,:/home/carol:/bin/sh
carol:x:1002:
carol:!:20455:0:99999:7:::
uid=1002(carol) gid=1002(carol) groups=1002(carol)
carol:carol 2755
team:x:2000:carol
svc:x:150:2000:Linux User,,,:/home/svc:/bin/sh
team:x:2000:
[1]
[1]
[1]
`,
    )
    expect(stderr).toBe("id: unknown user carol\nadduser: user 'alice' in use\n")
  })

  it('cannot be changed by anybody but root', async () => {
    const { stdout, stderr } = await run([step('adduser', '-D', 'carol'), step('deluser', 'bob')], { uid: 1000 })
    expect(stdout).toBe('[1]\n[1]\n')
    expect(stderr).toBe('adduser: permission denied (are you root?)\ndeluser: permission denied (are you root?)\n')
  })

  it('get passwords from chpasswd', async () => {
    const { stdout, stderr } = await run([
      { run: ['chpasswd'], input: 'alice:secret\n' },
      step('grep', '-c', '^alice:\\$6\\$', '/etc/shadow'),
      { run: ['chpasswd'], input: 'nobody-here:x\n' },
    ])
    expect(stdout).toBe('1\n[1]\n')
    expect(stderr).toBe("chpasswd: password for 'alice' changed\nchpasswd: unknown user nobody-here\n")
  })
})

describe('users and groups of Debian', () => {
  it('come and go with useradd, usermod, groupadd, userdel and groupdel', async () => {
    const { stdout, stderr } = await run(
      [
        step('groupadd', '-r', 'app'),
        line('app', '/etc/group'),
        step('useradd', '-r', '-g', 'app', '-d', '/srv/app', '-s', '/bin/false', 'app'),
        line('app', '/etc/passwd'),
        step('useradd', '-m', '-c', 'Carol', '-s', '/bin/sh', '-G', 'staff', 'carol'),
        line('carol', '/etc/passwd'),
        step('id', 'carol'),
        step('usermod', '-aG', 'app', 'carol'),
        step('id', '-Gn', 'carol'),
        step('useradd', 'alice'),
        step('useradd', 'Bad Name'),
        step('groupadd', 'staff'),
        step('userdel', '-r', 'carol'),
        step('getent', 'passwd', 'carol'),
        step('groupdel', 'bob'),
        step('getent', 'group', 'staff'),
      ],
      { flavour: 'gnu' },
    )
    expect(stdout).toBe(
      `app:x:999:
app:x:999:999::/srv/app:/bin/false
carol:x:1002:1002:Carol:/home/carol:/bin/sh
uid=1002(carol) gid=1002(carol) groups=1002(carol),50(staff)
carol staff app
[9]
[3]
[9]
[2]
[8]
staff:x:50:alice
`,
    )
    expect(stderr).toBe(
      "useradd: user 'alice' already exists\nuseradd: invalid user name 'Bad Name': use --badname to ignore\n" +
        "groupadd: group 'staff' already exists\ngroupdel: cannot remove the primary group of user 'bob'\n",
    )
  })

  it('are told about by adduser', async () => {
    const { stdout } = await run([step('adduser', '--disabled-password', '--gecos', '', 'carol')], { flavour: 'gnu' })
    expect(stdout).toBe(`Adding user \`carol' ...
Adding new group \`carol' (1002) ...
Adding new user \`carol' (1002) with group \`carol (1002)' ...
Creating home directory \`/home/carol' ...
Copying files from \`/etc/skel' ...
`)
  })
})
