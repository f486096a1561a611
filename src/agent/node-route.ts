// A route of the node's that is ours, as a value; two are the same where their texts are.
import type { Family } from '../ip/address.ts'

/** The mark of routes to other nodes; those to pods have another (datapath/pod-link.ts), so that the lists stay apart. */
export const NODE_ROUTE_PROTOCOL = 113

/** The tunnel's index is known only once it is there. */
export type Device = number | 'tunnel'

export interface NodeRoute {
  readonly family: Family
  /** "10.244.2.0/24" */
  readonly destination: string
  readonly metric: number
  /** Absent where nothing is sent: the route says "unreachable". */
  readonly device?: Device | undefined
  readonly gateway?: string | undefined
  readonly isOnlink?: boolean
  readonly source?: string | undefined
}

/** What no two routes of one table have in common. */
export const routeKey = ({ destination, metric }: Pick<NodeRoute, 'destination' | 'metric'>): string =>
  `${destination} ${metric}`

export function routeText({ destination, metric, device, gateway, isOnlink, source }: NodeRoute): string {
  if (device === undefined) return `unreachable ${destination} metric ${metric}`
  const via = gateway === undefined ? '' : ` via ${gateway}`
  const src = source === undefined ? '' : ` src ${source}`
  return `${destination}${via} dev ${device}${isOnlink ? ' onlink' : ''}${src} metric ${metric}`
}
