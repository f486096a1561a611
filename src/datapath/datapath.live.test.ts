// CHECK on a real pair, damaged piece by piece; the taking away; what is found of pods without any state.
import t, { type Test } from 'tap'
import { parseAddress } from '../ip/address.ts'
import { parsePrefix } from '../ip/prefix.ts'
import { Namespace } from '../netns/namespace.ts'
import { needsRoot } from '../testing/needs-root.ts'
import { needsNft } from '../testing/nft.ts'
import { throwAwayNamespace } from '../testing/throw-away-namespace.ts'
import { attempt, moveToThrowAwayNode, reaches, run } from '../testing/throw-away-node.ts'
import { alone, plain } from './alone.ts'
import { KernelDatapath } from './datapath.ts'
import { hostInterfaceName, namePrefix } from './interface-name.ts'

t.setTimeout(120_000)

let pods = 0

function dualPod(t: Test, datapath: KernelDatapath, routes = ['0.0.0.0/0', '::/0']) {
  const netns = throwAwayNamespace(t)
  const namespace = Namespace.open(netns)
  const hostInterface = hostInterfaceName('pods', `c${++pods}`, 'eth0')
  const link = {
    hostInterface,
    interfaceName: 'eth0',
    addresses: [`10.1.0.${pods}`, `fd00::${pods}`].map(parseAddress),
    routes: routes.map(text => ({ destination: parsePrefix(text) })),
    ...plain,
  }
  t.teardown(() => {
    datapath.disconnect(hostInterface, undefined)
    namespace[Symbol.dispose]()
  })
  const made = datapath.connect(namespace, { ...link, alias: 'x', podMac: undefined, mtu: undefined }, alone)
  const texts = [`10.1.0.${pods}`, `fd00::${pods}`]
  return { ...made, netns, hostInterface, texts, link, namespace, check: () => datapath.check(namespace, link, alone) }
}

