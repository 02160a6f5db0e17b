/** Options of the volume driver `local` (moby volume/local/local_unix.go). */
import { invalid } from '../errors.ts'

const known = ['type', 'o', 'device', 'size']

/** Throws Docker's words for options that the driver does not take. */
export function checkLocalOptions(name: string, options: Readonly<Record<string, string>>): void {
  for (const key of Object.keys(options))
    if (!known.includes(key)) throw invalid(`create ${name}: invalid option: "${key}"`)
  if (options['size'] !== undefined) throw invalid(`create ${name}: quota size requested but no quota support`)
  if (Object.keys(options).length === 0) return
  for (const key of ['device', 'type'])
    if (!options[key]) throw invalid(`create ${name}: missing required option: "${key}"`)
}

/** What is mounted for a volume: files of the store, a tmpfs, or a folder of the host. */
export type VolumeSource =
  | { kind: 'files' }
  | { kind: 'tmpfs'; options: string }
  | { kind: 'bind'; device: string; readonly: boolean }
  | { kind: 'other'; device: string; data: string }

export function sourceOf(options: Readonly<Record<string, string>> | null): VolumeSource {
  const { type = '', device = '', o = '' } = options ?? {}
  if (type === '' && device === '') return { kind: 'files' }
  if (type === 'tmpfs') return { kind: 'tmpfs', options: o }
  const words = o.split(',')
  if (words.includes('bind') || words.includes('rbind')) return { kind: 'bind', device, readonly: words.includes('ro') }
  return { kind: 'other', device, data: o }
}
