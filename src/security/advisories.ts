/**
 * A sample of published advisories for versions that the catalogue has: enough to show what a scanner does, and far
 * from all. A version below `fixed` is affected; '' means that no fixed version was there at the sample's date.
 */
export const sampleDate = '2025-07-01'

export type Severity = 'critical' | 'high' | 'medium' | 'low'

export interface Advisory {
  id: string
  severity: Severity
  /** `apk`, `deb`, or what an image's environment names: nginx, redis, node, python, postgres, httpd, golang. */
  kind: 'apk' | 'deb' | 'app'
  name: string
  /** For branches that are fixed each on their own: the start of their versions. */
  branch?: string
  fixed: string
}

const row = (
  id: string,
  severity: Severity,
  kind: Advisory['kind'],
  name: string,
  fixed: string,
  branch?: string,
): Advisory => ({ id, severity, kind, name, fixed, ...(branch !== undefined && { branch }) })

export const advisories: readonly Advisory[] = [
  row('CVE-2025-26519', 'high', 'apk', 'musl', '1.2.5-r9', '1.2.5'),
  row('CVE-2024-12797', 'high', 'apk', 'libcrypto3', '3.3.3-r0', '3.3'),
  row('CVE-2024-13176', 'medium', 'apk', 'libcrypto3', '3.3.2-r2', '3.3'),
  row('CVE-2023-42364', 'medium', 'apk', 'busybox', '1.36.1-r29', '1.36'),
  row('CVE-2023-42366', 'medium', 'apk', 'busybox', '1.36.1-r25', '1.36'),
  row('CVE-2025-46394', 'low', 'apk', 'busybox', '1.37.0-r20', '1.37'),
  row('CVE-2025-4802', 'high', 'deb', 'libc6', '2.36-9+deb12u11', '2.36'),
  row('CVE-2025-0395', 'medium', 'deb', 'libc6', '2.36-9+deb12u10', '2.36'),
  row('CVE-2023-45853', 'critical', 'deb', 'zlib1g', '', '1:1.2.13'),
  row('CVE-2024-56406', 'high', 'deb', 'perl-base', '5.36.0-7+deb12u2', '5.36'),
  row('CVE-2023-31484', 'high', 'deb', 'perl-base', '5.36.0-7+deb12u3', '5.36'),
  row('CVE-2024-12243', 'medium', 'deb', 'libgnutls30', '3.7.9-2+deb12u4', '3.7.9'),
  row('CVE-2024-12133', 'medium', 'deb', 'libtasn1-6', '4.19.0-2+deb12u1', '4.19'),
  row('CVE-2022-3219', 'low', 'deb', 'gpgv', '', '2.2.40'),
  row('CVE-2011-3374', 'low', 'deb', 'apt', ''),
  row('CVE-2016-2781', 'low', 'deb', 'coreutils', ''),
  row('CVE-2023-44487', 'high', 'app', 'nginx', '1.25.3'),
  row('CVE-2024-7347', 'medium', 'app', 'nginx', '1.27.1'),
  row('CVE-2025-23419', 'medium', 'app', 'nginx', '1.27.4'),
  row('CVE-2024-46981', 'high', 'app', 'redis', '7.4.2', '7.4'),
  row('CVE-2025-21605', 'high', 'app', 'redis', '7.4.3', '7.4'),
  row('CVE-2024-46981', 'high', 'app', 'redis', '7.2.7', '7.2'),
  row('CVE-2025-21605', 'high', 'app', 'redis', '7.2.8', '7.2'),
  row('CVE-2025-23166', 'high', 'app', 'node', '20.19.2', '20.'),
  row('CVE-2025-23166', 'high', 'app', 'node', '22.15.1', '22.'),
  row('CVE-2024-22019', 'high', 'app', 'node', '18.19.1', '18.'),
  row('CVE-2025-4517', 'critical', 'app', 'python', '3.13.4', '3.13'),
  row('CVE-2025-4517', 'critical', 'app', 'python', '3.12.11', '3.12'),
  row('CVE-2025-4517', 'critical', 'app', 'python', '3.11.13', '3.11'),
  row('CVE-2025-1094', 'high', 'app', 'postgres', '17.3', '17'),
  row('CVE-2025-4207', 'medium', 'app', 'postgres', '17.5', '17'),
  row('CVE-2025-1094', 'high', 'app', 'postgres', '16.7', '16'),
  row('CVE-2025-4207', 'medium', 'app', 'postgres', '16.9', '16'),
  row('CVE-2024-38476', 'critical', 'app', 'httpd', '2.4.60'),
  row('CVE-2024-34156', 'high', 'app', 'golang', '1.22.7', '1.22'),
  row('CVE-2024-34156', 'high', 'app', 'golang', '1.23.1', '1.23'),
]

export interface Package {
  kind: Advisory['kind']
  name: string
  version: string
}

export interface Finding extends Package {
  id: string
  severity: Severity
  fixed: string
}

export const severities: readonly Severity[] = ['critical', 'high', 'medium', 'low']

/** What of the sample applies to a list of packages, the worst first. */
export function findingsFor(packages: readonly Package[]): Finding[] {
  return packages
    .flatMap(each =>
      advisories
        .filter(
          ({ kind, name, branch = '' }) => kind === each.kind && name === each.name && each.version.startsWith(branch),
        )
        .filter(({ fixed }) => fixed === '' || compareVersions(each.version, fixed) < 0)
        .map(({ id, severity, fixed }) => ({ ...each, id, severity, fixed })),
    )
    .sort((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity) || (a.id < b.id ? 1 : -1))
}

/** Orders versions as dpkg does (deb-version(7)); for apk's and plain ones the order is the same. */
export function compareVersions(a: string, b: string): number {
  const epoch = (text: string): [number, string] => {
    const match = /^(\d+):(.*)$/.exec(text)
    return match ? [Number(match[1]), match[2] ?? ''] : [0, text]
  }
  const [epochA, restA] = epoch(a)
  const [epochB, restB] = epoch(b)
  if (epochA !== epochB) return epochA - epochB
  const parts = (text: string): string[] => text.match(/\d+|\D+/g) ?? []
  const [left, right] = [parts(restA), parts(restB)]
  for (let at = 0; at < Math.max(left.length, right.length); at++) {
    const [one = '', two = ''] = [left[at], right[at]]
    if (one === two) continue
    if (/^\d/.test(one) && /^\d/.test(two)) return Number(one) - Number(two)
    // A tilde comes before everything, even the end.
    if (one.startsWith('~') !== two.startsWith('~')) return one.startsWith('~') ? -1 : 1
    if (one === '' || two === '') return one === '' ? -1 : 1
    return one < two ? -1 : 1
  }
  return 0
}
