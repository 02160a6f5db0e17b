/** One statement of a session. */

import { is } from '../sql-tokens.ts'
import { alterUser, createUser, dropUser, grant, setPassword } from './administer.ts'
import { Change, tableAt } from './change.ts'
import {
  alterTable,
  createDatabase,
  createIndex,
  createTableStatement,
  createView,
  dropDatabase,
  dropIndex,
  dropTables,
  truncate,
} from './define.ts'
import { explain } from './problems.ts'
import { assignVariables, runQuery } from './query.ts'
import { done, listing, type Result, type Session } from './session.ts'
import { describe, runShow, type ServerFacts } from './show.ts'
import { system } from './storage.ts'
import { isName, SqlError, SyntaxProblem, type Token, topLevel } from './tokens.ts'

const notModelled = (what: string): SqlError => new SqlError(1235, '42000', `minidock: ${what} is not modelled`)

/** Runs a statement; `text`: the whole text that its places count in. Throws SqlError or SyntaxProblem. */
export function runStatement(session: Session, text: string, tokens: readonly Token[], facts: ServerFacts): Result {
  const change = new Change(session, tokens)
  const show = is(tokens[0], 'show')
  if (!show) session.state.warnings = []
  try {
    const result = dispatch(session, text, tokens, facts, change)
    session.state.rowCount = result.kind === 'rows' ? -1 : result.affected
    return result
  } catch (error) {
    session.state.rowCount = -1
    throw explain(session, error, tokens, change.info)
  }
}

function dispatch(
  session: Session,
  text: string,
  tokens: readonly Token[],
  facts: ServerFacts,
  change: Change,
): Result {
  const [first, second, third] = tokens
  const verb = first?.kind === 'word' ? first.text.toLowerCase() : ''
  const object = second?.kind === 'word' ? second.text.toLowerCase() : ''
  switch (verb) {
    case 'select':
    case 'with':
    case 'values':
    case 'table':
      return runQuery(session, text, tokens)
    case 'insert':
    case 'replace':
    case 'update':
    case 'delete':
      return change.run(verb, text)
    case 'truncate':
      return truncate(session, tokens)
    case 'show':
      return runShow(session, tokens, facts)
    case 'desc':
    case 'describe':
    case 'explain':
      if (!isName(second) || is(second, 'select', 'insert', 'update', 'delete', 'analyze', 'format'))
        return plan(session, tokens)
      return describe(session, tableAt(session, tokens, 1).table, third?.text)
    case 'use': {
      const name = second?.text ?? ''
      if (!isName(second)) throw new SyntaxProblem(second?.at ?? Number.MAX_SAFE_INTEGER)
      useDatabase(session, name)
      return done(0, { database: name })
    }
    case 'create':
      return create(session, text, tokens, object)
    case 'drop':
      if (object === 'database' || object === 'schema') return dropDatabase(session, tokens)
      if (object === 'table' || object === 'temporary') return dropTables(session, tokens, 'table')
      if (object === 'view') return dropTables(session, tokens, 'view')
      if (object === 'user') return dropUser(session, tokens)
      if (object === 'index') return dropIndex(session, text, tokens)
      if (['procedure', 'function', 'trigger', 'event', 'role'].includes(object))
        throw notModelled(`DROP ${object.toUpperCase()}`)
      break
    case 'alter':
      if (object === 'table') return alterTable(session, text, tokens)
      if (object === 'user') return alterUser(session, tokens)
      if (object === 'database' || object === 'schema') return done(1)
      break
    case 'rename':
      if (object === 'table') {
        const to = topLevel(tokens, ['to'])
        const { next } = tableAt(session, tokens, 2)
        return alterTable(session, text, [
          ...tokens.slice(0, next),
          { ...(first as Token), text: 'rename' },
          ...tokens.slice(to),
        ])
      }
      throw notModelled(`RENAME ${object.toUpperCase()}`)
    case 'grant':
      return grant(session, tokens, true)
    case 'revoke':
      return grant(session, tokens, false)
    case 'set':
      if (object === 'password') return setPassword(session, tokens)
      if (!['names', 'character', 'transaction', 'global', 'session', 'local'].includes(object))
        assignVariables(session, tokens.slice(1))
      else if (['global', 'session', 'local'].includes(object) && !is(third, 'transaction')) {
        if (object === 'global') session.needGlobal('SUPER or SYSTEM_VARIABLES_ADMIN')
        assignVariables(session, tokens.slice(2))
      }
      return done(0)
    case 'flush':
      session.needGlobal('RELOAD')
      return done(0)
    case 'analyze':
    case 'optimize':
    case 'check': {
      const { table } = tableAt(session, tokens, 2)
      return listing(
        ['Table', 'Op', 'Msg_type', 'Msg_text'],
        [[`${table.database}.${table.name}`, verb, 'status', 'OK']],
      )
    }
    case 'lock':
    case 'unlock':
    case 'do':
      return done(0)
    case 'kill':
      throw new SqlError(1094, 'HY000', `Unknown thread id: ${second?.text ?? ''}`)
    case 'call':
    case 'prepare':
    case 'execute':
    case 'deallocate':
    case 'load':
    case 'handler':
    case 'delimiter':
    case 'install':
    case 'xa':
      throw notModelled(verb.toUpperCase())
  }
  throw new SyntaxProblem(first?.at ?? 0)
}

