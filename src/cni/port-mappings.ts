// runtimeConfig.portMappings, as runtimes send them, to the ports of the node that become the pod's.
import { TUNNEL_PORT } from '../datapath/node-table.ts'
import { type HostPort, PROTOCOLS, type Protocol } from '../datapath/pod-rules.ts'
import { type Address, addressFrom, type Family, formatAddress } from '../ip/address.ts'
import { Problem } from '../problem.ts'
import type { Config, PortMapping } from './config.ts'

interface Asked {
  readonly where: string
  readonly port: HostPort
}

const everyAddress: Readonly<Record<Family, string>> = { 4: '0.0.0.0', 6: '::' }

/** What one of them covers already is not said twice. */
export function hostPorts({ runtimeConfig }: Pick<Config, 'runtimeConfig'>): readonly HostPort[] {
  const asked = (runtimeConfig?.portMappings ?? []).map(askedPort)
  // A range of ports is thousands of mappings: only those of one port are compared.
  const byPort = Map.groupBy(asked, ({ port }) => `${port.protocol} ${port.hostPort}`)
  return [...byPort.values()].flatMap(widest)
}

/** What is said of those that a pod of these addresses cannot have. */
export const unusablePorts = (ports: readonly HostPort[], addresses: readonly Address[]): string[] =>
  ports.flatMap(({ protocol, hostPort, hostAddress }) => {
    const family = hostAddress === undefined ? undefined : familyOf(hostAddress)
    if (family === undefined || addresses.some(address => address.family === family)) return []
    return `host port ${protocol}/${hostPort} of ${hostAddress} is left out: the pod has no IPv${family} address`
  })

function askedPort(mapping: PortMapping, index: number): Asked {
  const where = `runtimeConfig.portMappings[${index}]`
  const { hostPort, containerPort, hostIP } = mapping
  const port = { protocol: protocolOf(mapping, where), hostPort, containerPort }
  if (port.protocol === 'udp' && hostPort === TUNNEL_PORT) throw tunnels(where)
  return { where, port: hostIP ? { ...port, hostAddress: canonical(hostIP, where) } : port }
}

const tunnels = (where: string): Problem =>
  new Problem(
    'CONFIG_INVALID',
    `${where}.hostPort udp/${TUNNEL_PORT} is VXLAN's, and no pod would get what comes for it: take another`,
  )

function protocolOf({ protocol: text }: PortMapping, where: string): Protocol {
  const lower = text?.toLowerCase() || 'tcp'
  const known = PROTOCOLS.find(protocol => protocol === lower)
  if (known !== undefined) return known
  throw new Problem('CONFIG_INVALID', `${where}.protocol "${text}" must be one of ${PROTOCOLS.join(', ')}`)
}

/** An IPv4 address inside IPv6 (`::ffff:10.0.0.1`) is that IPv4 address, as in Go. */
function canonical(text: string, where: string): string {
  const address = addressFrom(text)
  if (address !== undefined) return formatAddress(address)
  throw new Problem(
    'CONFIG_INVALID',
    `${where}.hostIP "${text}" is no IP address: leave it out for every address of the node`,
  )
}

/** Of mappings of one protocol and port those that no other covers; one port of one address leads to one place. */
function widest(asked: readonly Asked[]): readonly HostPort[] {
  const kept: Asked[] = []
  // The wider ones first, so that what comes after is either covered or apart.
  for (const one of asked.toSorted((a, b) => width(b.port) - width(a.port))) {
    const cover = kept.find(({ port }) => covers(port, one.port))
    if (cover === undefined) kept.push(one)
    else if (cover.port.containerPort !== one.port.containerPort) throw contradiction(cover, one)
  }
  return kept.map(({ port }) => port)
}

const width = ({ hostAddress }: HostPort): number =>
  hostAddress === undefined ? 2 : Number(Object.values(everyAddress).includes(hostAddress))

const covers = ({ hostAddress: wide }: HostPort, { hostAddress: narrow }: HostPort): boolean =>
  wide === undefined || wide === narrow || (narrow !== undefined && wide === everyAddress[familyOf(narrow)])

const familyOf = (text: string): Family => (text.includes(':') ? 6 : 4)

const contradiction = (a: Asked, b: Asked): Problem =>
  new Problem(
    'CONFIG_INVALID',
    `${said(b)} contradicts ${said(a)}: a port of the node leads to one port of the pod, so remove one, or give each another hostIP`,
  )

const said = ({ where, port: { protocol, hostPort, containerPort, hostAddress } }: Asked): string =>
  `${where} (${hostAddress ?? 'every address'}, ${protocol} hostPort ${hostPort} to containerPort ${containerPort})`
