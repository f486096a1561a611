// The kernel's side of a pod, as the verbs of cni see it: one face, and its only implementation.
import { Connection } from '../netlink/connection.ts'
import { Namespace } from '../netns/namespace.ts'
import { hasCode, Problem } from '../problem.ts'
import { blankLink, link, RTM_DELLINK, RTM_GETLINK } from '../rtnetlink/link.ts'
import { connect } from './connect.ts'
import { differences } from './differences.ts'
import { isForwarding } from './forwarding.ts'
import { liveAddresses } from './live.ts'
import { observedEnd } from './observed.ts'
import type { Side } from './pair.ts'
import type { MadeLink, NewPodLink, PodLink } from './pod-link.ts'

export interface Datapath {
  connect(netns: Namespace, link: NewPodLink): MadeLink
  /** Takes the pair away, with all that hangs on it; success where there is none. */
  disconnect(hostInterface: string): void
  /** What is not as it should be. */
  check(netns: Namespace, link: PodLink): string[]
  hasInterface(netns: Namespace, name: string): boolean
  hasHostInterface(name: string): boolean
  /** The node's interfaces whose names begin so. */
  hostInterfaces(prefix: string): string[]
  liveAddresses(): ReadonlySet<string>
}

export class KernelDatapath implements Datapath, Disposable {
  #host: Side | undefined
  readonly #pods = new Map<Namespace, Connection>()

  connect(netns: Namespace, link: NewPodLink): MadeLink {
    return refusable(() => connect(this.#side(), { namespace: netns, connection: this.#inside(netns) }, link))
  }

  disconnect(hostInterface: string): void {
    const { connection } = this.#side()
    try {
      connection.request(`delete ${hostInterface}`, RTM_DELLINK, 0, link, {
        ...blankLink,
        attributes: { name: hostInterface },
      })
    } catch (error) {
      if (!hasCode(error, 'ENODEV')) throw refusal(error)
    }
  }

  check(netns: Namespace, want: PodLink): string[] {
    return refusable(() => {
      const { namespace, connection: host } = this.#side()
      return differences(want, {
        host: observedEnd(host, want.hostInterface),
        pod: observedEnd(this.#inside(netns), want.interfaceName),
        isForwarding: { 4: isForwarding(namespace, 4), 6: isForwarding(namespace, 6) },
      })
    })
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
    return all.map(({ attributes }) => attributes.name ?? '').filter(name => name.startsWith(prefix))
  }

  liveAddresses(): ReadonlySet<string> {
    return liveAddresses(this.#side().connection)
  }

  #side(): Side {
    this.#host ??= { namespace: Namespace.current(), connection: Connection.open() }
    return this.#host
  }

  #inside(netns: Namespace): Connection {
    const connection = this.#pods.get(netns) ?? netns.connect()
    this.#pods.set(netns, connection)
    return connection
  }

  [Symbol.dispose](): void {
    for (const connection of this.#pods.values()) connection[Symbol.dispose]()
    this.#host?.connection[Symbol.dispose]()
    this.#host?.namespace[Symbol.dispose]()
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
