// The kernel's side of a pod, as the verbs of cni see it: one face, and its only implementation.
import type { Address } from '../ip/address.ts'
import { Connection } from '../netlink/connection.ts'
import { NETLINK_NETFILTER } from '../netlink/netfilter.ts'
import { Namespace } from '../netns/namespace.ts'
import { generation } from '../nftables/generation.ts'
import { hasCode, Problem } from '../problem.ts'
import { blankLink, link, RTM_GETLINK } from '../rtnetlink/link.ts'
import { shaperName, unshape } from './bandwidth.ts'
import { wrongPieces } from './check.ts'
import type { OtherPods } from './claim.ts'
import { connect } from './connect.ts'
import { liveAddresses } from './live.ts'
import type { Side } from './pair.ts'
import type { MadeLink, NewPodLink, PodLink } from './pod-link.ts'
import type { PodRules } from './pod-rules.ts'
import { publish, publishedInterfaces, withdraw } from './publish.ts'
import { deleteLink } from './requests.ts'
import { hasNftables, nftablesMissing } from './whole-table.ts'

export interface Datapath {
  /** The pair, and what the node's table must hold for the pod. */
  connect(netns: Namespace, link: NewPodLink, others: OtherPods): MadeLink
  /** Takes the pair away, with all that hangs on it; success where there is none. */
  disconnect(hostInterface: string, held: Holdings | undefined): void
  /** What is not as it should be. */
  check(netns: Namespace, link: PodLink, others: OtherPods): string[]
  hasInterface(netns: Namespace, name: string): boolean
  hasHostInterface(name: string): boolean
  /** The names, beginning so, of host ends that are there, or have left an interface. */
  hostInterfaces(prefix: string): string[]
  /** Those that the node's table has something for. */
  publishedInterfaces(prefix: string): string[]
  liveAddresses(): ReadonlySet<string>
}

/** What a pod was given of the node, if that is known. */
export interface Holdings {
  readonly addresses: readonly Address[]
  readonly rules: PodRules
}

export class KernelDatapath implements Datapath, Disposable {
  #host: Side | undefined
  #netfilter: Connection | undefined
  readonly #pods = new Map<Namespace, Connection>()

  connect(netns: Namespace, want: NewPodLink, others: OtherPods): MadeLink {
    return refusable(() => {
      const made = connect(this.#side(), { namespace: netns, connection: this.#inside(netns) }, want)
      if (needsTable(want.rules)) publish(this.#tables(), want, others)
      return made
    })
  }

  disconnect(hostInterface: string, held: Holdings | undefined): void {
    refusable(() => {
      const { connection } = this.#side()
      const isPublished = held === undefined || held.rules.ports.length > 0
      let withdrawn: number | undefined
      try {
        if (isPublished) withdrawn = this.#withdraw(hostInterface, held)
      } finally {
        // Whatever became of its ports.
        deleteLink(connection, hostInterface)
        unshape(connection, hostInterface)
      }
      // Whoever made the table anew meanwhile took the pod for one that is there.
      if (withdrawn !== undefined && generation(this.#tables()) !== withdrawn) this.#withdraw(hostInterface, held)
    })
  }

  /** Before the link goes: the kernel waits for its packets in both, and so at the same time. The ruleset's generation then; undefined where there is none. */
  #withdraw(hostInterface: string, held: Holdings | undefined): number | undefined {
    return unlessMissing(() => {
      const tables = this.#tables()
      withdraw(tables, hostInterface, held && { hostInterface, ...held })
      return hasNftables(tables) ? generation(tables) : undefined
    })
  }

  check(netns: Namespace, want: PodLink, others: OtherPods): string[] {
    return refusable(() =>
      wrongPieces(this.#side(), this.#inside(netns), needsTable(want.rules) ? this.#tables() : undefined, want, others),
    )
  }

  hasInterface(netns: Namespace, name: string): boolean {
    return this.#inside(netns).indexOf(name) !== undefined
  }

  hasHostInterface(name: string): boolean {
    return this.#side().connection.indexOf(name) !== undefined
  }

  hostInterfaces(prefix: string): string[] {
    const { connection } = this.#side()
    const all = connection.dump('list interfaces', RTM_GETLINK, link, { ...blankLink, attributes: {} })
    const names = all.map(({ attributes }) => attributes.name ?? '')
    const shaperPrefix = shaperName(prefix)
    const shaped = names
      .filter(name => name.startsWith(shaperPrefix))
      .map(name => prefix + name.slice(shaperPrefix.length))
    return [...new Set([...names.filter(name => name.startsWith(prefix)), ...shaped])]
  }

  publishedInterfaces(prefix: string): string[] {
    const all = refusable(() => unlessMissing(() => publishedInterfaces(this.#tables()))) ?? []
    return all.filter(name => name.startsWith(prefix))
  }

  liveAddresses(): ReadonlySet<string> {
    return liveAddresses(this.#side().connection)
  }

  #side(): Side {
    this.#host ??= { namespace: Namespace.current(), connection: Connection.open() }
    return this.#host
  }

  #tables(): Connection {
    try {
      this.#netfilter ??= Connection.open(NETLINK_NETFILTER)
      return this.#netfilter
    } catch (error) {
      throw hasCode(error, 'EPROTONOSUPPORT') ? nftablesMissing(error) : error
    }
  }

  #inside(netns: Namespace): Connection {
    const connection = this.#pods.get(netns) ?? netns.connect()
    this.#pods.set(netns, connection)
    return connection
  }

  [Symbol.dispose](): void {
    for (const connection of this.#pods.values()) connection[Symbol.dispose]()
    this.#netfilter?.[Symbol.dispose]()
    this.#host?.connection[Symbol.dispose]()
    this.#host?.namespace[Symbol.dispose]()
  }
}

const needsTable = ({ isAntiSpoofed, masqueradeExcept, ports }: PodRules): boolean =>
  isAntiSpoofed || masqueradeExcept !== undefined || ports.length > 0

/** Where the kernel has no nftables, or cannot look into its flows, there is nothing of ours to take out. */
function unlessMissing<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch (error) {
    if (hasCode(error, 'NFTABLES_MISSING', 'CONNTRACK_MISSING')) return undefined
    throw error
  }
}

function refusable<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw refusal(error)
  }
}

/** The kernel's own words, under a code of ours. */
function refusal(error: unknown): unknown {
  if (error instanceof Problem || !(error instanceof Error)) return error
  const isIpv6 = hasCode(error, 'EACCES') && /IPv6 is disabled/.test(error.message)
  if (isIpv6)
    return new Problem(
      'IPV6_DISABLED',
      `${error.message}: turn IPv6 on (sysctl net.ipv6.conf.all.disable_ipv6=0), or take the IPv6 range out of ipam.ranges`,
      '',
      error,
    )
  return 'operation' in error || 'call' in error ? new Problem('KERNEL_REFUSED', error.message, '', error) : error
}
