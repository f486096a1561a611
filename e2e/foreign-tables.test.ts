// Rules that are not ours stay byte for byte as they are, whatever we are asked to do, and no program is needed to do it.
import { join } from 'node:path'
import t from 'tap'
import { Attachment, network, resultOf } from './attachment.ts'
import { iptablesRules, nftRules } from './foreign-tables.ts'
import { Host, type Outcome } from './host.ts'
import { quietPod } from './state.ts'
import { dist, lacks } from './tools.ts'

const program = join(dist, 'podwire')
const skip = lacks('ip', 'nft', 'iptables', program)

const config = network('pods', {
  ipMasq: true,
  masquerade: { except: ['172.16.0.0/12', '10.0.0.0/8'] },
  runtimeConfig: {
    portMappings: [
      { hostPort: 8080, containerPort: 80, protocol: 'tcp' },
      { hostPort: 5353, containerPort: 53, protocol: 'udp' },
    ],
    bandwidth: { ingressRate: 1e7, ingressBurst: 1e6, egressRate: 1e7, egressBurst: 1e6 },
  },
})

/** All of nftables but our own table, with counters and handles, and what iptables makes of it. */
const foreign = (host: Host): string =>
  host
    .shell(`for table in inet:firewalld ip:kube-proxy ip:cni_hostport; do nft -a list table \${table%%:*} \${table##*:}; done
iptables-save; ip6tables-save
nft list tables | grep -v '^table inet podwire$'`)
    .replaceAll(/^# (Generated|Completed) .*/gm, '')

t.test('rules of firewalld, Docker and kube-proxy stay as they are, through every verb', { skip }, async t => {
  await using host = await Host.start()
  host.run('nft', ['-f', '-'], { input: nftRules })
  for (const command of ['iptables-restore', 'ip6tables-restore'])
    host.run(command, [], { input: command.startsWith('ip6') ? '*filter\n:KUBE-X - [0:0]\nCOMMIT\n' : iptablesRules })
  const before = foreign(host)
  for (const name of ['table ip kube-proxy', 'DOCKER-USER', 'KUBE-X']) t.match(before, name, `${name} is there`)
  const [one, two] = ['one', 'two'].map(
    id => new Attachment(host, id, quietPod(host, id).netns, { config: id === 'one' ? config : network('pods') }),
  ) as [Attachment, Attachment]

  const unchanged = (after: string) => t.equal(foreign(host), before, `after ${after}`)
  const prevResult = one.add()
  unchanged('ADD')
  two.add()
  unchanged('another ADD')
  t.match(one.call('CHECK', { prevResult }), { code: 0, stdout: '' }, 'CHECK')
  unchanged('CHECK')
  t.match(two.call('STATUS'), { code: 0 }, 'STATUS')
  t.match(two.call('DEL'), { code: 0 }, 'DEL')
  unchanged('DEL')
  t.match(one.collect(), { code: 0, stdout: '' }, 'GC')
  unchanged('GC')
  t.not(new Attachment(host, 'x', '/run/netns/gone', { config }).call('ADD').code, 0)
  unchanged('an ADD that fails')
})

t.test('no program is needed: with an empty PATH all verbs do as always', { skip }, async t => {
  await using host = await Host.start()
  const attachment = new Attachment(host, 'one', quietPod(host, 'one').netns, { config })
  const call = (verb: 'ADD' | 'CHECK' | 'DEL', more: object = {}): Outcome => {
    const environment = Object.entries(attachment.environment(verb)).map(([name, value]) => `${name}=${value}`)
    return host.attempt('env', ['-i', 'PATH=', ...environment, program], {
      input: JSON.stringify({ ...config, ...more }),
    })
  }
  const prevResult = resultOf(call('ADD'))
  t.match(call('CHECK', { prevResult }), { code: 0, stdout: '' }, 'CHECK')
  t.match(call('DEL'), { code: 0, stdout: '' }, 'DEL')
})
