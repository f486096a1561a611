// The VXLAN device: what it should be, and what to change so that it is.
import { noLinkLocalRequest, upRequest } from '../datapath/requests.ts'
import type { Request } from '../netlink/batch.ts'
import { NLM_F_CREATE, NLM_F_EXCL } from '../netlink/connection.ts'
import { address, blankAddress, IFA_F_NODAD, RTM_DELADDR, RTM_NEWADDR } from '../rtnetlink/address.ts'
import { blankLink, link, RTM_DELLINK, RTM_NEWLINK } from '../rtnetlink/link.ts'
import { type Observed, type ObservedLink, TUNNEL_NAME } from './observed.ts'

export interface Tunnel {
  readonly mac: string
  readonly mtu: number
  /** The node's own address that its packets carry. */
  readonly local: string
  readonly id: number
  readonly port: number
  /** "10.244.1.0/32" */
  readonly addresses: readonly string[]
}

const AF_INET = 2
const AF_INET6 = 10
const CREATE = NLM_F_CREATE | NLM_F_EXCL

/** Step 1: the device is there, and is what it should be. None where it is. */
export function deviceRequests(wanted: Tunnel | undefined, observed: ObservedLink | undefined): Request[] {
  const isRight = wanted !== undefined && observed !== undefined && isSameDevice(wanted, observed)
  if (isRight || (wanted === undefined && observed === undefined)) return []
  const remove = observed === undefined ? [] : [deleteRequest(observed.index)]
  return wanted === undefined ? remove : [...remove, createRequest(wanted)]
}

/** Step 2, once its index is known: what can be changed while it works. */
export function settingRequests(wanted: Tunnel, { tunnel, addresses }: Observed): Request[] {
  if (tunnel === undefined) return []
  const { index } = tunnel
  const mine = Array.from(addresses, text => text.split(' ')).flatMap(([on, text = '']) =>
    Number(on) === index ? [text] : [],
  )
  const { mac, mtu } = wanted
  const isSet = tunnel.mac === mac && tunnel.mtu === mtu && tunnel.isUp
  return [
    ...(isSet ? [] : [noLinkLocalRequest(index, TUNNEL_NAME), upRequest(index, TUNNEL_NAME, { address: mac, mtu })]),
    ...wanted.addresses.filter(text => !mine.includes(text)).map(text => addressRequest('add', index, text)),
    ...mine.filter(text => !wanted.addresses.includes(text)).map(text => addressRequest('delete', index, text)),
  ]
}

const isSameDevice = ({ id, port, local }: Tunnel, { vxlan }: ObservedLink): boolean =>
  vxlan !== undefined && vxlan.id === id && vxlan.port === port && vxlan.local === local && !vxlan.isLearning

const deleteRequest = (index: number): Request => ({
  operation: `delete ${TUNNEL_NAME}`,
  type: RTM_DELLINK,
  flags: 0,
  codec: link,
  value: { ...blankLink, index, attributes: {} },
})

function createRequest({ mac, mtu, local, id, port }: Tunnel): Request {
  const from = local.includes(':') ? { localIpv6: local } : { local }
  // Nothing is learned: what is behind a MAC is said by us, and by nobody else's packets.
  const info = { kind: 'vxlan', data: { id, ...from, learning: 0, port } }
  return {
    operation: `create ${TUNNEL_NAME}`,
    type: RTM_NEWLINK,
    flags: CREATE,
    codec: link,
    value: { ...blankLink, attributes: { address: mac, mtu, name: TUNNEL_NAME, info } },
  }
}

function addressRequest(verb: 'add' | 'delete', index: number, text: string): Request {
  const [plain = '', length] = text.split('/')
  const family = plain.includes(':') ? AF_INET6 : AF_INET
  const isNew = verb === 'add'
  return {
    operation: `${verb} ${text} ${isNew ? 'to' : 'from'} ${TUNNEL_NAME}`,
    type: isNew ? RTM_NEWADDR : RTM_DELADDR,
    flags: isNew ? CREATE : 0,
    codec: address,
    value: {
      ...blankAddress,
      family,
      prefixLength: Number(length),
      flags: isNew && family === AF_INET6 ? IFA_F_NODAD : 0,
      index,
      attributes: { local: plain, address: plain },
    },
  }
}
