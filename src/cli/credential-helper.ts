/** Programs that keep passwords, `docker-credential-NAME`, by Docker's protocol (docker-credential-helpers). */
import type { RegistryAuth } from '../engine/engine.ts'
import { codeOf } from '../errors.ts'

type Env = Readonly<Record<string, string | undefined>>

/** What helpers say for a server that they know nothing of. */
const UNKNOWN = 'credentials not found in native keychain'
/** A login with a token instead of a password has this name. */
const TOKEN = '<token>'
/** Longest silence of a helper, in ms, and longest answer, in bytes. */
const PATIENCE = 60_000
const ANSWER_MAX = 1 << 20

/**
 * Runs a helper's verb. `get` resolves to what it keeps, undefined when it has nothing.
 * @throws Error with the helper's own words
 */
export async function callHelper(
  env: Env,
  name: string,
  verb: 'get' | 'store' | 'erase',
  server: string,
  auth?: RegistryAuth,
): Promise<RegistryAuth | undefined> {
  // A name, not a path: it comes from a file.
  if (!/^[A-Za-z0-9._-]+$/.test(name)) throw new Error(`error getting credentials - err: invalid helper name ${name}`)
  const program = `docker-credential-${name}`
  const secret = auth?.identityToken ?? auth?.password ?? ''
  const username = auth?.identityToken === undefined ? (auth?.username ?? '') : TOKEN
  const input = verb === 'store' ? JSON.stringify({ ServerURL: server, Username: username, Secret: secret }) : server
  const { status, output } = await run(env, program, verb, input)
  if (status === 0) return verb === 'get' ? credentials(output) : undefined
  if (output.trim() === UNKNOWN) return undefined
  const what = { get: 'getting', store: 'storing', erase: 'erasing' }[verb]
  throw new Error(`error ${what} credentials - err: exit status ${status}, out: \`${output.trim()}\``)
}

function credentials(output: string): RegistryAuth | undefined {
  const { Username: username = '', Secret: secret = '' } = JSON.parse(output) as { Username?: string; Secret?: string }
  if (username === TOKEN) return { username: '', password: '', identityToken: secret }
  return username === '' ? undefined : { username, password: secret }
}

async function run(
  env: Env,
  program: string,
  verb: 'get' | 'store' | 'erase',
  input: string,
): Promise<{ status: number; output: string }> {
  // Loaded here alone: it costs milliseconds.
  const { spawn } = process.getBuiltinModule('node:child_process')
  return new Promise((resolve, reject) => {
    const child = spawn(program, [verb], { env: { ...env }, stdio: ['pipe', 'pipe', 'ignore'], timeout: PATIENCE })
    let output = ''
    const what = { get: 'getting', store: 'storing', erase: 'erasing' }[verb]
    child.on('error', error =>
      reject(
        codeOf(error) === 'ENOENT'
          ? new Error(
              `error ${what} credentials - err: exec: "${program}": executable file not found in $PATH, out: \`\``,
            )
          : error,
      ),
    )
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text
      if (output.length > ANSWER_MAX) child.kill()
    })
    child.on('close', status => resolve({ status: status ?? 1, output }))
    // A helper that ends without reading is no fault of ours.
    child.stdin.on('error', () => {})
    child.stdin.end(input)
  })
}
