// What the kernel holds of one pod's pair, both ends, read without changing anything.
import type { Connection } from '../netlink/connection.ts'
import { hasCode } from '../problem.ts'
import { address, blankAddress, RTM_GETADDR } from '../rtnetlink/address.ts'
import { blankLink, IFF_UP, link, RTM_GETLINK } from '../rtnetlink/link.ts'
import { blankNeighbour, NUD_PERMANENT, neighbour, RTM_GETNEIGH } from '../rtnetlink/neighbour.ts'
import { blankRoute, RTM_GETROUTE, route } from '../rtnetlink/route.ts'

export interface ObservedLink {
  readonly index: number
  readonly isUp: boolean
  readonly mac: string
  readonly mtu: number
  /** The index of the other end, in its own namespace. */
  readonly peerIndex: number
  readonly group: number
}

export interface ObservedEnd {
  readonly link: ObservedLink | undefined
  /** "10.1.2.3/32" */
  readonly addresses: readonly string[]
  /** "10.1.2.3/32", with the gateway where there is one. */
  readonly routes: readonly { readonly destination: string; readonly gateway: string | undefined }[]
  /** The permanent entries: address to MAC. */
  readonly neighbours: Readonly<Record<string, string>>
}

const FAMILIES = [2, 10]
const NOTHING: ObservedEnd = { link: undefined, addresses: [], routes: [], neighbours: {} }

/** One end, by its name, as this connection's namespace has it. */
export function observedEnd(connection: Connection, name: string): ObservedEnd {
  const found = observedLink(connection, name)
  if (found === undefined) return NOTHING
  return { link: found, ...observedOn(connection, found.index) }
}

export function observedLink(connection: Connection, name: string): ObservedLink | undefined {
  try {
    const { index, flags, attributes } = connection.get(`look up ${name}`, RTM_GETLINK, link, {
      ...blankLink,
      attributes: { name },
    })
    const { address = '', mtu = 0, link: peerIndex = 0, group = 0 } = attributes
    return { index, isUp: (flags & IFF_UP) !== 0, mac: address, mtu, peerIndex, group }
  } catch (error) {
    if (hasCode(error, 'ENODEV')) return undefined
    throw error
  }
}

function observedOn(connection: Connection, index: number): Omit<ObservedEnd, 'link'> {
  const addresses = connection
    .dump('list addresses', RTM_GETADDR, address, { ...blankAddress, index, attributes: {} })
    .filter(item => item.index === index)
    .map(({ prefixLength, attributes }) => `${attributes.local ?? attributes.address}/${prefixLength}`)
  const routes = FAMILIES.flatMap(family =>
    connection.dump('list routes', RTM_GETROUTE, route, {
      ...blankRoute,
      family,
      attributes: { outputInterface: index },
    }),
  )
    .filter(item => item.attributes.outputInterface === index)
    .map(({ family, destinationLength, attributes }) => ({
      destination: `${attributes.destination ?? (family === 2 ? '0.0.0.0' : '::')}/${destinationLength}`,
      gateway: attributes.gateway,
    }))
  const neighbours = connection
    .dump('list neighbours', RTM_GETNEIGH, neighbour, { ...blankNeighbour, attributes: { interfaceIndex: index } })
    .filter(item => item.index === index && (item.state & NUD_PERMANENT) !== 0)
    .map(({ attributes }) => [attributes.destination, attributes.linkLayerAddress])
  return { addresses, routes, neighbours: Object.fromEntries(neighbours) }
}
