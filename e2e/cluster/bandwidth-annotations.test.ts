// What the bandwidth annotations of a pod say holds between nodes, both ways and in both families.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import t, { type Test } from 'tap'
import { lacks } from '../tools.ts'
import { LocalCluster } from './local-cluster.ts'
import type { LocalNode } from './local-node.ts'
import { succeed } from './outcome.ts'
import { namespaceOf } from './pod-namespace.ts'
import { applyPodwire } from './podwire.ts'
import { lacksCluster } from './start-cluster.ts'
import { loadAgnhost, podAddresses, podObject, run } from './workload.ts'

const skip = process.env['PODWIRE_CLUSTER']
  ? 'runs on the local cluster'
  : lacksCluster('dual-stack') || lacks('tc', 'iperf3')
const mbit = 1_000_000

interface Pod {
  readonly node: LocalNode
  readonly netns: string
}

const inside = ({ node, netns }: Pod, ...command: [string, ...string[]]) =>
  node.machine.enter('nsenter', `--net=${netns}`, ...command)

/** What arrives at the server, in bit/s; with `--reverse` at the client. */
async function throughput(client: Pod, server: Pod, address: string, options: readonly string[]): Promise<number> {
  const listening = spawn(...inside(server, 'iperf3', '-s', '--one-off', '--forceflush'))
  const closed = once(listening, 'close')
  await once(listening.stdout, 'data')
  const words = ['--json', '--client', address, '--time', '2', '--omit', '1', ...options]
  const { end } = JSON.parse(await succeed(...inside(client, 'iperf3', ...words)))
  await closed
  return end.sum_received.bits_per_second
}

t.test('bandwidth annotations', { skip }, async t => {
  await using cluster = await LocalCluster.start({ nodes: 2 })
  const [one, two] = cluster.nodes as readonly LocalNode[] as [LocalNode, LocalNode]
  await applyPodwire(cluster)
  await loadAgnhost(cluster)
  const annotations = { 'kubernetes.io/ingress-bandwidth': '20M', 'kubernetes.io/egress-bandwidth': '10M' }
  await run(cluster, [
    podObject({ name: 'limited', node: one.name, annotations }),
    podObject({ name: 'free', node: one.name }),
    podObject({ name: 'far', node: two.name }),
  ])
  const pod = async (name: string, node: LocalNode): Promise<Pod> => ({
    node,
    netns: namespaceOf(node, (await podAddresses(cluster, name))[0] ?? ''),
  })
  const [limited, free, far] = [await pod('limited', one), await pod('free', one), await pod('far', two)]

  /** Thrice at most: on a busy machine one connection may take seconds to find its rate; a wrong rate stays wrong. */
  async function hasRate(t: Test, expected: number, address: string, ...options: string[]): Promise<void> {
    const measured: number[] = []
    const isRight = () => measured.some(rate => Math.abs(rate - expected) <= expected / 10)
    while (measured.length < 3 && !isRight())
      measured.push(Math.round(await throughput(limited, far, address, options)))
    t.ok(isRight(), `${address} ${options.join(' ')}: ${measured} of ${expected} bit/s`)
  }
  const addresses = await podAddresses(cluster, 'far')
  t.equal(addresses.length, 2)
  for (const address of addresses) {
    await hasRate(t, 10 * mbit, address)
    await hasRate(t, 20 * mbit, address, '--reverse')
  }
  const others = await throughput(free, far, addresses[0] ?? '', [])
  t.ok(others > 40 * mbit, `a pod beside it, without annotations, is not slowed down: ${Math.round(others)} bit/s`)
})
