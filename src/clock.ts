/**
 * Time. This is the only file that may ask the host for the time or set a timer: everything else takes a
 * `Clock`, so that a run with `MINIDOCK_CLOCK=virtual` is instant and repeatable.
 * Times are milliseconds since the Unix epoch, with fractions (about a microsecond of resolution).
 */
export interface Clock {
  /** The time now, in ms since the epoch. Never goes backwards within a process. */
  now(): number
  /** Lets `ms` milliseconds pass. Resolves early (never rejects) when `signal` aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /** Lets real time pass, also under a virtual clock: to wait for another process or for input. */
  idle(ms: number, signal?: AbortSignal): Promise<void>
  /** Whether time passes only through `sleep`. */
  readonly virtual: boolean
}

/** The host's clock. */
export function systemClock(): Clock {
  // Not `performance`: loading node:perf_hooks costs every command a millisecond.
  const started = Date.now()
  const origin = process.hrtime()
  return {
    virtual: false,
    now() {
      const [seconds, nanoseconds] = process.hrtime(origin)
      return started + seconds * 1000 + nanoseconds / 1e6
    },
    sleep: pause,
    idle: pause,
  }
}

function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal?.aborted || ms <= 0) return resolve()
    const timer = setTimeout(done, Math.min(ms, 2 ** 31 - 1))
    signal?.addEventListener('abort', done, { once: true })
    function done() {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
  })
}

/** A clock that stands still but for `sleep`. `save` is told each new time, so that the next process goes on from it. */
export function virtualClock(
  start: number,
  save: (now: number) => void = () => {},
): Clock & { set(now: number): void } {
  let now = start
  return {
    virtual: true,
    now: () => now,
    set(time) {
      now = Math.max(now, time)
      save(now)
    },
    async sleep(ms) {
      if (ms <= 0) return
      now += ms
      save(now)
    },
    idle: pause,
  }
}

/**
 * Blocks the whole process for `ms` milliseconds. Only for the store's lock, which is waited for
 * synchronously and held by others for milliseconds.
 */
export function blockFor(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}
