/**
 * Makes docs/security.md from the tables that the checks and their test use.
 *
 *   npx tsx scripts/security.ts
 */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { capabilityNames } from '../src/security/capabilities.ts'
import { demonstrations, namespaces, seccompDemonstrations } from '../src/security/demonstrations.ts'
import { defaultProfile } from '../src/security/seccomp.ts'

const line = (cells: readonly string[]): string => `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`

/** The whole text of docs/security.md. */
export function securityText(): string {
  const shown = new Set(demonstrations.map(each => each.capability))
  return `${[
    '# Security: what is checked, and what shows it',
    '',
    'Made by `npx tsx scripts/security.ts` from src/security; test/security/demonstrations.test.ts runs every command.',
    '',
    '## Capabilities',
    '',
    'Each command runs as root in busybox: it succeeds with the capability (`--cap-add`), and says this without it',
    '(`--cap-drop`). Those marked are in the set of 14 that Docker leaves a container.',
    '',
    line(['capability', 'default', 'operation', 'command', 'without it']),
    line(['---', '---', '---', '---', '---']),
    ...demonstrations.map(each =>
      line([
        each.capability,
        each.kept ? 'yes' : '',
        each.operation + (each.without ? ` (also without ${each.without})` : ''),
        `\`${each.script}\`${each.sysctl ? ` with \`--sysctl ${each.sysctl.join('=')}\`` : ''}`,
        `\`${each.refusal}\``,
      ]),
    ),
    '',
    'SYS_PTRACE counts for links in /proc of processes with more rights, and SYS_TIME lets `date -s` through to a clock',
    'that is the machine’s and cannot be set here. The rest is shown by `capsh --print` and in /proc/self/status, and',
    'checked by no call that is modelled:',
    `${capabilityNames.filter(name => !shown.has(name) && !alsoChecked.includes(name)).join(', ')}.`,
    '',
    '## Namespaces',
    '',
    line(['namespace', 'chosen by', 'shown by']),
    line(['---', '---', '---']),
    ...namespaces.map(each => line([each.name, each.chosen, each.shown])),
    '',
    "## Docker's seccomp profile",
    '',
    'Calls that the default profile lets pass only with a capability, of those that programs in minidock make:',
    '',
    line(['system call', 'needs', 'shown by']),
    line(['---', '---', '---']),
    ...seccompDemonstrations.map(({ call, script }) =>
      line([`\`${call}\``, defaultProfile[call] ?? '', `\`${script}\``]),
    ),
    '',
  ].join('\n')}`
}

const alsoChecked = ['SYS_PTRACE', 'SYS_TIME']

if (process.argv[1] === fileURLToPath(import.meta.url))
  writeFileSync(new URL('../docs/security.md', import.meta.url), securityText())
