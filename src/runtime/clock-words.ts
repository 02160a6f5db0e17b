/** Times as servers write them in logs and headers. Containers run in UTC. */

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const two = (n: number): string => String(n).padStart(2, '0')
const clock = (at: Date): string => [at.getUTCHours(), at.getUTCMinutes(), at.getUTCSeconds()].map(two).join(':')

/** `Mon, 30 Nov 2026 17:11:11 GMT`, as in HTTP headers. */
export const httpDate = (ms: number): string => new Date(ms).toUTCString()

/** `30/Nov/2026:17:11:11 +0000`, as in the common log format. */
export function commonLogTime(ms: number): string {
  const at = new Date(ms)
  return `${two(at.getUTCDate())}/${months[at.getUTCMonth()]}/${at.getUTCFullYear()}:${clock(at)} +0000`
}

/** `2026/11/30 17:11:11`. */
export const slashTime = (ms: number): string =>
  new Date(ms).toISOString().slice(0, 19).replace('T', ' ').replaceAll('-', '/')

/** `30 Nov 2026 17:11:11.123`. */
export function dayFirstTime(ms: number): string {
  const at = new Date(ms)
  const millis = String(at.getUTCMilliseconds()).padStart(3, '0')
  return `${two(at.getUTCDate())} ${months[at.getUTCMonth()]} ${at.getUTCFullYear()} ${clock(at)}.${millis}`
}

/** `Mon Nov 30 17:11:11.123456 2026`, as Apache has it. */
export function apacheTime(ms: number): string {
  const at = new Date(ms)
  const micros = String(at.getUTCMilliseconds() * 1000).padStart(6, '0')
  return `${days[at.getUTCDay()]} ${months[at.getUTCMonth()]} ${two(at.getUTCDate())} ${clock(at)}.${micros} ${at.getUTCFullYear()}`
}

/** `2026-11-30 17:11:11.123 UTC`, as PostgreSQL has it. */
export const databaseTime = (ms: number): string => `${new Date(ms).toISOString().replace('T', ' ').slice(0, 23)} UTC`
