/**
 * Makes docs/security.md from the tables that the checks and their test use.
 *
 *   npx tsx scripts/security.ts
 */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { capabilityNames } from '../src/security/capabilities.ts'
import { demonstrations, namespaces } from '../src/security/demonstrations.ts'
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
      line([each.capability, each.kept ? 'yes' : '', each.operation, `\`${each.script}\``, `\`${each.refusal}\``]),
    ),
    '',
    'NET_BIND_SERVICE counts where `--sysctl net.ipv4.ip_unprivileged_port_start` is above a port, SYS_PTRACE for links',
    'in /proc of processes of others, SYS_RESOURCE for raising hard limits, SYS_NICE for raising priorities, FSETID for setgid bits, DAC_READ_SEARCH for',
    'reading. Shown, and checked by no call that is modelled:',
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
    line(['system call', 'needs']),
    line(['---', '---']),
    ...Object.entries(defaultProfile).map(([call, capability]) => line([`\`${call}\``, capability])),
    '',
  ].join('\n')}`
}

const alsoChecked = ['NET_BIND_SERVICE', 'SYS_NICE', 'SYS_PTRACE', 'SYS_RESOURCE', 'FSETID', 'DAC_READ_SEARCH']

if (process.argv[1] === fileURLToPath(import.meta.url))
  writeFileSync(new URL('../docs/security.md', import.meta.url), securityText())
