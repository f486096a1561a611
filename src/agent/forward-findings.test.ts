import t from 'tap'
import type { Chain } from '../nftables/chain.ts'
import { conflistFindings } from './conflist-findings.ts'
import { forwardFindings } from './forward-findings.ts'

const forward = (family: Chain['family'], table: string, name: string, policy: 'accept' | 'drop'): Chain => ({
  kind: 'chain',
  family,
  table,
  name,
  base: { type: 'filter', hook: 'forward', priority: 0, policy },
})
const plain = (family: Chain['family'], table: string, name: string): Chain => ({ kind: 'chain', family, table, name })
const mends = (chains: Chain[], legacyTables: string[] = []) =>
  forwardFindings({ chains, legacyTables }, ['10.244.1.0/24', 'fd00:1::/64']).map(({ mend }) => mend)

t.test('names each firewall that drops, with the line that mends it', async t => {
  const drop = forward('ip', 'filter', 'FORWARD', 'drop')
  t.strictSame(mends([drop]), ['iptables -P FORWARD ACCEPT'])
  t.strictSame(mends([forward('ip6', 'filter', 'FORWARD', 'drop')]), ['ip6tables -P FORWARD ACCEPT'])
  t.strictSame(mends([drop, plain('ip', 'filter', 'DOCKER-USER')]), ['iptables -I DOCKER-USER -j ACCEPT'])
  t.strictSame(mends([drop, plain('ip', 'filter', 'ufw-before-forward')]), ['ufw default allow routed'])
  t.strictSame(mends([forward('inet', 'mine', 'onward', 'drop')]), [`nft 'chain inet mine onward { policy accept; }'`])
  t.strictSame(mends([forward('inet', 'firewalld', 'filter_FORWARD', 'accept')]), [
    'firewall-cmd --permanent --zone=trusted --add-source=10.244.1.0/24 --add-source=fd00:1::/64 && firewall-cmd --reload',
  ])
  t.match(mends([], ['nat', 'filter']), [/^iptables-legacy -S FORWARD/])
})

t.test('says nothing of what lets packets pass', async t => {
  const input: Chain = { ...forward('ip', 'filter', 'INPUT', 'drop') }
  const chains: Chain[] = [
    forward('ip', 'filter', 'FORWARD', 'accept'),
    { ...input, base: { type: 'filter', hook: 'input', priority: 0, policy: 'drop' } },
    plain('ip', 'filter', 'DOCKER-USER'),
  ]
  t.strictSame(mends(chains, ['nat', 'mangle']), [])
})

t.test('another configuration that comes first is named, with its plugins', async t => {
  const ours = '/etc/cni/net.d/10-podwire.conflist'
  const file = '/etc/cni/net.d/05-other.conflist'
  t.strictSame(conflistFindings(ours, []), [])
  t.strictSame(conflistFindings(ours, [{ file, plugins: ['bridge', 'portmap'] }]), [
    {
      what: `${file} (calls bridge, portmap) sorts before ${ours}: the runtime takes it instead`,
      mend: `mv ${file} ${file}.disabled`,
    },
  ])
  t.match(conflistFindings(ours, [{ file, plugins: ['multus-shim'] }]), [{ mend: /^nothing, if it calls podwire/ }])
  t.match(conflistFindings(ours, [{ file, plugins: [] }]), [{ what: /cannot be read/ }])
})
