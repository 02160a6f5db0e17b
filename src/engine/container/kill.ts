/** POST /containers/{id}/kill. */
import { containerEvent } from '../../container/events.ts'
import { type ContainerRecord, isRunning } from '../../container/record.ts'
import { EngineError } from '../../errors.ts'
import { parseSignal, type SignalName, signalNumber } from '../../kernel/signals.ts'
import type { EngineContext } from '../context.ts'
import type { Live } from '../live.ts'
import { cannot, invalidSignal, notRunning, unsupportedSignal } from './errors.ts'

/** Sends a signal to the main process (moby daemon/kill.go). */
export async function killContainer(
  ctx: EngineContext,
  reference: string,
  options: { signal?: string } = {},
): Promise<void> {
  await ctx.machine.change(async live => {
    try {
      const signal = toSignal(options.signal ?? 'KILL')
      const container = live.find(reference)
      if (!isRunning(container)) throw notRunning(container.id)
      // A kill is a manual stop unless the container has another stop signal of its own (behaviours.md 13).
      const own = container.config.StopSignal
      const manual = !own || own === '' || toSignal(own) === signal
      if (manual || container.hostConfig.RestartPolicy.Name === 'unless-stopped') container.stoppedByHand = true
      if (signal === 'KILL') await killNow(live, container)
      else await sendSignal(live, container, signal)
    } catch (error) {
      throw error instanceof EngineError ? cannot('kill', reference, error) : error
    }
  })
}

/** A signal's name from what users write: `9`, `KILL`, `SIGKILL`, `sigkill`. Throws Docker's error. */
function toSignal(text: string): SignalName {
  const signal = parseSignal(text)
  if (signal) return signal
  throw isUnknownNumber(text) ? unsupportedSignal(text) : invalidSignal(text)
}

/** The signal of a stop; undefined for a number that is none, which is found out only when it is sent. */
export const toStopSignal = (text: string): SignalName | undefined =>
  isUnknownNumber(text) ? undefined : toSignal(text)

const isUnknownNumber = (text: string): boolean =>
  /^[+-]?\d+$/.test(text) && Number(text) !== 0 && parseSignal(text) === undefined

/** Delivers a signal from outside, with its event. */
export async function sendSignal(live: Live, container: ContainerRecord, signal: SignalName): Promise<void> {
  live.emit(containerEvent(container, 'kill', { signal: String(signalNumber(signal)) }))
  if (container.state.status !== 'restarting') {
    const world = await live.world(container)
    world.signal(signal)
  }
  live.save(container)
}

/** Ends a container at once: its processes are gone when this returns. */
export async function killNow(live: Live, container: ContainerRecord): Promise<void> {
  container.stoppedByHand = true
  if (container.state.status === 'restarting') {
    container.state.status = 'exited'
    delete container.state.restartAt
    live.save(container)
    return
  }
  await sendSignal(live, container, 'KILL')
  const world = await live.world(container)
  if (container.state.status === 'paused') {
    world.freeze(false)
    container.state.status = 'running'
  }
  await live.settle(live.time)
}
