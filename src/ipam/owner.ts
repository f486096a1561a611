// Whose an address is, and how a reservation file says it: host-local's "<container id> CRLF <interface name>", or, by older ones, the id alone.

export interface Owner {
  readonly containerId: string
  /** Empty where a file of an old host-local names the container alone. */
  readonly interfaceName: string
}

// The CNI specification's rule for container ids.
const id = /^[a-z\d][\w.-]*$/i

export const formatOwner = ({ containerId, interfaceName }: Owner): string => `${containerId}\r\n${interfaceName}`

/** Whom a file names; undefined where it is empty or damaged, and so names nobody. */
export function parseOwner(text: string): Owner | undefined {
  const [containerId = '', interfaceName = '', ...more] = text.trim().split('\r\n')
  return id.test(containerId) && more.length === 0 ? { containerId, interfaceName } : undefined
}

/** A file that names the container alone belongs to each of its interfaces. */
export const isOwnedBy = (named: Owner, owner: Owner): boolean =>
  named.containerId === owner.containerId && (named.interfaceName === owner.interfaceName || named.interfaceName === '')
