// Every failure that podwire names, in one table, with the code that the CNI protocol gives it. Anything else is a bug: 999.

export const problems = {
  VERSION_UNSUPPORTED: { cni: 1 },
  ENVIRONMENT_INVALID: { cni: 4 },
  INPUT_OUTPUT: { cni: 5 },
  INPUT_UNREADABLE: { cni: 6 },
  CONFIG_INVALID: { cni: 7 },
  ADDRESS_TAKEN: { cni: 11 },
  LOCK_HELD: { cni: 11 },
  RANGE_EXHAUSTED: { cni: 11 },
  NOT_AVAILABLE: { cni: 50 },
  LIMITED_CONNECTIVITY: { cni: 51 },
  INTERFACE_EXISTS: { cni: 100 },
  IPV6_DISABLED: { cni: 101 },
  KERNEL_REFUSED: { cni: 102 },
  CHECK_FAILED: { cni: 103 },
  DELEGATE_MISSING: { cni: 104 },
  DELEGATE_FAILED: { cni: 105 },
  LEFT_BEHIND: { cni: 106 },
  CONNTRACK_MISSING: { cni: 107 },
  NFTABLES_MISSING: { cni: 108 },
  PORT_TAKEN: { cni: 109 },
  EXECUTABLE_FAILED: { cni: 110 },
  STILL_USED: { cni: 111 },
  OBSTRUCTED: { cni: 112 },
  API_UNREACHABLE: { cni: 50 },
  API_REFUSED: { cni: 50 },
  API_NOT_FOUND: { cni: 50 },
  API_EXPIRED: { cni: 50 },
  WATCH_CLOSED: { cni: 50 },
  NODE_INVALID: { cni: 7 },
  NODES_UNREADABLE: { cni: 130 },
  NODE_UNKNOWN: { cni: 132 },
  NODE_UNREACHABLE: { cni: 133 },
  CIDR_REFUSED: { cni: 134 },
  ROUTE_FOREIGN: { cni: 135 },
  TUNNEL_UNAVAILABLE: { cni: 136 },
} as const satisfies Record<string, { cni: number }>

export type ProblemCode = keyof typeof problems

/** A failure with a name: the message says what happened to whom, and what to do. */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly code: ProblemCode
  readonly details: string

  constructor(code: ProblemCode, message: string, details = '', cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    this.details = details
  }
}

/** Whether an error, ours or the system's, carries one of these codes: `hasCode(error, 'EEXIST')`. */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code))
}
