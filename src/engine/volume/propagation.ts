/** Mount propagation of binds, which the mount on the host that holds their source must have (moby daemon/oci_linux.go). */
import { readFileSync, realpathSync } from 'node:fs'
import type { MountRecord } from '../../container/record.ts'
import { systemError } from '../../errors.ts'

/** @throws when the host's mount does not propagate as a bind asks for; a host without a mount table takes anything */
export function checkPropagation(mount: Pick<MountRecord, 'Type' | 'Source' | 'Propagation'>): void {
  if (mount.Type !== 'bind' || !/^r?(shared|slave)$/.test(mount.Propagation)) return
  const table = hostMounts()
  if (table === undefined) return
  const fault = propagationFault(mount.Source, realPath(mount.Source), mount.Propagation, table)
  if (fault !== undefined) throw systemError(fault)
}

/**
 * Why a path cannot be bound so. `table` is a /proc/PID/mountinfo, `real` the path without symbolic links.
 */
export function propagationFault(path: string, real: string, propagation: string, table: string): string | undefined {
  const mounts = table
    .split('\n')
    .filter(line => line !== '')
    .map(line => {
      const [fields = ''] = line.split(' - ')
      const [, , , , point = '', , ...optional] = fields.split(' ')
      return { point: unescapeOctal(point), optional }
    })
    .filter(({ point }) => real === point || real.startsWith(point === '/' ? '/' : `${point}/`))
  // Of several on one place the last one covers the others.
  const holder = mounts.reduce((best, each) => (each.point.length >= best.point.length ? each : best), {
    point: '',
    optional: [] as string[],
  })
  const has = (kind: string): boolean => holder.optional.some(word => word.startsWith(`${kind}:`))
  const wanted = propagation.endsWith('shared') ? ['shared'] : ['shared', 'master']
  if (wanted.some(has)) return undefined
  const kinds = wanted.length === 1 ? 'shared' : 'shared or slave'
  return `path ${path} is mounted on ${holder.point} but it is not a ${kinds} mount`
}

const unescapeOctal = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))

function hostMounts(): string | undefined {
  try {
    return readFileSync('/proc/self/mountinfo', 'utf8')
  } catch {
    return undefined
  }
}

function realPath(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}
