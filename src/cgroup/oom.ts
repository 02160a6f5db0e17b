/** Whom the out-of-memory killer takes, and what the kernel says of it (mm/oom_kill.c). */

export interface Candidate {
  pid: number
  /** Bytes of its own memory. */
  memory: number
  /** -1000 (never) to 1000. */
  adj: number
}

const page = 4096

/** Pages that count against a process: its memory, and the adjustment in thousandths of what may be used at all. */
export const badness = ({ memory, adj }: Candidate, total: number): number =>
  adj === -1000 ? Number.NEGATIVE_INFINITY : memory / page + (adj * (total / page)) / 1000

/** The one with most points; of equals the youngest, as it is the least missed. */
export function choose<T extends Candidate>(candidates: readonly T[], total: number): T | undefined {
  return candidates
    .map(each => ({ each, points: badness(each, total) }))
    .filter(({ points }) => points !== Number.NEGATIVE_INFINITY)
    .sort((a, b) => b.points - a.points || b.each.pid - a.each.pid)[0]?.each
}

/** The lines in the kernel's log. `group` is where the limit is; undefined: the machine's memory itself is used up. */
export function oomMessages(victim: {
  pid: number
  comm: string
  uid: number
  anon: number
  adj: number
  container: string
  /** Its own group. */
  task: string
  group: string | undefined
}): string[] {
  const { pid, comm, uid, adj, container, task, group } = victim
  const kb = Math.round(victim.anon / 1024)
  const constraint = group === undefined ? 'CONSTRAINT_NONE' : 'CONSTRAINT_MEMCG'
  const where = group === undefined ? 'global_oom' : `oom_memcg=${group}`
  const prefix = group === undefined ? 'Out of memory' : 'Memory cgroup out of memory'
  return [
    `oom-kill:constraint=${constraint},nodemask=(null),cpuset=${container},mems_allowed=0,${where},task_memcg=${task},task=${comm},pid=${pid},uid=${uid}`,
    `${prefix}: Killed process ${pid} (${comm}) total-vm:${kb}kB, anon-rss:${kb}kB, file-rss:0kB, shmem-rss:0kB, UID:${uid} pgtables:${Math.max(4, Math.round(kb / 512))}kB oom_score_adj:${adj}`,
  ]
}
