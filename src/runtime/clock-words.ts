/** Times as servers write them in logs and headers. Containers run in UTC. */

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
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

/** `2026-11-30 17:11:11.123 UTC`, as PostgreSQL has it. */
export const databaseTime = (ms: number): string => `${new Date(ms).toISOString().replace('T', ' ').slice(0, 23)} UTC`
