// What an attachment may leave on the host, listed: links, routes, rules, reservations, records.
import { readdirSync } from 'node:fs'
import { isIP } from 'node:net'
import { basename, join } from 'node:path'
import { podElements } from './firewall.ts'
import type { Host } from './host.ts'

const lines = (text: string): string[] => text.split('\n').filter(line => line.trim() !== '')

/** Node-wide state that stays by design: locks, round-robin marks, the index, the boot token. */
const staysByDesign = (name: string): boolean => /^(lock|last_reserved_ip\.\d+|boot|\.podwire-(index|boot))$/.test(name)

export function files(host: Host, folder: string): string[] {
  try {
    const entries = readdirSync(host.path(folder), { recursive: true, withFileTypes: true })
    return entries
      .filter(entry => !entry.isDirectory())
      .map(entry => join(entry.parentPath, entry.name).replace(host.path(''), ''))
      .toSorted()
  } catch {
    return []
  }
}

export function reservations(host: Host, folder = '/run/podwire/ipam'): string[] {
  return files(host, folder).filter(path => isIP(basename(path)) !== 0)
}

export function links(host: Host): string[] {
  const all = JSON.parse(host.run('ip', ['-json', 'link'])) as { ifname: string }[]
  return all.map(({ ifname }) => ifname).filter(name => name !== 'lo')
}

export function leftovers(host: Host): string[] {
  const routes = lines(host.shell('ip -4 route show table all; ip -6 route show table all'))
  return [
    ...links(host).map(name => `link ${name}`),
    ...routes.filter(line => !/ dev lo /.test(`${line} `)).map(line => `route ${line}`),
    ...lines(host.shell('ip -4 neighbour; ip -6 neighbour')).map(line => `neighbour ${line}`),
    ...podElements(host).map(element => `element ${element}`),
    ...files(host, '/run/podwire').filter(path => !staysByDesign(basename(path))),
    ...files(host, '/var/lib/cni').filter(path => !path.includes('/cni-loopback-')),
    ...files(host, '/run/netns'),
  ]
}
