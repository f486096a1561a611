// Ports of the node that are a pod's: who reaches it through them, and as whom, with ours alone and with the reference plugins chained.
import t from 'tap'
import { Network } from './cnitool.ts'
import { ipam, type Plugin, podwire } from './conflist.ts'
import { Host, hostAddresses } from './host.ts'
import { CONTAINER_PORT, type Conflist, callers, failureOf, mappings, protocols, rows } from './host-port-table.ts'
import { Pod } from './pod.ts'
import { bare } from './reach.ts'
import { farNodeAddresses, nodeAddresses, outsideAddresses, surround } from './surroundings.ts'
import { answers, ask } from './talk.ts'
import { dist, lacks, referencePlugins } from './tools.ts'

const newest = referencePlugins.find(({ release }) => release === 'newest')?.folder ?? ''
const skip = lacks('cnitool', 'ip', 'ss', 'nft', `${dist}/podwire`)

const portmap: Plugin = { type: 'portmap', capabilities: { portMappings: true } }
const conflists: Record<Conflist, { plugins: readonly Plugin[]; skip: string | false }> = {
  podwire: {
    plugins: [podwire('dual-stack', { capabilities: { portMappings: true } })],
    skip,
  },
  reference: {
    plugins: [{ type: 'ptp', ipam: ipam('dual-stack', 'host-local', '/run/host-local') }, portmap],
    skip: skip || lacks('plugins', 'iptables'),
  },
}

const mapped = protocols.flatMap(protocol =>
  mappings.map(({ hostPort, hostIP }) => ({ hostPort, hostIP, containerPort: CONTAINER_PORT, protocol })),
)

for (const [name, { plugins, skip }] of Object.entries(conflists) as [Conflist, (typeof conflists)[Conflist]][])
  t.test(`the table, ${name}`, { skip }, async t => {
    await using host = await Host.start()
    const { outside, beyond } = surround(host)
    const [server, client] = [Pod.make(host, 'server'), Pod.make(host, 'client')]
    const network = new Network(host, 'pods', '1.0.0', plugins, newest)
    const { ips } = network.add(server, { CAP_ARGS: JSON.stringify({ portMappings: mapped }) })
    network.add(client, {
      CAP_ARGS: JSON.stringify({ portMappings: [{ hostPort: 8090, containerPort: CONTAINER_PORT, protocol: 'tcp' }] }),
    })
    await answers(server, 'server', CONTAINER_PORT)
    await answers(client, 'client', CONTAINER_PORT)
    await answers(beyond, 'beyond', ...mappings.map(({ hostPort }) => hostPort))

    const gateways = ips.flatMap(({ gateway }) => gateway ?? [])
    const names = {
      node: [...nodeAddresses, ...farNodeAddresses, ...hostAddresses, ...gateways],
      ...addressesIn({ server, client }),
      outside: outsideAddresses,
    }
    const places = { outside, server, client, node: host }
    for (const { from } of callers) {
      const asked = rows.filter(row => row.from === from)
      const answered = ask(places[from], asked)
      for (const [index, row] of asked.entries()) {
        const shows = named(answered[index] ?? '', names)
        const known = failureOf(name, row)
        const { protocol, address, port } = row
        t.equal(
          shows,
          known?.shows ?? row.shows,
          `${from} → ${protocol} ${address} ${port}${known ? `, known to fail: ${known.why}` : ''}`,
        )
      }
    }
    const others = ['127.0.0.1', ...nodeAddresses].map(address => ({ protocol: 'tcp', address, port: 8090 }) as const)
    t.strictSame(
      ask(host, others).map(answer => named(answer, names)),
      others.map(() => 'client node'),
      'a second pod has a port too',
    )
  })

const addressesIn = <Name extends string>(pods: Record<Name, Pod>): Record<Name, string[]> =>
  Object.fromEntries(Object.entries<Pod>(pods).map(([name, pod]) => [name, pod.addresses().map(bare)])) as Record<
    Name,
    string[]
  >

/** An answer with the name of him who was seen, for his address. */
function named(answer: string, names: Readonly<Record<string, readonly string[]>>): string {
  const [who, seen = ''] = answer.split(' ')
  const name = Object.keys(names).find(name => names[name]?.includes(seen))
  return answer === '' ? '' : `${who} ${name ?? seen}`
}
