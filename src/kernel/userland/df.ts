/** df: space of file systems. */
import { isErrno } from '../../vfs/errno.ts'
import type { Routine } from '../program.ts'
import { type Call, command } from './lib/command.ts'
import { humanSizeBusybox, humanSizeGnu } from './lib/human.ts'
import { readFile } from './lib/input.ts'

export const options = {
  all: '-a --all  file systems without blocks too',
  human: '-h --human-readable  sizes such as 1K 243M',
  kibibytes: '-k  in KiB (default)',
  mebibytes: '-m  in MiB',
  portable: '-P --portability  one line each',
  types: '-T --print-type  types too',
  inodes: '-i --inodes  inodes instead of space',
  only: '-t --type=TYPE  only this type',
  blockSize: '-B --block-size=SIZE  in units of SIZE',
  without: 'gnu: -x --exclude-type=TYPE  without this type',
  local: 'gnu: -l --local  ignored',
  si: 'gnu: -H --si  like -h with powers of 1000',
  total: 'gnu: --total  a total',
  output: 'gnu: --output[=FIELDS]  ignored',
}

type DfCall = Call<typeof options>

interface Mount {
  source: string
  dir: string
  type: string
}

export const program = command('df', options, function* (call) {
  const { p, out, options: given, args, gnu, error } = call
  const mounts = yield* readMounts(call)
  const chosen: Mount[] = []
  let status = 0
  for (const path of args) {
    try {
      p.stat(path)
      const dir = p.statfs(path).mountPoint
      chosen.push(
        mounts.findLast(mount => mount.dir === dir) ?? { source: p.statfs(path).type, dir, type: p.statfs(path).type },
      )
    } catch (thrown) {
      if (!isErrno(thrown)) throw thrown
      yield* error(gnu ? `${path}: ${thrown.message}` : `${path}: can't find mount point`)
      status = 1
    }
  }
  if (args.length > 0 && chosen.length === 0) return status
  const rows: string[][] = []
  for (const mount of args.length > 0 ? chosen : mounts) {
    if (given.has('only') && !given.values('only').includes(mount.type)) continue
    if (given.values('without').includes(mount.type)) continue
    try {
      const { total, free, files, filesFree } = p.statfs(mount.dir)
      if (total === 0 && args.length === 0 && !given.has('all')) continue
      const [all, left] = given.has('inodes') ? [files, filesFree] : [total, free]
      const used = all - left
      const show = (value: number) => (given.has('inodes') ? String(value) : sizeText(call, value))
      const percent = all === 0 ? (gnu ? '-' : '0%') : `${Math.ceil((used * 100) / all)}%`
      rows.push([
        mount.source,
        ...(given.has('types') ? [mount.type] : []),
        show(all),
        show(used),
        show(left),
        percent,
        mount.dir,
      ])
    } catch (thrown) {
      if (!isErrno(thrown)) throw thrown
    }
  }
  yield* out.write(gnu ? gnuTable(call, rows) : busyboxTable(call, rows))
  return status
})

function* readMounts({ p }: DfCall): Routine<Mount[]> {
  try {
    const text = yield* readFile(p, '/proc/mounts')
    return text
      .split('\n')
      .filter(line => line !== '')
      .map(line => {
        const [source = '', dir = '', type = ''] = line.split(' ')
        return { source, dir: dir.replaceAll('\\040', ' '), type }
      })
  } catch (error) {
    if (!isErrno(error)) throw error
    return [{ source: p.statfs('/').type, dir: '/', type: p.statfs('/').type }]
  }
}

function sizeText({ options: given, gnu }: DfCall, bytes: number): string {
  if (given.has('human')) return gnu ? humanSizeGnu(bytes) : humanSizeBusybox(bytes)
  if (given.has('si')) return humanSizeGnu(bytes, 1000)
  return String(Math.ceil(bytes / unitOf(given)))
}

function unitOf(given: DfCall['options']): number {
  const match = /^(\d*)([KMG]?)/i.exec(given.value('blockSize') ?? (given.has('mebibytes') ? 'M' : 'K'))
  return Math.max(1, Number(match?.[1] || 1) * 1024 ** ' KMG'.indexOf((match?.[2] ?? '').toUpperCase() || ' '))
}

function headings({ options: given, gnu }: DfCall): string[] {
  const human = given.has('human') || given.has('si')
  const unit = unitOf(given)
  const blocks = human
    ? 'Size'
    : unit === 1024
      ? gnu && given.has('portable')
        ? '1024-blocks'
        : '1K-blocks'
      : unit === 1024 ** 2
        ? '1M-blocks'
        : `${unit}-blocks`
  const type = given.has('types') ? ['Type'] : []
  if (given.has('inodes'))
    return [
      'Filesystem',
      ...type,
      'Inodes',
      gnu ? 'IUsed' : 'Used',
      gnu ? 'IFree' : 'Available',
      gnu ? 'IUse%' : 'Use%',
      'Mounted on',
    ]
  return [
    'Filesystem',
    ...type,
    blocks,
    'Used',
    gnu && human ? 'Avail' : 'Available',
    gnu && given.has('portable') ? 'Capacity' : 'Use%',
    'Mounted on',
  ]
}

function gnuTable(call: DfCall, rows: string[][]): string {
  const all = [headings(call), ...rows]
  const typed = call.options.has('types')
  const widths = (all[0] ?? []).map((_, column) =>
    Math.max(column === 0 ? 14 : column === (typed ? 5 : 4) ? 4 : 5, ...all.map(row => row[column]?.length ?? 0)),
  )
  return all
    .map(row => {
      const cells = row.map((cell, column) => {
        if (column === row.length - 1) return cell
        return column === 0 || (typed && column === 1)
          ? cell.padEnd(widths[column] ?? 0)
          : cell.padStart(widths[column] ?? 0)
      })
      return `${cells.join(' ')}\n`
    })
    .join('')
}

function busyboxTable(call: DfCall, rows: string[][]): string {
  const typed = call.options.has('types')
  const portable = call.options.has('portable') && !call.options.has('inodes') && !call.options.has('human')
  const line = (row: readonly string[], percentWidth: number) => {
    const [source = '', ...rest] = row
    const type = typed ? ` ${(rest.shift() ?? '').padEnd(10)}` : ''
    const [all = '', used = '', free = '', percent = '', dir = ''] = rest
    const name =
      source.length > 20 && !call.options.has('portable') ? `${source}\n${' '.repeat(20)}` : source.padEnd(20)
    return `${name}${type} ${all.padStart(9)} ${used.padStart(9)} ${free.padStart(9)} ${percent.padStart(percentWidth)} ${dir}\n`
  }
  const head = portable
    ? 'Filesystem           1024-blocks    Used Available Capacity Mounted on\n'
    : line(headings(call), 4)
  return head + rows.map(row => line(row, 4)).join('')
}
