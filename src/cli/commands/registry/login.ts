/** `docker login`: checks a name and a password at a registry, and keeps them. */
import { codeOf } from '../../../errors.ts'
import type { CliContext, Command } from '../../command.ts'
import { readConfigFile } from '../../config-file.ts'
import { StatusError } from '../../errors.ts'
import type { Flags } from '../../flags.ts'
import { ask } from '../../prompt.ts'

/** The key under which Docker Hub's login is kept. */
export const HUB = 'https://index.docker.io/v1/'

export const command: Command = {
  async run(ctx, [server = HUB], flags) {
    const { user, password } = await credentials(ctx, flags)
    // The hub that minidock simulates knows everybody.
    if (server !== HUB && server !== 'docker.io' && server !== 'index.docker.io') await check(server, user, password)
    const config = readConfigFile(ctx)
    const key = server === 'docker.io' || server === 'index.docker.io' ? HUB : server
    const auth = Buffer.from(`${user}:${password}`).toString('base64')
    if (config.auths.get(key) !== auth) {
      config.auths.set(key, auth)
      config.save()
      ctx.err.write(
        `\nWARNING! Your credentials are stored unencrypted in '${config.path}'.\nConfigure a credential helper to remove this warning. See\nhttps://docs.docker.com/go/credential-store/\n\n`,
      )
    }
    ctx.out.write('Login Succeeded\n')
    return undefined
  },
}

async function credentials(ctx: CliContext, flags: Flags): Promise<{ user: string; password: string }> {
  let user = flags.string('username')
  let password = flags.string('password')
  const piped = flags.bool('password-stdin')
  if (piped && flags.changed('password')) {
    throw new Error('conflicting options: cannot specify both --password and --password-stdin')
  }
  if (flags.changed('password')) {
    ctx.err.write('WARNING! Using --password via the CLI is insecure. Use --password-stdin.\n')
  }
  if (piped) {
    if (user === '') throw new Error('the --password-stdin option requires --username to be set')
    password = Buffer.from(await ctx.in.readAll())
      .toString()
      .replace(/[\r\n]+$/, '')
  }
  if ((user === '' || password === '') && !ctx.in.isTTY) {
    throw new Error('Error: Cannot perform an interactive login from a non TTY device')
  }
  if (user === '') user = (await ask(ctx, 'Username: '))?.trim() ?? ''
  if (user === '') throw new Error('Error: Non-null Username Required')
  if (password === '') password = (await ask(ctx, 'Password: ', { secret: true })) ?? ''
  if (password === '') throw new Error('Error: Password Required')
  return { user, password }
}

const LOCAL = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/

/** Asks the registry's API whether the credentials are good. */
async function check(server: string, user: string, password: string): Promise<void> {
  const host = server.replace(/^https?:\/\//, '').replace(/\/.*$/, '')
  const url = `${LOCAL.test(host) ? 'http' : 'https'}://${host}/v2/`
  const fail = (why: string): StatusError => new StatusError(1, `Error response from daemon: Get "${url}": ${why}`)
  let status: number
  try {
    const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
    status = (await fetch(url, { headers: { authorization }, signal: AbortSignal.timeout(15_000) })).status
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined
    const code = codeOf(cause)
    if (code === 'ECONNREFUSED') throw fail(`dial tcp ${host}: connect: connection refused`)
    if (code === 'ENOTFOUND') throw fail(`dial tcp: lookup ${host.replace(/:\d+$/, '')}: no such host`)
    throw fail(cause instanceof Error ? cause.message : 'no answer')
  }
  if (status === 401 || status === 403) throw fail('unauthorized: authentication required')
  if (status >= 400) throw fail(`unexpected status code ${status}`)
}
