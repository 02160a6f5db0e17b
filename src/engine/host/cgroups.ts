/**
 * Control groups that are not a container's: those above containers, whose limits an administrator sets with the
 * tools of libcgroup, and what was used in them by containers that are gone.
 */

import { groupFiles } from '../../cgroup/files.ts'
import { type CgroupCounters, type CgroupLimits, type CgroupTree, noCounters } from '../../cgroup/tree.ts'
import type { Kernel } from '../../kernel/kernel.ts'
import { machineFacts } from '../../kernel/machine-facts.ts'
import { enforce } from '../../kernel/memory.ts'
import type { StoreReader, Transaction } from '../../store/types.ts'
import { parseBytes } from '../../util/ram-bytes.ts'

const documentPath = 'host/cgroups.json'

interface Kept {
  limits: CgroupLimits
  counters: CgroupCounters
}

/** Puts the limits and counters of stored groups into a tree. */
export function loadGroups(reader: StoreReader, tree: CgroupTree): void {
  for (const [path, kept] of Object.entries(reader.read<Record<string, Kept>>(documentPath) ?? {})) {
    const group = tree.at(path)
    group.limits = kept.limits
    group.counters = { ...noCounters(), ...kept.counters }
  }
}

/** Stores the groups that are not a container's, where something changed. */
export function saveGroups(tx: Transaction, tree: CgroupTree): void {
  const kept: Record<string, Kept> = {}
  for (const group of tree.all()) {
    const told = Object.keys(group.limits).length > 0 || Object.values(group.counters).some(value => value > 0)
    if (!group.members && told) kept[group.path] = { limits: group.limits, counters: group.counters }
  }
  const before = tx.read<Record<string, Kept>>(documentPath)
  if (JSON.stringify(before ?? {}) !== JSON.stringify(kept)) tx.put(documentPath, kept)
}

const settable: Readonly<Record<string, (text: string, limits: CgroupLimits) => boolean>> = {
  'memory.max': (text, limits) => setBytes(text, bytes => (limits.memory = bytes)),
  'memory.high': (text, limits) => setBytes(text, bytes => (limits.memoryHigh = bytes)),
  'memory.low': (text, limits) => setBytes(text, bytes => (limits.memoryLow = bytes)),
  'memory.swap.max': (text, limits) => setBytes(text, bytes => (limits.swap = bytes)),
  'pids.max': (text, limits) => setNumber(text, 0, 4_194_304, number => (limits.pids = number)),
  'cpu.weight': (text, limits) => setNumber(text, 1, 10_000, number => (limits.weight = number)),
  'io.weight': (text, limits) =>
    setNumber(text.replace(/^default /, ''), 1, 10_000, number => (limits.ioWeight = number)),
  'cpu.max': (text, limits) => {
    const [quota = '', period] = text.split(' ')
    if (period !== undefined && !/^\d+$/.test(period)) return false
    if (period !== undefined) limits.periodUs = Number(period)
    return setNumber(quota, 1000, Number.MAX_SAFE_INTEGER, number => (limits.quotaUs = number))
  },
}

function setNumber(text: string, least: number, most: number, set: (value: number | undefined) => void): boolean {
  if (text === 'max') {
    set(undefined)
    return true
  }
  if (!/^\d+$/.test(text) || Number(text) < least || Number(text) > most) return false
  set(Number(text))
  return true
}

function setBytes(text: string, set: (value: number | undefined) => void): boolean {
  if (text === 'max') {
    set(undefined)
    return true
  }
  try {
    set(parseBytes(text))
    return true
  } catch {
    return false
  }
}

interface Outcome {
  out: string
  err: string
  status: number
}

const failed = (err: string, status = 1): Outcome => ({ out: '', err: `${err}\n`, status })

/** `cgcreate -g memory,cpu:PATH`, `cgset -r FILE=VALUE PATH`, `cgget -r FILE PATH` (libcgroup). */
export function groupTool(kernel: Kernel, name: string, args: readonly string[]): Outcome {
  const words = [...args]
  const settings: string[] = []
  const paths: string[] = []
  while (words.length > 0) {
    const word = words.shift() ?? ''
    if (word === '-r') settings.push(words.shift() ?? '')
    else if (word === '-g') paths.push((words.shift() ?? '').replace(/^[^:]*:/, ''))
    else if (word.startsWith('-')) return failed(`${name}: ${word} is not modelled by minidock`)
    else paths.push(word)
  }
  if (paths.length === 0) return failed(`${name}: no cgroup given`)
  if (name === 'cgcreate') {
    for (const path of paths) kernel.cgroups.at(path).limits.weight ??= 100
    return { out: '', err: '', status: 0 }
  }
  let out = ''
  for (const path of paths) {
    const group = kernel.cgroups.find(path)
    if (!group) return failed(`${name}: cannot find group ${path}: No such file or directory`, 96)
    if (name === 'cgset') {
      for (const setting of settings) {
        const [file = '', value = ''] = setting.split(/=(.*)/s)
        const set = settable[file]
        if (!set || !group.parent) return failed(`${name}: the group can't be modified: no file ${file}`, 96)
        const limits = { ...group.limits }
        if (!set(value.trim(), limits)) return failed(`${name}: cannot set ${file} to ${value}: Invalid argument`, 96)
        group.limits = limits
        kernel.scheduler.changed()
      }
      for (const sandbox of [...kernel.sandboxes.values()])
        if ([...sandbox.group.chain].includes(group)) enforce(kernel, sandbox)
    } else {
      const files = groupFiles(group, { numbers: () => [], frozen: false, cpus: machineFacts.cpus, now: kernel.time })
      out += `${path}:\n`
      for (const file of settings.length > 0 ? settings : Object.keys(files)) {
        const text = Object.hasOwn(files, file) ? files[file] : undefined
        if (!text) return failed(`${name}: cannot find controller '${file.split('.')[0]}' in group '${path}'`, 96)
        out += `${file}: ${text().trimEnd().replaceAll('\n', '\n\t')}\n`
      }
      out += '\n'
    }
  }
  return { out, err: '', status: 0 }
}
