/** What only a swarm has, which minidock is never part of. */
import { forbidden } from '../errors.ts'

export const notManager = (): Error =>
  forbidden(
    'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.',
  )
