// A network namespace for one test, and a connection to its netfilter.
import { Connection } from '../netlink/connection.ts'
import { NETLINK_NETFILTER } from '../netlink/netfilter.ts'
import { Namespace } from '../netns/namespace.ts'
import { throwAwayNamespace } from './throw-away-namespace.ts'

export interface Netfilter {
  readonly path: string
  readonly connection: Connection
}

export function throwAwayNetfilter(t: { teardown(undo: () => void): void }): Netfilter {
  const path = throwAwayNamespace(t)
  using namespace = Namespace.open(path)
  const connection = namespace.inside(() => Connection.open(NETLINK_NETFILTER))
  t.teardown(() => connection[Symbol.dispose]())
  return { path, connection }
}
