// The node's table, by way of whole attachments: who gets a port, what takes over, and what makes it whole again.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { formatAddress, parseAddress } from '../ip/address.ts'
import { Connection, NETLINK_ROUTE } from '../netlink/connection.ts'
import { NETLINK_NETFILTER } from '../netlink/netfilter.ts'
import type { Change } from '../nftables/change.ts'
import { commit } from '../nftables/commit.ts'
import type { NftObject } from '../nftables/object-message.ts'
import { backend } from '../sys/libc.ts'
import { needsNft } from '../testing/nft.ts'
import { moveToThrowAwayNode } from '../testing/throw-away-node.ts'
import type { OtherPods } from './claim.ts'
import { nodeTable } from './node-table.ts'
import type { HostPort, PodRules } from './pod-rules.ts'
import type { PodOnNode } from './port-elements.ts'
import { publish, publishedInterfaces, withdraw } from './publish.ts'
import { isWhole } from './whole-table.ts'

const nft = (...args: string[]): string => {
  const { status, stdout, stderr } = spawnSync('nft', args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  return stdout
}
const needsConntrack = existsSync('/usr/sbin/conntrack')
  ? {}
  : { skip: 'conntrack is missing: apt-get install conntrack' }
const listed = (): string => nft('list', 'table', 'inet', 'podwire')
const web: HostPort = { protocol: 'tcp', hostPort: 8080, containerPort: 80 }
const at = (hostAddress: string, port = web): HostPort => ({ ...port, hostAddress })

let number = 0
const pod = (ports: readonly HostPort[], more: Partial<PodRules> = {}): PodOnNode => {
  number++
  const addresses = [`10.1.0.${number}`, `fd00::${number.toString(16)}`].map(parseAddress)
  return { hostInterface: `pwtest${number}`, addresses, rules: { isAntiSpoofed: true, ports, ...more } }
}

/** A node on which these pods are known, by their containers. */
function others(known: ReadonlyMap<PodOnNode, string>, container = 'me'): OtherPods {
  return {
    all: () => [...known.keys()],
    holder(hostInterface) {
      const [, name] = [...known].find(([other]) => other.hostInterface === hostInterface) ?? []
      if (name === undefined) return 'nobody'
      return name === container ? 'same container' : { name }
    },
  }
}

t.test(`the node's table through ${backend()}`, needsNft, async t => {
  moveToThrowAwayNode(t)
  using connection = Connection.open(NETLINK_NETFILTER)
  const known = new Map<PodOnNode, string>()
  const put = (t: Test, one: PodOnNode, container: string): PodOnNode => {
    publish(connection, one, others(known, container))
    known.set(one, container)
    t.teardown(() => {
      known.delete(one)
      withdraw(connection, one.hostInterface, one)
    })
    return one
  }
  const refused = (t: Test, one: PodOnNode, message: RegExp) => {
    const before = listed()
    t.throws(() => publish(connection, one, others(known)), { code: 'PORT_TAKEN', message })
    t.equal(listed(), before, 'and nothing is changed')
  }

  await t.test('is what this repository says it is', async t => {
    t.notOk(isWhole(connection))
    publish(connection, pod([]), others(known))
    t.ok(isWhole(connection))
    // Where this differs: raise TABLE_VERSION, and write it anew.
    t.equal(listed(), readFileSync(new URL('golden/node-table.nft', import.meta.url), 'utf8'))
  })

  await t.test('a plain pod leaves nothing there', async t => {
    const before = listed()
    put(t, pod([]), 'a')
    t.equal(listed(), before)
  })

  await t.test('ports of every address, of a family, of one address', async t => {
    const a = put(
      t,
      pod([web, at('0.0.0.0', { ...web, hostPort: 81 }), at('2001:db8::1', { ...web, hostPort: 82 })]),
      'a',
    )
    const text = listed()
    const [v4, v6] = [`10.1.0.${number} . 80`, `fd00::${number.toString(16)} . 80`]
    const comment = `comment "${a.hostInterface}"`
    t.match(text, `tcp . 8080 ${comment} : ${v4}`)
    t.match(text, `tcp . 8080 ${comment} : ${v6}`)
    t.match(text, `tcp . 81 ${comment} : ${v4}`)
    t.notMatch(text, `tcp . 81 ${comment} : ${v6}`)
    t.match(text, `2001:db8::1 . tcp . 82 ${comment} : ${v6}`)
    t.same(publishedInterfaces(connection), [a.hostInterface])
    withdraw(connection, a.hostInterface, a)
    t.same(publishedInterfaces(connection), [])
  })

  await t.test('two containers cannot have one port', async t => {
    put(t, pod([web]), 'default/a')
    refused(t, pod([web]), /^host port tcp\/8080 is taken by default\/a: /)
    refused(t, pod([at('0.0.0.0')]), /^host port tcp\/8080 of 0.0.0.0 is taken by default\/a: /)
    refused(t, pod([{ ...web, hostPort: 1 }, at('192.0.2.1')]), /^host port tcp\/8080 of 192.0.2.1 is taken/)
    put(t, pod([{ ...web, protocol: 'udp' }]), 'default/b')
  })

  await t.test('nor a port of every address and that of one', async t => {
    put(t, pod([at('192.0.2.1')]), 'default/a')
    put(t, pod([at('192.0.2.2')]), 'default/b')
    put(t, pod([at('::')]), 'default/c')
    refused(t, pod([at('0.0.0.0')]), /^host port tcp\/8080 of 0.0.0.0 is taken by default\/[ab]: /)
    refused(t, pod([web]), /^host port tcp\/8080 is taken/)
  })

  await t.test('one container on two networks: the first keeps its ports, also when the second goes', async t => {
    const first = put(t, pod([web]), 'me')
    const before = listed()
    const second = pod([web])
    publish(connection, second, others(known))
    t.same(publishedInterfaces(connection), [first.hostInterface, second.hostInterface].slice(0, 2))
    withdraw(connection, second.hostInterface, second)
    t.equal(listed(), before)
  })

  await t.test('whose owner is gone is taken over', async t => {
    const gone = [
      pod([web]),
      pod([at('192.0.2.1', { ...web, hostPort: 81 })]),
      pod([at('192.0.2.2', { ...web, hostPort: 81 })]),
    ]
    for (const one of gone) publish(connection, one, others(new Map()))
    const heir = put(t, pod([web, { ...web, hostPort: 81 }]), 'heir')
    const owners = [...listed().matchAll(/(?:81|8080) comment "(\w+)"/g)].map(([, owner]) => owner)
    t.same(new Set(owners), new Set([heir.hostInterface]))
    t.equal(owners.length, 4)
    for (const one of gone) withdraw(connection, one.hostInterface, one)
    t.ok(publishedInterfaces(connection).includes(heir.hostInterface), 'whose DEL comes late does not take it back')
  })

  await t.test('many ports at once are held to the same, all or none', async t => {
    const before = listed()
    const range = (first: number, count = 400) =>
      Array.from(
        { length: count },
        (_, i): HostPort => ({ protocol: 'tcp', hostPort: first + i, containerPort: 1 + i }),
      )
    const last = (first: number, hostAddress: string): HostPort => ({ ...web, hostPort: first + 399, hostAddress })
    const many = put(t, pod(range(10_000)), 'default/many')
    put(t, pod([last(20_000, '192.0.2.1'), last(20_000, '2001:db8::1')]), 'default/one')
    refused(t, pod(range(9_601)), /^host port tcp\/10000 is taken by default\/many: /)
    refused(t, pod(range(20_000)), /^host port tcp\/20399 is taken by default\/one: /)
    const at = (first: number, hostAddress: string) => range(first).map(port => ({ ...port, hostAddress }))
    refused(t, pod(at(9_601, '192.0.2.1')), /^host port tcp\/10000 of 192.0.2.1 is taken by default\/many: /)
    refused(t, pod(at(20_000, '2001:DB8::1'.toLowerCase())), /^host port tcp\/20399 of 2001:db8::1 is taken/)
    const gone = pod([...at(30_000, '192.0.2.1'), ...at(30_000, '2001:db8::1')])
    publish(connection, gone, others(new Map()))
    const heir = put(t, pod(range(30_000)), 'heir')
    t.same(
      new Set(listed().match(/(?<=30\d\d\d comment ")\w+/g)),
      new Set([heir.hostInterface]),
      "who is gone is in nobody's way",
    )
    for (const one of known.keys()) withdraw(connection, one.hostInterface, one)
    withdraw(connection, gone.hostInterface, gone)
    t.notOk(publishedInterfaces(connection).includes(many.hostInterface))
    t.equal(listed(), before)
  })

  await t.test('where the kernel has no nftables, nothing is there to be taken out', async t => {
    // One that knows nothing of what it is asked plays it.
    using deaf = Connection.open(NETLINK_ROUTE)
    const one = pod([web])
    t.throws(() => publish(deaf, one, others(known)), { code: 'NFTABLES_MISSING' })
    t.doesNotThrow(() => withdraw(deaf, one.hostInterface, one))
    t.doesNotThrow(() => withdraw(deaf, one.hostInterface, undefined))
    t.same(publishedInterfaces(deaf), [])
  })

  await t.test('flows that a port makes stale are forgotten, and no others', needsConntrack, async t => {
    const conntrack = (words: string) => spawnSync('conntrack', words.split(' '), { encoding: 'utf8' })
    /** Original destination port and who answers. */
    const flows = () =>
      Array.from(
        conntrack('--dump').stdout.matchAll(/ dport=(\d+).* src=([\d.]+) .*? sport=(\d+)/g),
        ([, port, from, source]) => `${port} ${from} ${source}`,
      ).toSorted()
    const make = (port: number, nat = '') =>
      conntrack(
        `--create --protonum udp --timeout 300 --src 192.0.2.9 --dst 192.0.2.1 --sport 4${port} --dport ${port}${nat}`,
      )
    const into = ({ addresses: [address] }: PodOnNode, port = 53) =>
      ` --dst-nat ${address && formatAddress(address)}:${port}`
    const seenFrom = ({ addresses: [address] }: PodOnNode, port: number) =>
      `${port} ${address && formatAddress(address)} 53`
    const udp = (hostPort: number): HostPort => ({ protocol: 'udp', hostPort, containerPort: 53 })
    t.teardown(() => conntrack('--flush'))

    make(5300)
    make(5301)
    make(5309)
    make(5302, ' --src-nat 192.0.2.8')
    const elsewhere = ['5302 192.0.2.1 5302', '5309 192.0.2.1 5309']
    const one = pod([udp(5300), udp(5301), udp(5302)])
    publish(connection, one, others(new Map()))
    t.same(flows(), elsewhere, 'what came before the pod')

    make(5300, into(one))
    make(5301, into(one))
    const heir = put(t, pod([udp(5300)]), 'heir')
    t.same(flows(), [seenFrom(one, 5301), ...elsewhere], 'the port is taken over from a pod that is gone')

    make(5300, into(heir))
    nft('flush map inet podwire ports4; flush map inet podwire ports6')
    withdraw(connection, one.hostInterface, one)
    t.same(flows(), [seenFrom(heir, 5300), ...elsewhere], 'DEL, though the port was flushed')

    const unknown = pod([udp(5301)])
    publish(connection, unknown, others(known))
    make(5301, into(unknown))
    withdraw(connection, unknown.hostInterface, undefined)
    t.same(flows(), [seenFrom(heir, 5300), ...elsewhere], 'DEL without a record')
  })

  await t.test('a pod without a record is found by its name', async t => {
    const before = listed()
    const one = pod([web, at('192.0.2.1', { ...web, hostPort: 81 })])
    publish(connection, one, others(known))
    withdraw(connection, one.hostInterface, undefined)
    t.equal(listed(), before)
  })

  await t.test('exceptions of several networks do not disturb each other', async t => {
    put(t, pod([], { masqueradeExcept: ['10.244.1.0/24', 'fd00:1::/64'] }), 'a')
    put(t, pod([], { masqueradeExcept: ['10.0.0.0/8'] }), 'b')
    put(t, pod([], { masqueradeExcept: ['10.9.0.0/16', '192.0.2.1/32'] }), 'c')
    t.match(listed(), /10\.0\.0\.0\/8, 192\.0\.2\.1/)
    t.match(listed(), 'fd00:1::/64')
    t.notMatch(listed(), '10.244.1.0/24')
    t.notMatch(listed(), '10.9.0.0/16')
  })

  await t.test('is made whole again, with all pods that are there', async t => {
    // What pods that are gone kept out of masquerade stays until then.
    nft('delete table inet podwire')
    put(t, pod([web], { masqueradeExcept: ['10.1.0.0/16'] }), 'a')
    put(t, pod([at('192.0.2.1', { ...web, hostPort: 81 })]), 'b')
    const sorted = () =>
      listed()
        .replace(/packets \d+ bytes \d+/g, '')
        .split(/[\s,]+/)
        .toSorted()
        .join(' ')
    const before = sorted()
    for (const damage of [
      'flush ruleset',
      'delete table inet podwire',
      'flush table inet podwire',
      'flush chain inet podwire from-pods',
      'flush chain inet podwire leaving; flush map inet podwire ports4',
    ]) {
      nft(damage)
      t.notOk(isWhole(connection), damage)
      publish(connection, pod([]), others(known))
      t.equal(sorted(), before, damage)
    }
  })

  await t.test('is made without a pod that goes meanwhile', async t => {
    const leaving = put(t, pod([web]), 'leaving')
    nft('delete table inet podwire')
    let looks = 0
    const all = () => [...known.keys()].filter(one => one !== leaving || looks++ === 0)
    publish(connection, pod([]), { ...others(known), all })
    t.equal(looks, 2)
    t.notMatch(listed(), leaving.hostInterface)
  })

  await t.test('flushed between the look at it and the change, it is made again', async t => {
    const holder: OtherPods['holder'] = () => 'nobody'
    const flushing = { ...others(known), holder }
    const stale = pod([web])
    publish(connection, stale, flushing)
    let flushes = 0
    const one = pod([web])
    t.teardown(() => withdraw(connection, one.hostInterface, one))
    publish(connection, one, {
      ...flushing,
      holder() {
        if (flushes++ === 0) nft('delete table inet podwire')
        return 'nobody'
      },
    })
    t.equal(flushes > 0, true)
    t.match(listed(), one.hostInterface)
  })

  await t.test('of a newer podwire is left to it', async t => {
    nft('delete table inet podwire')
    publish(connection, pod([]), others(known))
    const text = listed()
    nft('delete table inet podwire')
    const make = (comment: string, ...more: readonly NftObject[]) =>
      commit(
        connection,
        [...nodeTable(), ...more].map(item => ['add', item.kind === 'table' ? { ...item, comment } : item] as Change),
      )
    make('podwire 999', ...nodeTable().slice(-1))
    t.ok(isWhole(connection), 'though it has more rules')
    nft('delete table inet podwire')
    make('podwire 0')
    t.notOk(isWhole(connection), 'and an older one is replaced')
    publish(connection, pod([]), others(known))
    t.equal(listed(), text)
  })

  await t.test('what belongs to others is not touched', async t => {
    nft(
      'add table inet other; add chain inet other in { type filter hook input priority 0; policy accept; }; add rule inet other in tcp dport 22 counter accept',
    )
    const before = nft('list', 'table', 'inet', 'other')
    nft('delete table inet podwire')
    const one = put(t, pod([web]), 'a')
    withdraw(connection, one.hostInterface, one)
    t.equal(nft('list', 'table', 'inet', 'other'), before)
  })
})
