// What a pod is granted is what it gets: the rate within a tenth, with a small burst, and with the burst that runtimes fill in.
import t from 'tap'
import { Network } from './cnitool.ts'
import { ipam, type Plugin, podwire } from './conflist.ts'
import { Host, hostAddresses } from './host.ts'
import type { Conflist } from './host-port-table.ts'
import { leftovers } from './leftovers.ts'
import { Pod } from './pod.ts'
import { type Ends, hasRate } from './throughput.ts'
import { dist, lacks, referencePlugins } from './tools.ts'

const newest = referencePlugins.find(({ release }) => release === 'newest')?.folder ?? ''
const needs = lacks('cnitool', 'ip', 'tc', 'iperf3', `${dist}/podwire`)
const mbit = 1_000_000
const CONTAINERD_BURST = 4_294_967_295
const capabilities = { bandwidth: true }

const conflists: Record<Conflist, { plugins: Plugin[]; skip: string | false }> = {
  podwire: { plugins: [podwire('dual-stack', { capabilities })], skip: needs },
  reference: {
    plugins: [
      { type: 'ptp', ipam: ipam('dual-stack', 'host-local', '/run/host-local') },
      { type: 'bandwidth', capabilities },
    ],
    skip: needs || lacks('plugins'),
  },
}

interface Shaped extends Ends {
  readonly pod: Pod
  readonly network: Network
  readonly granted: Record<string, string>
}

function shaped(host: Host, plugins: readonly Plugin[], ingressBurst: number, egressBurst: number): Shaped {
  const bandwidth = { ingressRate: 20 * mbit, ingressBurst, egressRate: 10 * mbit, egressBurst }
  const granted = { CAP_ARGS: JSON.stringify({ bandwidth }) }
  const network = new Network(host, 'pods', '1.0.0', plugins, newest)
  const pod = Pod.make(host, 'pod')
  network.add(pod, granted)
  const client: Ends['client'] = (...command) => host.enter('nsenter', `--net=${pod.netns}`, ...command)
  const server: Ends['server'] = (...command) => host.enter(...command)
  return { client, server, pod, network, granted }
}

for (const [name, { plugins, skip }] of Object.entries(conflists))
  t.test(`a small burst, ${name}`, { skip }, async t => {
    await using host = await Host.start()
    const made = shaped(host, plugins, 400_000, 200_000)
    for (const address of hostAddresses) {
      await hasRate(t, made, 10 * mbit, address, '--omit', '1')
      await hasRate(t, made, 20 * mbit, address, '--omit', '1', '--reverse')
    }
    t.match(made.network.call('check', made.pod, made.granted), { code: 0, stderr: '' }, 'CHECK')
    t.match(made.network.call('del', made.pod, made.granted), { code: 0 }, 'DEL')
    made.pod.remove()
    if (name === 'podwire') t.strictSame(leftovers(host), [], 'nothing is left')
  })

t.test('the burst that containerd fills in is no holiday from shaping', { skip: needs }, async t => {
  await using host = await Host.start()
  const made = shaped(host, conflists.podwire.plugins, CONTAINERD_BURST, CONTAINERD_BURST)
  const [address = ''] = hostAddresses
  // From the first byte on.
  await hasRate(t, made, 10 * mbit, address)
  await hasRate(t, made, 20 * mbit, address, '--reverse')
})

t.test('CHECK names what somebody took of it', { skip: needs }, async t => {
  await using host = await Host.start()
  const made = shaped(host, conflists.podwire.plugins, 400_000, 200_000)
  const [link = ''] = host.run('ip', ['-o', 'link']).match(/pw\w+/) ?? []
  host.run('tc', ['qdisc', 'delete', 'dev', link, 'root'])
  const { code, stderr } = made.network.call('check', made.pod, made.granted)
  t.not(code, 0)
  t.match(stderr, `${link}: ingress shaping is missing`)
})
