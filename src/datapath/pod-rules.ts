// What one pod needs of the node besides its pair: the ports of the node that are its own, and how what it sends is treated.

export const PROTOCOLS = ['tcp', 'udp', 'sctp'] as const
export type Protocol = (typeof PROTOCOLS)[number]

export interface HostPort {
  readonly protocol: Protocol
  readonly hostPort: number
  readonly containerPort: number
  /** Absent: every address of the node. `0.0.0.0` and `::`: every one of that family. */
  readonly hostAddress?: string
}

export interface PodRules {
  /** Whether it may send from its own addresses alone. */
  readonly isAntiSpoofed: boolean
  /** The prefixes to which it keeps its address; to all others the node's takes its place. Absent: it keeps it everywhere. */
  readonly masqueradeExcept?: readonly string[]
  readonly ports: readonly HostPort[]
}