/** Goes to a database. Throws 1044, and 1049 only to who may see it. */
export function useDatabase(session: Session, name: string): void {
  const { account } = session.identity
  const open = name.toLowerCase() === 'information_schema' || name.toLowerCase() === 'performance_schema'
  const seen = Object.keys(account.grants).some(
    on => on !== '*.*' && on.startsWith(`${name}.`) && (account.grants[on]?.length ?? 0) > 0,
  )
  if (!open && !seen && !['SELECT', 'INSERT', 'CREATE'].some(each => session.allowed(each, name)))
    throw new SqlError(
      1044,
      '42000',
      `Access denied for user '${account.user}'@'${account.host}' to database '${name}'`,
    )
  if (!session.hasDatabase(name)) throw new SqlError(1049, '42000', `Unknown database '${name}'`)
  session.state.database = system.includes(name.toLowerCase()) ? name.toLowerCase() : name
}

function create(session: Session, text: string, tokens: readonly Token[], object: string): Result {
  switch (object) {
    case 'database':
    case 'schema':
      return createDatabase(session, tokens)
    case 'table':
    case 'temporary':
      return createTableStatement(session, text, tokens)
    case 'user':
      return createUser(session, tokens)
    case 'index':
    case 'unique':
    case 'fulltext':
      return createIndex(session, text, tokens)
    case 'or':
      if (is(tokens[3], 'user')) return createUser(session, tokens)
      break
    case 'procedure':
    case 'function':
    case 'trigger':
    case 'event':
    case 'role':
    case 'sequence':
    case 'definer':
      throw notModelled(`CREATE ${object.toUpperCase()}`)
  }
  if (topLevel(tokens, ['view']) > 0) return createView(session, text, tokens)
  throw new SyntaxProblem(tokens[1]?.at ?? Number.MAX_SAFE_INTEGER)
}

/** EXPLAIN of a query: a scan of its first table. */
function plan(session: Session, tokens: readonly Token[]): Result {
  const from = topLevel(tokens, ['from'])
  const table = from > 0 && isName(tokens[from + 1]) ? tableAt(session, tokens, from + 1).table : undefined
  const maria = session.flavour.maria
  const names = [
    'id',
    'select_type',
    'table',
    ...(maria ? [] : ['partitions']),
    'type',
    'possible_keys',
    'key',
    'key_len',
    'ref',
    'rows',
    ...(maria ? [] : ['filtered']),
    'Extra',
  ]
  const rows = table
    ? String(
        Math.max(
          1,
          Number(
            session.store.sql.exec(`SELECT count(*) FROM "${table.database}.${table.name}"`)[0]?.values[0]?.[0] ?? 1,
          ),
        ),
      )
    : null
  const row = [
    '1',
    'SIMPLE',
    table?.name ?? null,
    ...(maria ? [] : [null]),
    table ? 'ALL' : null,
    null,
    null,
    null,
    null,
    rows,
    ...(maria ? [] : [table ? '100.00' : null]),
    table ? (maria ? '' : null) : 'No tables used',
  ]
  return listing(names, [row])
}
