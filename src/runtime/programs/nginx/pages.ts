/** What nginx writes by itself: error pages, listings of directories. */
import type { DirEntry } from '../../../vfs/filesystem.ts'

export const statusLines: Readonly<Record<number, string>> = {
  301: 'Moved Permanently',
  302: 'Moved Temporarily',
  303: 'See Other',
  307: 'Temporary Redirect',
  308: 'Permanent Redirect',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Not Allowed',
  413: 'Request Entity Too Large',
  416: 'Requested Range Not Satisfiable',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Temporarily Unavailable',
  504: 'Gateway Time-out',
}
const titles: Readonly<Record<number, string>> = { ...statusLines, 302: 'Found', 401: 'Authorization Required' }

/** The page of a status, or nothing for those that have none. */
export function errorPage(status: number, server: string): string | undefined {
  const title = titles[status]
  if (title === undefined) return undefined
  return `<html>\r\n<head><title>${status} ${title}</title></head>\r\n<body>\r\n<center><h1>${status} ${title}</h1></center>\r\n<hr><center>${server}</center>\r\n</body>\r\n</html>\r\n`
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
/** Columns that a name has in a listing. */
const nameWidth = 50

/** The listing of a directory: directories first, then files, each by name. */
export function listing(
  uri: string,
  entries: readonly (Pick<DirEntry, 'name'> & { dir: boolean; size: number; mtime: number })[],
): string {
  const byName = (a: { name: string }, b: { name: string }): number => (a.name < b.name ? -1 : 1)
  const rows = [...entries.filter(each => each.dir).sort(byName), ...entries.filter(each => !each.dir).sort(byName)]
  const lines = rows.map(({ name, dir, size, mtime }) => {
    const shown = dir ? `${name}/` : name
    const cut = shown.length > nameWidth ? `${escapeHtml(shown.slice(0, nameWidth - 3))}..&gt;` : escapeHtml(shown)
    const pad = ' '.repeat(Math.max(0, nameWidth - shown.length))
    const at = new Date(mtime)
    const two = (n: number): string => String(n).padStart(2, '0')
    const when = `${two(at.getUTCDate())}-${months[at.getUTCMonth()]}-${at.getUTCFullYear()} ${two(at.getUTCHours())}:${two(at.getUTCMinutes())}`
    return `<a href="${escapeUri(shown)}">${cut}</a>${pad} ${when} ${(dir ? '-' : String(size)).padStart(19)}\r\n`
  })
  const title = escapeHtml(uri)
  return `<html>\r\n<head><title>Index of ${title}</title></head>\r\n<body>\r\n<h1>Index of ${title}</h1><hr><pre><a href="../">../</a>\r\n${lines.join('')}</pre><hr></body>\r\n</html>\r\n`
}

const escapeHtml = (text: string): string =>
  text.replace(/[&<>"]/g, char => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[char] ?? char)

const escapeUri = (text: string): string =>
  text.replace(
    /[^A-Za-z0-9/._~!$'()*,;:@=-]/g,
    char => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  )
