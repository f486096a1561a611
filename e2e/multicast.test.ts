// What a pod sends to a multicast group that the node routes arrives as the pod's own, masqueraded network or not.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import t from 'tap'
import { Attachment, network } from './attachment.ts'
import { Host } from './host.ts'
import { hostEnd } from './mapped.ts'
import { bare } from './reach.ts'
import { quietPod } from './state.ts'
import { surround } from './surroundings.ts'
import { dist, lacks } from './tools.ts'

const skip = lacks('ip', 'nft', 'python3', `${dist}/podwire`)
const PORT = 5000
const groups = ['239.1.2.3', 'ff0e::1:2:3'] as const

// Both are programs of Node.js; the first prints who sent, once it has heard each family.
const listener = `
const { createSocket } = require('node:dgram')
for (const [type, group, at] of [['udp4', '${groups[0]}', '192.0.2.2'], ['udp6', '${groups[1]}', '::%eth0']]) {
  const socket = createSocket({ type, ipv6Only: type === 'udp6' })
  socket.on('message', (_, { address }) => { console.log(address); socket.close() })
  socket.bind(${PORT}, () => { socket.addMembership(group, at); console.log('listens') })
}`
const sender = `
const { createSocket } = require('node:dgram')
for (const [type, group, at] of [['udp4', '${groups[0]}', undefined], ['udp6', '${groups[1]}', '::%eth0']]) {
  const socket = createSocket({ type, ipv6Only: type === 'udp6' })
  socket.bind(0, () => {
    socket.setMulticastTTL(8)
    if (at) socket.setMulticastInterface(at)
    socket.send('?', ${PORT}, group, () => socket.close())
  })
}`

t.test('multicast is not masqueraded', { skip }, async t => {
  await using host = await Host.start()
  const { outside } = surround(host)
  const pod = quietPod(host, 'pod')
  const result = new Attachment(host, 'pod', pod.netns, { config: network('pods', { ipMasq: true }) }).add()
  const own = result.ips.map(({ address }) => bare(address))
  // The neighbour has no route back to the source, and takes it all the same.
  outside.run('sh', ['-c', 'for name in all eth0; do echo 0 >/proc/sys/net/ipv4/conf/$name/rp_filter; done'])

  const router = join(import.meta.dirname, 'multicast-router.py')
  const routing = spawn(...host.enter('python3', router, hostEnd(result), 'outside', ...own, ...groups), {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(routing.stdout, 'data')
  const listening = spawn(...host.enter('nsenter', `--net=${outside.netns}`, process.execPath, '-e', listener), {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let heard = ''
  listening.stdout.on('data', text => {
    heard += text
  })
  await once(listening.stdout, 'data')
  const ended = once(listening, 'close')
  const giveUp = setTimeout(() => listening.kill(), 5000)
  for (let again = 0; again < 3; again++) pod.run(process.execPath, ['-e', sender])
  await ended
  clearTimeout(giveUp)
  routing.kill()
  const sources = heard.split('\n').filter(line => line !== '' && line !== 'listens')
  t.strictSame(sources.toSorted(), own.toSorted(), 'both arrive, as the pod’s own')
})
