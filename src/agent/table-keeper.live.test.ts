// The node's table under whoever flushes it, in a namespace that plays the node.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { otherPods } from '../cni/others.ts'
import { KernelDatapath } from '../datapath/datapath.ts'
import { publish } from '../datapath/publish.ts'
import { parseAddress } from '../ip/address.ts'
import { parsePrefix } from '../ip/prefix.ts'
import { Connection } from '../netlink/connection.ts'
import { NETLINK_NETFILTER } from '../netlink/netfilter.ts'
import { generation } from '../nftables/generation.ts'
import { Records } from '../records/records.ts'
import { clusterNode } from '../testing/cluster-node.ts'
import { needsNft } from '../testing/nft.ts'
import { moveToThrowAwayNode, run } from '../testing/throw-away-node.ts'
import { until } from '../testing/until.ts'
import { TableKeeper, type TableOptions } from './table-keeper.ts'

const nft = (...args: string[]): string => {
  const { status, stdout, stderr } = spawnSync('nft', args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  return stdout
}
const hasConntrack = existsSync('/usr/sbin/conntrack')
const listed = (): string => nft('--stateless', 'list', 'table', 'inet', 'podwire')
const has = (text: string): boolean => nft('list', 'ruleset').includes(text)
const except = (): string[] =>
  [...listed().matchAll(/set except[46] \{[^}]*?elements = \{([^}]*)\}/g)]
    .flatMap(([, all = '']) => all.split(',').map(text => text.trim()))
    .toSorted()

const a = clusterNode('a', '192.0.2.1', '10.244.1.0/24 fd00:1::/64')
const b = clusterNode('b', '192.0.2.2', '10.244.2.0/24 fd00:2::/64')
const c = clusterNode('c', '192.0.2.3', '10.244.3.0/24')
const cluster = (...members: (typeof a)[]) => ({ plan: { self: a, members } })
const gathers = { cluster: [], except: [] }
const own = ['10.244.1.0/24', 'fd00:1::/64']
const both = [...own, '10.244.2.0/24', 'fd00:2::/64'].toSorted()

