// Which of the cluster's claims stand: each node with the addresses and podCIDRs that it keeps. Of two that overlap, the older node's.
import { type ClusterNode, compareAge } from '../cluster/node.ts'
import { type Address, formatAddress } from '../ip/address.ts'
import { formatPrefix, hostPrefix, type Prefix } from '../ip/prefix.ts'
import { Problem } from '../problem.ts'
import { Claims } from './claims.ts'

/** A network that this node has an interface in. */
export interface OwnNetwork {
  readonly prefix: Prefix
  readonly interfaceName: string
}

export interface Membership {
  readonly self: ClusterNode | undefined
  readonly others: readonly ClusterNode[]
  /** All of them, the oldest first. */
  readonly members: readonly ClusterNode[]
  readonly problems: readonly Problem[]
}

export function membership(nodes: readonly ClusterNode[], ownName: string, judge: Judge): Membership {
  const members = nodes.toSorted(compareAge).flatMap(node => judge.kept(node) ?? [])
  return { ...sides(members, ownName), members, problems: [...judge.problems] }
}

export function sides(members: readonly ClusterNode[], ownName: string): Pick<Membership, 'self' | 'others'> {
  return {
    self: members.find(({ name }) => name === ownName),
    others: members.filter(({ name }) => name !== ownName),
  }
}

/** Hears claims, the oldest node's first. */
export class Judge {
  readonly problems: Problem[] = []
  readonly #names = new Set<string>()
  readonly #pods = new Claims()
  readonly #networks = new Claims()

  constructor(networks: readonly OwnNetwork[]) {
    for (const { prefix, interfaceName } of networks) this.#networks.hold(prefix, `the network of ${interfaceName}`)
  }

  /** The very same object, where it keeps everything. */
  kept(node: ClusterNode): ClusterNode | undefined {
    const { name, addresses, podCidrs } = node
    if (this.#names.has(name)) {
      this.#refuse('NODE_INVALID', `there are two nodes ${name}: the older counts`, 'Give each node a name of its own.')
      return undefined
    }
    this.#names.add(name)
    const keptAddresses = addresses.filter(address => this.#keepsAddress(name, address))
    const keptCidrs = podCidrs.filter(cidr => this.#keepsCidr(name, cidr))
    const isWhole = keptAddresses.length === addresses.length && keptCidrs.length === podCidrs.length
    return isWhole ? node : { ...node, addresses: keptAddresses, podCidrs: keptCidrs }
  }

  /** Takes back all of a node that kept everything. */
  dismiss({ name, addresses, podCidrs }: ClusterNode): void {
    this.#names.delete(name)
    for (const address of addresses) this.#networks.release(hostPrefix(address))
    for (const cidr of podCidrs) this.#pods.release(cidr)
  }

  #keepsAddress(name: string, address: Address): boolean {
    const whole = hostPrefix(address)
    const holder = this.#pods.holderOf(whole)
    if (holder === undefined) {
      this.#networks.hold(whole, `node ${name}'s address`)
      return true
    }
    this.#refuse(
      'NODE_INVALID',
      `node ${name}'s address ${formatAddress(address)} is inside the podCIDR of ${holder}, and is not used`,
      'Give the nodes addresses outside the pods’ network.',
    )
    return false
  }

  #keepsCidr(name: string, cidr: Prefix): boolean {
    const holder = this.#networks.holderOf(cidr) ?? this.#pods.holderOf(cidr)
    if (holder === undefined) {
      this.#pods.hold(cidr, `node ${name}`)
      return true
    }
    this.#refuse(
      'CIDR_REFUSED',
      `${podCidrOf(name)} ${formatPrefix(cidr)} overlaps with ${holder}, which keeps it`,
      'Give each node a podCIDR of its own, apart from the nodes’ networks.',
    )
    return false
  }

  #refuse(code: 'NODE_INVALID' | 'CIDR_REFUSED', message: string, details: string): void {
    this.problems.push(new Problem(code, message, details))
  }
}

/** What is said of a refused podCIDR begins so. */
export const podCidrOf = (node: string): string => `node ${node}'s podCIDR`
