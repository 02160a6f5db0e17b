/** ipcs: System V queues, segments and semaphores; the model has none. */
import { command } from './lib/command.ts'

export const options = {
  all: '-a --all  everything',
  queues: '-q --queues  queues',
  memory: '-m --shmems  shared memory',
  semaphores: '-s --semaphores  semaphores',
}

export const program = command('ipcs', options, function* ({ out, options: given }) {
  const all = !given.has('queues') && !given.has('memory') && !given.has('semaphores')
  yield* out.write('\n')
  if (all || given.has('queues'))
    yield* out.write(
      '------ Message Queues --------\nkey        msqid      owner      perms      used-bytes   messages    \n\n',
    )
  if (all || given.has('memory'))
    yield* out.write(
      '------ Shared Memory Segments --------\nkey        shmid      owner      perms      bytes      nattch     status      \n\n',
    )
  if (all || given.has('semaphores'))
    yield* out.write('------ Semaphore Arrays --------\nkey        semid      owner      perms      nsems     \n\n')
  return 0
})
