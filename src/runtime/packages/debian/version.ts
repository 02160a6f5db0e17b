/** Versions in Debian's order (deb-version(7)). */

/** Negative, zero or positive as `a` is older than, the same as, or newer than `b`. */
export function compareVersions(a: string, b: string): number {
  const one = split(a)
  const two = split(b)
  return one.epoch - two.epoch || compareParts(one.upstream, two.upstream) || compareParts(one.revision, two.revision)
}

/** The version of the software itself, without epoch, revision and what repackaging adds: `1:2.39.5-0+deb12u3` is 2.39.5. */
export function upstreamVersion(version: string): string {
  return split(version)
    .upstream.replace(/[+~].*$/, '')
    .replace(/\.ds\d*$|-dfsg.*$/, '')
}

function split(version: string): { epoch: number; upstream: string; revision: string } {
  const colon = version.indexOf(':')
  const rest = version.slice(colon + 1)
  const dash = rest.lastIndexOf('-')
  return {
    epoch: colon < 0 ? 0 : Number(version.slice(0, colon)),
    upstream: dash < 0 ? rest : rest.slice(0, dash),
    revision: dash < 0 ? '0' : rest.slice(dash + 1),
  }
}

/** Runs of letters, where `~` comes before the end and letters before all else, and runs of digits by turns. */
function compareParts(a: string, b: string): number {
  let left = a
  let right = b
  while (left !== '' || right !== '') {
    const [words, others] = [/^\D*/.exec(left)?.[0] ?? '', /^\D*/.exec(right)?.[0] ?? '']
    for (let at = 0; at < Math.max(words.length, others.length); at++) {
      const order = weight(words.charAt(at)) - weight(others.charAt(at))
      if (order !== 0) return order
    }
    left = left.slice(words.length)
    right = right.slice(others.length)
    const [digits, numbers] = [/^\d*/.exec(left)?.[0] ?? '', /^\d*/.exec(right)?.[0] ?? '']
    const order = Number(digits) - Number(numbers)
    if (order !== 0) return order
    left = left.slice(digits.length)
    right = right.slice(numbers.length)
  }
  return 0
}

function weight(letter: string): number {
  if (letter === '') return 0
  if (letter === '~') return -1
  return /[a-zA-Z]/.test(letter) ? letter.charCodeAt(0) : letter.charCodeAt(0) + 256
}
