/**
 * `system check`: looks at every document and blob of a store, and tells what is damaged, what does not fit
 * together, and what interrupted commands have left behind.
 */
import { lstatSync, readdirSync, readFileSync, type Stats } from 'node:fs'
import { join } from 'node:path'
import { codeOf, EngineError } from '../../errors.ts'
import { hostError, isTemporary, makerOf } from '../../store/atomic.ts'
import { openStore } from '../../store/store.ts'
import type { StoreReader, Transaction } from '../../store/types.ts'
import { documentFault } from './check-documents.ts'
import { checkLinks } from './check-links.ts'
import { removeLeftovers, repairLinks, setAside } from './check-repair.ts'

export interface Finding {
  /** Below the store's root. */
  path: string
  message: string
}

export interface CheckReport {
  root: string
  /** What is damaged still; [] when the store is whole. */
  findings: Finding[]
  /** What `repair` has put right. */
  repaired: Finding[]
  /** What interrupted commands left behind: it does no harm, and `repair` removes it. */
  leftovers: { count: number; bytes: number }
  removed: { count: number; bytes: number }
  documents: number
}

export interface CheckOptions {
  repair?: boolean
  /** Computes the digest of every layer's tar anew. */
  blobs?: boolean
  /** ms since the epoch. */
  now: number
}

/** Files that are younger may belong to a command that is under way, in ms. */
const settlingTime = 600_000

interface StoredFile {
  path: string
  size: number
  changed: number
}

export interface Survey {
  documents: number
  findings: Finding[]
  /** Paths of documents that cannot be used. */
  damaged: string[]
  leftovers: StoredFile[]
}

/** Checks the store in a folder, and with `repair` puts right what can be. Throws EngineError for one that cannot be opened. */
export async function checkStore(root: string, options: CheckOptions): Promise<CheckReport> {
  const before = await foundations(root, options.repair ?? false)
  const nothing = { count: 0, bytes: 0 }
  if (before.some(finding => finding.path === 'version' || finding.path === 'journal.json') && !options.repair)
    return { root, findings: before, repaired: [], leftovers: nothing, removed: nothing, documents: 0 }
  const store = openStore(root)
  const look = async (reader: StoreReader): Promise<Survey> => {
    const survey = surveyFiles(root, options.now)
    survey.findings.push(...(await checkLinks(withoutDamaged(reader, survey.damaged), options.blobs ?? false)))
    return survey
  }
  const report = (survey: Survey): CheckReport => ({
    root,
    findings: survey.findings,
    repaired: [],
    leftovers: { count: survey.leftovers.length, bytes: sum(survey.leftovers) },
    removed: nothing,
    documents: survey.documents,
  })
  if (!options.repair) {
    try {
      // Under the lock, so that nothing is half-done because a command is under way.
      return report(await store.transactionAsync(look))
    } catch (error) {
      if (!(error instanceof EngineError) || error.kind !== 'system') throw error
      return report(await look(store))
    }
  }
  const first = await store.transactionAsync(async (tx: Transaction) => {
    const survey = await look(tx)
    for (const path of survey.damaged) setAside(root, path)
    removeLeftovers(root, survey.leftovers)
    return survey
  })
  if (first.findings.length > 0) await store.transactionAsync(async tx => repairLinks(tx, options.now))
  const after = report(await store.transactionAsync(look))
  const left = new Set(after.findings.map(({ path, message }) => `${path} ${message}`))
  const repaired = [...before, ...first.findings].filter(({ path, message }) => !left.has(`${path} ${message}`))
  return { ...after, repaired, removed: { count: first.leftovers.length, bytes: sum(first.leftovers) } }
}

const sum = (files: readonly StoredFile[]): number => files.reduce((bytes, file) => bytes + file.size, 0)

/** The two files without which a store cannot even be opened. */
async function foundations(root: string, repair: boolean): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const path of ['version', 'journal.json']) {
    let text: string
    try {
      text = readFileSync(join(root, path), 'utf8')
    } catch (error) {
      if (codeOf(error) === 'ENOENT') continue
      throw hostError(error, 'read', join(root, path))
    }
    if (isDocument(text)) continue
    findings.push({ path, message: 'it is no JSON' })
    if (repair) setAside(root, path)
  }
  return findings
}

function isDocument(text: string): boolean {
  try {
    const document: unknown = JSON.parse(text)
    return typeof document === 'object' && document !== null
  } catch {
    return false
  }
}

/** Every file of the store: what kind it is, and whether it is whole in itself. */
function surveyFiles(root: string, now: number): Survey {
  const survey: Survey = { documents: 0, findings: [], damaged: [], leftovers: [] }
  const isOld = (file: StoredFile): boolean => now - file.changed > settlingTime
  const has = (path: string): boolean => statOf(join(root, path)) !== undefined
  for (const file of walk(root, '')) {
    const [top = '', second = '', third = ''] = file.path.split('/')
    const temporary = file.path.split('/').some(isTemporary)
    // The client's own settings are no documents of the store.
    if (top === 'damaged' || top === 'config' || file.path === 'version' || file.path === 'journal.json') continue
    if (top === 'trash' || temporary) {
      if (isUnclaimed(file.path)) survey.leftovers.push(file)
      continue
    }
    if (top === 'lock.break') survey.leftovers.push(file)
    const folder = `${top}/${second}`
    const orphan =
      (top === 'containers' && third !== '' && !has(`${folder}/config.json`) && !has(`${folder}/removed.json`)) ||
      (top === 'volumes' && third !== '' && !has(`${folder}/volume.json`))
    const abandoned = top === 'containers' && has(`${folder}/removed.json`) && isOld(file)
    const unused = top === 'blobs' && second === 'sha256' && isOld(file) && !has(`layers/${third}.json`)
    if (orphan || abandoned || unused) survey.leftovers.push(file)
    else if (file.path.endsWith('.json')) {
      survey.documents++
      const message = faultOf(root, file.path)
      if (message === undefined) continue
      survey.findings.push({ path: file.path, message })
      survey.damaged.push(file.path)
    }
  }
  return survey
}

/** Under the lock, only blobs and layers are written by others; they belong to processes that live. */
function isUnclaimed(path: string): boolean {
  const name = path.split('/').find(isTemporary)
  if (name === undefined) return true
  const maker = makerOf(name)
  return maker === 'gone' || (maker === 'alive' && !path.startsWith('blobs/') && !name.startsWith('lock'))
}

function faultOf(root: string, path: string): string | undefined {
  try {
    return documentFault(path, readFileSync(join(root, path), 'utf8'))
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    return hostError(error, 'read', path).message
  }
}

function* walk(root: string, folder: string): Generator<StoredFile> {
  let names: string[]
  try {
    names = readdirSync(join(root, folder)).sort()
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return
    throw hostError(error, 'read', join(root, folder))
  }
  for (const name of names) {
    const path = folder === '' ? name : `${folder}/${name}`
    const stat = statOf(join(root, path))
    if (stat?.isDirectory()) yield* walk(root, path)
    else if (stat) yield { path, size: stat.size, changed: stat.mtimeMs }
  }
}

function statOf(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false })
}

/** A reader for which damaged documents are not there: they have been told of. */
function withoutDamaged(reader: StoreReader, damaged: readonly string[]): StoreReader {
  const hidden = new Set(damaged)
  return {
    root: reader.root,
    locate: path => reader.locate(path),
    generation: () => reader.generation(),
    read: path => (hidden.has(path) ? undefined : reader.read(path)),
    list: path => reader.list(path).filter(name => !hidden.has(`${path}/${name}`)),
  }
}
