/** Several jobs at a time, whose messages come as one stream. */

/** Runs `jobs` in order, at most `limit` at a time. The first failure ends it, when the others have let go. */
export async function* atOnce<T>(
  jobs: readonly (() => AsyncGenerator<T, void>)[],
  limit: number,
): AsyncGenerator<T, void> {
  const running = new Map<
    AsyncGenerator<T, void>,
    Promise<{ job: AsyncGenerator<T, void>; next: IteratorResult<T, void> }>
  >()
  const step = (job: AsyncGenerator<T, void>): void =>
    void running.set(
      job,
      job.next().then(next => ({ job, next })),
    )
  let started = 0
  try {
    for (;;) {
      while (running.size < limit && started < jobs.length) {
        const make = jobs[started++]
        if (make) step(make())
      }
      if (running.size === 0) return
      const { job, next } = await Promise.race(running.values())
      if (next.done) {
        running.delete(job)
        continue
      }
      step(job)
      yield next.value
    }
  } finally {
    // Those that wait for the network are let go of; what they throw then is of no interest any more.
    for (const pending of running.values()) pending.catch(() => {})
    await Promise.allSettled([...running.keys()].map(job => job.return()))
  }
}