t.test('the datapath of a node', needsRoot, async t => {
  moveToThrowAwayNode(t)
  using datapath = new KernelDatapath()

  await t.test('CHECK has nothing to say of what was just made, and changes nothing', async t => {
    const { check, netns } = dualPod(t, datapath)
    const state = () => ['ip address', 'ip route', 'ip -6 route'].map(command => run(command) + run(command, netns))
    // The kernel's own link-local of the pod's end, which is nobody's concern here, leaves its DAD.
    run('ip address flush dev eth0 scope link', netns)
    const before = state()
    t.strictSame(check(), [])
    t.strictSame(state(), before)
  })

  await t.test('CHECK names each damage, and is content once it is mended', async t => {
    const one = dualPod(t, datapath)
    const { hostInterface: host, netns, hostMac, check } = one
    const [four, six] = one.texts
    const damages: [damage: string, where: string | undefined, complaint: RegExp, cure: string][] = [
      [`ip link set ${host} down`, undefined, new RegExp(`^${host} is down`), `ip link set ${host} up`],
      [
        `ip route delete ${four}/32`,
        undefined,
        new RegExp(`^the node lacks the route ${four}/32 dev ${host}$`),
        `ip route add ${four}/32 dev ${host}`,
      ],
      [
        `ip -6 route delete ${six}/128`,
        undefined,
        new RegExp(`^the node lacks the route ${six}/128 dev ${host}$`),
        `ip -6 route add ${six}/128 dev ${host}`,
      ],
      [
        `ip route replace ${four}/32 dev lo`,
        undefined,
        new RegExp(`^the node lacks the route ${four}/32`),
        `ip route replace ${four}/32 dev ${host}`,
      ],
      [
        `ip address delete fe80::1/128 dev ${host}`,
        undefined,
        /lacks its address fe80::1\/128$/,
        `ip address add fe80::1/128 dev ${host} nodad`,
      ],
      [
        `ip address delete 169.254.1.1/32 dev ${host}`,
        undefined,
        /lacks its address 169.254.1.1\/32$/,
        `ip address add 169.254.1.1/32 dev ${host} scope host`,
      ],
      [
        'ip link set eth0 name eth9',
        netns,
        /^the pod has no interface eth0: it was deleted or renamed$/,
        'ip link set eth9 name eth0',
      ],
      [
        'ip address delete fd00::2/128 dev eth0',
        netns,
        /^the pod's eth0 lacks its address fd00::2\/128$/,
        'ip address add fd00::2/128 dev eth0 nodad',
      ],
      [
        'ip neighbour delete 169.254.1.1 dev eth0',
        netns,
        /^the pod's neighbour entry for 169.254.1.1 is missing, not /,
        `ip neighbour add 169.254.1.1 lladdr ${hostMac} dev eth0 nud permanent`,
      ],
      [
        'ip neighbour replace fe80::1 lladdr 02:00:00:00:00:99 dev eth0 nud permanent',
        netns,
        /^the pod's neighbour entry for fe80::1 is 02:00:00:00:00:99, not /,
        `ip neighbour replace fe80::1 lladdr ${hostMac} dev eth0 nud permanent`,
      ],
      [
        'ip route delete default',
        netns,
        /^the pod lacks the route 0.0.0.0\/0 via 169.254.1.1 dev eth0$/,
        'ip route add default via 169.254.1.1 dev eth0 onlink',
      ],
      [
        'ip -6 route delete default',
        netns,
        /^the pod lacks the route ::\/0 via fe80::1 dev eth0$/,
        'ip -6 route add default via fe80::1 dev eth0 onlink',
      ],
      [
        'sysctl -q -w net.ipv4.ip_forward=0',
        undefined,
        /^the node does not forward IPv4: sysctl -w net.ipv4.ip_forward=1$/,
        'sysctl -q -w net.ipv4.ip_forward=1',
      ],
      [
        'sysctl -q -w net.ipv6.conf.all.forwarding=0',
        undefined,
        /^the node does not forward IPv6/,
        'sysctl -q -w net.ipv6.conf.all.forwarding=1',
      ],
    ]
    for (const [damage, where, complaint, cure] of damages) {
      run(damage, where)
      t.ok(
        check().some(text => complaint.test(text)),
        `${damage}: ${check().join('; ')}`,
      )
      run(cure, where)
      // The kernel drops routes and addresses with a link that is set down, and IPv4 routes with the last address.
      run(`ip route replace ${four}/32 dev ${host}`)
      run(`ip -6 route replace ${six}/128 dev ${host}`)
      run(`ip address replace fe80::1/128 dev ${host} nodad`)
      t.strictSame(check(), [], `mended: ${cure}`)
    }
  })

  await t.test('CHECK sees an interface that was deleted, and one of the same name that is another', async t => {
    const { hostInterface, netns, check, namespace, link } = dualPod(t, datapath)
    run(`ip link set ${hostInterface} down`)
    run(`ip link set ${hostInterface} name other`)
    t.strictSame(check(), [`the node has no interface ${hostInterface}: it was deleted or renamed`])
    run(`ip link add ${hostInterface} type veth peer name impostor`)
    t.match(check()[0], new RegExp(`^${hostInterface} and the pod's eth0 are not two ends of one pair$`))
    run(`ip link delete ${hostInterface}`)
    run('ip link delete other')
    t.strictSame(datapath.check(namespace, link, alone), ['the pod has no interface eth0: it was deleted or renamed'])
    t.equal(attempt('ip link show eth0', netns).code, 1)
  })

  await t.test('CHECK misses the node’s neighbour entry where the pod cannot do without', async t => {
    const { hostInterface, texts, podMac, check } = dualPod(t, datapath, ['10.0.0.0/8', '::/0'])
    t.strictSame(check(), [])
    run(`ip neighbour delete ${texts[0]} dev ${hostInterface}`)
    t.strictSame(check(), [`the node lacks the neighbour entry for ${texts[0]} on ${hostInterface}`])
    run(`ip neighbour add ${texts[0]} lladdr ${podMac} dev ${hostInterface} nud permanent`)
    t.strictSame(check(), [])
  })

  await t.test('CHECK tolerates what later plugins may do', async t => {
    const { hostInterface, netns, texts, check } = dualPod(t, datapath)
    const changes: [string, string | undefined][] = [
      ['ip link set eth0 mtu 1300', netns],
      [`ip link set ${hostInterface} mtu 1300`, undefined],
      [`ip link set ${hostInterface} alias other`, undefined],
      ['ip address add 192.0.2.7/24 dev eth0', netns],
      ['ip route add 198.18.0.0/15 via 192.0.2.1 dev eth0', netns],
      ['ip route add default via 192.0.2.1 dev eth0 metric 500', netns],
      [`ip route add 203.0.113.0/24 dev ${hostInterface}`, undefined],
      ['ip link set eth0 promisc on allmulticast on', netns],
      ['ip link set eth0 address c2:00:00:00:00:01', netns],
    ]
    for (const [change, where] of changes) {
      run(change, where)
      t.strictSame(check(), [], change)
    }
    for (const text of texts) t.ok(reaches(text), `${text} with the new MAC`)
    t.strictSame(check(), [], 'and after traffic')
  })

  await t.test('disconnect takes everything away, and again is success', async t => {
    const before = run('ip -o link') + run('ip route') + run('ip -6 route') + run('ip neighbour')
    const { hostInterface, netns } = dualPod(t, datapath, [])
    t.not(run('ip -o link') + run('ip route') + run('ip -6 route') + run('ip neighbour'), before)
    for (const _ of [1, 2]) {
      t.doesNotThrow(() => datapath.disconnect(hostInterface, undefined))
      t.equal(run('ip -o link') + run('ip route') + run('ip -6 route') + run('ip neighbour'), before)
    }
    t.equal(attempt('ip link show eth0', netns).code, 1)
  })

  await t.test('a table that cannot be understood keeps no link', needsNft, async t => {
    const { hostInterface, link, texts } = dualPod(t, datapath)
    run('nft delete table inet podwire')
    run('nft add table inet podwire')
    run('nft add map inet podwire ports4 { type mark : mark ; }')
    const ports = [{ protocol: 'tcp', hostPort: 8080, containerPort: 80 }] as const
    const held = { addresses: texts.map(parseAddress), rules: { ...link.rules, ports } }
    t.throws(() => datapath.disconnect(hostInterface, held), { code: 'KERNEL_REFUSED' })
    t.equal(datapath.hasHostInterface(hostInterface), false)
    run('nft delete table inet podwire')
  })

  await t.test('interfaces are known by name, on the node and in a pod', async t => {
    const { hostInterface, namespace } = dualPod(t, datapath)
    t.equal(datapath.hasHostInterface(hostInterface), true)
    t.equal(datapath.hasHostInterface('pwnone'), false)
    t.equal(datapath.hasInterface(namespace, 'eth0'), true)
    t.equal(datapath.hasInterface(namespace, hostInterface), false)
    run('ip link add someoneelse type veth peer name eslemoenos')
    const another = hostInterfaceName('storage', 'c1', 'eth0')
    run(`ip link add ${another} type veth peer name rehtona`)
    t.strictSame(datapath.hostInterfaces(namePrefix('pods')), [hostInterface])
    t.strictSame(datapath.hostInterfaces(namePrefix('storage')), [another])
    for (const name of ['someoneelse', another]) run(`ip link delete ${name}`)
    t.strictSame(datapath.hostInterfaces(namePrefix('storage')), [])
  })

  await t.test('live addresses are those of a pod, in its namespace and in the node’s routes', async t => {
    const { texts, hostInterface, netns } = dualPod(t, datapath)
    t.ok(texts.every(text => datapath.liveAddresses().has(text)))
    for (const text of texts) run(`ip -${text.includes(':') ? 6 : 4} route delete ${text}`)
    t.ok(
      texts.every(text => datapath.liveAddresses().has(text)),
      'by the namespace alone',
    )
    run('ip address flush dev eth0', netns)
    t.notOk(texts.some(text => datapath.liveAddresses().has(text)))
    run(`ip route add ${texts[0]}/32 dev ${hostInterface}`)
    run(`ip -6 route add ${texts[1]}/128 dev ${hostInterface}`)
    t.ok(
      texts.every(text => datapath.liveAddresses().has(text)),
      'by the route alone',
    )
    datapath.disconnect(hostInterface, undefined)
    t.notOk(texts.some(text => datapath.liveAddresses().has(text)))
  })
})
