/** What a Redis server keeps on disk: a snapshot, and the log of commands. */
import type { Proc } from '../../../kernel/program.ts'
import { isErrno } from '../../../vfs/errno.ts'
import { readFileNow, textNow, writeFileNow } from '../../whole-file.ts'
import type { Config } from './config.ts'
import type { Dump } from './data.ts'
import { encodeRequest, takeRequest } from './resp.ts'

/** Where the real format has its version; what follows is ours. */
const magic = 'REDIS0012'
const end = '\xff\0\0\0\0\0\0\0\0'

/** The snapshot; undefined when there is none. Throws Error with Redis's words for a file that is none of ours. */
export function loadSnapshot(p: Proc, config: Config): { dump: Dump; savedAt: number } | undefined {
  const path = `${config['dir']}/${config['dbfilename']}`
  let text: string
  try {
    text = Buffer.from(readFileNow(p, path)).toString('latin1')
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined
    throw error
  }
  if (text.length === 0) return undefined
  if (!text.startsWith(magic)) throw new Error('Wrong signature trying to load DB from file')
  const body = Buffer.from(text.slice(magic.length, -end.length), 'latin1').toString('utf8')
  return JSON.parse(body) as { dump: Dump; savedAt: number }
}

/** Throws Errno. */
export function saveSnapshot(p: Proc, config: Config, dump: Dump, now: number): void {
  const path = `${config['dir']}/${config['dbfilename']}`
  const temporary = `${config['dir']}/temp-${p.pid}.rdb`
  const body = Buffer.from(JSON.stringify({ dump, savedAt: now }), 'utf8').toString('latin1')
  writeFileNow(p, temporary, magic + body + end, 0o644)
  p.rename(temporary, path)
}

const logFolder = (config: Config): string => `${config['dir']}/${config['appenddirname']}`
const logFile = (config: Config): string => `${logFolder(config)}/${config['appendfilename']}.1.incr.aof`

/** The commands of the append-only log, in order; undefined when there is none. */
export function loadLog(p: Proc, config: Config): string[][] | undefined {
  const text =
    textNow(p, logFile(config)) === undefined
      ? undefined
      : Buffer.from(readFileNow(p, logFile(config))).toString('latin1')
  if (text === undefined) return undefined
  const found: string[][] = []
  for (let rest = text; rest !== ''; ) {
    const next = takeRequest(rest)
    if (!next || 'broken' in next) break
    found.push(next.args)
    rest = next.rest
  }
  return found
}

/** Makes the folder of the log with its manifest. */
export function beginLog(p: Proc, config: Config): void {
  const name = config['appendfilename'] ?? 'appendonly.aof'
  try {
    p.mkdir(logFolder(config), 0o755)
  } catch (error) {
    if (!isErrno(error, 'EEXIST')) throw error
  }
  writeFileNow(p, `${logFolder(config)}/${name}.1.base.rdb`, magic + '{"dump":{},"savedAt":0}' + end)
  writeFileNow(p, logFile(config), '')
  writeFileNow(
    p,
    `${logFolder(config)}/${name}.manifest`,
    `file ${name}.1.base.rdb seq 1 type b\nfile ${name}.1.incr.aof seq 1 type i\n`,
  )
}

export function appendLog(p: Proc, config: Config, args: readonly string[]): void {
  const fd = p.open(logFile(config), { write: true, append: true, create: true }, 0o644)
  try {
    p.writeNow(fd, Buffer.from(encodeRequest(args), 'latin1'))
  } finally {
    p.close(fd)
  }
}
