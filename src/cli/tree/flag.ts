/** How the tree's modules write a flag: `bool('a,all', 'Also those that are not running')`. */
import type { FlagSpec, FlagType } from '../spec.ts'

type Rest = Omit<FlagSpec, 'name' | 'short' | 'type' | 'help'>
type Make = (names: string, help: string, rest?: Rest) => FlagSpec

const make =
  (type: FlagType): Make =>
  (names, help, rest) => {
    const comma = names.indexOf(',')
    const short = comma < 0 ? {} : { short: names.slice(0, comma) }
    return { name: names.slice(comma + 1), ...short, type, help, ...rest }
  }

export const bool = make('bool')
export const string = make('string')
export const int = make('int')
export const uint16 = make('uint16')
export const decimal = make('decimal')
export const duration = make('duration')
export const bytes = make('bytes')
export const list = make('list')
export const stringArray = make('stringArray')
export const strings = make('strings')
export const map = make('map')
export const filter = make('filter')

const MORE = 'More on templates: https://docs.docker.com/go/formatting/'
/** `--format` of commands that print a table. */
export const tableFormat = (names = 'format'): FlagSpec =>
  string(names, `How to print:\n'table', 'table TEMPLATE', 'json', or a Go TEMPLATE.\n${MORE}`)
/** `--format` of commands that print an object. */
export const objectFormat = (): FlagSpec => string('f,format', `How to print:\n'json', or a Go TEMPLATE.\n${MORE}`)
export const force = (help = 'Do not ask before doing it'): FlagSpec => bool('f,force', help)
