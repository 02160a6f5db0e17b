/** last: logins; a container has no record of any. */
import { command } from './lib/command.ts'
import { Failure } from './lib/failure.ts'

export const options = { wide: '-W -f=FILE -n=N  accepted' }

export const program = command('last', options, function* ({ gnu, out }) {
  yield* out.flush()
  throw new Failure(
    gnu
      ? 'cannot open /var/log/wtmp: No such file or directory'
      : "can't open '/var/log/wtmp': No such file or directory",
  )
})
