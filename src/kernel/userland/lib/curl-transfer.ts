/** What curl knows of one transfer, and --write-out, which shows it. */
import type { Proc } from '../../program.ts'

/** One address's transfer, as --write-out sees it. */
export interface Transfer {
  url: string
  effective: string
  code: number
  exit: number
  message: string
  headerSize: number
  size: number
  uploaded: number
  type: string
  redirects: number
  redirectUrl: string
  method: string
  remote: { address: string; port: number }
  local: { address: string; port: number }
  began: number
  lookup: number
  connected: number
  firstByte: number
  end: number
  file: string
}

/** A transfer that has not begun. */
export function newTransfer(p: Proc, url: string): Transfer {
  const now = p.now()
  const nowhere = { address: '', port: 0 }
  return {
    url,
    effective: url,
    code: 0,
    exit: 0,
    message: '',
    headerSize: 0,
    size: 0,
    uploaded: 0,
    type: '',
    redirects: 0,
    redirectUrl: '',
    method: 'GET',
    remote: nowhere,
    local: nowhere,
    began: now,
    lookup: now,
    connected: now,
    firstByte: now,
    end: now,
    file: '',
  }
}

/** --write-out: %{name}, and backslash escapes. */
export function writeOut(format: string, t: Transfer): string {
  const seconds = (at: number) => (Math.max(0, at - t.began) / 1000).toFixed(6)
  const values = new Map<string, string>([
    ['http_code', String(t.code).padStart(3, '0')],
    ['response_code', String(t.code).padStart(3, '0')],
    ['http_version', t.code === 0 ? '0' : '1.1'],
    ['size_download', String(t.size)],
    ['size_upload', String(t.uploaded)],
    ['size_header', String(t.headerSize)],
    ['speed_download', String(Math.floor(t.size / Math.max(0.001, (t.end - t.began) / 1000)))],
    ['content_type', t.type],
    ['url', t.url],
    ['url_effective', t.effective],
    ['num_redirects', String(t.redirects)],
    ['num_connects', t.code === 0 ? '0' : '1'],
    ['redirect_url', t.redirectUrl],
    ['method', t.method],
    ['scheme', 'HTTP'],
    ['remote_ip', t.remote.address],
    ['remote_port', String(t.remote.port)],
    ['local_ip', t.local.address],
    ['local_port', String(t.local.port)],
    ['time_namelookup', seconds(t.lookup)],
    ['time_connect', seconds(t.connected)],
    ['time_appconnect', '0.000000'],
    ['time_pretransfer', seconds(t.connected)],
    ['time_redirect', '0.000000'],
    ['time_starttransfer', seconds(t.firstByte)],
    ['time_total', seconds(t.end)],
    ['exitcode', String(t.exit)],
    ['errormsg', t.message],
    ['filename_effective', t.file],
  ])
  return format.replace(
    /%\{([^}]*)\}|%%|\\([nrt\\])/g,
    (whole, name: string | undefined, control: string | undefined) => {
      if (name !== undefined) return values.get(name) ?? `%{${name}}`
      if (control !== undefined) return { n: '\n', r: '\r', t: '\t', '\\': '\\' }[control] ?? whole
      return '%'
    },
  )
}
