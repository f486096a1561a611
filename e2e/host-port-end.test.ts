// What a pod had of the node besides its link goes with it, however its end comes; and what somebody flushed, the next ADD makes again.
import t from 'tap'
import { Attachment, network } from './attachment.ts'
import { complaintAbout } from './error-document.ts'
import { ruleset } from './firewall.ts'
import { Host } from './host.ts'
import { leftovers } from './leftovers.ts'
import { mapped, withPorts } from './mapped.ts'
import { Pod } from './pod.ts'
import { quietPod, stateOf } from './state.ts'
import { nodeAddresses, surround } from './surroundings.ts'
import { answers, ask } from './talk.ts'
import { dist, lacks } from './tools.ts'

const skip = lacks('ip', 'nft', `${dist}/podwire`)
const [here, , here6] = nodeAddresses

const bandwidth = { ingressRate: 1e7, ingressBurst: 1e6, egressRate: 1e7, egressBurst: 1e6 }
const asked = {
  ipMasq: true,
  runtimeConfig: {
    portMappings: [
      { hostPort: 8080, containerPort: 80, protocol: 'tcp' },
      { hostPort: 8080, containerPort: 80, protocol: 'udp', hostIP: here },
      { hostPort: 8081, containerPort: 80, protocol: 'sctp', hostIP: here6 },
    ],
    bandwidth,
  },
}

const ends: Record<string, (attachment: Attachment, other: Attachment) => unknown> = {
  DEL: attachment => attachment.call('DEL'),
  'DEL without runtimeConfig': attachment => attachment.call('DEL', { runtimeConfig: undefined }),
  'DEL without all but name and type': attachment =>
    attachment.call('DEL', {
      runtimeConfig: undefined,
      ipMasq: undefined,
      capabilities: undefined,
      ipam: { type: 'podwire-ipam' },
    }),
  'DEL without a namespace': ({ host, containerId, config }) =>
    new Attachment(host, containerId, '', { config }).call('DEL'),
  'DEL when the namespace is gone': attachment => {
    new Pod(attachment.host, attachment.netns).remove()
    return attachment.call('DEL')
  },
  GC: (_, other) => other.collect(other),
  'GC when the namespace is gone': (attachment, other) => {
    new Pod(attachment.host, attachment.netns).remove()
    return other.collect(other)
  },
  'GC without a record': (attachment, other) => {
    attachment.host.shell(`cd /run/podwire/attachments; grep -l '"containerId": *"victim' * | xargs rm`)
    return other.collect(other)
  },
}

t.test('ports, shaping and masquerade go with the pod', { skip }, async t => {
  await using host = await Host.start()
  const other = new Attachment(host, 'other', quietPod(host, 'other').netns, {
    config: network('pods', { ...asked, ...withPorts({ hostPort: 9000 }) }),
  })
  const prevResult = other.add()
  for (const [index, [how, end]] of Object.entries(ends).entries()) {
    const before = stateOf(host)
    const pod = quietPod(host, `victim${index}`)
    const attachment = new Attachment(host, `victim${index}`, pod.netns, { config: network('pods', asked) })
    const added = attachment.call('ADD')
    t.equal(added.code, 0, added.stdout)
    t.match(
      attachment.call('CHECK', { prevResult: JSON.parse(added.stdout) }),
      { code: 0, stdout: '' },
      `CHECK before ${how}`,
    )
    t.match(end(attachment, other), { code: 0, stdout: '' }, how)
    if (host.has(pod.netns)) pod.remove()
    t.strictSame(stateOf(host), before, `nothing is left after ${how}`)
  }
  t.match(other.call('CHECK', { prevResult }), { code: 0, stdout: '' }, 'the other pod works on')
  t.match(other.call('DEL'), { code: 0 })
  host.run('ip', ['netns', 'delete', 'other'])
  t.strictSame(leftovers(host), [], 'nothing is left in the end')
})

const flushes = ['flush ruleset', 'delete table inet podwire', 'flush table inet podwire']

t.test('what somebody flushed CHECK misses, and the next ADD makes again for all pods', { skip }, async t => {
  await using host = await Host.start()
  const { outside } = surround(host)
  const earlier = mapped(host, 'earlier', { hostPort: 8080 })
  const prevResult = earlier.add()
  await answers(new Pod(host, earlier.netns), 'earlier', 80)
  const questions = [here, here6].map(address => ({ protocol: 'tcp', address, port: 8080 }) as const)
  const wanted = ['earlier 192.0.2.2', 'earlier 2001:db8:1::2']
  const before = ruleset(host)
  t.strictSame(ask(outside, questions), wanted)
  const checkAfter = (flush: string, says: RegExp): void => {
    host.run('nft', flush.split(' '))
    const { code, stdout } = earlier.call('CHECK', { prevResult })
    t.equal(complaintAbout(code, stdout, 103, says), '', `CHECK after ${flush}: ${stdout}`)
  }
  for (const [index, flush] of flushes.entries()) {
    checkAfter(flush, /table inet podwire/)
    const next = new Attachment(host, `next${index}`, quietPod(host, `next${index}`).netns)
    t.match(next.call('ADD'), { code: 0 })
    t.match(earlier.call('CHECK', { prevResult }), { code: 0, stdout: '' }, `the next ADD after ${flush}, then CHECK`)
    t.strictSame(ask(outside, questions), wanted, `the port after ${flush}`)
    t.match(next.call('DEL'), { code: 0 })
    t.equal(ruleset(host), before, `all rules after ${flush}`)
  }
  checkAfter('flush map inet podwire ports4', /8080/)
  checkAfter('flush chain inet podwire leaving', /leaving|table inet podwire/)
})
