/** The environment that a container's process starts with (moby container/env.go, runc's HOME). */

const defaultPath = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/**
 * PATH, HOSTNAME and, on a terminal, TERM; then the config's variables, which replace those in place; HOME at the
 * end when nobody set it. `more` (exec's `-e`) replaces likewise; `links` come before what the config says.
 */
export function processEnv(
  config: readonly string[],
  options: { hostname: string; tty: boolean; home: string; links?: readonly string[]; more?: readonly string[] },
): Map<string, string> {
  const env = new Map<string, string>()
  const set = (variable: string): void => {
    const equals = variable.indexOf('=')
    if (equals > 0) env.set(variable.slice(0, equals), variable.slice(equals + 1))
    else env.delete(variable)
  }
  set(defaultPath)
  env.set('HOSTNAME', options.hostname)
  if (options.tty) env.set('TERM', 'xterm')
  for (const variable of [...(options.links ?? []), ...config, ...(options.more ?? [])]) set(variable)
  if (!env.get('HOME')) env.set('HOME', options.home)
  return env
}
