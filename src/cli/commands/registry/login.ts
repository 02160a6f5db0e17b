/** `docker login`: checks a name and a password at a registry, and keeps them. */
import type { RegistryAuth } from '../../../engine/engine.ts'
import { messageOf } from '../../../errors.ts'
import type { CliContext, Command } from '../../command.ts'
import { type ConfigFile, HUB_KEY, readConfigFile } from '../../config-file.ts'
import { errorText } from '../../errors.ts'
import type { Flags } from '../../flags.ts'
import { ask } from '../../prompt.ts'

const HUB_NAMES = ['', HUB_KEY, 'docker.io', 'index.docker.io', 'registry-1.docker.io']

/** The key under which a server's login is kept, as Docker makes it of what the user wrote. */
export const serverKey = (server: string): string =>
  HUB_NAMES.includes(server) ? HUB_KEY : server.replace(/^https?:\/\//, '').replace(/\/.*$/, '')

export const command: Command = {
  async run(ctx, [server = ''], flags) {
    const key = serverKey(server)
    const host = key === HUB_KEY ? 'docker.io' : key
    const config = readConfigFile(ctx)
    checkFlags(ctx, flags)
    const before = flags.string('username') === '' && !flags.bool('password-stdin') ? await config.get(key) : undefined
    if (before && flags.string('password') === '') {
      ctx.err.write(`Authenticating with existing credentials... [Username: ${before.username}]\n\n`)
      const words = ` Info -> To login with a different account, run 'docker logout' followed by 'docker login'\n\n\n`
      ctx.err.write(words)
      try {
        await (await ctx.engine()).registry.login(host, before)
        return await keep(ctx, config, key, before)
      } catch (error) {
        ctx.err.write(`Login did not succeed, error: ${errorText(error)}\n`)
      }
    }
    const auth = await credentials(ctx, flags)
    await (await ctx.engine()).registry.login(host, auth)
    return keep(ctx, config, key, auth)
  },
}

async function keep(ctx: CliContext, config: ConfigFile, key: string, auth: RegistryAuth): Promise<undefined> {
  const how = await config.store(key, auth).catch((error: unknown) => {
    throw new Error(`Error saving credentials: ${messageOf(error)}`)
  })
  if (how === 'plain') {
    ctx.err.write(
      `\nWARNING! Your credentials are stored unencrypted in '${config.path}'.\nConfigure a credential helper to remove this warning. See\nhttps://docs.docker.com/go/credential-store/\n\n`,
    )
  }
  ctx.out.write('Login Succeeded\n')
  return undefined
}

function checkFlags(ctx: CliContext, flags: Flags): void {
  const piped = flags.bool('password-stdin')
  if (piped && flags.changed('password'))
    throw new Error('conflicting options: cannot specify both --password and --password-stdin')
  if (flags.changed('password'))
    ctx.err.write('WARNING! Using --password via the CLI is insecure. Use --password-stdin.\n')
  if (piped && flags.string('username') === '')
    throw new Error('the --password-stdin option requires --username to be set')
}

async function credentials(ctx: CliContext, flags: Flags): Promise<RegistryAuth> {
  let user = flags.string('username')
  let password = flags.string('password')
  if (flags.bool('password-stdin')) {
    password = Buffer.from(await ctx.in.readAll())
      .toString()
      .replace(/[\r\n]+$/, '')
  }
  if ((user === '' || password === '') && !ctx.in.isTTY)
    throw new Error('Error: Cannot perform an interactive login from a non TTY device')
  if (user === '') user = (await ask(ctx, 'Username: '))?.trim() ?? ''
  if (user === '') throw new Error('Error: Non-null Username Required')
  if (password === '') password = (await ask(ctx, 'Password: ', { secret: true })) ?? ''
  if (password === '') throw new Error('Error: Password Required')
  return { username: user, password }
}
