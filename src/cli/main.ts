/** The program: words in, exit status out. */
import { basename } from 'node:path'
import { hostContext } from './context.ts'
import { dispatch } from './dispatch.ts'
import { report } from './errors.ts'
import { hostOutput } from './streams.ts'

/** The name that usage lines show: `docker` when a shim says so, else the file's. */
function programName(): string {
  return process.env.MINIDOCK_NAME || basename(process.argv[1] ?? 'minidock').replace(/\.[cm]?[jt]s$/, '')
}

/** Prints an error; a standard error that nobody reads must not raise another. */
function complain(error: unknown, name: string): number {
  const { text, status } = report(error, name, process.env.MINIDOCK_DEBUG === '1')
  try {
    if (text !== '') hostOutput(2, process.env).write(text)
  } catch {
    return status
  }
  return status
}

const name = programName()
dispatch(process.argv.slice(2), name, process.env, hostContext)
  .catch((error: unknown) => complain(error, name))
  // Output is written synchronously, so nothing is lost here; what else still runs has no more to say.
  .then(status => process.exit(status))
