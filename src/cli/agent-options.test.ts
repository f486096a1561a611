import t from 'tap'
import { agentFlags } from './agent-options.ts'

const flags = (line: string, environment = {}) => agentFlags(line.split(' ').filter(Boolean), environment)

t.test('what is not said has its default', async t => {
  t.strictSame(flags('--node a'), {
    help: false,
    nodes: undefined,
    kubeconfig: undefined,
    node: 'a',
    mode: 'auto',
    vxlan: { id: 7963, port: 4789, family: undefined },
    vxlanOffload: true,
    masquerade: true,
    clusterCidrs: [],
    conflist: '/etc/cni/net.d/10-podwire.conflist',
    network: 'pods',
    mtu: undefined,
    antiSpoof: undefined,
    chained: [],
    pluginLog: undefined,
    listen: { host: '127.0.0.1', port: 9912 },
    state: '/run/podwire',
    logLevel: 'info',
  })
})

t.test('what is said counts', async t => {
  const line =
    '--node a --nodes f --vxlan-family 6 --cluster-cidr 10.244.0.0/16,fd00::/8 --conflist none --mtu 9000 --no-anti-spoof --no-vxlan-offload --no-masquerade --listen none'
  t.match(flags(line), {
    nodes: 'f',
    vxlan: { family: 6 },
    clusterCidrs: [{ length: 16 }, { length: 8 }],
    conflist: undefined,
    mtu: 9000,
    antiSpoof: false,
    vxlanOffload: false,
    masquerade: false,
    listen: undefined,
  })
})

t.test('the environment names the node where no option does', async t => {
  t.equal(flags('', { NODE_NAME: 'b' }).node, 'b')
  t.equal(flags('--node a', { NODE_NAME: 'b' }).node, 'a')
})

t.test('help needs nothing else', async t => {
  t.ok(flags('--help').help)
  t.ok(flags('-h').help)
})

t.test('refuses what it does not know, and says what it does', async t => {
  const cases: Record<string, RegExp> = {
    '': /--node NAME/,
    '--node a --mode quick': /--mode quick: it is one of auto, direct, vxlan/,
    '--node a --vxlan-id 0': /--vxlan-id 0: it is a number from 1 to 16777215/,
    '--node a --vxlan-port 70000': /--vxlan-port 70000/,
    '--node a --mtu 1': /--mtu 1: it is a number from 68 to 65535/,
    '--node a --cluster-cidr 10.0.0.0': /--cluster-cidr 10.0.0.0: invalid CIDR/,
    '--node a --chain {}': /must be a list/,
    '--node a --listen nowhere': /--listen nowhere/,
    '--node a --vxlan-family 5': /one of 4, 6/,
    '--node a --log-level loud': /debug, info, warn, error/,
    '--node a --nodez f': /--nodez/,
    '--node a word': /word/,
  }
  for (const [line, message] of Object.entries(cases))
    t.throws(() => flags(line), { code: 'CONFIG_INVALID', message }, line)
})
