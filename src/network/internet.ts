/**
 * The simulated internet: a few names that resolve, addresses that answer a ping, and one web page. All else is
 * unreachable: nothing of it is asked of the real one.
 */
import { hostNameServer } from './host.ts'

interface Site {
  names: readonly string[]
  address: string
  /** Whether it serves the page on port 80. */
  web: boolean
  /** Whether it is a name server. */
  dns?: boolean
}

const sites: readonly Site[] = [
  { names: ['example.com', 'www.example.com'], address: '93.184.215.14', web: true },
  { names: ['example.org', 'www.example.org'], address: '93.184.215.15', web: true },
  { names: ['dns.google'], address: '8.8.8.8', web: false, dns: true },
  { names: ['one.one.one.one'], address: '1.1.1.1', web: false, dns: true },
  { names: [], address: hostNameServer, web: false, dns: true },
]

/** Addresses of a name of the simulated internet; undefined when it knows no such name. */
export function internetNames(name: string): string[] | undefined {
  const site = sites.find(each => each.names.includes(name))
  return site && [site.address]
}

/** The name of an address there. */
export const internetName = (address: string): string | undefined =>
  sites.find(each => each.address === address)?.names[0]

/** Whether somebody is at an address. */
export const isInternetHost = (address: string): boolean => sites.some(each => each.address === address)

/** Whether somebody there answers on a port: web servers on 80, name servers on 53. */
export function answersOn(address: string, protocol: string, port: number): boolean {
  const site = sites.find(each => each.address === address)
  if (!site || protocol === 'icmp') return site !== undefined
  return (site.web && protocol === 'tcp' && port === 80) || (site.dns === true && port === 53)
}

/** The page that a web server there serves, headers and all. */
export function internetPage(address: string): string {
  const body = `<!doctype html>\n<title>Example Domain</title>\n<h1>Example Domain</h1>\n<p>This page of the simulated internet is ${internetName(address) ?? address}.</p>\n`
  return `HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=UTF-8\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`
}
