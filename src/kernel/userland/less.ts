/** less: text by screens. */
import { pagerCommand, pagerOptions } from './lib/pager.ts'

export const options = pagerOptions

export const program = pagerCommand('less', ':')
