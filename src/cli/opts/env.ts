/** `-e NAME[=value]` and files of them. */

/** The check of `-e`: a name must come first (docker/cli opts.ValidateEnv, without the host's values). */
export function envVariable(text: string): string {
  if (text === '' || text.startsWith('=')) throw new Error(`invalid environment variable: ${text}`)
  return text
}

/** `NAME` alone takes the host's value; a name that the host has not is left as it is (it then unsets the image's). */
export function resolveEnv(text: string, hostEnv: Readonly<Record<string, string | undefined>>): string {
  if (text.includes('=')) return text
  const value = Object.hasOwn(hostEnv, text) ? hostEnv[text] : undefined
  return value === undefined ? text : `${text}=${value}`
}
