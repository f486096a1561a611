// What to change so that the kernel holds what it should; nothing of anybody else's is among it.
import { Problem } from '../problem.ts'
import type { Desired } from './desired.ts'
import { type NodeRoute, routeKey } from './node-route.ts'
import { type Observed, type ObservedRoute, strangerText } from './observed.ts'
import type { TunnelEntry } from './tunnel-entry.ts'

interface Verb {
  readonly verb: 'add' | 'replace' | 'delete'
  readonly text: string
  /** The text of what was there in its place. */
  readonly replaces?: string | undefined
}

export type Change = (Verb & { readonly route: NodeRoute }) | (Verb & { readonly entry: TunnelEntry })

export interface Difference {
  /** In an order in which no packet finds less than before: entries, then routes, then what nobody needs any more. */
  readonly changes: readonly Change[]
  readonly problems: readonly Problem[]
}

export function difference(desired: Pick<Desired, 'routes' | 'entries'>, observed: Observed): Difference {
  const { changes, problems } = routeChanges(desired.routes, observed)
  const { added, removed } = entryChanges(desired.entries, observed.entries)
  return { changes: [...added, ...changes, ...removed], problems }
}

function entryChanges(wanted: Desired['entries'], observed: Observed['entries']) {
  // The kernel keeps one entry for an address, or for a MAC: the new takes the place of the old.
  const extra = new Map<string, string>()
  for (const [text, entry] of observed) if (!wanted.has(text)) extra.set(subject(entry), text)
  const added: Change[] = []
  for (const [text, entry] of wanted) {
    if (observed.has(text)) continue
    const replaces = extra.get(subject(entry))
    extra.delete(subject(entry))
    added.push({ verb: replaces === undefined ? 'add' : 'replace', text, entry, replaces })
  }
  const removed = Array.from(extra.values()).flatMap((text): Change[] => {
    const entry = observed.get(text)
    return entry === undefined ? [] : [{ verb: 'delete', text, entry }]
  })
  return { added, removed }
}

function routeChanges(wanted: Desired['routes'], { routes, foreign }: Observed): Difference {
  const changes: Change[] = []
  const problems: Problem[] = []
  const extra = new Map<string, Change[]>()
  for (const [text, route] of routes) {
    if (wanted.has(text)) continue
    const key = routeKey(route)
    extra.set(key, [...(extra.get(key) ?? []), { verb: 'delete', text, route }])
  }
  for (const [text, route] of wanted) {
    const stranger = foreign.get(route.destination)
    const isInTheWay = stranger !== undefined && !isBehind(stranger, routes)
    if (isInTheWay) problems.push(foreignRoute(stranger))
    if (isInTheWay || routes.has(text)) continue
    // Of several with one key, the kernel replaces the first.
    const old = extra.get(routeKey(route))?.shift()
    changes.push({ verb: old === undefined ? 'add' : 'replace', text, route, replaces: old?.text })
  }
  return { changes: [...changes, ...Array.from(extra.values()).flat()], problems }
}

const subject = (entry: TunnelEntry): string => (entry.kind === 'neighbour' ? entry.address : entry.mac)

/** Whether one of ours is taken and not this one. */
const isBehind = ({ destination, metric }: ObservedRoute, routes: Observed['routes']): boolean =>
  routes.values().some(ours => ours.destination === destination && ours.metric < metric)

const foreignRoute = (stranger: ObservedRoute): Problem =>
  new Problem(
    'ROUTE_FOREIGN',
    `the route to ${stranger.destination} is somebody else's, and is left alone: ${strangerText(stranger)}`,
    `If nobody needs it: ip route delete ${stranger.destination} metric ${stranger.metric}`,
  )
