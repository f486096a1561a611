// The table of who reaches whom through which port of the node: what each way of calling must show, and where a conflist is known to fail.
import { beyondAddresses, nodeAddresses } from './surroundings.ts'

export const CONTAINER_PORT = 80
export const protocols = ['tcp', 'udp'] as const

const [first4, second4, first6, second6] = nodeAddresses
const [beyond4, beyond6] = beyondAddresses
const all4 = [first4, second4, '127.0.0.1']
const all6 = [first6, second6, '::1']

/** The port mappings of the one pod that has any, and the addresses at which each is there. */
export const mappings = [
  { hostPort: 8080, hostIP: '', isAt: [...all4, ...all6] },
  { hostPort: 8081, hostIP: '0.0.0.0', isAt: all4 },
  { hostPort: 8082, hostIP: '::', isAt: all6 },
  { hostPort: 8083, hostIP: first4, isAt: [first4] },
  { hostPort: 8084, hostIP: first6, isAt: [first6] },
  { hostPort: 8085, hostIP: '127.0.0.1', isAt: ['127.0.0.1'] },
  { hostPort: 8086, hostIP: '198.51.100.77', isAt: [] },
] as const

/** Who the pod believes to talk to: the caller himself wherever that can be, else the node. */
export const callers = [
  { from: 'outside', seenAs: 'outside', asks: nodeAddresses },
  { from: 'node', seenAs: 'node', asks: [...all4, ...all6] },
  { from: 'server', seenAs: 'node', asks: nodeAddresses },
  { from: 'client', seenAs: 'client', asks: nodeAddresses },
] as const

/** Addresses that are nobody's here, only passed on to: at each of these ports answers who is there (CVE-2025-67499). */
export const passed = [beyond4, beyond6] as const

export type Conflist = 'podwire' | 'reference'
export type Caller = (typeof callers)[number]['from']

interface Failure {
  readonly conflist: Conflist
  readonly from: Caller
  readonly at: readonly string[]
  /** Instead of what the table says; '' is no answer. */
  readonly shows: string
  readonly why: string
}

const knownToFail: readonly Failure[] = [
  { conflist: 'reference', from: 'node', at: ['::1'], shows: '', why: 'only 127.0.0.1 is masqueraded' },
  {
    conflist: 'reference',
    from: 'client',
    at: nodeAddresses,
    shows: 'server node',
    why: 'all senders of the subnet are masqueraded, not the pod itself alone',
  },
]

export interface Row {
  readonly from: Caller
  readonly protocol: (typeof protocols)[number]
  readonly address: string
  readonly port: number
  readonly shows: string
}

export const rows: readonly Row[] = protocols.flatMap(protocol =>
  mappings.flatMap(({ hostPort: port, isAt }) =>
    callers.flatMap(({ from, seenAs, asks }) => [
      ...asks.map(address => ({
        from,
        protocol,
        address,
        port,
        shows: isAt.some(at => at === address) ? `server ${seenAs}` : '',
      })),
      ...passed.map(address => ({ from, protocol, address, port, shows: `beyond ${from}` })),
    ]),
  ),
)

/** What a conflist is known to show instead. */
export const failureOf = (conflist: Conflist, { from, address, shows }: Row): Failure | undefined =>
  shows.startsWith('server')
    ? knownToFail.find(known => known.conflist === conflist && known.from === from && known.at.includes(address))
    : undefined
