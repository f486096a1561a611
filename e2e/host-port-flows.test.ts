// UDP knows no end: a client that goes on sending from one port reaches the pod that has the node's port now.
import t from 'tap'
import { Host } from './host.ts'
import { mapped } from './mapped.ts'
import { Pod } from './pod.ts'
import { nodeAddresses, surround } from './surroundings.ts'
import { answers, ask } from './talk.ts'
import { dist, lacks } from './tools.ts'

const skip = lacks('ip', 'nft', `${dist}/podwire`)
const [here, , here6] = nodeAddresses
const ports = [
  { hostPort: 5300, protocol: 'udp' },
  { hostPort: 5301, protocol: 'udp', hostIP: here },
  { hostPort: 5302, protocol: 'udp', hostIP: '::' },
]
const flows = [
  { protocol: 'udp', address: here, port: 5300, sourcePort: 6000 },
  { protocol: 'udp', address: here6, port: 5300, sourcePort: 6001 },
  { protocol: 'udp', address: here, port: 5301, sourcePort: 6002 },
  { protocol: 'udp', address: here6, port: 5302, sourcePort: 6003 },
] as const

t.test('a client that sends from one port all the time reaches whoever has the port now', { skip }, async t => {
  await using host = await Host.start()
  const { outside } = surround(host)
  // With a pod there, the kernel tracks flows from the beginning.
  const client = mapped(host, 'client', { hostPort: 9000 })
  client.add()
  const callers = { outside, node: host, client: new Pod(host, client.netns) }
  const heard = () =>
    Object.fromEntries(
      Object.entries(callers).map(([from, place]) => [from, ask(place, flows).map(text => text.split(' ')[0])]),
    )
  const all = (name: string) => Object.fromEntries(Object.keys(callers).map(from => [from, flows.map(() => name)]))

  t.strictSame(heard(), all(''), 'nobody is there')
  for (const name of ['first', 'second']) {
    const server = mapped(host, name, ...ports)
    server.add()
    await answers(new Pod(host, server.netns), name, 80)
    t.strictSame(heard(), all(name), `the ${name} pod`)
    t.match(server.call('DEL'), { code: 0 })
  }
  t.strictSame(heard(), all(''), 'nobody any more')
})
