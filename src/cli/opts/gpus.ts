/** `--gpus all`, `--gpus '"device=0,1",capabilities=utility'` (docker/cli opts.GpuOpts). */
import type { DeviceRequest } from '../../api/container.ts'
import { csvFields } from '../go/csv.ts'

/** Reads one value of the flag. */
export function parseGpus(text: string): DeviceRequest {
  if (text === '') throw new Error('EOF')
  const request = {
    Driver: '',
    Count: 0,
    DeviceIDs: null as string[] | null,
    Capabilities: [] as string[][],
    Options: {},
  }
  const seen = new Set<string>()
  for (const field of csvFields(text)) {
    const equals = field.indexOf('=')
    const key = equals < 0 ? 'count' : field.slice(0, equals)
    const value = equals < 0 ? field : field.slice(equals + 1)
    if (seen.has(key)) throw new Error(`gpu request key '${key}' can be specified only once`)
    seen.add(key)
    if (key === 'driver') request.Driver = value
    else if (key === 'count') request.Count = count(value)
    else if (key === 'device') request.DeviceIDs = value.split(',')
    else if (key === 'capabilities') request.Capabilities = [[...value.split(','), 'gpu']]
    else if (key === 'options') request.Options = Object.fromEntries(csvFields(value).map(pair))
    else throw new Error(`unexpected key '${key}' in '${field}'`)
  }
  if (!seen.has('count') && request.DeviceIDs === null) request.Count = 1
  if (request.Capabilities.length === 0) request.Capabilities = [['gpu']]
  return request
}

function pair(text: string): [string, string] {
  const equals = text.indexOf('=')
  return equals < 0 ? [text, ''] : [text.slice(0, equals), text.slice(equals + 1)]
}

function count(text: string): number {
  if (text === 'all') return -1
  if (/^[+-]?\d+$/.test(text)) return Number(text)
  throw new Error(`invalid count (${text}): value must be either "all" or an integer: invalid syntax`)
}
