import t from 'tap'
import { Connection } from '../netlink/connection.ts'
import { Namespace } from '../netns/namespace.ts'
import { needsRoot } from '../testing/needs-root.ts'
import { throwAwayNamespace } from '../testing/throw-away-namespace.ts'
import { run } from '../testing/throw-away-node.ts'
import { isFeatureOn, turnFeatureOff } from './device-features.ts'
import { NETLINK_GENERIC } from './features.ts'

t.test('a feature is turned off, and stays', needsRoot, async t => {
  const path = throwAwayNamespace(t)
  run('ip link add vx0 type vxlan id 7963 local 192.0.2.1 dstport 4789', path)
  using namespace = Namespace.open(path)
  using connection = namespace.inside(() => Connection.open(NETLINK_GENERIC))
  const isOn = (name: string) => isFeatureOn(connection, 'vx0', name)
  t.ok(isOn('tx-checksum-ip-generic'))
  turnFeatureOff(connection, 'vx0', 'tx-checksum-ip-generic')
  t.notOk(isOn('tx-checksum-ip-generic'))
  t.ok(isOn('tx-generic-segmentation'), 'others are as they were')
  turnFeatureOff(connection, 'vx0', 'tx-checksum-ip-generic')
  t.notOk(isOn('tx-checksum-ip-generic'))
})

t.test('a device that is not there is an error of the kernel’s', needsRoot, async t => {
  const path = throwAwayNamespace(t)
  using namespace = Namespace.open(path)
  using connection = namespace.inside(() => Connection.open(NETLINK_GENERIC))
  t.throws(() => isFeatureOn(connection, 'vx0', 'tx-checksum-ip-generic'), { code: 'ENODEV' })
})