t.test('the node’s table', needsNft, async t => {
  moveToThrowAwayNode(t)
  using datapath = new KernelDatapath()
  using netfilter = Connection.open(NETLINK_NETFILTER)
  const keeper = (t: Test, more: Partial<TableOptions> = {}) => {
    const records = new Records(`${t.testdir({})}/attachments`)
    const restored: string[] = []
    const options = {
      records,
      datapath,
      masquerade: gathers,
      onRestore: (why: string) => void restored.push(why),
      ...more,
    }
    const one = new TableKeeper(options)
    t.teardown(() => {
      one[Symbol.dispose]()
      nft('flush', 'ruleset')
    })
    return { one, records, restored }
  }

  await t.test('is there after the first pass, with exceptions for the whole cluster', async t => {
    const { one, restored } = keeper(t)
    t.strictSame(one.keep(cluster(a, b)), [])
    t.strictSame(except(), both)
    t.strictSame(restored, [], 'which a new node has not had')
    t.strictSame(one.keep(cluster(a)), [])
    t.strictSame(except(), own, 'and not for a node that left')
    nft('delete', 'table', 'inet', 'podwire')
    t.strictSame(one.keep(cluster(a)), [])
    t.strictSame(restored, ["the node's table was missing"])
  })

  await t.test('of an older podwire is made anew, and said to have been one', async t => {
    nft('add', 'table', 'inet', 'podwire', '{ comment "podwire 1" ; }')
    const { one, restored } = keeper(t)
    t.strictSame(one.keep(cluster(a)), [])
    t.strictSame(restored, ["the node's table was an older podwire's"])
    t.strictSame(one.keep(cluster(a)), [])
    t.equal(restored.length, 1)
  })

  await t.test('knows a node before there is a route to it', async t => {
    const { one } = keeper(t)
    one.keep(cluster(a, b))
    t.strictSame(one.prepare({ self: a, members: [a, b, c] }), [])
    t.strictSame(except(), [...own, '10.244.2.0/23', 'fd00:2::/64'].toSorted())
  })

  await t.test('has the cluster alone, where that is known', async t => {
    const { one } = keeper(t, {
      masquerade: { cluster: ['10.244.0.0/16'].map(parsePrefix), except: [parsePrefix('192.0.2.0/24')] },
    })
    one.keep(cluster(a, b))
    t.strictSame(except(), ['10.244.0.0/16', '192.0.2.0/24', 'fd00:1::/64'])
  })

  await t.test('is whole again by itself, whatever befalls it, with ports and exceptions', async t => {
    const { one, records, restored } = keeper(t)
    one.keep(cluster(a, b))
    run('ip link add pwweb type veth peer name other0')
    t.teardown(() => run('ip link delete pwweb'))
    const rules = { isAntiSpoofed: true, ports: [{ protocol: 'tcp', hostPort: 8080, containerPort: 80 } as const] }
    const more = { hostInterface: 'pwweb', netns: '/gone', rules: { ...rules, masqueradeExcept: ['198.18.0.0/15'] } }
    records.write('pwweb', {
      network: 'pods',
      containerId: 'c',
      interfaceName: 'eth0',
      addresses: ['10.244.1.2'],
      ...more,
    })
    const pod = { hostInterface: 'pwweb', addresses: [parseAddress('10.244.1.2')], rules: more.rules }
    publish(netfilter, pod, otherPods({ records, datapath }, 'c'))
    one.keep(cluster(a, b))
    const text = listed()
    t.match(text, 'tcp . 8080 comment "pwweb"')
    t.match(text, '198.18.0.0/15')
    const sorted = (text: string): string =>
      text
        .split(/[\s,]+/)
        .toSorted()
        .join(' ')
    const forgotten = '--protonum udp --src 10.244.1.2 --dst 203.0.113.1 --sport 7000 --dport 53'
    if (hasConntrack) run(`conntrack --create ${forgotten} --timeout 300`)
    for (const damage of [
      'flush ruleset',
      'delete table inet podwire',
      'flush table inet podwire',
      'flush chain inet podwire leaving',
      'flush map inet podwire ports4; flush chain inet podwire from-pods',
      'insert rule inet podwire leaving accept',
      'flush map inet podwire ports4; flush set inet podwire hairpin4',
      'flush set inet podwire except4',
      'add element inet podwire except4 { 203.0.113.0/24 }',
      'add element inet podwire except4 { 203.0.113.1-203.0.113.9 }',
    ]) {
      nft(damage)
      // Nobody passes meanwhile, and it has no clock.
      await until(() => has('podwire') && sorted(listed()) === sorted(text))
      t.pass(damage)
    }
    t.equal(restored.length, 6, 'made anew only where elements alone would not do')
    if (hasConntrack) t.equal(run('conntrack --dump'), '', 'what left without it meanwhile will leave anew')
  })

  await t.test(
    'is left in peace where nothing is wrong: by its own changes, and by those of others elsewhere',
    async t => {
      const { one } = keeper(t)
      one.keep(cluster(a))
      one.keep(cluster(a, b))
      nft('add table inet other; add chain inet other c; add rule inet other c accept')
      const before = generation(netfilter)
      one.keep(cluster(a, b))
      await sleep(400)
      t.equal(generation(netfilter), before)
    },
  )

  await t.test('is not brought back by who ended', async t => {
    const { one } = keeper(t)
    one.keep(cluster(a))
    one[Symbol.dispose]()
    nft('flush', 'ruleset')
    await sleep(300)
    t.notOk(has('podwire'))
  })

  await t.test('loses no exception when the agent starts anew, and does not know the cluster yet', async t => {
    const first = keeper(t)
    first.one.keep(cluster(a, b))
    const { one, restored } = keeper(t)
    t.strictSame(one.keep({ plan: undefined }), [])
    t.strictSame(except(), both)
    one.keep(cluster(a, b))
    t.strictSame([except(), restored], [both, []])
  })

  await t.test('has exceptions of pods alone where the cluster’s keep their address', async t => {
    const { one } = keeper(t, { masquerade: undefined })
    one.keep(cluster(a, b))
    t.strictSame(except(), [])
  })

  await t.test('of a newer podwire keeps its rules, and gets exceptions', async t => {
    const { one, restored } = keeper(t)
    one.keep(cluster(a))
    const newer = listed()
      .replace(/podwire \d+/, 'podwire 999')
      .replace('chain leaving {', 'chain more {\n}\nchain leaving {')
    nft('flush', 'ruleset')
    one[Symbol.dispose]()
    spawnSync('nft', ['-f', '-'], { input: newer })
    const second = keeper(t)
    t.strictSame(second.one.keep(cluster(a, b)), [])
    t.strictSame([except(), second.restored], [both, []])
    t.match(listed(), 'chain more')
    t.strictSame(restored, [])
  })
})
